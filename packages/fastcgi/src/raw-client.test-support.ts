// A web server, as far as tests need one: bytes out, records in, over a real socket.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { latin1Decode, latin1Encode, type AsgiApp } from "@tsgi/core";
import { onTestFinished } from "vitest";
import {
  ABORT_REQUEST,
  BEGIN_REQUEST,
  DATA,
  END_REQUEST,
  PARAMS,
  RESPONDER,
  STDERR,
  STDIN,
  STDOUT,
} from "./constants.ts";
import { encodePair } from "./pairs.ts";
import { RecordList, joinBytes, rawRecord, type ReadRecord } from "./record.test-support.ts";
import { serveFastCgi, type FastCgiServer } from "./serve-fastcgi.ts";
import type { FastCgiOptions } from "./serve-options.ts";

/** What STDOUT, STDERR and END_REQUEST said of a request. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly appStatus: number;
  readonly protocolStatus: number;
  /** All records of it, in order. */
  readonly records: readonly ReadRecord[];
}

/** A log that keeps its lines. */
export interface KeptLog {
  readonly lines: string[];
  readonly log: (level: string, message: string, error?: unknown) => void;
}

export function keptLog(): KeptLog {
  const lines: string[] = [];
  return {
    lines,
    log(level, message, error) {
      lines.push(`${level}: ${message}${error instanceof Error ? `: ${error.message}` : ""}`);
    },
  };
}

/** A server for one test, on a free port of the loopback interface unless the options say otherwise. */
export async function serveForTest(app: AsgiApp, options: FastCgiOptions = {}): Promise<FastCgiServer> {
  const life = { lifespan: "off", shutdownTimeout: 0, lingerTimeout: 50, log: () => {} } as const;
  const listens = ["path", "address", "fd"].some((name) => name in options) ? {} : { port: 0 };
  const server = await serveFastCgi(app, { ...life, ...listens, ...options });
  onTestFinished(async () => void (await server.close()));
  return server;
}

/** Connects to a server. */
export async function connectTo({ address }: FastCgiServer): Promise<RawClient> {
  const [host, port] = address as [string, number | null];
  const where = port === null ? { path: host } : { host, port };
  const socket = connect({ ...where, allowHalfOpen: true });
  const client = new RawClient(socket);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return client;
}

/** A request of an app on a server of its own. */
export async function clientOf(app: AsgiApp, options: FastCgiOptions = {}): Promise<RawClient> {
  return connectTo(await serveForTest(app, options));
}

export class RawClient {
  readonly socket: Socket;
  readonly #list = new RecordList();
  #waiting: (() => void)[] = [];
  #ended = false;
  /** Whether what came at last is no record: the server has cut a response. */
  broken = false;
  /** Resolves when the server has sent its last. */
  readonly ended: Promise<void>;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      if (!this.#list.reader.push(chunk)) this.broken = true;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      const over = (): void => {
        this.#ended = true;
        this.#wake();
        resolve();
      };
      socket.on("end", over).on("close", over).on("error", over);
    });
  }

  /** What came, all of it complete records. */
  get records(): readonly ReadRecord[] {
    return this.#list.records;
  }

  /** Whether what came ends in the middle of a record. */
  get torn(): boolean {
    return !this.#list.reader.atBoundary;
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(joinBytes(...parts));
  }

  /** The records of an id, END_REQUEST the last of them; only those after `from` records of it. */
  async answer(id: number = 1, from: number = 0): Promise<Answer> {
    await this.until(() =>
      this.#of(id)
        .slice(from)
        .some(({ type }) => type === END_REQUEST),
    );
    const all = this.#of(id).slice(from);
    const records = all.slice(0, all.findIndex(({ type }) => type === END_REQUEST) + 1);
    return answerOf(records);
  }

  /** Waits until something holds; fails if the connection ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#ended) throw new Error(`The connection ended: ${JSON.stringify(this.records)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #of(id: number): ReadRecord[] {
    return this.records.filter((record) => record.id === id);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

function answerOf(records: readonly ReadRecord[]): Answer {
  const text = (type: number): string =>
    records
      .filter((record) => record.type === type)
      .map(({ content }) => content)
      .join("");
  const end = latin1Encode(records.at(-1)?.content ?? "");
  return {
    stdout: text(STDOUT),
    stderr: text(STDERR),
    appStatus: new DataView(end.buffer).getUint32(0),
    protocolStatus: end[4] as number,
    records,
  };
}

/** A request that has nothing special. */
export const GET: Readonly<Record<string, string>> = {
  REQUEST_METHOD: "GET",
  SCRIPT_NAME: "",
  PATH_INFO: "/",
  REQUEST_URI: "/",
  QUERY_STRING: "",
  SERVER_PROTOCOL: "HTTP/1.1",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
};

