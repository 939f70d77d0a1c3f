// The oracle of the synthetic pair: one listener, run by http.createServer over a socket, and by fromNode in memory.
// What each saw and what each client got is written down in the same form, to be compared.

import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SERVE, serve, type AsgiApp, type HttpScopeInit } from "@tsgi/core";
import { fromNode } from "../from-node.ts";
import { toNode } from "../to-node.ts";
import { MemoryTransport, memoryScope } from "./memory-transport.test-support.ts";

export type Log = (entry: string) => void;

/** What the client of a scenario can do. */
export interface Client {
  /** Sends pieces of the body; `null` ends it. */
  send(...pieces: (string | Buffer | null)[]): void;
  /** Goes away at once. */
  disconnect(): void;
  /** Waits until the listener has logged this. */
  logged(entry: string): Promise<void>;
  /** Waits until the head of the response is there. */
  head(): Promise<void>;
  /** Waits for the end of the response, whole or cut. */
  response(): Promise<void>;
}

export interface Scenario {
  readonly method?: string;
  readonly target?: string;
  /** Flat. Host is added in front; the framing of the body is the scenario's own business. */
  readonly headers?: readonly string[];
  /** Changes to the scope in memory, for what the native request has by other means. */
  readonly scope?: Partial<HttpScopeInit>;
  readonly listener: (req: IncomingMessage, res: ServerResponse, log: Log) => unknown;
  /** Default: ends the request and waits for the response. */
  readonly client?: (client: Client) => Promise<void>;
}

/** What came of a scenario. */
export interface Outcome {
  readonly log: readonly string[];
  /** 0 if the client got no head. */
  readonly status: number;
  readonly reason: string;
  /** Flat, names in the writer's case, without what belongs to the connection; the date is a constant. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Whether the client can tell that it has the whole response. */
  readonly complete: boolean;
  readonly interim: readonly string[];
  readonly trailers: readonly string[];
}

/** Node's client writes a Connection field in any case: so it is given one. */
const ALWAYS = ["Host", "example.test", "Connection", "keep-alive"];

const OF_THE_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding"]);

function endToEnd(flat: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    if (!OF_THE_CONNECTION.has(name))
      kept.push(flat[i] as string, name === "date" ? "now" : (flat[i + 1] as string));
  }
  return kept;
}

/** Names in lower case: `http.response.early_hint` has no place for another. */
function interimLine(status: number, flat: readonly string[]): string {
  return [status, ...flat.map((part, i) => (i % 2 === 0 ? part.toLowerCase() : part))].join(" ");
}

const wholeRequest = async (client: Client): Promise<void> => {
  client.send(null);
  await client.response();
};

/** A log others can wait for. */
class Journal {
  readonly entries: string[] = [];
  readonly #waiting: [entry: string, resolve: () => void][] = [];

  readonly log: Log = (entry) => {
    this.entries.push(entry);
    for (const [awaited, resolve] of this.#waiting) if (awaited === entry) resolve();
  };

  logged(entry: string): Promise<void> {
    if (this.entries.includes(entry)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push([entry, resolve]));
  }
}

/** Behind the callbacks of this turn and the closing of handles. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Runs a scenario on node:http. */
export function runNatively(scenario: Scenario): Promise<Outcome> {
  return runOver(scenario, (listener) => listener);
}

/** Runs a scenario on a synthetic pair behind this package's own HTTP/1 host, which writes a Date in any case. */
export function runBehindHost(scenario: Scenario): Promise<Outcome> {
  return runOver(scenario, (listener) => toNode(withoutNativePair(fromNode(listener))));
}

/** An outcome without the Date field. */
export function undated(outcome: Outcome): Outcome {
  const { headers } = outcome;
  const at = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === "date");
  return at === -1 ? outcome : { ...outcome, headers: headers.toSpliced(at, 2) };
}

/** A middleware with the door, which leaves the native pair no longer sure to be the request. */
function withoutNativePair(app: AsgiApp): AsgiApp {
  const outer: AsgiApp = (scope, receive, send) => app(scope, receive, send);
  outer[SERVE] = (scope, transport) => {
    serve(app, { ...scope, rawHeaders: [...(scope.rawHeaders ?? [])] }, transport);
  };
  return outer;
}

