// The requests of our own servers. Node's parser pushes the body into a stream, which buffers, schedules and emits it; here
// it goes straight to whoever asked for it, one piece at a time. Until somebody claims it, it is the stream it always was.
// Source: https://nodejs.org/docs/latest-v20.x/api/http.html, the `IncomingMessage` option of `http.createServer`.

import { IncomingMessage } from "node:http";

/** Takes a body piece by piece, as it asks for them. */
export interface BodySink {
  dataArrived(chunk: Buffer): void;
  bodyArrived(): void;
}

/** A request whose body can be claimed. */
export class OwnRequest extends IncomingMessage {
  sink: BodySink | null = null;
  /** What came unasked: up to the socket's high-water mark, and what one read of it brings beyond. */
  waiting: Buffer[] | null = null;
  waitingBytes = 0;
  wanted = false;
  /** Whether the parser is through with it. */
  arrived = false;

  /** Takes the body from the stream. In the turn of the server's `request` event, before any of it is parsed. */
  claim(sink: BodySink): void {
    this.sink = sink;
  }

  /** Asks for the next piece: one call of the sink answers, at once or later. */
  want(): void {
    const piece = this.waiting?.shift();
    if (piece !== undefined) {
      this.waitingBytes -= piece.byteLength;
      this.sink?.dataArrived(piece);
      return;
    }
    if (this.arrived) {
      this.sink?.bodyArrived();
      return;
    }
    this.wanted = true;
    // Lets the socket flow again, unless the server holds it for another reason.
    // oxlint-disable-next-line no-underscore-dangle
    if (this.socket.isPaused()) this._read(0);
  }

  /** Gives the rest of the body back to the stream. */
  release(): void {
    if (this.sink === null) return;
    this.sink = null;
    for (const piece of this.waiting ?? []) super.push(piece);
    this.waiting = null;
    if (this.arrived) super.push(null);
  }

  /** What the parser calls; `false` makes it pause the socket. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const { sink } = this;
    if (sink === null) return super.push(chunk, encoding);
    if (chunk === null) {
      this.arrived = true;
      if (this.wanted) {
        this.wanted = false;
        sink.bodyArrived();
      }
      return false;
    }
    if (this.wanted) {
      this.wanted = false;
      sink.dataArrived(chunk);
      return true;
    }
    this.waiting ??= [];
    this.waiting.push(chunk);
    this.waitingBytes += chunk.byteLength;
    return this.waitingBytes < this.socket.readableHighWaterMark;
  }

  /** What Node calls after the response, to run a stream nobody reads to its end. */
  // oxlint-disable-next-line no-underscore-dangle
  _dump(): void {
    if (this.sink === null)
      // oxlint-disable-next-line no-underscore-dangle
      (IncomingMessage.prototype as IncomingMessage & { _dump(): void })._dump.call(this);
  }
}

const stream = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(IncomingMessage.prototype),
  "readableEnded",
);

// Node lets go of a request once its stream has ended. An accessor, which the declaration of a class could not override.
Object.defineProperty(OwnRequest.prototype, "readableEnded", {
  configurable: true,
  get(this: OwnRequest): boolean {
    return this.sink === null ? stream?.get?.call(this) === true : this.arrived;
  },
});
