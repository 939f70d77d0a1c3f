// createTestClient: requests to an app in memory, by the road every server takes: core's `serve`, over a transport of its own.
// Source: requirements A57, A90, A93 and the like clients of Starlette and Fastify. No `node:` import: it runs anywhere.

import {
  checkApp,
  SERVE,
  serve,
  startLifespan,
  stateCopy,
  type AsgiApp,
  type ClientAddress,
  type Extensions,
  type HttpTransport,
  type Lifespan,
  type LifespanOptions,
  type ServerAddress,
} from "@tsgi/core";
import { fieldPairs, type TestFields } from "./client/fields.ts";
import { MemoryTransport, type TestLogLine } from "./client/memory-transport.ts";
import { recordingDebug } from "./client/debug.ts";
import { isOpenEnded, sendRequestBody, writtenRequest, type TestRequest } from "./client/request.ts";
import { requestScope, type TestSurroundings } from "./client/request-scope.ts";
import { TestExchange } from "./client/test-exchange.ts";
import type { TestResponse } from "./client/test-response.ts";

/** What {@link createTestClient} takes. */
export interface TestClientOptions {
  /** Where the app is mounted: `scope.root_path`. A path below it may be asked for with or without it. Default: `""`. */
  readonly rootPath?: string;
  /** The client's address. Default: `["127.0.0.1", 50_000]`. */
  readonly client?: ClientAddress | null;
  /** The server's address, which the `host` header names. Default: `["localhost", 80]`, with 443 for https. */
  readonly server?: ServerAddress | null;
  /** How the client reaches the server: `scope.scheme`. Default: `"http"`. */
  readonly scheme?: "http" | "https";
  /** What the client speaks: `scope.http_version`. HTTP/1.0 gets no interim responses, HTTP/2 no reasons. Default: `"1.1"`. */
  readonly httpVersion?: "1.0" | "1.1" | "2";
  /** Fields of every request, ahead of its own. Default: none. */
  readonly headers?: TestFields;
  /** Whether {@link TestClient.start} runs the app's lifespan, as in `startLifespan` of core. Default: `"auto"`. */
  readonly lifespan?: "auto" | "on" | "off";
  /** The limits of the lifespan, and its log. Default: those of core. */
  readonly lifespanOptions?: Omit<LifespanOptions, "mode">;
  /**
   * Whether what the app throws rejects the request; else the test sees the 500, or the cut response, that a client would.
   * Default: `true`.
   */
  readonly raiseAppErrors?: boolean;
  /** From how many unread bytes of a response on `send()` waits. Default: 65_536 (64 KiB). */
  readonly highWaterMark?: number;
  /** The longest response that is collected, in bytes; a longer one is cut. Default: 67_108_864 (64 MiB). */
  readonly maxResponseSize?: number;
  /**
   * What the scope offers. Default: `http.response.early_hint`, `http.response.trailers`, `http.response.debug`,
   * `tsgi.reason`, `tsgi.informational`, and the two of files where `openFile` is given.
   */
  readonly extensions?: Extensions;
  /** Opens the files of `http.response.pathsend` and `.zerocopysend`. Default: none can be opened. */
  readonly openFile?: NonNullable<HttpTransport["openFile"]>;
  /** Takes the lines of the server's log; each response has its own in `log`. Default: nothing. */
  readonly log?: (line: TestLogLine) => void;
}

/** A client of one app. */
export interface TestClient extends AsyncDisposable {
  /** Sends a request, and reads the whole response. */
  request(method: string, target: string, request?: TestRequest): Promise<TestResponse>;
  /** {@link TestClient.request} by GET. */
  get(target: string, request?: TestRequest): Promise<TestResponse>;
  /** {@link TestClient.request} by HEAD. */
  head(target: string, request?: TestRequest): Promise<TestResponse>;
  /** {@link TestClient.request} by POST. */
  post(target: string, request?: TestRequest): Promise<TestResponse>;
  /** {@link TestClient.request} by PUT. */
  put(target: string, request?: TestRequest): Promise<TestResponse>;
  /** {@link TestClient.request} by PATCH. */
  patch(target: string, request?: TestRequest): Promise<TestResponse>;
  /** {@link TestClient.request} by DELETE. */
  delete(target: string, request?: TestRequest): Promise<TestResponse>;
  /** {@link TestClient.request} by OPTIONS. */
  options(target: string, request?: TestRequest): Promise<TestResponse>;
  /**
   * Starts a request, to be gone through step by step. Without a `body` in `request`, a method other than GET and HEAD
   * leaves the body open: {@link TestExchange.sendBody} and `endBody` make it.
   */
  open(method: string, target: string, request?: TestRequest): TestExchange;
  /**
   * Runs the app's startup; from then on requests have its `state`. Without it there is no lifespan.
   *
   * @throws {@link GatewayError} `TSGI_ERR_LIFESPAN` with the message of `lifespan.startup.failed`.
   */
  start(): Promise<TestClient>;
  /** Disconnects what is still open, waits for the app to be done with it, and runs the app's shutdown. */
  stop(): Promise<void>;
}

