// One attempt to have a request answered: what is written to an upstream, what it says, and how long it may take for either.
// Sources: FastCGI 1.0 §5, §6.2; requirements FC1, FC10, FC11, FC14, FC16, FC18 to FC21.

import type { ScriptResponse } from "@tsgi/cgi";
import { ClientDisconnected, type Log } from "@tsgi/core";
import { CANT_MPX_CONN, KEEP_CONN, OVERLOADED, REQUEST_COMPLETE, STDIN, UNKNOWN_ROLE } from "./constants.ts";
import type { Lane, UpstreamSink } from "./lane.ts";
import { encodeBegin, encodeParams, encodeStream, recordHeader } from "./record-writer.ts";
import type { BodyReading, ReplayBody } from "./replay-body.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { UpstreamStderr } from "./upstream-stderr.ts";

/** How long an upstream may take, in milliseconds, and what is kept of its connections. */
export interface AskSettings {
  readonly writeTimeout: number;
  readonly firstByteTimeout: number;
  readonly readTimeout: number;
  /** How much output nobody waits for is read, so that the upstream can end as it meant to, in bytes. */
  readonly maxDrain: number;
  readonly keepAlive: boolean;
  readonly retry: boolean;
  /** How long an upstream that has failed is asked last, in milliseconds. */
  readonly failTimeout: number;
}

/** A request, as all of its attempts have it. */
export interface Asked {
  readonly role: number;
  readonly params: Readonly<Record<string, string>>;
  /** The params as records of request 1. */
  readonly paramsOfOne: string;
  readonly body: ReplayBody;
  readonly response: ScriptResponse;
  readonly stderr: UpstreamStderr;
  readonly settings: AskSettings;
  readonly log: Log;
}

/**
 * What came of an attempt: the response has all it will get; or nothing came, because the upstream has too many requests, takes
 * only one on a connection, has closed the connection, or had closed it before anything was sent.
 */
export type Outcome = "answered" | "overloaded" | "cannot-multiplex" | "lost" | "unsent";

