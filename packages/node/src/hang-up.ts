// The end of an HTTP/1 connection that cannot serve on: a last answer, if there is one to give, and a close that lets
// the client read it.
// Sources: RFC 9112 §9.6 (tear-down: close the sending side, read on for a while); RFC 9110 §15.5.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { reasonOf } from "@tsgi/core";
import type { RequestSettings } from "./request-settings.ts";

/** What of the settings is about the end of a connection: times in milliseconds, 0 for ever. */
export type ClosingTimes = Pick<RequestSettings, "lingerTimeout" | "flushTimeout">;

const CLOSING_TIMES = Symbol("tsgi.closing-times");
const HUNG_UP = Symbol("tsgi.hung-up");
const ENDING = Symbol("tsgi.ending");
const ACCEPTED = Symbol("tsgi.accepted");

interface HttpSocket extends Socket {
  /** Those of the listener that has, or would have, the request whose turn it is. */
  [CLOSING_TIMES]?: ClosingTimes;
  /** Nothing that still arrives is served. */
  [HUNG_UP]?: boolean;
  /** Nothing more is sent. */
  [ENDING]?: boolean;
  /** The response whose turn it is; Node's own, as old as pipelining. */
  _httpMessage?: (ServerResponse & { readonly req: IncomingMessage }) | null;
  /** Node's parser; `incoming` is the request whose body is being read. */
  parser?: { readonly incoming?: IncomingMessage | null } | null;
}

/** Tells a connection how long its end may take. Said before anything here is done with it. */
export function setClosingTimes(socket: Socket, times: ClosingTimes): void {
  (socket as HttpSocket)[CLOSING_TIMES] = times;
}

/** Destroys a connection after one of its times, unless what is returned is called before. */
export function destroyAfter(socket: Socket, time: keyof ClosingTimes): () => void {
  const limit = (socket as HttpSocket)[CLOSING_TIMES]?.[time] ?? 0;
  if (limit === 0) return () => {};
  const timer = setTimeout(() => socket.destroy(), limit);
  return () => clearTimeout(timer);
}

/** Whether no request that still arrives on this connection may be served. */
export function isHungUp(socket: Socket): boolean {
  return (socket as HttpSocket)[HUNG_UP] === true;
}

/** Notes that a request is being served: within a framework, what serves it may see it only after a hang-up. */
export function accept(request: IncomingMessage): void {
  (request as { [ACCEPTED]?: boolean })[ACCEPTED] = true;
}

/** Whether a request came too late to be served. */
export function isTooLate(request: IncomingMessage): boolean {
  return isHungUp(request.socket) && (request as { [ACCEPTED]?: boolean })[ACCEPTED] !== true;
}

/** Has no request that still arrives on this connection served. */
export function serveNoMore(socket: Socket): void {
  (socket as HttpSocket)[HUNG_UP] = true;
}

/**
 * Refuses what arrived last on a connection, and closes it. Responses that are due before the refusal leave first;
 * a request that already has its answer gets no second one: then the connection is just closed.
 */
export function refuse(socket: Socket, status: number): void {
  serveNoMore(socket);
  inTurn(socket, status);
}

function inTurn(socket: HttpSocket, status: number): void {
  if (socket.destroyed) return;
  // oxlint-disable-next-line no-underscore-dangle
  const response = socket._httpMessage ?? null;
  const incoming = socket.parser?.incoming ?? null;
  const broken = incoming === null || incoming.complete ? null : incoming;
  if (response === null) {
    hangUp(socket, broken === null ? answer(status) : "");
  } else if (response.req === broken || isRefused(response)) {
    if (response.headersSent) socket.destroy();
    else hangUp(socket, answer(status));
  } else {
    // Answered in its turn. Node hands the turn on in a listener of its own, before this one.
    response.once("finish", () => inTurn(socket, status));
  }
}

const REFUSED = Symbol("tsgi.refused");

/** Whether there is a connection: a request that was injected (light-my-request, Fastify's `inject`) has none. */
export function hasConnection(socket: Socket): boolean {
  return typeof (socket as Partial<Socket>).end === "function";
}

/** Refuses a request that Node's parser let through. */
export function refuseRequest(res: ServerResponse, socket: Socket, status: number): void {
  if (!hasConnection(socket)) {
    const text = reasonOf(status);
    res.writeHead(status, { "content-type": "text/plain; charset=utf-8", "content-length": text.length });
    res.end(text);
    return;
  }
  (res as { [REFUSED]?: boolean })[REFUSED] = true;
  // Read on, or its body would stop everything that comes after it, the client's FIN included.
  res.req.resume();
  refuse(socket, status);
}

function isRefused(res: ServerResponse): boolean {
  return (res as { [REFUSED]?: boolean })[REFUSED] === true;
}

/** Closes a connection that has sent all it had to: no request that still arrives on it is served. */
export function leave(socket: Socket): void {
  serveNoMore(socket);
  hangUp(socket, "");
}

/**
 * Has Node, when it closes a connection after a response of its own accord, do it as {@link leave}: a plain close while
 * the client is still sending is a reset, which may take the response with it.
 *
 * @returns A function that takes it back.
 */
export function lingerOnClose(socket: Socket): () => void {
  const back = (): void => {
    delete (socket as { destroySoon?: unknown }).destroySoon;
  };
  socket.destroySoon = () => {
    back();
    leave(socket);
  };
  return back;
}

/** Sends what is left to send and a FIN, once, and reads on until the client's, or for `lingerTimeout`. */
export function hangUp(socket: Socket, last: string): void {
  if ((socket as HttpSocket)[ENDING] === true || !hasConnection(socket)) return;
  (socket as HttpSocket)[ENDING] = true;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(last, "latin1");
  if (socket.readableEnded) {
    socket.destroySoon();
    return;
  }
  const inTime = destroyAfter(socket, "lingerTimeout");
  socket.once("end", () => socket.destroySoon());
  socket.once("close", inTime);
  socket.resume();
}

/** A whole HTTP/1.1 response that closes the connection. Nothing of the request is in it. */
function answer(status: number): string {
  const text = reasonOf(status);
  return (
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nDate: ${new Date().toUTCString()}\r\n` +
    `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\n\r\n${text}`
  );
}
