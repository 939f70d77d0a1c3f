// One SCGI connection, which is one request, moved by the exchange's orders.
// Source: SCGI, https://python.ca/scgi/protocol.txt

import type { Socket } from "node:net";
import { bodyLengthOf, encodeHead, scopeFromMetaVariables } from "@tsgi/cgi";
import {
  GatewayError,
  reasonOf,
  responseHead,
  serve,
  type Chunk,
  type HttpExchange,
  type HttpTransport,
  type LogLevel,
  type ResponseHead,
} from "@tsgi/core";
import { latin1Of } from "./latin1.ts";
import { ParamsBlock } from "./params-block.ts";
import { RecordSocket } from "./record-socket.ts";
import { RequestInput } from "./request-input.ts";
import { octetsOf } from "./response-octets.ts";
import { netstringOf, scgiVariables } from "./scgi-header.ts";
import type { FastCgiSettings } from "./serve-options.ts";

/** What every response begins with, as `encodeHead` writes Status first: it may leave before there is a response. */
const FIRST_OCTET = "S";

/** How long the network has to tell that nobody takes it, in milliseconds. */
const ANSWER_MS = 50;

/** How long a connection that was made just before the server's end may take to bring its request, in milliseconds. */
const FIRST_OCTET_MS = 500;

/** The app's reason phrase has a place in Status. */
const EXTENSIONS: Readonly<Record<string, object>> = { "tsgi.reason": Object.freeze({}) };

/** One request. */
export class ScgiRequest implements HttpTransport {
  readonly #socket: Socket;
  readonly #settings: FastCgiSettings;
  readonly #out: RecordSocket;
  readonly #input = new RequestInput();
  /** What came of the header; `null` when it was read. */
  #header: ParamsBlock | null = new ParamsBlock();
  #exchange: HttpExchange | null = null;
  #head: ResponseHead | null = null;
  #timer: NodeJS.Timeout | null = null;
  #probed = false;
  #begun = false;
  #blocked = false;
  #over = false;
  /** How much of the body had not come when the request was over. */
  #unread = 0;

