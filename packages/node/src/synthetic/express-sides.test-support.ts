// The sides of the Express comparison: node:http itself, and hosts with a synthetic pair; each asked and answered alike.
// Every side has an app and a journal of its own.

import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo, Server } from "node:net";
import type { Express } from "express";
import { expressApp } from "./express-app.test-support.ts";

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Whether the body is sent without a length. */
  readonly chunked?: boolean;
}

export interface Answer {
  readonly status: number;
  /** `null` over HTTP/2. */
  readonly reason: string | null;
  /** Flat, without what belongs to the connection; what varies by nature is made the same. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly complete: boolean;
}

export interface Side {
  readonly journal: string[];
  start(): Promise<void>;
  stop(): Promise<void>;
  ask(ask: Ask): Promise<Answer>;
}

const HOST = "tobi.ferrets.example.test:3000";

export class Http1Side implements Side {
  readonly journal: string[] = [];
  readonly #server: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(mount: (app: Express) => http.RequestListener) {
    this.#server = http.createServer(mount(expressApp(this.journal)));
  }

  start(): Promise<void> {
    return listen(this.#server);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  ask({ method = "GET", path, headers = {}, body, chunked = false }: Ask): Promise<Answer> {
    const { port } = this.#server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      const request = http.request({
        port,
        host: "127.0.0.1",
        method,
        path,
        agent: this.#agent,
        headers: { Host: HOST, ...headers, ...lengthOf(body, chunked) },
      });
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", () => {});
        response.on("close", () => {
          const { statusCode: status = 0, statusMessage: reason = "", rawHeaders, complete } = response;
          resolve({ status, reason, headers: comparable(rawHeaders), body: textOf(chunks), complete });
        });
      });
      request.end(body);
    });
  }
}

export class Http2Side implements Side {
  readonly journal: string[] = [];
  readonly #server: http2.Http2Server;
  #session: http2.ClientHttp2Session | null = null;

  constructor(
    mount: (app: Express) => (req: http2.Http2ServerRequest, res: http2.Http2ServerResponse) => void,
  ) {
    this.#server = http2.createServer(mount(expressApp(this.journal)));
  }

  async start(): Promise<void> {
    await listen(this.#server);
    this.#session = http2.connect(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.#session?.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  ask({ method = "GET", path, headers = {}, body, chunked = false }: Ask): Promise<Answer> {
    const fields = { ...headers, ...lengthOf(body, chunked) };
    const lower = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const stream = (this.#session as http2.ClientHttp2Session).request({
      ":method": method,
      ":path": path,
      ":authority": HOST,
      ...lower,
    });
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let status = 0;
      let rawHeaders: string[] = [];
      const onResponse = (head: http2.IncomingHttpHeaders, _flags: number, raw: string[]): void => {
        status = Number(head[":status"]);
        rawHeaders = raw;
      };
      stream.on("response", onResponse as (head: http2.IncomingHttpHeaders) => void);
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", () => {});
      stream.on("close", () => {
        const complete = stream.rstCode === 0;
        resolve({ status, reason: null, headers: comparable(rawHeaders), body: textOf(chunks), complete });
      });
      stream.end(body);
    });
  }
}

/** An answer as HTTP/2 can give it: names in lower case, no order between different names, no reason. */
export function overHttp2(answer: Answer): Answer {
  const lines: string[] = [];
  for (let i = 0; i < answer.headers.length; i += 2) {
    const name = answer.headers[i]?.toLowerCase() ?? "";
    // Node's http2 takes 205 for a response without a body, and its length with it.
    if (answer.status === 205 && name === "content-length") continue;
    lines.push(`${name}: ${answer.headers[i + 1]}`);
  }
  return { ...answer, reason: null, headers: lines.toSorted() };
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}

function lengthOf(body: string | Buffer | undefined, chunked: boolean): Record<string, string> {
  return body === undefined || chunked ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
}

/** The frames of a stack differ: where the listener is called from. */
function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks)
    .toString("latin1")
    .replaceAll(/(?:<br>| )*&nbsp; &nbsp;at [^<]*/g, "");
}

/** What belongs to the connection differs, and the date; a page with a stack is as long as the stack. */
function comparable(raw: readonly string[]): string[] {
  const kept: string[] = [];
  const page = raw.some((name) => /^content-security-policy$/i.test(name));
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (/^(?:connection|keep-alive|transfer-encoding|:status)$/i.test(name)) continue;
    const varies = /^date$/i.test(name) || (page && /^content-length$/i.test(name));
    kept.push(
      name,
      varies ? "(varies)" : (raw[i + 1] as string).replace(/Expires=[^;]+/, "Expires=(varies)"),
    );
  }
  return kept;
}
