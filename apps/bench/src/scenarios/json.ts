// The everyday API call: read a small body, parse it, answer JSON.
import { ORDER, RECEIPT } from "../bodies.ts";
import { postRequest } from "../request-bytes.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "json",
  order: 2,
  title: "POST of 1 KiB of JSON, small JSON back",
  endpoint: "json",
  measures: "cpu",
  request: () => postRequest("/json", "application/json", ORDER),
  status: 200,
  body: () => Buffer.from(RECEIPT),
  connections: 32,
  requests: 3000,
  warmup: 15_000,
};
