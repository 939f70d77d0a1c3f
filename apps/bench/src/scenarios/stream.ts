// A response whose length is not known beforehand: 16 pieces of 4 KiB, back-pressure obeyed.
import { PIECE, PIECES } from "../bodies.ts";
import { getRequest } from "../request-bytes.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "stream",
  order: 3,
  title: "GET, 64 KiB back in 16 pieces, chunked",
  endpoint: "stream",
  measures: "cpu",
  request: () => getRequest("/stream"),
  status: 200,
  body: () => Buffer.concat(Array.from({ length: PIECES }, () => PIECE)),
  connections: 16,
  requests: 1500,
  warmup: 4000,
};
