// The smallest page: what the gateway itself costs.
import { HELLO } from "../bodies.ts";
import { getRequest } from "../request-bytes.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "hello",
  order: 1,
  title: "GET with 8 request headers, 13 bytes back",
  endpoint: "hello",
  measures: "cpu",
  request: () => getRequest("/hello"),
  status: 200,
  body: () => Buffer.from(HELLO),
  connections: 32,
  requests: 4000,
  warmup: 20_000,
};
