// A request body nobody wants: read on and thrown away, within bounds, so that the connection can serve on, or be closed
// without a reset that would take the response with it.
// Sources: RFC 9112 §9.3 (an unread body), §9.6 (tear-down and lingering close).

import type { IncomingMessage, ServerResponse } from "node:http";
import { leave, lingerOnClose } from "./hang-up.ts";
import type { RequestSettings } from "./request-settings.ts";

/** Reads the rest of a body until its end, up to `maxDiscard` bytes; then the connection is closed. */
export function discardRest(req: IncomingMessage, res: ServerResponse, settings: RequestSettings): void {
  if (req.readableEnded || req.destroyed) return;
  const { socket } = req;
  let left = settings.maxDiscard;
  req.on("data", (chunk: Buffer) => {
    left -= chunk.byteLength;
    if (left < 0 && res.writableFinished) leave(socket);
  });
  req.on("error", () => {});
  res.once("finish", () => {
    if (left < 0) leave(socket);
  });
  const keep = lingerOnClose(socket);
  req.once("end", keep);
  req.resume();
}
