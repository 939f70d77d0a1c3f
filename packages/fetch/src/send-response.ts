// A guest's Response on its way to the client: head, and a body that is known, or streamed under back-pressure.
// Sources: WHATWG Fetch "Response class"; WHATWG Streams "ReadableStreamDefaultReader"; ASGI HTTP 2.5 "Response Body".

import {
  ClientDisconnected,
  EMPTY,
  GatewayError,
  ROOM,
  isBodiless,
  isBytes,
  type HttpScope,
} from "@tsgi/core";
import { fastParts } from "./fast-response.ts";
import type { Fields, Outlet } from "./outlet.ts";
import { usedBody } from "./read-body.ts";
import { sourceOf } from "./undici-body.ts";

/** How many turns of the microtask queue an end may take that is there already. */
const PATIENCE = 4;

/**
 * Sends a response; what is not awaited is sent already.
 *
 * @throws {@link GatewayError} `TSGI_ERR_GUEST_RESPONSE` if this is no Response, or one of an error. Also what `outlet` throws.
 */
export function sendResponse(value: unknown, outlet: Outlet, scope: HttpScope): Promise<void> | void {
  if (typeof value !== "object" || value === null) throw noResponse(value);
  const parts = fastParts(value);
  if (parts !== null && parts.body !== undefined) {
    const { status, statusText, fields, body } = parts;
    const reason = reasonFor(scope, statusText);
    if (typeof body === "string" || !(body instanceof ReadableStream)) {
      outlet.start(status, fields, reason);
      return whenTold(outlet.write(body ?? EMPTY, false), outlet);
    }
    if (body.locked) throw usedResponse();
    outlet.start(status, fields, reason);
    return sendStream(body, status, outlet, scope);
  }
  const response = checkResponse(value);
  const { status, statusText } = response;
  const { body } = response;
  if (response.bodyUsed || body?.locked === true) throw usedResponse();
  outlet.start(status, fieldsOf(response.headers), reasonFor(scope, statusText));
  const known = body === null ? EMPTY : sourceOf(response);
  if (known !== undefined) return whenTold(outlet.write(known, false), outlet);
  return sendStream(body as ReadableStream, status, outlet, scope);
}

/** An empty statusText is that of every Response which says nothing. */
function reasonFor(scope: HttpScope, statusText: string | undefined): string | null {
  return statusText && scope.extensions["tsgi.reason"] !== undefined ? statusText : null;
}

/**
 * A response that can be sent.
 *
 * @throws {@link GatewayError} `TSGI_ERR_GUEST_RESPONSE`
 */
export function checkResponse(value: unknown): Response {
  if (typeof value !== "object" || value === null) throw noResponse(value);
  const { status, headers } = value as Partial<Response>;
  if (typeof status !== "number" || !isHeaders(headers)) throw noResponse(value);
  if (status === 0) {
    throw new GatewayError("TSGI_ERR_GUEST_RESPONSE", "The handler returned the Response of a network error");
  }
  return value as Response;
}

function sendStream(
  body: ReadableStream,
  status: number,
  outlet: Outlet,
  scope: HttpScope,
): Promise<void> | void {
  if (scope.method !== "HEAD" && !isBodiless(status)) return new Pump(body, outlet, scope).run();
  body.cancel().catch(ignore);
  return whenTold(outlet.write(EMPTY, false), outlet);
}

/** The last write of an exchange is done when it returns; that of a middleware's `send` is not. */
function whenTold(written: Promise<void>, outlet: Outlet): Promise<void> | void {
  return outlet.isImmediate ? undefined : written;
}

/** Carries a stream to an outlet. */
class Pump {
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  readonly #outlet: Outlet;
  readonly #scope: HttpScope;
  /** There is one once the stream had to be waited for. */
  #signal: AbortSignal | null = null;
  /** Whether the head has left. */
  #began = false;

  constructor(body: ReadableStream, outlet: Outlet, scope: HttpScope) {
    this.#reader = body.getReader();
    this.#outlet = outlet;
    this.#scope = scope;
  }

  async run(): Promise<void> {
    const outlet = this.#outlet;
    try {
      let { done, value } = await this.#first();
      if (done) return await outlet.write(EMPTY, false);
      let ahead: Promise<ReadableStreamReadResult<unknown>> | null = null;
      if (!this.#began) {
        // A body of one piece, which is what most are, has a length if its end is there as well.
        ahead = this.#reader.read();
        // A failure is one of the next piece.
        const soon = await withinTurns(ahead).catch(nothing);
        if (soon?.done === true) return await outlet.write(bytesOfPiece(value), false);
      }
      this.#watch();
      while (!done) {
        const room = outlet.write(bytesOfPiece(value), true);
        if (room !== ROOM) await room;
        ({ done, value } = await (ahead ?? this.#reader.read()));
        ahead = null;
        // A stream that was cancelled looks like one that has ended.
        if (this.#signal?.aborted === true) throw new ClientDisconnected();
      }
      return await outlet.write(EMPTY, false);
    } catch (error) {
      this.#reader.cancel(error).catch(ignore);
      throw error;
    } finally {
      this.#signal?.removeEventListener("abort", this.#cancel);
    }
  }

  /** The first piece. If it has to be waited for, the stream may take its time: the head leaves before it. */
  async #first(): Promise<ReadableStreamReadResult<unknown>> {
    const reading = this.#reader.read();
    const soon = await withinTurns(reading);
    if (soon !== null) return soon;
    this.#watch();
    this.#began = true;
    await this.#outlet.write(EMPTY, true);
    const result = await reading;
    if (this.#signal?.aborted === true) throw new ClientDisconnected();
    return result;
  }

  /** From now on the stream is waited for, and must be told if it need not go on. */
  #watch(): void {
    if (this.#signal !== null) return;
    this.#signal = this.#scope.signal;
    if (this.#signal.aborted) this.#cancel();
    else this.#signal.addEventListener("abort", this.#cancel);
  }

  readonly #cancel = (): void => {
    this.#reader.cancel(this.#signal?.reason).catch(ignore);
  };
}

function bytesOfPiece(value: unknown): Uint8Array {
  if (isBytes(value)) return value;
  throw new TypeError(`The stream of a Response gives Uint8Array pieces, not ${typeof value}`);
}

/** The result, if it is there already; `null` else. */
async function withinTurns<T>(promise: Promise<T>): Promise<T | null> {
  const turns = async (): Promise<null> => {
    for (let turn = 0; turn < PATIENCE; turn += 1) await ROOM;
    return null;
  };
  return await Promise.race([promise, turns()]);
}

function fieldsOf(headers: Headers): Fields {
  const fields: [string, string][] = [];
  for (const field of headers) fields.push(field);
  return fields;
}

function isHeaders(headers: unknown): headers is Headers {
  return typeof headers === "object" && headers !== null && Symbol.iterator in headers;
}

function noResponse(value: unknown): GatewayError {
  const what = value === null ? "null" : typeof value;
  return new GatewayError("TSGI_ERR_GUEST_RESPONSE", `A fetch handler returns a Response, not ${what}`);
}

function usedResponse(): GatewayError {
  return new GatewayError(
    "TSGI_ERR_GUEST_RESPONSE",
    "The body of the handler's Response was read, or is being read: return a clone",
    { cause: usedBody() },
  );
}

function nothing(): null {
  return null;
}

function ignore(): void {}
