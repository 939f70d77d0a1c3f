// A guest's request body: pulled from receive(), as a stream or whole.
// Sources: ASGI HTTP 2.5 "Request", "Disconnect"; WHATWG Streams "ReadableStream"; RFC 9112 §6.3 (who has a body).

import { ClientDisconnected, EMPTY, type HttpScopeInit, type Receive } from "@tsgi/core";
import { fetchExtensionOf } from "./fetch-pair.ts";

/** Whether a Request for this scope has a body. GET and HEAD never have one; HTTP/2 need not announce it. */
export function hasBody(scope: HttpScopeInit): boolean {
  const { method, headers } = scope;
  if (method === "GET" || method === "HEAD") return false;
  for (let i = 0; i < headers.length; i += 1) {
    const field = headers[i] as readonly [string, string];
    if (field[0] === "content-length") return field[1] !== "0";
    if (field[0] === "transfer-encoding") return true;
  }
  const host = fetchExtensionOf(scope);
  if (host !== undefined) return host.request.body !== null;
  return scope.http_version !== "1.1" && scope.http_version !== "1.0";
}

/** The body as a stream that reads nothing unasked. */
export function bodyStream(receive: Receive): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller): Promise<void> {
        for (;;) {
          const event = await receive();
          if (event.type !== "http.request") {
            controller.error(
              new ClientDisconnected("The client went away before its request body was complete"),
            );
            return;
          }
          const { body, more_body: more } = event;
          if (body.byteLength > 0) controller.enqueue(plainBytes(body));
          if (!more) controller.close();
          if (!more || body.byteLength > 0) return;
        }
      },
    },
    { highWaterMark: 0 },
  );
}

/** The whole body. */
export async function wholeBody(receive: Receive): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const event = await receive();
    if (event.type !== "http.request") {
      throw new ClientDisconnected("The client went away before its request body was complete");
    }
    const { body, more_body: more } = event;
    if (!more && length === 0) return plainBytes(body);
    if (body.byteLength > 0) pieces.push(body);
    length += body.byteLength;
    if (!more) return joined(pieces, length);
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** A Buffer has other methods under the names of a Uint8Array's: a guest must get what fetch gives. */
function plainBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength === 0) return EMPTY as Uint8Array<ArrayBuffer>;
  if (Object.getPrototypeOf(bytes) === Uint8Array.prototype) return bytes as Uint8Array<ArrayBuffer>;
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