export const POST: Readonly<Record<string, string>> = { ...GET, REQUEST_METHOD: "POST" };

export function begin(id: number = 1, flags: number = 1, role: number = RESPONDER): Uint8Array {
  return rawRecord(BEGIN_REQUEST, id, String.fromCharCode(role >> 8, role & 0xff, flags) + "\0\0\0\0\0");
}

export function pairsOf(
  pairs: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
): string {
  const list = Array.isArray(pairs) ? (pairs as [string, string][]) : Object.entries(pairs);
  return list.map(([name, value]) => encodePair(name, value)).join("");
}

/** PARAMS in one record, and the empty one. */
export function params(pairs: Readonly<Record<string, string>> = GET, id: number = 1): Uint8Array {
  return joinBytes(rawRecord(PARAMS, id, pairsOf(pairs)), rawRecord(PARAMS, id));
}

export function stdin(content: string | Uint8Array = "", id: number = 1): Uint8Array {
  return rawRecord(STDIN, id, typeof content === "string" ? content : latin1Decode(content));
}

export function data(content: string = "", id: number = 1): Uint8Array {
  return rawRecord(DATA, id, content);
}

export function abort(id: number = 1): Uint8Array {
  return rawRecord(ABORT_REQUEST, id);
}

/** A whole request. */
export function request(
  pairs: Readonly<Record<string, string>> = GET,
  id: number = 1,
  body: string = "",
  flags: number = 1,
): Uint8Array {
  const content = body === "" ? [] : [stdin(body, id)];
  return joinBytes(begin(id, flags), params(pairs, id), ...content, stdin("", id));
}

/** What an app answers with `text/plain`. */
export function textAnswer(text: string): string {
  return `Status: 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}

/** An app that answers with a text, once it is known. */
export function textApp(text: (scope: Parameters<AsgiApp>[0]) => string | Promise<string>): AsgiApp {
  return async (scope, _receive, send) => {
    const body = await text(scope);
    await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
    await send({ type: "http.response.body", body });
  };
}

/** An app whose answers (their path) wait until the test lets them go. */
export interface Gates {
  readonly app: AsgiApp;
  /** Waits for the request of a path, and lets its answer go. */
  open(path: string): Promise<void>;
  /** Waits for the request of a path. */
  reached(path: string): Promise<void>;
}

export function gates(): Gates {
  const reached = new Map<string, Gate>();
  const opened = new Map<string, Gate>();
  const of = (map: Map<string, Gate>, path: string): Gate => {
    const found = map.get(path) ?? gate();
    map.set(path, found);
    return found;
  };
  const app = textApp(async (scope) => {
    const { path } = scope as { path: string };
    of(reached, path).open();
    await of(opened, path).promise;
    return path;
  });
  return {
    app,
    async open(path) {
      await of(reached, path).promise;
      of(opened, path).open();
    },
    reached: (path) => of(reached, path).promise,
  };
}

interface Gate {
  readonly promise: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/** GET of a path. */
export function getOf(path: string): Record<string, string> {
  return { ...GET, PATH_INFO: path, REQUEST_URI: path };
}