  constructor(socket: Socket, settings: FastCgiSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#out = new RecordSocket(socket, settings);
    socket.on("data", (chunk: Buffer) => this.#arrived(chunk));
    socket.on("end", () => this.#ended());
    socket.on("drain", () => this.#drained());
    // "close" follows, and says all there is to say.
    socket.on("error", () => {});
    socket.on("close", () => this.#lost());
    this.#expireIn(settings.headersTimeout);
  }

  /** Whether something of a request came that is not answered. */
  get busy(): boolean {
    return !this.#over && this.#socket.bytesRead > 0;
  }

  /** The server is ending. */
  drain(): void {
    if (!this.busy) this.#expireIn(FIRST_OCTET_MS);
  }

  /** Breaks it off: on TCP by a reset, as a mere end is that of a whole response. A unix socket has nothing else. */
  cut(): void {
    this.#close();
    // What resetAndDestroy sets; but that sends an end before the reset, and web servers go by what they read first.
    if (this.#socket.remoteAddress !== undefined) Object.assign(this.#socket, { resetAndClosing: true });
    this.#socket.destroy();
  }

  abort(): void {
    if (!this.#over) this.cut();
  }

  attach(exchange: HttpExchange): void {
    this.#exchange = this.#input.exchange = exchange;
    this.#settings.activity.begin();
    if (this.#input.length === 0) exchange.eofReceived();
  }

  read(): void {
    this.#input.read();
    this.#looked();
  }

  writeHead(head: ResponseHead): void {
    this.#head = head;
  }

  write(chunk: Chunk): boolean {
    if (this.#over) return true;
    const octets = octetsOf(chunk);
    const head = this.#takeHead();
    const room =
      typeof octets === "string" ? this.#out.write(head + octets) : this.#out.writeAll([head, octets]);
    if (!room) this.#blocked = true;
    return room;
  }

  end(chunk: Chunk | null): void {
    if (this.#over) return;
    this.write(chunk ?? "");
    this.#close();
    this.#out.close();
  }

  detach(): void {
    this.#settings.activity.end();
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    this.#settings.log(level, message, error);
  }

  #arrived(chunk: Buffer): void {
    const header = this.#header;
    if (this.#out.closing) this.#discard(chunk.length);
    else if (header === null) this.#bodyReceived(chunk, 0, chunk.length);
    else {
      header.add(chunk, 0, chunk.length);
      try {
        this.#headerReceived(header);
      } catch (error) {
        this.log("warn", "A request of the web server was refused", error);
        const code = error instanceof GatewayError ? error.code : "";
        this.#refuse(code === "" ? 500 : code === "TSGI_ERR_SCGI_TOO_LARGE" ? 431 : 400);
      }
    }
  }

  #headerReceived({ bytes, start, end }: ParamsBlock): void {
    const { maxParamsSize, maxParams, maxBodySize, requestTimeout, meta, state, apps } = this.#settings;
    const content = netstringOf(bytes.subarray(start, end), maxParamsSize);
    if (content === null) return;
    const from = start + content[0];
    const to = from + content[1];
    const variables = scgiVariables(latin1Of(bytes, from, to), maxParams);
    this.#header = null;
    this.#input.lengthIs(bodyLengthOf(variables));
    if (this.#input.length > maxBodySize) {
      this.#refuse(413);
      return;
    }
    const scope = scopeFromMetaVariables(variables, meta, EXTENSIONS);
    if (state !== null) (scope as { state: unknown }).state = { ...state };
    this.#expireIn(requestTimeout);
    this.#bodyReceived(bytes, to + 1, end);
    if (!this.#over) serve(apps.responder, scope, this);
  }

  /** What comes after the answer. Web servers that write all of a body before they read must be rid of it (mod_proxy_scgi). */
  #discard(size: number): void {
    const expected = Math.min(size, this.#unread);
    this.#unread -= expected;
    if (size > expected) this.#out.discard(size - expected);
  }

  #bodyReceived(bytes: Uint8Array, start: number, end: number): void {
    this.#input.stdinReceived(bytes, start, end);
    if (this.#input.received > this.#settings.maxBodySize) this.#refuse(413);
    else this.#looked();
  }

  /** The web server has sent its last. If it has sent all of a request it is answered; but it may be gone altogether.
   * Who half-closes does so behind the request: on TCP an end within the response is that of a client that has gone. */
  #ended(): void {
    if (this.#over) return;
    if (this.#header !== null) {
      this.#out.close();
      return;
    }
    this.#input.stdinEnded();
    if (this.#input.isShort) this.#refuse(400);
    else if (this.#begun && this.#socket.remoteAddress !== undefined) this.#exchange?.cut();
    else this.#probe();
    this.#looked();
  }

  /** Whoever is gone answers with a reset, or cannot be written to. Within a response only a unix socket can be asked. */
  #probe(): void {
    if (!this.#begun) {
      this.#probed = true;
      this.#out.write(FIRST_OCTET);
    }
    this.#out.write("");
    setTimeout(() => this.#out.write(""), ANSWER_MS).unref();
  }

  /** Something of the body has come or was taken. */
  #looked(): void {
    if (this.#input.complete) this.#expireIn(0);
    if (this.#input.held > this.#settings.bodyBuffer) this.#socket.pause();
    else this.#socket.resume();
  }

  #drained(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#exchange?.drained();
  }

  #expireIn(milliseconds: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = milliseconds > 0 ? setTimeout(() => this.#expired(), milliseconds) : null;
  }

  #expired(): void {
    if (this.#socket.bytesRead === 0) this.#out.close();
    else this.#refuse(408);
  }

  /** Answers in place of an app that has not begun to; what has begun is cut. */
  #refuse(status: number): void {
    if (this.#over) return;
    if (this.#begun) {
      this.#exchange?.cut();
      return;
    }
    const text = reasonOf(status);
    const fields = [
      ["content-type", "text/plain; charset=utf-8"],
      ["content-length", String(text.length)],
    ] as const;
    this.writeHead(responseHead(status, fields, null, false));
    this.end(text);
    this.#exchange?.connectionLost();
  }

  #lost(): void {
    this.#close();
    this.#exchange?.connectionLost();
  }

  #close(): void {
    const { length, received } = this.#input;
    if (!this.#over) this.#unread = Math.max(0, length - received);
    this.#over = true;
    this.#header = null;
    this.#expireIn(0);
    this.#input.forget();
  }

  #takeHead(): string {
    if (this.#begun || this.#head === null) return "";
    this.#begun = true;
    return encodeHead(this.#head).slice(this.#probed ? FIRST_OCTET.length : 0);
  }
}
