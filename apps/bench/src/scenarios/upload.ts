// A large request body, counted and thrown away.
import { UPLOAD_LENGTH, uploadBody } from "../bodies.ts";
import { postRequest } from "../request-bytes.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "upload",
  order: 4,
  title: "POST of 10 MiB, its length back as text",
  endpoint: "upload",
  measures: "cpu",
  transfers: true,
  request: () => postRequest("/upload", "application/octet-stream", uploadBody()),
  status: 200,
  body: () => Buffer.from(String(UPLOAD_LENGTH)),
  connections: 4,
  requests: 32,
  warmup: 64,
};
