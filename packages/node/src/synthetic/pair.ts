// A request and a response of node:http without a connection: real instances, around a socket whose far end is ASGI.
// What happens when is lib/_http_server.js: parserOnIncoming, resOnFinish, socketOnClose, socketOnDrain, socketOnTimeout.
/* oxlint-disable no-underscore-dangle -- Node's own names */

import type { IncomingMessage, ServerResponse } from "node:http";
import {
  ResponseAborted,
  ClientDisconnected,
  type HttpExchange,
  type HttpScope,
  type Receive,
  type Send,
} from "@tsgi/core";
import { aborted, connectionReset, incomplete, isAftermath } from "./failures.ts";
import {
  detachSignal,
  emitOwedDrain,
  type NodeRequest,
  type ResponseInternals,
  type SocketInternals,
} from "./node-internals.ts";
import { RequestFeed, type FeedOwner } from "./request-feed.ts";
import { fillRequest, type RequestHead } from "./request.ts";
import { ResponseSender, type SenderOwner } from "./response-sender.ts";
import { SyntheticSocket, type Done, type FarEnd, type Piece } from "./socket.ts";
import { SyntheticTlsSocket } from "./tls-socket.ts";

/** A listener of `http.createServer`: Express and connect apps are such functions, Koa's `callback()` gives one. */
export type RequestListener = (req: IncomingMessage, res: ServerResponse) => unknown;

/** What pairs are made of. */
export interface PairSettings {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
  /** See `FromNodeOptions`. */
  readonly lingerTimeout: number;
}

