// Files as bodies: pathsend (a whole file by path) and zerocopysend (a piece of an open file).
// Source: ASGI extensions, "Path Send" and "Zero Copy Send". The bytes go through the exchange, which counts them.

import { EMPTY } from "./bytes.ts";
import { GatewayError } from "./errors.ts";
import type { HttpResponsePathSendEvent, HttpResponseZeroCopySendEvent } from "./events.ts";
import type { HttpExchange } from "./exchange.ts";

/** How much of a file is read at a time. 64 KiB. */
const STEP = 64 * 1024;

/** Sends a file, or a piece of one. Later events wait for it. */
export function sendFile(
  exchange: HttpExchange,
  event: HttpResponsePathSendEvent | HttpResponseZeroCopySendEvent,
): Promise<void> {
  if (event.type === "http.response.pathsend") {
    const { path } = event as { path: unknown };
    if (typeof path !== "string" || path === "" || path.includes("\0")) {
      throw new GatewayError("TSGI_ERR_EVENT", '"path" of http.response.pathsend is an absolute path');
    }
    if (exchange.state !== "held") {
      throw new GatewayError(
        "TSGI_ERR_EVENT_ORDER",
        "http.response.pathsend comes once, right after http.response.start",
      );
    }
    return exchange.hold(copy(exchange, path, null, Infinity, false));
  }
  const { file, offset, count, more_body: more } = event;
  if (typeof file !== "number" && typeof file?.fd !== "number") {
    throw new GatewayError(
      "TSGI_ERR_EVENT",
      '"file" of http.response.zerocopysend is a file descriptor or has one',
    );
  }
  for (const [key, value] of [
    ["offset", offset],
    ["count", count],
  ] as const) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
      throw new GatewayError("TSGI_ERR_EVENT", `"${key}" of http.response.zerocopysend is a number of bytes`);
    }
  }
  if (exchange.state !== "held" && exchange.state !== "streaming") {
    throw new GatewayError(
      "TSGI_ERR_EVENT_ORDER",
      "http.response.zerocopysend may not be sent before http.response.start",
    );
  }
  return exchange.hold(copy(exchange, file, offset ?? null, count ?? Infinity, more === true));
}

async function copy(
  exchange: HttpExchange,
  file: string | number | { readonly fd: number },
  offset: number | null,
  count: number,
  more: boolean,
): Promise<void> {
  const source = await exchange.transport.openFile?.(file).catch((cause: unknown) => {
    throw new GatewayError("TSGI_ERR_FILE", "The file cannot be opened", { cause });
  });
  if (source === undefined) throw new GatewayError("TSGI_ERR_FILE", "This host cannot send files");
  try {
    let position = offset;
    let left = count;
    // Not for HEAD, nor when something else has ended the response: an answer to an error of the app, or a cut.
    while (left > 0 && exchange.wantsBody) {
      const chunk = await source.read(Math.min(STEP, left), position);
      if (chunk.byteLength === 0) break;
      left -= chunk.byteLength;
      if (position !== null) position += chunk.byteLength;
      await exchange.write(chunk, true);
    }
  } finally {
    await source.close();
  }
  await exchange.write(EMPTY, more);
}
