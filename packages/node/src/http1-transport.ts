// One HTTP/1 request on node:http, moved by the exchange's orders. Everything is checked before it gets here.
// Sources: https://nodejs.org/docs/latest-v20.x/api/http.html; RFC 9112 §9.3 (persistence), §9.6 (tear-down).

import { IncomingMessage, type ServerResponse } from "node:http";
import type { Chunk, FileSource, HttpExchange, HttpTransport, LogLevel, ResponseHead } from "@tsgi/core";
import { cutResponse } from "./cut.ts";
import { addServerField } from "./default-fields.ts";
import { discardRest } from "./discard.ts";
import { endWhole, endsAsNode } from "./end-whole.ts";
import { openFile } from "./file-source.ts";
import { refuseRequest } from "./hang-up.ts";
import { flushThrough, isTouched, writeHeadOver } from "./head-over.ts";
import { mayContinue, writeInterim } from "./interim.ts";
import { NATIVE_PAIR, type NativePair } from "./native-pair.ts";
import { OwnRequest } from "./own-request.ts";
import { bodyConsumed, bodyReadBefore, isSpoiled } from "./read-before.ts";
import type { RequestSettings } from "./request-settings.ts";
import { stopWaiting, waitOn } from "./waiting.ts";

const TRANSPORT = Symbol("tsgi.transport");

/** A ServerResponse that knows its transport: listeners are then plain functions, none made per request. */
interface OwnedResponse extends ServerResponse {
  [TRANSPORT]?: Http1Transport;
}
interface OwnedRequest extends IncomingMessage {
  [TRANSPORT]?: Http1Transport;
}

export class Http1Transport implements HttpTransport {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Bytes of the request body; 0 without one, -1 if only its end will tell. */
  bodyLength = 0;
  expectsContinue = false;
  readonly #settings: RequestSettings;
  /** The request, if its body can be claimed. */
  readonly #own: OwnRequest | null;
  #exchange: HttpExchange | null = null;
  #received = 0;
  #reading = false;
  #bodyEnded = false;
  #waitsForDrain = false;
  /** Whether this request came before an earlier one was answered. */
  #waits = false;
  #head: ResponseHead | null = null;

