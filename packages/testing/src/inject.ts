// inject: a request in one call, in the shape of light-my-request, which Fastify's `inject` has.
// Source: light-my-request 6, README. For tests that were written for it; createTestClient can do more.

import type { AsgiApp } from "@tsgi/core";
import { injectedRequest, type InjectOptions } from "./client/inject-request.ts";
import { injectResponse, type InjectResponse } from "./client/inject-response.ts";
import type { TestExchange } from "./client/test-exchange.ts";
import { createTestClient } from "./test-client.ts";

/** A request that is being put together, and the promise of its response. It starts by itself in the next turn. */
export class InjectChain extends Promise<InjectResponse> {
  // What `then` gives is a plain promise: a chain is made by `inject` only.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #start: (options: InjectOptions) => void;
  #options: InjectOptions;
  #isStarted = false;

  /** For {@link inject} only. */
  constructor(begin: (options: InjectOptions) => Promise<InjectResponse>, options: InjectOptions) {
    let settle!: (response: Promise<InjectResponse>) => void;
    super((resolve) => {
      settle = resolve;
    });
    this.#start = (final) => settle(begin(final));
    this.#options = options;
    queueMicrotask(() => void this.end());
  }

  /** A GET of this URL. */
  get(url: string): this {
    return this.#set({ method: "GET", url });
  }

  /** A HEAD of this URL. */
  head(url: string): this {
    return this.#set({ method: "HEAD", url });
  }

  /** A POST of this URL. */
  post(url: string): this {
    return this.#set({ method: "POST", url });
  }

  /** A PUT of this URL. */
  put(url: string): this {
    return this.#set({ method: "PUT", url });
  }

  /** A PATCH of this URL. */
  patch(url: string): this {
    return this.#set({ method: "PATCH", url });
  }

  /** A DELETE of this URL. */
  delete(url: string): this {
    return this.#set({ method: "DELETE", url });
  }

  /** A OPTIONS of this URL. */
  options(url: string): this {
    return this.#set({ method: "OPTIONS", url });
  }

  /** A TRACE of this URL. */
  trace(url: string): this {
    return this.#set({ method: "TRACE", url });
  }

  /** Replaces the headers. */
  headers(headers: NonNullable<InjectOptions["headers"]>): this {
    return this.#set({ headers });
  }

  /** Replaces what is added to the query. */
  query(query: NonNullable<InjectOptions["query"]>): this {
    return this.#set({ query });
  }

  /** Replaces the cookies. */
  cookies(cookies: NonNullable<InjectOptions["cookies"]>): this {
    return this.#set({ cookies });
  }

  /** Replaces the body. */
  payload(payload: unknown): this {
    return this.#set({ payload });
  }

  /** The same as {@link InjectChain.payload}. */
  body(body: unknown): this {
    return this.#set({ payload: body });
  }

  /** Starts the request, unless it has started, and gives the promise of its response. */
  end(): Promise<InjectResponse> {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#start(this.#options);
    }
    return this;
  }

  #set(more: InjectOptions): this {
    this.#options = { ...this.#options, ...more };
    return this;
  }
}

/**
 * Sends one request to an app, in memory. What the app throws is a 500, as for a client.
 *
 * Different from light-my-request: the path is not normalised, no `user-agent` is sent, `stream()` is a stream of the web,
 * there is no `raw`, and no `date` or `connection` that a server would add.
 *
 * @param options - What to send; a string is the URL of a GET.
 * @throws {@link GatewayError} `TSGI_ERR_INCOMPLETE` if the response was cut.
 *
 * @example
 * ```ts
 * const response = await inject(app, { method: "POST", url: "/orders", payload: { count: 2 } });
 * expect(response.statusCode).toBe(201);
 * expect(response.json()).toEqual({ id: 7 });
 *
 * const page = await inject(app).get("/").headers({ accept: "text/html" });
 * ```
 */
export function inject<State = unknown>(
  app: AsgiApp<State>,
  options: string | InjectOptions = {},
): InjectChain {
  const given = typeof options === "string" ? { url: options } : options;
  return new InjectChain((final) => send(app as AsgiApp, final), given);
}

async function send(app: AsgiApp, options: InjectOptions): Promise<InjectResponse> {
  const { method, target, headers, body } = await injectedRequest(options);
  const { remoteAddress = "127.0.0.1", signal, payloadAsStream = false } = options;
  const client = createTestClient(app, { raiseAppErrors: false, client: [remoteAddress, 50_000] });
  const exchange = client.open(method, target, { headers, body, ...(signal && { signal }) });
  if (payloadAsStream) {
    const head = await exchange.head;
    return injectResponse({ head, trailers: null, body: null, stream: () => streamOf(exchange) });
  }
  const response = await exchange.response();
  if (!response.complete) await exchange.read();
  const { body: bytes, trailers } = response;
  return injectResponse({
    head: response,
    trailers,
    body: bytes,
    stream: () => new Blob([bytes as BlobPart]).stream(),
  });
}

function streamOf(exchange: TestExchange): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = await exchange.read();
      if (piece === null) controller.close();
      else controller.enqueue(piece);
    },
    cancel: () => exchange.disconnect(),
  });
}
