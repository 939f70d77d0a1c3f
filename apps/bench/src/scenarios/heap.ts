// What a kept-alive connection holds in the server while it does nothing, after one `hello`.
import { HELLO } from "../bodies.ts";
import { getRequest } from "../request-bytes.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "heap",
  order: 6,
  title: "idle keep-alive connections, after one hello each",
  endpoint: "hello",
  measures: "memory",
  request: () => getRequest("/hello"),
  status: 200,
  body: () => Buffer.from(HELLO),
  connections: 2000,
  requests: 0,
  warmup: 4000,
};
