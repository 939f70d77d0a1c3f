// A large response body: does memory stay flat, and how fast does it go?
import { DOWNLOAD_LENGTH } from "../bodies.ts";
import { getRequest } from "../request-bytes.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "download",
  order: 5,
  title: "GET, 100 MiB back in pieces of 64 KiB",
  endpoint: "download",
  measures: "cpu",
  transfers: true,
  request: () => getRequest("/download"),
  status: 200,
  body: () => Buffer.alloc(DOWNLOAD_LENGTH, "0123456789abcdef"),
  connections: 1,
  requests: 4,
  warmup: 4,
};
