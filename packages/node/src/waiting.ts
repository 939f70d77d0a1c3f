// Requests that wait for their turn on a connection, behind the responses to earlier ones (pipelining).
// Source: RFC 9112 §9.3.2; lib/_http_server.js: only the response whose turn it is hears that the connection is lost.

import type { Socket } from "node:net";

/** Who is told. */
export interface Waiter {
  /** The connection is lost. */
  lost(): void;
}

const WAITING = Symbol("tsgi.waiting");

interface HttpSocket extends Socket {
  [WAITING]?: Set<Waiter>;
}

/** Tells a request when its connection is lost. One listener serves all that wait on a socket. */
export function waitOn(socket: Socket, waiter: Waiter): void {
  const waiting = (socket as HttpSocket)[WAITING] ?? begin(socket);
  waiting.add(waiter);
}

/** How many wait on a socket. */
export function waitingOn(socket: Socket): number {
  return (socket as HttpSocket)[WAITING]?.size ?? 0;
}

/** The request is done with. */
export function stopWaiting(socket: Socket, waiter: Waiter): void {
  (socket as HttpSocket)[WAITING]?.delete(waiter);
}

function begin(socket: HttpSocket): Set<Waiter> {
  const waiting = new Set<Waiter>();
  socket[WAITING] = waiting;
  socket.once("close", () => {
    for (const waiter of waiting) waiter.lost();
  });
  return waiting;
}
