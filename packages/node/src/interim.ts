// Interim responses on HTTP/1. Source: RFC 9110 §15.2; RFC 8297 (103).

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResponseInternals } from "./synthetic/node-internals.ts";

const REASONS: Readonly<Record<number, string>> = { 102: "Processing", 103: "Early Hints" };

/**
 * Writes a 1xx head, fields flat; nothing if the final head has gone out. Node 20 has no public call for one with
 * arbitrary fields, but its own way of writing 1xx is a raw head.
 */
export function writeInterim(res: ServerResponse, status: number, headers: readonly string[]): void {
  // Something in front may have answered already.
  if (res.headersSent) return;
  let head = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  // oxlint-disable-next-line no-underscore-dangle
  (res as ServerResponse & { _writeRaw(data: string, encoding: string): boolean })._writeRaw(
    `${head}\r\n`,
    "latin1",
  );
}

/** Whether a `100 Continue` is ours to send: else Node, or who has the response too, has sent it; and whether it is not too late. */
export function mayContinue(req: IncomingMessage, res: ServerResponse): boolean {
  // oxlint-disable-next-line no-underscore-dangle -- set by `writeContinue`, which a listener around us may have called
  const { _sent100 } = res as unknown as ResponseInternals;
  if (res.headersSent || _sent100 || req.httpVersion === "1.0") return false;
  const { server } = req.socket as { server?: { listenerCount(name: string): number } };
  return (server?.listenerCount("checkContinue") ?? 0) > 0;
}
