// How a response that cannot be completed is cut, so that the client does not take it for a whole one.
// Sources: RFC 9112 §8 (incomplete messages), §9.6 (tear-down).

import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ResponseHead } from "@tsgi/core";
import { destroyAfter, hangUp, hasConnection, serveNoMore } from "./hang-up.ts";

/** Cuts a response, and with it the connection. What was sent before it leaves first, earlier responses above all. */
export function cutResponse(res: ServerResponse, socket: Socket, head: ResponseHead | null): void {
  if (socket.destroyed) return;
  if (!hasConnection(socket)) {
    res.destroy();
    return;
  }
  serveNoMore(socket);
  // Behind another response nothing of this one has left: in its turn the connection just ends.
  if (res.socket === null) {
    res.once("socket", () => hangUp(socket, ""));
    return;
  }
  if (endsWithConnection(res, head)) afterFlush(res, socket, () => reset(socket));
  else afterFlush(res, socket, () => hangUp(socket, ""));
}

/** Does something once all that was written is out; if the client does not take it in time, the connection is destroyed instead. */
function afterFlush(res: ServerResponse, socket: Socket, end: () => void): void {
  if (res.writableLength === 0 || !socket.writable) {
    end();
    return;
  }
  const inTime = destroyAfter(socket, "flushTimeout");
  const flushed = (): void => {
    inTime();
    end();
  };
  // Node holds small pieces back until the end of the tick.
  process.nextTick(() => (socket.writable ? socket.write("", flushed) : flushed()));
}

/** Whether the client would take a clean end of the connection for the end of the body. */
function endsWithConnection(res: ServerResponse, head: ResponseHead | null): boolean {
  return head !== null && head.length === -1 && !head.bodiless && !res.chunkedEncoding;
}

/** An end that is not a clean one. Of those that have none, TLS leaves its goodbye out; a unix socket has only this. */
function reset(socket: Socket): void {
  if (socket.remoteFamily !== undefined && !("encrypted" in socket)) socket.resetAndDestroy();
  else socket.destroy();
}
