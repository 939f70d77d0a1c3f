// A request and a response of node:http without a connection: real instances, around a socket whose far end is ASGI.
// What happens when is lib/_http_server.js: parserOnIncoming, resOnFinish, socketOnClose, socketOnDrain, socketOnTimeout.

import type { IncomingMessage, ServerResponse } from "node:http";
import {
  ClientDisconnected,
  GatewayError,
  type HttpExchange,
  type HttpScope,
  type Receive,
  type ReceiveEvent,
  type Send,
} from "@tsgi/core";
import {
  detachSignal,
  emitOwedDrain,
  type NodeRequest,
  type ResponseInternals,
  type SocketInternals,
} from "./node-internals.ts";
import { fillRequest, type RequestHead } from "./request.ts";
import { ResponseSender, type SenderOwner } from "./response-sender.ts";
import { SyntheticSocket, type Done, type FarEnd, type Piece } from "./socket.ts";

/** A listener of `http.createServer`: Express and connect apps are such functions, Koa's `callback()` gives one. */
export type RequestListener = (req: IncomingMessage, res: ServerResponse) => unknown;

/** The classes a pair is made of. */
export interface PairClasses {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

export class SyntheticPair implements FarEnd, SenderOwner {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly #socket: SyntheticSocket;
  readonly #sender: ResponseSender;
  readonly #receive: Receive;
  /** What can cut a response without calling it an error; `null` behind a middleware. */
  readonly #exchange: HttpExchange | null;
  readonly #head: RequestHead;
  #bodyEnded: boolean;
  #receiving = false;
  /** The listener's own promise is pending. */
  #listening = false;
  /** The response has emitted `finish`: Node lets go of it. */
  #finished = false;
  #closed = false;
  /** The client is gone. */
  #lost = false;
  #over = false;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(
    scope: HttpScope,
    receive: Receive,
    send: Send,
    head: RequestHead,
    classes: PairClasses,
    exchange: HttpExchange | null,
  ) {
    this.#receive = receive;
    this.#exchange = exchange;
    this.#head = head;
    this.#bodyEnded = head.body === "none";
    this.#sender = new ResponseSender(scope, send, this);
    this.#socket = new SyntheticSocket(scope, this);
    this.req = new classes.IncomingMessage(this.#socket);
    fillRequest(this.req, scope, head);
    this.res = new classes.ServerResponse(this.req as IncomingMessage & { socket: never });
    this.res.shouldKeepAlive = head.keepAlive;
  }

  /** Calls the listener. The promise ends when the response was sent and closed, and the listener's own has ended. */
  run(listener: RequestListener): Promise<void> {
    const socket = this.#socket;
    const done = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    socket.on("error", ignore);
    socket.on("close", () => this.#socketClosed());
    socket.on("drain", () => emitOwedDrain(this.res));
    socket.on("timeout", () => this.#timedOut());
    this.res.assignSocket(socket);
    this.res.on("finish", () => this.#responseFinished());
    if (!this.#call(listener)) return done;
    // As behind Node's parser: what of the body is there already comes after the listener has returned.
    if (this.#bodyEnded) this.#endBody();
    else if (!this.#head.expectsContinue) this.#pull();
    return done;
  }

  #call(listener: RequestListener): boolean {
    try {
      const result = listener(this.req, this.res);
      if (isThenable(result)) {
        this.#listening = true;
        result.then(
          () => this.#listenerEnded(),
          (error: unknown) => this.#fail(error),
        );
      }
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #listenerEnded(): void {
    this.#listening = false;
    this.#settle();
  }

  // ── the request body ──────────────────────────────────────────────────────────────────────────────────────────

  readingResumed(): void {
    if (!this.#bodyEnded) this.#pull();
  }

  #pull(): void {
    if (this.#receiving) return;
    this.#receiving = true;
    this.#receive().then(this.#received, this.#refused);
  }

  readonly #received = (event: ReceiveEvent): void => {
    this.#receiving = false;
    try {
      if (event.type !== "http.request") this.#disconnected();
      else if (this.#bodyEnded) this.#watch(event.more_body);
      else this.#bodyReceived(event.body, event.more_body);
    } catch (error) {
      // A listener of "data" or "end" has thrown. Its server would go down with it; here it is one request.
      this.#fail(error);
    }
  };

  readonly #refused = (error: unknown): void => this.#fail(error);

  #bodyReceived(body: Uint8Array, more: boolean): void {
    const req = this.req as NodeRequest;
    let room = true;
    if (body.byteLength > 0) {
      this.#socket.countRead(body.byteLength);
      if (!req._dumped && !req.destroyed) room = req.push(asBuffer(body));
    }
    if (!more) this.#endBody();
    else if (room) this.#pull();
  }

  #endBody(): void {
    this.#bodyEnded = true;
    if (!this.req.destroyed) {
      this.req.complete = true;
      this.req.push(null);
    }
    // From here on, the next event tells that the client has gone.
    if (!this.#sender.complete()) this.#pull();
  }

  /** A request known to have no body has an empty event all the same: once. */
  #watch(more: boolean): void {
    if (more || this.#sender.completed) return;
    this.#pull();
  }

  /** Whether somebody is going to get what comes of the body. */
  #isRead(): boolean {
    const { req } = this;
    if (this.#bodyEnded || req.destroyed || (req as NodeRequest)._dumped) return false;
    if (req.listenerCount("readable") > 0) return true;
    // A pipe that waits for room has paused its source; a body parser over its limit has left and paused.
    return (
      req.listenerCount("data") > 0 &&
      (req.readableFlowing !== false || (req as NodeRequest)._readableState.pipes.length > 0)
    );
  }

  // ── the response ──────────────────────────────────────────────────────────────────────────────────────────────

  piecesWritten(pieces: readonly Piece[], done: Done): void {
    this.#sender.write(pieces, done);
  }

  writingEnded(done: Done): void {
    this.#sender.close(done);
    // A client that has its response and sees the connection half-closed closes it.
    setImmediate(destroy, this.#socket);
  }

  mayComplete(told: boolean): boolean {
    const { res } = this;
    return (told || res.writableEnded || !res.headersSent) && !this.#isRead();
  }

  responseCompleted(): void {
    if (!this.#bodyEnded) this.#pull();
    this.#settle();
  }

  sendingFailed(error: unknown): void {
    if (error instanceof ClientDisconnected) this.#lose();
    else this.#fail(error);
  }

  #responseFinished(): void {
    const req = this.req as NodeRequest;
    const res = this.res as ServerResponse & Pick<ResponseInternals, "_last">;
    const socket = this.#socket;
    this.#finished = true;
    if (!req._consuming && !req._readableState.resumeScheduled) req._dump();
    detachSignal(req);
    if ((socket as unknown as SocketInternals)._httpMessage === res) res.detachSocket(socket);
    process.nextTick(() => this.#closeResponse());
    if (res._last) socket.destroySoon();
    else if (!this.#sender.complete() && !this.#sender.written) this.#fail(incomplete("ended its response"));
  }

  #closeResponse(): void {
    const res = this.res as unknown as ResponseInternals & ServerResponse;
    if (!res._closed) {
      res.destroyed = true;
      res._closed = true;
      res.emit("close");
    }
    this.#closed = true;
    this.#settle();
  }

  // ── the connection ────────────────────────────────────────────────────────────────────────────────────────────

  #disconnected(): void {
    if (!this.#sender.completed) {
      this.#lose();
      return;
    }
    // The end of a complete response. What is left of the request nobody waited for.
    if (!this.#bodyEnded) {
      this.#bodyEnded = true;
      if (!this.req.destroyed) {
        this.req.complete = true;
        this.req.push(null);
      }
    }
    // Written to the socket itself: there is no response whose end could close it.
    if (!this.res.headersSent) this.#socket.destroy();
  }

  #lose(): void {
    this.#lost = true;
    this.#sender.stop();
    this.#socket.destroy();
  }

  /** The first listener of the socket's `close`; Node's own, which comes next, closes the response. */
  #socketClosed(): void {
    if (!this.#finished) this.req.destroy(aborted());
    process.nextTick(() => this.#connectionClosed());
  }

  #connectionClosed(): void {
    this.#closed = true;
    if (this.#finished && !this.#sender.completed && !this.#lost) {
      this.#bodyEnded = true;
      this.#sender.complete();
    }
    if (this.#over || this.#lost || this.#sender.completed) {
      this.#settle();
      return;
    }
    // The guest has destroyed the connection, which a client sees as a cut response, or none.
    if (this.#exchange === null) {
      this.#fail(incomplete("destroyed its connection", this.#socket.errored));
      return;
    }
    this.#exchange.cut();
    this.#lost = true;
    this.#settle();
  }

  #timedOut(): void {
    const { req, res } = this;
    const heard = [
      !req.complete && req.emit("timeout", this.#socket),
      !this.#finished && res.emit("timeout", this.#socket),
    ];
    if (!heard.includes(true)) this.#socket.destroy();
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

  #settle(): void {
    if (this.#over || !this.#closed) return;
    // A listener may well wait for ever for something of a client that has gone.
    if (!this.#lost && (!this.#sender.settled || this.#listening)) return;
    this.#over = true;
    this.#release();
    this.#resolve();
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#sender.stop();
    this.#socket.destroy();
    if (this.#lost && isAftermath(error)) this.#resolve();
    else this.#reject(error);
  }

  /** Natively the connection lives on; whoever listens to its end learns it now, as there will be no other. */
  #release(): void {
    const socket = this.#socket;
    if (socket.listenerCount("close") > 1) socket.destroy();
    else if (socket.timeout) socket.setTimeout(0);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function destroy(socket: SyntheticSocket): void {
  socket.destroy();
}

function ignore(): void {}

/** What Node's server destroys a request with whose connection is gone. */
function aborted(): Error {
  return Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}

function incomplete(what: string, cause?: unknown): GatewayError {
  return new GatewayError("TSGI_ERR_INCOMPLETE", `The listener ${what} before it was complete`, { cause });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

const AFTERMATH = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_UNABLE_TO_PIPE",
  "ERR_STREAM_WRITE_AFTER_END",
]);

/** Whether an error is what a listener may well throw because its client went away. */
function isAftermath(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === "AbortError" || (typeof code === "string" && AFTERMATH.has(code));
}
