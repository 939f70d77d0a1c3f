// The client's side of a case: requests that carry the case's name, whole responses, and the notes of the app.

import { EMPTY, latin1Decode, utf8Decode, utf8Encode } from "@tsgi/core";
import type { Wire, WireConnection, WireExchange, WireField, WireHead, WireOctets } from "../wire/wire.ts";
import { ASK_HEADER, CASE_HEADER, FAILED_STATUS, RUN_HEADER } from "./app.ts";
import { fail, ok } from "./check.ts";
import type { Log, LogEntry } from "./log.ts";
import type { StageReport } from "./stage.ts";

/** A request of a case. */
export interface CaseRequest {
  /** Default: `"GET"`. */
  readonly method?: string;
  /** Below the mount prefix, as it goes on the wire. Default: `"/"`. */
  readonly target?: string;
  /** In this order and case, after the ones that name the case. Default: none. */
  readonly headers?: readonly WireField[];
  /** Announced by its length. Default: none. */
  readonly body?: Uint8Array | string | null;
  /** A body in pieces, of a length that is not announced. Default: none. */
  readonly pieces?: readonly (Uint8Array | string)[] | null;
}

/** A whole response. */
export interface CaseResponse extends WireHead {
  /** The 1xx heads before the final one. */
  readonly interim: readonly WireHead[];
  readonly body: Uint8Array;
  /** The body as UTF-8. */
  readonly text: string;
  readonly trailers: readonly WireField[];
  /** The values of a field, in order; its name in lower case. */
  all(name: string): string[];
}

/** What a client is made of. */
export interface ClientOptions {
  readonly wire: Wire;
  readonly caseName: string;
  readonly sync: boolean;
  readonly runId: string;
  readonly rootPath: string;
  readonly log: Log;
}

/** Sends the requests of one case. Each goes over a connection of its own, unless the case opens one. */
export class Client {
  readonly wire: Wire;
  /** The mount prefix, as in a scope's `root_path`. */
  readonly rootPath: string;
  /** Whether the case runs its sync app. */
  readonly caseIsSync: boolean;
  /** The fields every request of the case carries. */
  readonly fields: readonly WireField[];
  readonly #log: Log;
  readonly #logStart: number;
  readonly #connections: WireConnection[] = [];
  /** The connection of the last question, for the next one. */
  #idle: WireConnection | null = null;

  constructor({ wire, caseName, sync, runId, rootPath, log }: ClientOptions) {
    this.wire = wire;
    this.rootPath = rootPath;
    this.caseIsSync = sync;
    this.fields = [
      [CASE_HEADER, caseName],
      [RUN_HEADER, runId],
    ];
    this.#log = log;
    this.#logStart = log.entries.length;
  }

  /** Opens a connection, which the end of the case drops. */
  async connect(): Promise<WireConnection> {
    const connection = await this.wire.open();
    this.#connections.push(connection);
    return connection;
  }

  /** Starts a request over a connection; its body, if announced, is the case's to write. */
  start(
    connection: WireConnection,
    request: CaseRequest,
    body: number | "unknown" | null = null,
  ): WireExchange {
    const { method = "GET", target = "/", headers = [] } = request;
    return connection.request({
      method,
      target: this.target(target),
      headers: [...this.fields, ...headers],
      body,
    });
  }

  /** A target below the mount prefix; `*` and the absolute form stay as they are. */
  target(target: string): string {
    return target.startsWith("/") ? encodeURI(this.rootPath) + target : target;
  }

  /** Sends a request over a connection of its own, reads the whole response, and sees to it that nothing follows. */
  async request(request: CaseRequest = {}): Promise<CaseResponse> {
    const connection = await this.connect();
    const response = await this.send(connection, request);
    await connection.finish();
    return response;
  }

  /** Sends a request over this connection and reads the whole response. */
  async send(connection: WireConnection, request: CaseRequest): Promise<CaseResponse> {
    const pieces = (request.pieces ?? [request.body ?? EMPTY]).map(asBytes);
    const announced = request.pieces
      ? "unknown"
      : request.body == null
        ? null
        : (pieces[0] ?? EMPTY).byteLength;
    const exchange = this.start(connection, request, announced);
    const response = readResponse(exchange);
    // Written while the response is read: a server may well answer first.
    const written = (async () => {
      if (announced === null) return;
      for (const piece of pieces) if (piece.byteLength > 0) await exchange.write(piece);
      await exchange.end();
    })();
    return (await Promise.all([response, written]))[0];
  }

  /** Sends a request over a connection of its own, and reads an answer that is 200 and JSON. */
  async json(request: CaseRequest = {}): Promise<unknown> {
    return jsonOf(await this.request(request));
  }

