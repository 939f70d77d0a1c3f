// The requests of `fastify.inject`: their socket is an event emitter, which can neither be written to nor destroyed.
// Source: https://github.com/fastify/light-my-request, lib/request.js (MockSocket).

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Gives an injected request's socket what a refusal and a cut need of one: they then end the response. */
export function completeSocket(req: IncomingMessage, res: ServerResponse): void {
  const socket = req.socket as Partial<Socket> & { writable?: boolean };
  if (typeof socket.destroy === "function") return;
  const destroy = (): void => void res.destroy();
  Object.assign(socket, {
    writable: true,
    destroyed: false,
    destroy,
    destroySoon: destroy,
    resetAndDestroy: destroy,
    resume: () => socket,
    write(_data: unknown, done?: () => void) {
      if (done !== undefined) process.nextTick(done);
      return true;
    },
    end: (last: string) => endWith(res, last),
  });
}

const WHOLE = /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n([^]*)$/;

/** Ends a response with a whole answer of ours, as octets; with nothing to say, as a lost connection. */
function endWith(res: ServerResponse, last: string): void {
  const [, status, text] = WHOLE.exec(last) ?? [];
  if (status === undefined || res.headersSent) {
    res.destroy();
    return;
  }
  res.writeHead(Number(status), { "content-type": "text/plain; charset=utf-8", connection: "close" });
  res.end(text);
}
