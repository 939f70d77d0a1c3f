// One HTTP/2 request on a stream of node:http2, moved by the exchange's orders. Everything is checked before it gets here.
// Sources: https://nodejs.org/docs/latest-v20.x/api/http2.html; RFC 9113 §8.1 (framing, early responses), §5.4.2.

import {
  constants,
  type Http2ServerResponse,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import {
  GatewayError,
  type Chunk,
  type FileSource,
  type HttpExchange,
  type HttpTransport,
  type LogLevel,
  type ResponseHead,
} from "@tsgi/core";
import { addServerField } from "./default-fields.ts";
import { openFile } from "./file-source.ts";
import type { RequestSettings } from "./request-settings.ts";
import { SlicedStream } from "./sliced-stream.ts";

const { NGHTTP2_NO_ERROR } = constants;

/** How much of a request there is besides its headers. */
export interface Http2Body {
  /** Bytes by Content-Length; -1 if only its end will tell. */
  readonly bodyLength: number;
  /** Whether the client waits for `100 Continue`, and nobody has sent it yet. */
  readonly awaitsContinue: boolean;
}

export class Http2Transport implements HttpTransport {
  readonly #stream: ServerHttp2Stream;
  readonly #sliced: SlicedStream;
  readonly #settings: RequestSettings;
  readonly #body: Http2Body;
  /** Node's compat layer, if it made the request: it then sends the trailers, because it listens for their turn. */
  readonly #compat: Http2ServerResponse | null;
  #exchange: HttpExchange | null = null;
  #head: ResponseHead | null = null;
  #trailers: OutgoingHttpHeaders = {};
  #received = 0;
  #reading = false;
  #bodyEnded = false;

  constructor(
    stream: ServerHttp2Stream,
    body: Http2Body,
    settings: RequestSettings,
    compat: Http2ServerResponse | null,
  ) {
    this.#stream = stream;
    this.#sliced = new SlicedStream(stream, () => this.#exchange?.drained());
    this.#body = body;
    this.#settings = settings;
    this.#compat = compat;
  }

  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    this.#settings.activity.begin();
    const stream = this.#stream;
    const lost = (): void => exchange.connectionLost();
    stream.on("aborted", lost);
    stream.on("aborted", destroySoon);
    stream.on("close", lost);
    stream.on("end", destroyClosed);
    if (stream.endAfterHeaders) {
      this.#bodyEnded = true;
      exchange.eofReceived();
      return;
    }
    const { requestTimeout } = this.#settings;
    if (requestTimeout === 0) return;
    const timer = setTimeout(() => this.#timedOut(), requestTimeout);
    stream.on("close", () => clearTimeout(timer));
  }

  read(): void {
    const stream = this.#stream;
    if (!this.#reading) {
      this.#reading = true;
      if (this.#body.awaitsContinue && isOpen(stream) && !stream.headersSent) {
        stream.additionalHeaders({ ":status": 100 });
      }
      stream.on("data", this.#onData);
      stream.on("end", this.#onEnd);
    }
    stream.resume();
  }

  writeHead(head: ResponseHead): void {
    this.#head = head;
  }

  write(chunk: Chunk): boolean {
    const stream = this.#stream;
    this.#respond(false);
    return chunk.length === 0 || !stream.writable || this.#sliced.write(chunk);
  }

  end(chunk: Chunk | null): void {
    const stream = this.#stream;
    this.#respond(chunk === null);
    if (stream.writable) this.#sliced.end(chunk);
    if (!this.#bodyEnded) this.#discardRest();
  }

  abort(): void {
    cutStream(this.#stream);
  }

  detach(): void {
    this.#settings.activity.end();
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    this.#settings.log(level, message, error, this.#compat?.req);
  }

  writeInformational(status: number, headers: readonly string[]): void {
    if (!isOpen(this.#stream)) return;
    this.#stream.additionalHeaders({ ":status": status, ...joined(headersOf(headers)) });
  }

  writeTrailers(headers: readonly string[]): void {
    this.#trailers = joined(headersOf(headers));
    this.#compat?.addTrailers(this.#trailers);
  }

  openFile(file: string | number | { readonly fd: number }): Promise<FileSource> {
    return openFile(file);
  }

  /** Ends a request whose body did not come in time. */
  #timedOut(): void {
    if (!this.#bodyEnded) this.#refuse(this.#exchange as HttpExchange, 408, "Request Timeout");
  }

  #refuse(exchange: HttpExchange, status: number, text: string): void {
    this.#stream.off("data", this.#onData);
    exchange.answer(status, text);
    exchange.cut();
  }

  readonly #onData = (chunk: Buffer): void => {
    const exchange = this.#exchange as HttpExchange;
    this.#received += chunk.byteLength;
    if (this.#received > this.#settings.maxBodySize) {
      this.#refuse(exchange, 413, "Payload Too Large");
      return;
    }
    const last = this.#received === this.#body.bodyLength;
    if (last) this.#bodyEnded = true;
    else this.#stream.pause();
    exchange.dataReceived(chunk, last);
  };

  readonly #onEnd = (): void => {
    this.#bodyEnded = true;
    // A stream that was cut ends too: `aborted` has come before.
    if (!this.#stream.aborted) this.#exchange?.eofReceived();
  };

  /** Sends the head, if it is still held. */
  #respond(endStream: boolean): void {
    const stream = this.#stream;
    const head = this.#head;
    if (head === null) return;
    this.#head = null;
    // Lost a moment ago: `aborted` or `close` is on its way to the exchange.
    if (!isOpen(stream)) return;
    const { serverHeader, dateHeader } = this.#settings;
    const options = {
      endStream: endStream && !head.trailers,
      waitForTrailers: head.trailers,
      sendDate: dateHeader,
    };
    if (serverHeader !== null) addServerField(head.headers, serverHeader);
    if (head.trailers && this.#compat === null) {
      stream.on("wantTrailers", () => stream.sendTrailers(this.#trailers));
    }
    const headers = this.#headersOf(head);
    try {
      stream.respond(headers, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_HTTP2_HEADER_SINGLE_VALUE") throw error;
      stream.respond(joined(headers), options);
    }
  }

  #headersOf(head: ResponseHead): OutgoingHttpHeaders {
    const headers = headersOf(head.headers);
    if (this.#compat !== null) keepSet(headers, this.#compat.getHeaders());
    let { status } = head;
    if (status > 599) {
      this.log("warn", `HTTP/2 has no status ${status} in Node: the client is sent 500`);
      status = 500;
    }
    // Node sends no DATA after a 205 (RFC 9110 §15.3.6): then there must be no length either.
    if (status === 205) delete headers["content-length"];
    headers[":status"] = status;
    return headers;
  }

  /** Has the rest of a body nobody wants thrown away, until the response is out; then the client is told to stop. */
  #discardRest(): void {
    const stream = this.#stream;
    if (stream.destroyed) return;
    stream.off("data", this.#onData);
    stream.resume();
    const stop = (): void => {
      if (!stream.readableEnded) stream.close(NGHTTP2_NO_ERROR);
    };
    if (stream.writableFinished) stop();
    else stream.once("finish", stop);
  }
}

/** Resets a stream. Not by `close`, which ends it first: once all is flushed, the client would see a whole response. */
export function cutStream(stream: ServerHttp2Stream): void {
  // With an error the code is INTERNAL_ERROR.
  stream.destroy(new GatewayError("TSGI_ERR_INCOMPLETE", "The response was cut"));
}

/**
 * After a reset without an error Node keeps a stream until it has sent all that was written: for ever, as nobody takes it.
 * The first is for one that is still being written to, the second for one whose end was written.
 */
function destroySoon(this: ServerHttp2Stream): void {
  process.nextTick(() => this.destroy());
}

function destroyClosed(this: ServerHttp2Stream): void {
  if (this.closed) this.destroy();
}

function isOpen(stream: ServerHttp2Stream): boolean {
  return !stream.destroyed && !stream.closed;
}

/** Flat fields as Node wants them: names in lower case, and a list for what comes more than once. */
function headersOf(flat: readonly string[]): OutgoingHttpHeaders {
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    const value = flat[i + 1] as string;
    // Belongs to the connection, like those core has already taken out (RFC 9113 §8.2.2); Node throws at it.
    if (name === "http2-settings") continue;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (typeof before === "string") headers[name] = [before, value];
    else before.push(value);
  }
  return headers;
}

/** Adds what something in front has set on the compat response, as on HTTP/1: the app's field wins, but cookies come on top. */
function keepSet(headers: OutgoingHttpHeaders, set: OutgoingHttpHeaders): void {
  for (const [name, value] of Object.entries(set)) {
    // How long the body is, and what follows it, is for who writes it to say.
    if (name === "content-length" || name === "trailer" || value === undefined) continue;
    const own = headers[name];
    if (own === undefined) headers[name] = value;
    else if (name === "set-cookie") headers[name] = [value, own].flat().map(String);
  }
}

/** The same, every repeated field joined into one (RFC 9110 §5.3): Node refuses some names twice. Cookies stay apart. */
function joined(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value) && name !== "set-cookie" && name !== "link") headers[name] = value.join(", ");
  }
  return headers;
}
