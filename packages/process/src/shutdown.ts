// The one order in which a server ends.
// Sources: ASGI lifespan 2.0 "Shutdown"; RFC 9112 §9.6; RFC 9113 §6.8.

import type { Lifespan, Log } from "@tsgi/core";
import type { Activity } from "./activity.ts";
import type { Listening } from "./listen.ts";

/** How long apps may take to return once their requests were cut, in milliseconds, before the lifespan ends without them. */
const RETURN_MS = 1_000;

/** How a server ended. */
export interface Shutdown {
  /** Whether every request was finished and every app put away: exit status 0. */
  readonly clean: boolean;
  /** The connections that were cut in the middle of a request, because the grace period was over. */
  readonly cut: number;
  /** What the lifespan's shutdown failed with, or `null`. */
  readonly error: unknown;
}

/** The connections of a server: what each protocol ends in its own way. */
export interface Connections {
  /** How many have a request that is not answered to its end. */
  readonly busy: number;
  /** Stops listening, and lets every connection end after the requests it has. Resolves when all have; never rejects. */
  drain(): Promise<void>;
  /** Cuts every connection. */
  cut(): void;
}

/** What has to be ended. */
export interface Running {
  readonly listening: Listening;
  readonly connections: Connections;
  readonly activity: Activity;
  readonly lifespan: Lifespan;
  readonly log: Log;
}

/**
 * Ends a server, in this order:
 *
 * 1. It stops listening: a socket file that is still its own is removed, and new connections are refused.
 * 2. Idle connections are closed; those on which nothing ever came, after half a second. Those with a request are told
 *    that it is the last, by `Connection: close` or GOAWAY where the protocol has a word for it, and end with it.
 * 3. When all connections are closed and all apps have returned, or after the grace period, what is left is cut: the
 *    apps see `http.disconnect`, an aborted `scope.signal`, and have a second to return.
 * 4. The app's lifespan is shut down, with a time limit of its own.
 *
 * Never rejects: what failed is logged and told.
 */
export async function shutDown(running: Running, gracePeriod: number): Promise<Shutdown> {
  const { listening, connections, activity, lifespan, log } = running;
  listening.release();
  const closed = connections.drain();
  const done = Promise.all([closed, activity.idle()]);
  let cut = 0;
  let late = 0;
  if (!(await inTime(done, gracePeriod))) {
    cut = connections.busy;
    const apps = activity.running;
    const what = `${cut} connections with a request, and ${apps} apps at work`;
    log("warn", `The grace period of ${gracePeriod} ms is over: cutting ${what}`);
    connections.cut();
    await closed;
    await inTime(activity.idle(), RETURN_MS);
    late = activity.running;
    if (late > 0) log("warn", `${late} apps have not returned: the lifespan is shut down without them`);
  }
  let error: unknown = null;
  try {
    await lifespan.shutdown();
  } catch (reason) {
    error = reason;
    log("error", "The lifespan's shutdown failed", reason);
  }
  return { clean: cut === 0 && late === 0 && error === null, cut, error };
}

/** Whether some work was done in time; it goes on all the same. */
async function inTime(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
