// One request of a fetch handler, moved by the exchange's orders: its Request's body in, a Response out.
// Sources: WHATWG Fetch "Response class"; WHATWG Streams "ReadableStream".

import {
  GatewayError,
  ResponseAborted,
  bytesOf,
  reasonOf,
  type Chunk,
  type HttpExchange,
  type HttpScopeInit,
  type HttpTransport,
  type LogLevel,
  type Receive,
  type ResponseHead,
} from "@tsgi/core";
import type { ExecutionContextLike } from "./execution-context.ts";
import { bodyReader, type BodyReader, type Piece } from "./body-reader.ts";
import { FETCH_ORIGIN, type FetchExtension, type FetchOrigin } from "./fetch-pair.ts";
import type { FetchSettings } from "./fetch-settings.ts";
import { requestHasBody } from "./make-request.ts";
import { scopeFromRequest } from "./request-scope.ts";

export class FetchTransport implements HttpTransport, FetchExtension, FetchOrigin {
  readonly request: Request;
  readonly env: unknown;
  readonly executionContext: ExecutionContextLike | undefined;
  readonly scope: HttpScopeInit;
  readonly #settings: FetchSettings;
  /** Gives the response to the server; `null` once that is done. */
  #resolve: ((response: Response) => void) | null;
  #exchange: HttpExchange | null = null;
  #reader: BodyReader | null = null;
  #received = 0;
  #bodyOver = false;
  #head: ResponseHead | null = null;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #gone = false;
  #isCut = false;
  #signal: AbortSignal | null = null;
  #detached = false;
  #done: (() => void) | null = null;

  constructor(
    request: Request,
    env: unknown,
    executionContext: ExecutionContextLike | undefined,
    settings: FetchSettings,
    resolve: (response: Response) => void,
  ) {
    this.request = request;
    this.env = env;
    this.executionContext = executionContext;
    this.#settings = settings;
    this.#resolve = resolve;
    const extension: FetchExtension & { [FETCH_ORIGIN]?: FetchOrigin } = { request, env, executionContext };
    Object.defineProperty(extension, FETCH_ORIGIN, { value: this });
    this.scope = scopeFromRequest(extension, settings);
  }

  /** See {@link FetchOrigin}. */
  get receive(): Receive | null {
    return this.#exchange?.receive ?? null;
  }

  get handsOut(): boolean {
    return this.#settings.maxBodySize === Infinity || !requestHasBody(this.request);
  }

