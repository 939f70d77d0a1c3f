// One request on a connection to a FastCGI upstream, as far as the connection has to know it. A client that is slow holds up its own
// lane, and the connection only when the lane is full: FastCGI has no other way to stop one of several.
// Source: FastCGI 1.0 §3.3 "Managing Request IDs"; requirements FC4, FC11, FC13, FC20.

/** Takes what an upstream says of one request. Must not throw. */
export interface UpstreamSink {
  /** A piece of STDOUT; never empty. The array is the sink's. */
  stdoutReceived(bytes: Uint8Array): void;
  /** A piece of STDERR; never empty. */
  stderrReceived(bytes: Uint8Array): void;
  /** END_REQUEST, after all of STDOUT; the last call. Also for an upstream that ended STDOUT and then the connection. */
  requestEnded(appStatus: number, protocolStatus: number): void;
  /** The connection is gone before the request has ended; the last call. */
  connectionLost(error: Error): void;
  /** There is room again for what is written. */
  drained(): void;
}

/** Somebody to tell whom nobody listens to. */
export const NOBODY: UpstreamSink = {
  stdoutReceived() {},
  stderrReceived() {},
  requestEnded() {},
  connectionLost() {},
  drained() {},
};

/** A request and its sink. */
export class Lane {
  readonly id: number;
  sink: UpstreamSink;
  /** Whether the STDIN stream is complete: before, the connection cannot be used again. */
  stdinEnded = false;
  /** Whether the sink wants nothing more; ABORT_REQUEST was sent. */
  left = false;
  /** How much is held back, in bytes. */
  heldBytes = 0;
  #stdoutEnded = false;
  #paused = false;
  #held: Uint8Array[] = [];
  #end: readonly [appStatus: number, protocolStatus: number] | null = null;

  constructor(id: number, sink: UpstreamSink) {
    this.id = id;
    this.sink = sink;
  }

  get paused(): boolean {
    return this.#paused;
  }

  stdout(bytes: Uint8Array): void {
    if (!this.#paused) return this.sink.stdoutReceived(bytes);
    this.#held.push(bytes);
    this.heldBytes += bytes.length;
  }

  stdoutEnded(): void {
    this.#stdoutEnded = true;
  }

  ended(appStatus: number, protocolStatus: number): void {
    if (this.#paused) this.#end = [appStatus, protocolStatus];
    else this.sink.requestEnded(appStatus, protocolStatus);
  }

  /** The connection is gone. What ended its output before has ended. */
  lost(error: Error): void {
    if (this.#end !== null) return;
    if (this.#stdoutEnded) this.ended(0, 0);
    else {
      this.#held = [];
      this.sink.connectionLost(error);
    }
  }

  pause(): void {
    this.#paused = true;
  }

  /** Gives what was held back, until it is paused again. */
  resume(): void {
    this.#paused = false;
    while (this.#held.length > 0 && !this.#paused) {
      const bytes = this.#held.shift() as Uint8Array;
      this.heldBytes -= bytes.length;
      this.sink.stdoutReceived(bytes);
    }
    if (this.#paused || this.#end === null) return;
    const [appStatus, protocolStatus] = this.#end;
    this.#end = null;
    this.sink.requestEnded(appStatus, protocolStatus);
  }

  /** Nobody waits for it any more. */
  leave(): void {
    this.left = true;
    this.sink = NOBODY;
    this.#held = [];
    this.heldBytes = 0;
    this.#paused = false;
  }
}
