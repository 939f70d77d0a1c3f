// Every guest, in the order of the columns.

import { express4Guest, express5Guest } from "./express.ts";
import { fastifyGuest } from "./fastify.ts";
import { fetchGuest } from "./fetch.ts";
import { honoGuest } from "./hono.ts";
import { nodeGuest } from "./node.ts";
import type { Guest } from "./pair.ts";

/** The app as it is: its async cases, and its sync ones. */
const plain = (["async", "sync"] as const).map((runs): Guest => ({
  name: runs,
  speaks: "app",
  runs,
  front: [],
  skip: () => ({}),
  of: (app) => app,
}));

export const guests: readonly Guest[] = [
  ...plain,
  fetchGuest,
  nodeGuest,
  express4Guest,
  express5Guest,
  fastifyGuest,
  honoGuest,
];