  constructor(req: IncomingMessage, res: ServerResponse, settings: RequestSettings) {
    this.req = req;
    this.res = res;
    this.#settings = settings;
    // Behind something in front, some of the body may have gone into the stream already.
    this.#own = settings.ownsMessages && req instanceof OwnRequest ? req : null;
  }

  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    this.#settings.activity.begin();
    const res = this.res as OwnedResponse;
    // Lost, or answered, while something in front was at work: nothing will say so any more.
    if (res.destroyed || this.req.socket.destroyed) {
      exchange.connectionLost();
      return;
    }
    res[TRANSPORT] = this;
    res.on("close", onClose);
    if (res.socket === null) {
      this.#waits = true;
      waitOn(this.req.socket, this);
    }
    this.#own?.claim(this);
    // The header fields say of Node's own requests alone what body comes. An injected one has whatever it was given.
    if (this.bodyLength === 0 && !(this.req instanceof IncomingMessage)) this.bodyLength = -1;
    if (this.bodyLength === 0) {
      this.#bodyEnded = true;
      exchange.eofReceived();
    }
  }

  read(): void {
    const req = this.req as OwnedRequest;
    if (this.#own !== null) {
      this.#continue();
      this.#own.want();
      return;
    }
    if (this.#reading) {
      req.resume();
      return;
    }
    if (req.readableEnded || isSpoiled(req, this.bodyLength)) {
      this.#reading = true;
      this.#replay();
      return;
    }
    this.#continue();
    req[TRANSPORT] = this;
    // A request without listeners for errors gives none.
    req.on("end", onEnd);
    req.on("data", onData);
    if (req.isPaused()) req.resume();
  }

  writeHead(head: ResponseHead): void {
    const { res } = this;
    // Something in front has answered in the meantime: for the app, that is a client that has gone.
    if (res.headersSent) {
      this.#exchange?.connectionLost();
      return;
    }
    const { serverHeader, dateHeader } = this.#settings;
    const fields = head.headers;
    if (serverHeader !== null) addServerField(fields, serverHeader);
    if (!dateHeader) res.sendDate = false;
    if (head.close || this.#mustClose()) fields.push("connection", "close");
    if (this.expectsContinue && !this.#reading) res.shouldKeepAlive = false;
    this.#head = head;
    // One that was set in front is about another status. Node makes the usual one of an empty one.
    if (!this.#settings.ownsMessages) res.statusMessage = "";
    if (!this.#settings.ownsMessages && isTouched(res)) writeHeadOver(res, head.status, head.reason, fields);
    else if (head.reason === null) res.writeHead(head.status, fields);
    // As an argument, because Node takes an empty statusMessage for none.
    else res.writeHead(head.status, head.reason, fields);
  }

  write(chunk: Chunk): boolean {
    const { res } = this;
    if (res.writableEnded) {
      this.#exchange?.connectionLost();
      return true;
    }
    if (chunk.length === 0) {
      res.flushHeaders();
      return true;
    }
    const room = res.write(this.#octets(chunk));
    if (!this.#settings.ownsMessages) flushThrough(res);
    if (room) return true;
    if (!this.#waitsForDrain) {
      this.#waitsForDrain = true;
      // Not by `this`: a compression in front has its own stream call the listeners.
      res.on("drain", () => this.#exchange?.drained());
    }
    return false;
  }

  end(chunk: Chunk | null): void {
    const { res } = this;
    if (res.writableEnded) return;
    if (chunk === null) res.end();
    else if (typeof chunk !== "string") res.end(chunk);
    else if (this.#head === null || chunk.length !== this.#head.length) res.end(this.#octets(chunk));
    else if (this.#settings.ownsMessages || endsAsNode(res)) endWhole(res, chunk, "latin1");
    else res.end(chunk, "latin1");
    if (this.#bodyEnded) return;
    this.#letGo();
    discardRest(this.req, res, this.#settings);
  }

  abort(): void {
    this.#letGo();
    cutResponse(this.res, this.req.socket, this.#head);
  }

  detach(): void {
    if (this.#waits) stopWaiting(this.req.socket, this);
    this.#settings.activity.end();
    this.#settings.onDetach?.(this);
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    this.#settings.log(level, message, error, this.req);
  }

  writeInformational(status: number, headers: readonly string[]): void {
    writeInterim(this.res, status, headers);
  }

  writeTrailers(headers: readonly string[]): void {
    // An object, which light-my-request takes as well; without a prototype, as a field may have any name.
    const fields = Object.create(null) as Record<string, string | string[]>;
    for (let i = 0; i < headers.length; i += 2) {
      const [name, value] = [headers[i] as string, headers[i + 1] as string];
      const before = fields[name];
      fields[name] = before === undefined ? value : [before, value].flat();
    }
    this.res.addTrailers(fields);
  }

  openFile(file: string | number | { readonly fd: number }): Promise<FileSource> {
    return openFile(file);
  }

  /** See {@link NATIVE_PAIR}; not for a body whose length only counting shows to be within the limit. */
  nativePair(): NativePair | undefined {
    const { activity, maxBodySize } = this.#settings;
    if (maxBodySize !== Infinity && (this.bodyLength === -1 || this.bodyLength > maxBodySize))
      return undefined;
    return { req: this.req, res: this.res, taken: () => activity.begin() };
  }

  /** A piece of the body, from the request's own listener. */
  dataArrived(chunk: Buffer): void {
    this.#received += chunk.byteLength;
    const last = this.#received === this.bodyLength;
    if (last) this.#bodyEnded = true;
    else if (this.#own === null) this.req.pause();
    if (this.#received > this.#settings.maxBodySize) {
      this.#tooLong();
      return;
    }
    this.#exchange?.dataReceived(chunk, last);
  }

  /** The rest of the body is never read as a body, nor what follows it as a request: the connection is closed. */
  #tooLong(): void {
    const { req, res } = this;
    this.#letGo();
    if (res.headersSent) {
      this.#exchange?.cut();
      return;
    }
    refuseRequest(res, req.socket, 413);
    this.#exchange?.connectionLost();
  }

  /** What is left of the body is nobody's, and flows: unread, it would stop all that comes after it, a FIN included. */
  #letGo(): void {
    const { req } = this;
    this.#own?.release();
    req.off("data", onData).off("end", onEnd);
    req.resume();
  }

  bodyArrived(): void {
    this.#bodyEnded = true;
    if (this.#received < this.bodyLength) this.#exchange?.appFailed(bodyConsumed());
    else this.#exchange?.eofReceived();
  }

  lost(): void {
    this.#exchange?.connectionLost();
  }

  /** Nothing was answered, and whatever is in front does that now. */
  handBack(): void {
    this.#letGo();
  }

  /** The body is wanted: a client that waits for `100 Continue` is told so, unless Node has. */
  #continue(): void {
    if (this.#reading) return;
    this.#reading = true;
    const { req, res } = this;
    if (this.expectsContinue && mayContinue(req, res)) res.writeContinue();
  }

  /** Something in front read the body, or some of it. */
  #replay(): void {
    this.#bodyEnded = this.req.readableEnded;
    const bytes = this.#bodyEnded ? bodyReadBefore(this.req, this.bodyLength) : null;
    if (bytes === null) this.#exchange?.appFailed(bodyConsumed());
    else if (bytes.byteLength > this.#settings.maxBodySize) this.#tooLong();
    else this.#exchange?.dataReceived(bytes, true);
  }

  /**
   * Node joins the head with a first piece that is a string, and encodes both as UTF-8: an octet above 0x7F in a field
   * would become two. The piece goes as bytes then, and the head as latin-1.
   */
  #octets(chunk: Chunk): Chunk {
    const ascii = this.#head?.ascii ?? true;
    return ascii || typeof chunk !== "string" ? chunk : Buffer.from(chunk);
  }

  /** Whether more of the body is left than will be read for the sake of the connection. */
  #mustClose(): boolean {
    return !this.#bodyEnded && this.bodyLength - this.#received > this.#settings.maxDiscard;
  }
}

// On the prototype, because a class body may not compute a name that its declaration cannot spell.
Object.defineProperty(Http1Transport.prototype, NATIVE_PAIR, {
  get(this: Http1Transport): NativePair | undefined {
    return this.nativePair();
  },
});

function onClose(this: OwnedResponse): void {
  this[TRANSPORT]?.lost();
}

function onData(this: OwnedRequest, chunk: Buffer): void {
  this[TRANSPORT]?.dataArrived(chunk);
}

function onEnd(this: OwnedRequest): void {
  this[TRANSPORT]?.bodyArrived();
}
