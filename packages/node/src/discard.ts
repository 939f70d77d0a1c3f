// A request body nobody wants: read on and thrown away, within bounds, so that the connection can serve on, or be closed
// without a reset that would take the response with it.
// Sources: RFC 9112 §9.3 (an unread body), §9.6 (tear-down and lingering close).

import type { IncomingMessage, ServerResponse } from "node:http";
import { leave, lingerOnClose } from "./hang-up.ts";
import type { RequestSettings } from "./request-settings.ts";

/**
 * Reads the rest of a body until its end, up to `maxDiscard` bytes, and for `discardTimeout` after the response; then the
 * connection is closed.
 */
export function discardRest(req: IncomingMessage, res: ServerResponse, settings: RequestSettings): void {
  if (req.readableEnded || req.destroyed) return;
  const { socket } = req;
  const { maxDiscard, discardTimeout } = settings;
  let left = maxDiscard;
  let timer: NodeJS.Timeout | undefined;
  const keep = lingerOnClose(socket);
  const over = (): void => {
    clearTimeout(timer);
    keep();
  };
  req.on("data", (chunk: Buffer) => {
    left -= chunk.byteLength;
    if (left < 0 && res.writableFinished) leave(socket);
  });
  req.on("error", () => {});
  req.once("end", over);
  req.once("close", over);
  res.once("finish", () => {
    if (left < 0) leave(socket);
    else if (!req.readableEnded && discardTimeout > 0) timer = setTimeout(leave, discardTimeout, socket);
  });
  req.resume();
}
