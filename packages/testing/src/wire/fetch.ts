// The wire to a fetch handler: a Request in, a Response out, and nothing of what HTTP puts around them.
// Sources: WHATWG Fetch "Request class", "Response class"; WHATWG Streams.

import { EMPTY } from "@tsgi/core";
import {
  WireError,
  type Wire,
  type WireConnection,
  type WireExchange,
  type WireField,
  type WireHead,
  type WireRequest,
} from "./wire.ts";

/** What stands at the other end of a fetch wire. */
export interface FetchWireOptions {
  /** Who answers. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Scheme and authority of the URLs. Default: `"http://localhost"`. */
  readonly origin?: string;
}

/** How many bytes of a request body a connection takes though nobody has asked for them, as a socket does. 64 KiB. */
const TAKEN_UNASKED = 65_536;

/** The wire to a fetch handler, in this process. */
export function fetchWire({ fetch, origin = "http://localhost" }: FetchWireOptions): Wire {
  return {
    httpVersion: "1.1",
    scheme: origin.startsWith("https:") ? "https" : "http",
    server: null,
    open: () => Promise.resolve(new FetchConnection(fetch, origin)),
  };
}

class FetchConnection implements WireConnection {
  readonly octets = null;
  readonly local = null;
  readonly #fetch: FetchWireOptions["fetch"];
  readonly #origin: string;
  readonly #open = new Set<FetchExchange>();

  constructor(fetch: FetchWireOptions["fetch"], origin: string) {
    this.#fetch = fetch;
    this.#origin = origin;
  }

  request(request: WireRequest): WireExchange {
    const exchange = new FetchExchange(this.#fetch, this.#origin, request, () => this.#open.delete(exchange));
    this.#open.add(exchange);
    return exchange;
  }

  /** Nothing can follow a response here. */
  finish(): Promise<void> {
    return Promise.resolve();
  }

  reset(): void {
    for (const exchange of this.#open) exchange.reset();
  }
}

class FetchExchange implements WireExchange {
  readonly trailers: readonly WireField[] = [];
  readonly #abort = new AbortController();
  readonly #upload: Upload | null;
  readonly #response: Promise<Response>;
  readonly #over: () => void;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  /** What Content-Length still promises; `Infinity` without one. */
  #due = Infinity;

  constructor(
    fetch: FetchWireOptions["fetch"],
    origin: string,
    { method, target, headers, body }: WireRequest,
    over: () => void,
  ) {
    this.#over = () => {
      // What is left of the request body once the response is complete is the server's to throw away.
      this.#upload?.discard();
      over();
    };
    const hasBody = body !== null && method !== "GET" && method !== "HEAD";
    this.#upload = hasBody ? new Upload() : null;
    const fields: [string, string][] = headers.map(([name, value]) => [name, value]);
    if (typeof body === "number") fields.push(["content-length", String(body)]);
    const init: RequestInit & { duplex: "half" } = {
      method,
      headers: fields,
      body: this.#upload?.stream ?? null,
      signal: this.#abort.signal,
      duplex: "half",
    };
    this.#response = (async () => await fetch(new Request(origin + target, init)))();
    // Whoever reads the head is told.
    this.#response.catch(() => {});
  }

  async write(piece: Uint8Array): Promise<void> {
    await this.#upload?.write(piece);
  }

  end(): Promise<void> {
    this.#upload?.end();
    return Promise.resolve();
  }

  async head(): Promise<WireHead> {
    let response: Response;
    try {
      response = await this.#response;
    } catch (error) {
      throw new WireError("closed", "The fetch handler was rejected", { cause: error });
    }
    const { status, statusText, headers, body } = response;
    const length = headers.get("content-length");
    if (body === null) this.#over();
    else {
      this.#reader = body.getReader();
      if (length !== null) this.#due = Number(length);
    }
    const framing = body === null ? "none" : length === null ? "stream" : "length";
    return { status, reason: statusText, headers: [...headers], framing };
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#reader === null) return null;
    const { done, value } = await this.#reader.read().catch((error: unknown) => {
      this.#over();
      throw new WireError("cut", "The response was cut", { cause: error });
    });
    if (!done) {
      this.#due -= value.byteLength;
      if (this.#due < 0) throw new WireError("surplus", "The body is longer than Content-Length says");
      return value;
    }
    this.#over();
    if (this.#due !== Infinity && this.#due > 0) {
      throw new WireError("cut", "The body is shorter than Content-Length says");
    }
    return null;
  }

  /** As a server does when its client leaves: the request is aborted, and the response given up. */
  reset(): void {
    this.#upload?.cut();
    this.#over();
    this.#abort.abort();
    this.#reader?.cancel().catch(() => {});
    this.#response.then(
      ({ body }) => (body === null || body.locked ? undefined : body.cancel()),
      () => {},
    );
  }
}

/** A request body that makes its writer wait for its reader. */
class Upload {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #wake: () => void = () => {};
  #isOver = false;

  constructor() {
    const over = (): void => {
      this.#isOver = true;
      this.#wake();
    };
    this.stream = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#wake(),
        cancel: over,
      },
      { highWaterMark: TAKEN_UNASKED, size: (piece) => (piece ?? EMPTY).byteLength },
    );
  }

  async write(piece: Uint8Array): Promise<void> {
    if (this.#isOver) return;
    this.#controller.enqueue(piece.slice());
    while (!this.#isOver && (this.#controller.desiredSize ?? 0) < 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.close();
  }

  /** Nobody reads any more. */
  discard(): void {
    this.#isOver = true;
    this.#wake();
  }

  cut(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.error(new WireError("closed", "The client went away"));
    this.#wake();
  }
}
