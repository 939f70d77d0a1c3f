// A request body nobody wants: read on and thrown away, within bounds, so that the connection can serve on, or be closed
// without a reset that would take the response with it.
// Sources: RFC 9112 §9.3 (an unread body), §9.6 (tear-down and lingering close).

import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestSettings } from "./request-settings.ts";

/** How long a closing connection is still read from, so that the client gets to read the response, in milliseconds. */
const LINGER_MS = 1_000;

/** Reads the rest of a body until its end, up to `maxDiscard` bytes; then the connection is closed. */
export function discardRest(req: IncomingMessage, res: ServerResponse, settings: RequestSettings): void {
  if (req.readableEnded || req.destroyed) return;
  const { socket } = req;
  let left = settings.maxDiscard;
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    // Node keeps the response open on this socket until it has flushed; end() sends what is left and a FIN.
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
  };
  req.removeAllListeners("data");
  req.on("data", (chunk: Buffer) => {
    left -= chunk.byteLength;
    if (left < 0) close();
  });
  req.on("error", () => {});
  res.once("finish", () => {
    if (left < 0) close();
  });
  req.resume();
}