async function runOver(
  scenario: Scenario,
  mount: (listener: http.RequestListener) => http.RequestListener,
): Promise<Outcome> {
  const journal = new Journal();
  const closed: Promise<unknown>[] = [];
  const server = http.createServer(mount((req, res) => scenario.listener(req, res, journal.log)));
  server.on("connection", (socket) => closed.push(new Promise((resolve) => socket.on("close", resolve))));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await talk(scenario, (server.address() as AddressInfo).port, journal, closed);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function talk(
  scenario: Scenario,
  port: number,
  journal: Journal,
  closed: Promise<unknown>[],
): Promise<Outcome> {
  const { method = "GET", target = "/", headers = [], client: act = wholeRequest } = scenario;
  // Not `agent: false`, under which the client leaves as soon as it has the response.
  const agent = new http.Agent({ keepAlive: true });
  const request = http.request({
    port,
    host: "127.0.0.1",
    method,
    path: target,
    agent,
    headers: [...ALWAYS, ...headers] as unknown as http.OutgoingHttpHeaders,
  });
  const interim: string[] = [];
  const chunks: Buffer[] = [];
  let response: IncomingMessage | null = null;
  let over!: () => void;
  const end = new Promise<void>((resolve) => (over = resolve));
  let headCame!: () => void;
  const head = new Promise<void>((resolve) => (headCame = resolve));
  request.on("information", (info) => interim.push(interimLine(info.statusCode, info.rawHeaders)));
  request.on("error", () => over());
  request.on("close", () => over());
  request.on("response", (incoming) => {
    response = incoming;
    headCame();
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("close", over);
    incoming.on("error", over);
  });
  await act({
    send: (...pieces) => {
      for (const piece of pieces) {
        if (piece === null) request.end();
        else request.write(piece);
      }
    },
    disconnect: () => request.destroy(),
    logged: (entry) => journal.logged(entry),
    head: () => Promise.race([head, end]),
    response: () => end,
  });
  request.destroy();
  agent.destroy();
  await Promise.all(closed);
  await quiet();
  const got = response as IncomingMessage | null;
  return {
    log: journal.entries,
    status: got?.statusCode ?? 0,
    reason: got?.statusMessage ?? "",
    headers: endToEnd(got?.rawHeaders ?? []),
    body: Buffer.concat(chunks).toString("latin1"),
    complete: got?.complete ?? false,
    interim,
    trailers: got?.rawTrailers ?? [],
  };
}

/** Runs a scenario in memory. */
export async function runSynthetically(scenario: Scenario): Promise<Outcome> {
  const journal = new Journal();
  const { method = "GET", target = "/", headers = [], client: act = wholeRequest } = scenario;
  const transport = new MemoryTransport();
  const scope = memoryScope({
    method,
    target,
    rawHeaders: [...ALWAYS, ...headers],
    scope: scenario.scope ?? {},
  });
  const bodyless = !headers.some((name) => /^(?:content-length|transfer-encoding)$/i.test(name));
  if (bodyless) transport.send(null);
  serve(
    fromNode((req, res) => scenario.listener(req, res, journal.log)),
    scope,
    transport,
  );
  await act({
    send: (...pieces) => transport.send(...(bodyless ? [] : pieces)),
    disconnect: () => transport.disconnect(),
    logged: (entry) => journal.logged(entry),
    head: () => transport.when(() => transport.head !== null || transport.aborted),
    response: () => transport.when(() => transport.whole || transport.aborted),
  });
  transport.disconnect();
  await transport.over;
  await quiet();
  return {
    log: journal.entries,
    status: transport.head?.status ?? 0,
    reason: transport.head?.reason ?? "",
    headers: endToEnd(transport.head?.headers ?? []),
    body: transport.body.toString("latin1"),
    complete: transport.whole,
    interim: transport.interim.map(([status, flat]) => interimLine(status, flat)),
    trailers: transport.trailers,
  };
}

/** Writes down everything that happens to a pair. Listens to `error` only if told: Node emits some only then. */
export function watch(
  req: IncomingMessage,
  res: ServerResponse,
  log: Log,
  errors: "errors" | "no errors",
): void {
  for (const name of ["aborted", "end", "close", "timeout", "pause"]) req.on(name, () => log(`req ${name}`));
  for (const name of ["prefinish", "finish", "close", "drain", "pipe", "unpipe", "timeout"])
    res.on(name, () => log(`res ${name}`));
  if (errors === "no errors") return;
  req.on("error", (error: NodeJS.ErrnoException) => log(`req error ${error.code} ${error.message}`));
  res.on("error", (error: NodeJS.ErrnoException) => log(`res error ${error.code} ${error.message}`));
}

/** What a listener can ask a pair about its state, in one line. */
export function stateOf(req: IncomingMessage, res: ServerResponse): string {
  return [
    `complete ${req.complete}`,
    `aborted ${req.aborted}`,
    `req.destroyed ${req.destroyed}`,
    `readableEnded ${req.readableEnded}`,
    `headersSent ${res.headersSent}`,
    `writableEnded ${res.writableEnded}`,
    `writableFinished ${res.writableFinished}`,
    `res.destroyed ${res.destroyed}`,
    `errored ${String(res.errored)}`,
    `closed ${res.closed}`,
    `socket ${res.socket === null ? "none" : "there"}`,
  ].join(", ");
}
