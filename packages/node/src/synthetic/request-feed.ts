// The events of a request, pushed into its IncomingMessage the way Node's parser pushes what it has parsed.
// Sources: lib/_http_common.js (parserOnBody, parserOnMessageComplete); ASGI HTTP 2.5 "Request", "Disconnect".
/* oxlint-disable no-underscore-dangle -- Node's own names */

import type { IncomingMessage } from "node:http";
import type { Receive, ReceiveEvent } from "@tsgi/core";
import { aborted } from "./failures.ts";
import type { NodeRequest } from "./node-internals.ts";
import type { SyntheticSocket } from "./socket.ts";

/** Whom the feed tells. */
export interface FeedOwner {
  /** A piece of the body came. */
  bodyContinued(): void;
  /** The body is complete. Says whether the feed shall watch for the client's going away. */
  bodyEnded(): boolean;
  /** The client is gone, or the response complete. */
  disconnected(): void;
  /** A listener of the request has thrown. */
  feedFailed(error: unknown): void;
}

export class RequestFeed {
  readonly #req: NodeRequest;
  readonly #socket: SyntheticSocket;
  readonly #receive: Receive;
  readonly #owner: FeedOwner;
  #ended: boolean;
  #receiving = false;

  /** @param bodiless - The request is known to have no body: it ends without waiting for the event that says so. */
  constructor(
    req: IncomingMessage,
    socket: SyntheticSocket,
    receive: Receive,
    owner: FeedOwner,
    bodiless: boolean,
  ) {
    this.#req = req as NodeRequest;
    this.#socket = socket;
    this.#receive = receive;
    this.#owner = owner;
    this.#ended = bodiless;
  }

  /** Begins, as behind Node's parser, after the listener has returned. */
  start(): void {
    if (this.#ended) this.#end();
    else this.pull();
  }

  /** The listener has read: the body may flow. */
  resume(): void {
    if (!this.#ended) this.pull();
  }

  /** Asks for the next event, unless one is awaited. */
  pull(): void {
    if (this.#receiving) return;
    this.#receiving = true;
    this.#receive().then(this.#received, this.#failed);
  }

  /** Whether the whole body came, or there is none. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether somebody is going to get what comes of the body. */
  get isRead(): boolean {
    const req = this.#req;
    if (this.#ended || req.destroyed || req._dumped) return false;
    if (req.listenerCount("readable") > 0) return true;
    if (req.listenerCount("data") === 0) return false;
    // A pipe that waits for room has paused its source; a body parser over its limit has left and paused.
    return req.readableFlowing !== false || req._readableState.pipes.length > 0;
  }

  /** Ends a request whose response is complete. Who still reads must not take this for its end. */
  giveUp(): void {
    if (this.#ended) return;
    const { isRead } = this;
    this.#ended = true;
    if (isRead) this.#req.destroy(aborted());
    else this.#complete();
  }

  readonly #received = (event: ReceiveEvent): void => {
    this.#receiving = false;
    try {
      if (event.type !== "http.request") this.#owner.disconnected();
      else if (!this.#ended) this.#bodyReceived(event.body, event.more_body);
      // A request known to have no body has an empty event all the same, once.
      else if (!event.more_body) this.pull();
    } catch (error) {
      // A listener of "data" or "end" has thrown. Its server would go down with it; here it is one request.
      this.#owner.feedFailed(error);
    }
  };

  readonly #failed = (error: unknown): void => this.#owner.feedFailed(error);

  #bodyReceived(body: Uint8Array, more: boolean): void {
    const req = this.#req;
    let room = true;
    if (body.byteLength > 0) {
      this.#owner.bodyContinued();
      this.#socket.countRead(body.byteLength);
      if (!req._dumped && !req.destroyed) room = req.push(asBuffer(body));
    }
    if (!more) this.#end();
    else if (room) this.pull();
  }

  #end(): void {
    this.#ended = true;
    this.#complete();
    if (this.#owner.bodyEnded()) this.pull();
  }

  #complete(): void {
    if (this.#req.destroyed) return;
    this.#req.complete = true;
    this.#req.push(null);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