export class SyntheticPair implements FarEnd, SenderOwner, FeedOwner {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly #socket: SyntheticSocket;
  readonly #sender: ResponseSender;
  readonly #feed: RequestFeed;
  /** What can cut a response without calling it an error; `null` behind a middleware. */
  readonly #exchange: HttpExchange | null;
  /** Aborted when the client goes away; only for a body that is not asked for until the listener reads. */
  readonly #signal: AbortSignal | null;
  /** The listener's own promise is pending. */
  #listening = false;
  /** The response has emitted `finish`: Node lets go of it. */
  #finished = false;
  /** The response has emitted `close`. */
  #closed = false;
  readonly #lingerTimeout: number;
  #linger: NodeJS.Timeout | undefined = undefined;
  #lingered = false;
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
    settings: PairSettings,
    exchange: HttpExchange | null,
  ) {
    this.#exchange = exchange;
    this.#lingerTimeout = settings.lingerTimeout;
    this.#signal = head.expectsContinue ? scope.signal : null;
    this.#sender = new ResponseSender(scope, send, this);
    const { scheme } = scope;
    this.#socket =
      scheme === "https" ? new SyntheticTlsSocket(scope, this) : new SyntheticSocket(scope, this);
    this.req = new settings.IncomingMessage(this.#socket);
    fillRequest(this.req, scope, head);
    this.#feed = new RequestFeed(this.req, this.#socket, receive, this, head.body === "none");
    this.res = new settings.ServerResponse(this.req as IncomingMessage & { socket: never });
    this.res.shouldKeepAlive = head.keepAlive;
  }

  /** Calls the listener. The promise ends when the response was sent and closed, and the listener's own has ended. */
  run(listener: RequestListener): Promise<void> {
    const socket = this.#socket;
    const done = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.res.assignSocket(socket);
    this.res.on("finish", () => this.#responseFinished());
    if (!this.#call(listener)) return done;
    // Asking for the body would make a client send it that waits to hear whether it shall.
    if (this.#signal === null) this.#feed.start();
    else this.#signal.addEventListener("abort", () => this.disconnected());
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

  // ── what the socket is told ───────────────────────────────────────────────────────────────────────────────────

  readingResumed(): void {
    this.#feed.resume();
  }

  piecesWritten(pieces: readonly Piece[], done: Done): void {
    this.#sender.write(pieces, done);
  }

  writingEnded(done: Done): void {
    this.#sender.close(done);
    // A client that has its response and sees the connection half-closed closes it.
    setImmediate(destroy, this.#socket);
  }

  // ── what the feed says ────────────────────────────────────────────────────────────────────────────────────────

  bodyContinued(): void {
    this.#linger?.refresh();
  }

  bodyEnded(): boolean {
    return !this.#sender.complete();
  }

  disconnected(): void {
    if (this.#sender.completed) this.#feed.giveUp();
    else this.#lose();
  }

  feedFailed(error: unknown): void {
    this.#fail(error);
  }

  // ── what the sender asks and says ─────────────────────────────────────────────────────────────────────────────

  mayComplete(told: boolean): boolean {
    const { res } = this;
    if (!told && !res.writableEnded && res.headersSent) return false;
    if (this.#lingered || !this.#feed.isRead) return true;
    this.#linger ??= setTimeout(() => {
      this.#lingered = true;
      this.#sender.complete();
    }, this.#lingerTimeout);
    return false;
  }

  responseCompleted(): void {
    clearTimeout(this.#linger);
    // The event that is next says that it is over: what then is left of the request nobody reads.
    this.#feed.resume();
    // Written to the socket itself: there is no response whose end could close it.
    if (!this.res.headersSent) setImmediate(destroySoon, this.#socket);
    this.#settle();
  }

  sendingFailed(error: unknown): void {
    if (error instanceof ClientDisconnected) this.#lose();
    else this.#fail(error);
  }

  // ── what Node's server does ───────────────────────────────────────────────────────────────────────────────────

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
    else if (!this.#sender.complete() && !this.#sender.written) this.#fail(incomplete("ended it"));
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

  socketDrained(): void {
    emitOwedDrain(this.res);
  }

  /** The first listener of the socket's `close`; Node's own, which comes next, closes the response. */
  socketClosed(): void {
    if (!this.#finished) this.req.destroy(aborted());
    process.nextTick(() => this.#connectionClosed());
  }

  socketTimedOut(): void {
    const { req, res } = this;
    const requestHears = !req.complete && req.emit("timeout", this.#socket);
    const responseHears = !this.#finished && res.emit("timeout", this.#socket);
    if (!requestHears && !responseHears) this.#socket.destroy();
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

  #lose(): void {
    this.#lost = true;
    this.#sender.stop();
    // A request that breaks off is an error of the connection; one that was whole, and its client gone, is none.
    if (this.#feed.ended) this.#socket.destroy();
    else this.#socket.destroy(connectionReset());
  }

  #connectionClosed(): void {
    this.#closed = true;
    // Nobody reads on from a connection that is gone.
    this.#lingered = true;
    if (this.#finished && !this.#lost) this.#sender.complete();
    if (!this.#over && !this.#lost && !this.#sender.completed) {
      // The guest has destroyed the connection, which a client sees as a cut response, or none.
      if (this.#exchange === null) {
        this.#fail(
          new ResponseAborted("The listener destroyed its connection", { cause: this.#socket.errored }),
        );
        return;
      }
      this.#exchange.cut();
      this.#lost = true;
    }
    this.#settle();
  }

  #settle(): void {
    if (this.#over || !this.#closed) return;
    // A listener may well wait for ever for something of a client that has gone.
    if (!this.#lost && (!this.#sender.settled || this.#listening)) return;
    this.#over = true;
    clearTimeout(this.#linger);
    this.#release();
    this.#resolve();
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#linger);
    this.#sender.stop();
    this.#socket.destroy();
    if (this.#lost && isAftermath(error)) this.#resolve();
    else this.#reject(error);
  }

  /** Natively the connection lives on; whoever listens to its end learns it now, as there will be no other. */
  #release(): void {
    const socket = this.#socket;
    if (socket.listenerCount("close") > 1) socket.destroy();
    else {
      if (socket.timeout) socket.setTimeout(0);
      socket.letGo();
    }
  }
}

function destroy(socket: SyntheticSocket): void {
  socket.destroy();
}

function destroySoon(socket: SyntheticSocket): void {
  socket.destroySoon();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