/** A request on one connection. */
export class UpstreamRequest implements UpstreamSink {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  readonly #asked: Asked;
  readonly #connection: UpstreamConnection;
  /** Whether a connection that is lost before anything came may not be the end. */
  readonly #repeatable: boolean;
  readonly #body: BodyReading;
  #lane!: Lane;
  #settle!: (outcome: Outcome) => void;
  #over = false;
  /** Nobody waits for the rest of the output. */
  #draining = false;
  #drained = 0;
  /** Whether STDOUT came, and whether anything did. */
  #received = false;
  #heard = false;
  /** Whether the client has as much as it can take: the upstream is not read then, and cannot be late. */
  #paused = false;
  /** Whether the upstream must read before more can be written, and who waits for that. */
  #full = false;
  #room: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param mayMove - Whether the caller can ask another upstream if this one breaks off before it says anything. */
  constructor(asked: Asked, connection: UpstreamConnection, mayMove: boolean) {
    this.#asked = asked;
    this.#connection = connection;
    this.#repeatable = connection.begun > 0 || mayMove;
    this.#body = asked.body.begin();
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Sends the request. */
  start(): void {
    const { role, params, paramsOfOne, settings } = this.#asked;
    const connection = this.#connection;
    if (!connection.open) {
      this.#end("unsent");
      return;
    }
    this.#lane = connection.begin(this);
    const { id } = this.#lane;
    const flags = settings.keepAlive || connection.capacity > 1 ? KEEP_CONN : 0;
    const stream = id === 1 ? paramsOfOne : (encodeParams(id, params) as string);
    const head = encodeBegin(id, role, flags) + stream;
    if (this.#body.left === 0) {
      this.#lane.stdinEnded = true;
      this.#written(connection.write(head + recordHeader(STDIN, id, 0)));
      return;
    }
    // What there is of the body already leaves with it.
    connection.gather();
    connection.write(head);
    void this.#sendBody();
  }

  /** The response has room again. */
  responseDrained(): void {
    if (this.#over) return;
    this.#paused = false;
    this.#connection.resume(this.#lane);
    this.#wait();
  }

  /** The response is complete: what the upstream still says is read to its end, so that it and the connection come to no harm. */
  responseComplete(): void {
    if (this.#over) return;
    this.#settle("answered");
    // An upstream that has its answer out before it has the body may wait for that for ever.
    if (!this.#lane.stdinEnded) return this.leave();
    this.#draining = true;
    this.#paused = false;
    this.#connection.resume(this.#lane);
    this.#wait();
  }

  /** Nobody wants an answer any more. */
  leave(): void {
    if (this.#over) return;
    this.#end("answered");
    this.#connection.leave(this.#lane);
  }

  stdoutReceived(bytes: Uint8Array): void {
    this.#received = true;
    this.#heard = true;
    const { response, settings } = this.#asked;
    if (response.isOver) this.#drained += bytes.length;
    const room = response.dataReceived(bytes);
    if (response.extra > 0) this.#connection.spoil();
    if (this.#drained > settings.maxDrain) this.leave();
    else if (!room && !response.isOver) {
      this.#paused = true;
      this.#connection.pause(this.#lane);
    }
    this.#wait();
  }

  stderrReceived(bytes: Uint8Array): void {
    this.#heard = true;
    if (this.#asked.stderr.dataReceived(bytes)) this.#wait();
  }

  requestEnded(appStatus: number, protocolStatus: number): void {
    const { response, log } = this.#asked;
    const { name } = this.#connection;
    if (appStatus !== 0) log("warn", `The FastCGI upstream ${name} ended a request with status ${appStatus}`);
    if (protocolStatus === REQUEST_COMPLETE) {
      // One of several on a connection cannot break that off to say that its response is not whole (docs/decisions/011).
      const isShared = this.#connection.capacity > 1;
      if (isShared && appStatus !== 0 && response.hasHead && !response.isOver) {
        this.#fail(new UpstreamFailure(502, `The FastCGI upstream ${name} broke its response off`));
        return;
      }
      response.ended();
      return this.#end("answered");
    }
    if (!this.#received && protocolStatus === OVERLOADED) return this.#end("overloaded");
    if (!this.#received && protocolStatus === CANT_MPX_CONN) return this.#end("cannot-multiplex");
    const what = protocolStatus === UNKNOWN_ROLE ? "does not know the role" : `ended with ${protocolStatus}`;
    this.#fail(new UpstreamFailure(502, `The FastCGI upstream ${name} ${what}`));
  }

  connectionLost(error: Error): void {
    if (this.#repeatable && !this.#heard) return this.#end("lost");
    this.#fail(error);
  }

  drained(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#wait();
    this.#room?.();
  }

  async #sendBody(): Promise<void> {
    const connection = this.#connection;
    const body = this.#body;
    try {
      while (body.left > 0) {
        const piece = await body.next();
        if (this.#over || this.#draining) return;
        const records = encodeStream(STDIN, this.#lane.id, piece);
        if (body.left === 0) {
          this.#lane.stdinEnded = true;
          records.push(recordHeader(STDIN, this.#lane.id, 0));
        }
        this.#written(connection.write(...records));
        if (this.#full) await new Promise<void>((resolve) => (this.#room = resolve));
        if (this.#over || this.#draining) return;
      }
    } catch (error) {
      if (this.#over) return;
      // The connection goes as well: an end of STDIN would say that this was all, and PHP would wait for more.
      const { response } = this.#asked;
      if (error instanceof ClientDisconnected) response.abandoned(error);
      else response.failed(500, error as Error);
      this.leave();
    }
  }

  #written(room: boolean): void {
    this.#full = !room;
    this.#wait();
  }

  /** Something has happened: the time for the next thing begins. */
  #wait(): void {
    const { response, settings } = this.#asked;
    if (this.#over) return;
    const { writeTimeout, firstByteTimeout, readTimeout } = settings;
    if (this.#paused) return this.#stopTimer();
    if (this.#full) return this.#startTimer(writeTimeout, "takes no more of the request");
    // The next word is the client's.
    if (!this.#lane.stdinEnded) return this.#stopTimer();
    if (response.hasHead) this.#startTimer(readTimeout, "sends no more of its response");
    else this.#startTimer(firstByteTimeout, "does not answer");
  }

  #startTimer(timeout: number, what: string): void {
    this.#stopTimer();
    if (timeout === Infinity) return;
    this.#timer = setTimeout(() => {
      const { name } = this.#connection;
      const error = new UpstreamFailure(504, `The FastCGI upstream ${name} ${what}, for ${timeout} ms`);
      if (!this.#draining) this.#asked.response.failed(504, error);
      this.leave();
    }, timeout);
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #fail(error: Error): void {
    const status = error instanceof UpstreamFailure ? error.status : 502;
    if (!this.#draining) this.#asked.response.failed(status, error);
    this.#end("answered");
  }

  #end(outcome: Outcome): void {
    this.#over = true;
    this.#stopTimer();
    this.#asked.stderr.ended();
    this.#settle(outcome);
    this.#room?.();
  }
}
