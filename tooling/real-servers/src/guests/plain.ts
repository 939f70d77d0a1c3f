// The suite's app as it is: its async cases, and its sync ones.

import type { Guest } from "./guest.ts";

/** The cases whose app is a function of scope, receive and send. */
export const asyncGuest: Guest = { name: "async", runs: "async", skip: {}, of: (app) => app };
/** The cases whose app is a function of environ and startResponse. */
export const syncGuest: Guest = { name: "sync", runs: "sync", skip: {}, of: (app) => app };