  /** A connection of which the octets can be written and read. */
  async octets(): Promise<WireOctets> {
    const { octets } = await this.connect();
    ok(octets !== null, "This wire carries no HTTP/1.1 octets: skip the case by name");
    return octets;
  }

  /**
   * The octets of a request head, with the case's fields after the given lines.
   *
   * @param requestLine - Such as `"GET / HTTP/1.1"`; a target that is a path is one below the mount prefix.
   */
  head(requestLine: string, lines: readonly string[] = []): string {
    const mounted = requestLine.replace(
      /^(\S+ )(\/\S*)/,
      (_, method: string, target: string) => method + this.target(target),
    );
    const fields = this.fields.map(([name, value]) => `${name}: ${value}`);
    return `${[mounted, ...lines, ...fields].join("\r\n")}\r\n\r\n`;
  }

  /** Reads a whole response. */
  read(exchange: WireExchange): Promise<CaseResponse> {
    return readResponse(exchange);
  }

  /** The app's notes, as soon as there are this many. */
  async notes(count: number): Promise<readonly string[]> {
    for (;;) {
      const { notes, failures } = await this.ask(`notes ${count}`);
      ok(failures.length === 0, `Inside the app: ${failures.join("; ")}`);
      if (notes.length >= count) return notes;
    }
  }

  /** Opens a gate at which the app waits. */
  async open(gate: string): Promise<void> {
    await this.ask(`open ${gate}`);
  }

  /**
   * How many notes there are when no more are coming: asked again and again until thirty answers in a row say the same.
   * An app that is held back stays where it is; a wrong guess here can only make a case pass too early, never fail.
   */
  async settledNotes(): Promise<number> {
    let count = -1;
    for (let equal = 0; equal < 30; equal += 1) {
      const { notes } = await this.ask();
      if (notes.length !== count) equal = 0;
      count = notes.length;
    }
    return count;
  }

  /** What is known of this run. */
  async ask(question: string = "report"): Promise<StageReport> {
    const request: CaseRequest = { headers: [[ASK_HEADER, question]] };
    const idle = this.#idle;
    this.#idle = null;
    // A server may have closed the connection of the last question: then a fresh one is taken.
    const answered = idle === null ? null : await this.send(idle, request).catch(() => null);
    const connection = answered === null || idle === null ? await this.connect() : idle;
    const { text } = answered ?? (await this.send(connection, request));
    this.#idle = connection;
    return JSON.parse(text) as StageReport;
  }

  /** The lines the server logged during this case, as soon as there are this many. */
  async logged(count: number): Promise<readonly LogEntry[]> {
    await this.#log.until(this.#logStart + count);
    return this.#log.entries.slice(this.#logStart);
  }

  /** Drops the connections of the case, and fails if its app found something wrong. */
  async end(): Promise<void> {
    const { failures } = await this.ask();
    this.drop();
    ok(failures.length === 0, `Inside the app: ${failures.join("; ")}`);
  }

  /** Drops the connections of the case. */
  drop(): void {
    for (const connection of this.#connections.splice(0)) connection.reset();
  }
}

/** Reads a whole response. */
export async function readResponse(exchange: WireExchange): Promise<CaseResponse> {
  const interim: WireHead[] = [];
  let head = await exchange.head();
  while (head.status < 200 && head.status !== 101) {
    interim.push(head);
    head = await exchange.head();
  }
  const body = await readBody(exchange);
  if (head.status === FAILED_STATUS) fail(`Inside the app: ${utf8Decode(body)}`);
  return {
    ...head,
    interim,
    body,
    text: utf8Decode(body),
    trailers: exchange.trailers,
    all: (name) => valuesOf(head, name),
  };
}

/** The value in a response that is 200 and JSON. */
export function jsonOf({ status, text }: CaseResponse): unknown {
  ok(status === 200, `The status is ${status}, expected 200: ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

/** Reads what is left of a body. */
export async function readBody(exchange: WireExchange): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let piece = await exchange.read(); piece !== null; piece = await exchange.read()) pieces.push(piece);
  const body = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.byteLength;
  }
  return body;
}

/** Reads the final head, past the interim ones. */
export async function finalHead(exchange: WireExchange): Promise<WireHead> {
  for (;;) {
    const head = await exchange.head();
    if (head.status >= 200 || head.status === 101) return head;
  }
}

/** The values of a field of a head, in order; its name in lower case. */
export function valuesOf(head: { readonly headers: readonly WireField[] }, name: string): string[] {
  return head.headers.filter((field) => field[0].toLowerCase() === name).map((field) => field[1]);
}

/** The octets of a binary string, for messages and comparisons. */
export function octetsOf(body: Uint8Array): string {
  return latin1Decode(body);
}

function asBytes(piece: Uint8Array | string): Uint8Array {
  return typeof piece === "string" ? utf8Encode(piece) : piece;
}