const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

/**
 * Makes a client that calls an app without a server or socket: by core's own road, so that checks, head, framing,
 * back-pressure and errors are those of a real host. Works with any app, and in any runtime.
 *
 * @example A request and its response
 * ```ts
 * const client = createTestClient(app);
 * const response = await client.post("/orders?dry=1", { json: { count: 2 } });
 * expect(response.status).toBe(201);
 * expect(response.header("location")).toBe("/orders/7");
 * expect(response.json()).toEqual({ id: 7 });
 * ```
 * @example Step by step: a body in pieces, a slow reader, a client that goes away
 * ```ts
 * const exchange = client.open("POST", "/upload");
 * await exchange.sendBody("first ");
 * exchange.endBody();
 * expect((await exchange.head).status).toBe(200);
 * for await (const piece of exchange.pieces) console.log(piece);
 * exchange.disconnect();
 * ```
 * @example Server-sent events
 * ```ts
 * for await (const event of client.open("GET", "/events").serverSentEvents()) console.log(event.data);
 * ```
 * @example With the app's lifespan
 * ```ts
 * await using client = await createTestClient(app).start();
 * ```
 */
export function createTestClient<State = unknown>(
  tested: AsgiApp<State>,
  options: TestClientOptions = {},
): TestClient {
  checkApp(tested);
  const app = tested as AsgiApp;
  const {
    raiseAppErrors = true,
    highWaterMark = 65_536,
    maxResponseSize = 67_108_864,
    openFile,
    log,
  } = options;
  const around = surroundings(options);
  const always = fieldPairs(options.headers);
  const open = new Set<TestExchange>();
  let lifespan: Lifespan | null = null;

  const begin = (method: string, target: string, request: TestRequest): TestExchange => {
    const transport = new MemoryTransport({
      httpVersion: around.httpVersion,
      highWaterMark,
      uploadLimit: request.disconnectAfter?.uploaded ?? Infinity,
      downloadLimit: request.disconnectAfter?.downloaded ?? Infinity,
      openFile,
      onInformational: request.onInformational,
      log,
    });
    const debug: Readonly<Record<string, unknown>>[] = [];
    const written = writtenRequest(method, target, request, always, around.httpVersion);
    const scope = requestScope(written, around, stateCopy(lifespan?.state ?? null));
    const exchange = new TestExchange({ transport, raiseAppErrors, maxResponseSize, debug });
    open.add(exchange);
    void exchange.done.then(() => open.delete(exchange));
    if (!isOpenEnded(method, request)) sendRequestBody(request, transport);
    disconnectBy(request.signal, transport);
    serve(app[SERVE] === undefined ? recordingDebug(app, debug) : app, scope, transport);
    return exchange;
  };
  const send = async (method: string, target: string, request: TestRequest = {}): Promise<TestResponse> => {
    // A request that is sent in one go has no body unless it was given one.
    return begin(method, target, { body: null, ...request }).response();
  };
  const client: TestClient = {
    request: send,
    get: (target, request) => send("GET", target, request),
    head: (target, request) => send("HEAD", target, request),
    post: (target, request) => send("POST", target, request),
    put: (target, request) => send("PUT", target, request),
    patch: (target, request) => send("PATCH", target, request),
    delete: (target, request) => send("DELETE", target, request),
    options: (target, request) => send("OPTIONS", target, request),
    open: (method, target, request = {}) => begin(method, target, request),
    async start() {
      lifespan ??= await startLifespan(app, { ...options.lifespanOptions, mode: options.lifespan ?? "auto" });
      return client;
    },
    async stop() {
      const running = [...open];
      for (const exchange of running) exchange.disconnect();
      await Promise.all(running.map((exchange) => exchange.done));
      const ending = lifespan;
      lifespan = null;
      await ending?.shutdown();
    },
    [Symbol.asyncDispose]: () => client.stop(),
  };
  return client;
}

function surroundings(options: TestClientOptions): TestSurroundings {
  const { rootPath = "", client = ["127.0.0.1", 50_000], scheme = "http", httpVersion = "1.1" } = options;
  const { server = ["localhost", scheme === "https" ? 443 : 80], openFile } = options;
  const extensions = options.extensions ?? {
    "http.response.early_hint": NOTHING,
    "http.response.trailers": NOTHING,
    "http.response.debug": NOTHING,
    "tsgi.reason": NOTHING,
    "tsgi.informational": NOTHING,
    ...(openFile && { "http.response.pathsend": NOTHING, "http.response.zerocopysend": NOTHING }),
  };
  return { rootPath, client, server, scheme, httpVersion, extensions };
}

function disconnectBy(signal: AbortSignal | undefined, transport: MemoryTransport): void {
  if (signal === undefined) return;
  const leave = (): void => transport.disconnect();
  signal.addEventListener("abort", leave, { once: true });
  void transport.done.then(() => signal.removeEventListener("abort", leave));
  if (signal.aborted) leave();
}
