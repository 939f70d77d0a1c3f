// The two interfaces an app can be written to, and the door between our own packages.
// Sources: ASGI 3.0 "Applications"; PEP 3333 "The Application/Framework Side".

import type { Environ, StartResponse } from "./pep3333.ts";
import type { ReceiveEvent, SendEvent } from "./events.ts";
import type { HttpScopeInit, Scope } from "./scope.ts";
import type { HttpTransport } from "./transport.ts";

/** Gives the next event; pending until there is one. Never rejects. */
export type Receive = () => Promise<ReceiveEvent>;

/**
 * Sends an event. The promise resolves when the host has room for more, and rejects with a {@link GatewayError} if the
 * event breaks the protocol (nothing was sent), or with {@link ClientDisconnected} if the client is gone.
 */
export type Send = (event: SendEvent) => Promise<void>;

/**
 * An async app, called once for each request, WebSocket, or lifespan. Its promise ends when it is done with the
 * connection. `State` is what its lifespan leaves in `scope.state`.
 */
export interface AsgiApp<State = unknown> {
  (scope: Scope<State>, receive: Receive, send: Send): void | Promise<void>;
  /** The faster door: see {@link SERVE}. Only what our packages create has it. */
  [SERVE]?: ServeDoor;
}

/** A sync app: returns the body's pieces, having called `startResponse` before the first of them is taken. */
export type WsgiApp = (environ: Environ, startResponse: StartResponse) => Iterable<Uint8Array | string>;

/** Anything that wraps an app in an app. */
export type Middleware<Outer = unknown, Inner = Outer> = (app: AsgiApp<Inner>) => AsgiApp<Outer>;

/**
 * The symbol of the faster door. A host calls `app[SERVE](scope, transport)` when it is there, and else drives the plain
 * function through an {@link HttpExchange}: {@link serve} does the choosing. Registered globally, so that two copies of
 * core understand each other.
 */
export const SERVE: unique symbol = Symbol.for("tsgi.serve");

/** What stands behind the faster door: serves one HTTP request, by the transport's verbs or by an exchange of its own. */
export type ServeDoor = (scope: HttpScopeInit, transport: HttpTransport) => void;
