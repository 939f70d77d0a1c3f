// A case of the conformance suite: the app, the client and the assertions side by side, and the ids they prove.
// The model is Plack::Test::Suite: one running server answers every case, chosen by a request header.

import type { Environ, HttpScope, Receive, Send, StartResponse } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import type { Client } from "./client.ts";
import type { Stage } from "./stage.ts";

/**
 * What a case asks of a wire or a host beyond one request and its response. An adapter whose wire or host cannot do it
 * skips the cases by name: `casesThatNeed` lists them.
 *
 * * `"octets"`: the client writes and reads the octets of HTTP/1.1.
 * * `"HTTP/1.1"`: framing, reason phrases and the case of names can be seen.
 * * `"reset"`: the server is told when a client goes away.
 * * `"reading"`, `"writing"`: a client that does not read (or write) holds the app back (or up).
 * * `"memory"`: all requests are answered by one process.
 * * `"log"`: `serve` passes the server's log lines on.
 * * `"addresses"`: there are sockets, with addresses.
 * * `"lifespan"`: the host runs the lifespan of its app.
 * * `"tls"`: the connection is encrypted.
 * * `"interim responses"`, `"trailers"`, `"files"`: the host offers these extensions.
 */
export type Need =
  | "octets"
  | "HTTP/1.1"
  | "reset"
  | "reading"
  | "writing"
  | "memory"
  | "log"
  | "addresses"
  | "lifespan"
  | "tls"
  | "interim responses"
  | "trailers"
  | "files";

/** The app of an async case. */
export type CaseApp = (scope: HttpScope, receive: Receive, send: Send, stage: Stage) => void | Promise<void>;

/** The app of a sync case. */
export type SyncCaseApp = (
  environ: Environ,
  startResponse: StartResponse,
  stage: Stage,
) => Iterable<Uint8Array | string>;

interface CaseFacts {
  /** `"group: sentence"`: what holds, as a sentence about behaviour. Unique: a skip cites it. */
  readonly name: string;
  /** The requirements this proves. */
  readonly proves: readonly RequirementId[];
  /** Default: none. */
  readonly needs?: readonly Need[];
  /** Whether the app breaks a rule on purpose, so that no lint may watch it. Default: `false`. */
  readonly breaks?: boolean;
  /** Sends the requests and looks at what comes back. */
  readonly client: (client: Client) => Promise<void>;
}

/** A case whose app speaks ASGI. */
export interface AsyncCase extends CaseFacts {
  readonly app: CaseApp;
}

/** A case whose app speaks PEP 3333. */
export interface SyncCase extends CaseFacts {
  readonly syncApp: SyncCaseApp;
}

/** One case of the suite. */
export type Case = AsyncCase | SyncCase;

/** A case for both interfaces: the sync one has `sync ` before its name. */
export function inBoth(both: CaseFacts & Pick<AsyncCase, "app"> & Pick<SyncCase, "syncApp">): Case[] {
  const { app, syncApp, ...facts } = both;
  return [
    { ...facts, app },
    { ...facts, name: `sync ${facts.name}`, syncApp },
  ];
}