  respond(response: Response): void {
    this.#settle(response);
  }

  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    if (requestHasBody(this.request)) return;
    this.#bodyOver = true;
    exchange.eofReceived();
  }

  /** The app was called, and is not done: from now on it may be that the client goes away, and the server must wait. */
  watch(): void {
    if (this.#detached) return;
    this.executionContext?.waitUntil?.(
      new Promise<void>((resolve) => {
        this.#done = resolve;
      }),
    );
    // Workers have it only with a compatibility flag.
    const signal = this.request.signal as AbortSignal | undefined;
    if (signal === undefined || this.#exchange === null) return;
    if (signal.aborted) {
      this.#lost();
      return;
    }
    this.#signal = signal;
    signal.addEventListener("abort", this.#lost);
  }

  read(): void {
    this.#reader ??= bodyReader(this.request);
    if (this.#reader === null) this.#consumed();
    else this.#reader.read().then(this.#arrived, this.#broken);
  }

  writeHead(head: ResponseHead): void {
    if (head.status > 599) {
      throw new GatewayError(
        "TSGI_ERR_STATUS",
        `A Response has a status from 200 to 599, and so has what goes through fetch: not ${head.status}`,
      );
    }
    this.#head = head;
  }

  write(chunk: Chunk): boolean {
    if (this.#resolve !== null) this.#stream();
    const controller = this.#controller;
    if (controller === null || chunk.length === 0) return true;
    controller.enqueue(bytesOf(chunk));
    return (controller.desiredSize ?? 0) > 0;
  }

  end(chunk: Chunk | null): void {
    const controller = this.#controller;
    if (this.#resolve !== null) this.#answer(chunk);
    else if (controller !== null) {
      if (chunk !== null && chunk.length > 0) controller.enqueue(bytesOf(chunk));
      controller.close();
    }
    this.#controller = null;
  }

  abort(): void {
    this.#cancelBody();
    const controller = this.#controller;
    this.#controller = null;
    if (controller !== null) this.#cut(controller);
    // Who hangs up cannot be told from who fails: a server that calls a function must get a response.
    if (this.#resolve !== null) this.#settle(plain(500));
  }

  detach(): void {
    this.#detached = true;
    this.#signal?.removeEventListener("abort", this.#lost);
    this.#signal = null;
    this.#cancelBody();
    this.#done?.();
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    this.#settings.log(level, message, error);
  }

  readonly #lost = (): void => {
    this.#gone = true;
    this.#exchange?.connectionLost();
    // Nobody reads it, but whoever called waits for it.
    if (this.#resolve !== null) this.#settle(new Response(null, { status: 499 }));
  };

  readonly #arrived = ({ bytes, last }: Piece): void => {
    if (this.#bodyOver) return;
    this.#bodyOver = last;
    if (bytes === null) {
      this.#exchange?.eofReceived();
      return;
    }
    this.#received += bytes.byteLength;
    if (this.#received > this.#settings.maxBodySize) {
      this.#cancelBody();
      this.#exchange?.answer(413, reasonOf(413));
      this.#exchange?.cut();
      return;
    }
    this.#exchange?.dataReceived(bytes, last);
  };

  /** A body that ends too early is a lost client. */
  readonly #broken = (): void => {
    this.#bodyOver = true;
    this.#lost();
  };

  #consumed(): void {
    this.#bodyOver = true;
    this.#exchange?.appFailed(
      new GatewayError(
        "TSGI_ERR_BODY_CONSUMED",
        "Something in front of the app has read the request's body: give it a clone, or read the body later",
      ),
    );
  }

  #cancelBody(): void {
    if (this.#bodyOver) return;
    this.#bodyOver = true;
    // Unread, it is the server's to throw away.
    this.#reader?.cancel();
  }

  /** The response is complete at once: one body, which needs no stream. */
  #answer(chunk: Chunk | null): void {
    if (this.#head?.status === 205 && chunk !== null) chunk = null;
    // A string would get a Content-Type that the app did not send.
    const asText = typeof chunk === "string" && hasType(this.#head?.headers ?? []);
    this.#respond(
      chunk === null || asText ? (chunk as string | null) : (bytesOf(chunk) as Uint8Array<ArrayBuffer>),
    );
  }

  /** The head leaves; the body follows. */
  #stream(): void {
    if (this.#head?.bodiless === true || this.#head?.status === 205) {
      this.#respond(null);
      return;
    }
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: (controller) => {
          if (this.#isCut) this.#cut(controller);
          else this.#exchange?.drained();
        },
        cancel: () => {
          this.#controller = null;
          this.#lost();
        },
      },
      { highWaterMark: this.#settings.highWaterMark, size: sizeOf },
    );
    this.#respond(body);
  }

  /** An error takes what is queued with it: it comes once that is read. It is no news to a server of ours: it was logged. */
  #cut(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#isCut = true;
    if (controller.desiredSize !== this.#settings.highWaterMark && !this.#gone) return;
    controller.error(new ResponseAborted("The response was cut before it was complete"));
  }

  #respond(body: BodyInit | null): void {
    const { status, reason, headers: flat } = this.#head as ResponseHead;
    const headers = new Headers();
    for (let i = 0; i < flat.length; i += 2) headers.append(flat[i] as string, flat[i + 1] as string);
    this.#settle(new Response(body, { status, headers, statusText: reason ?? "" }));
  }

  #settle(response: Response): void {
    const resolve = this.#resolve;
    this.#resolve = null;
    resolve?.(response);
  }
}

/** A short answer of ours. */
export function plain(status: number): Response {
  return new Response(reasonOf(status), { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

function hasType(flat: readonly string[]): boolean {
  for (let i = 0; i < flat.length; i += 2)
    if ((flat[i] as string).toLowerCase() === "content-type") return true;
  return false;
}

function sizeOf(chunk: Uint8Array | undefined): number {
  return chunk?.byteLength ?? 0;
}
