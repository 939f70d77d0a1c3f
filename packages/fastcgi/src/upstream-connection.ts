// One connection to a FastCGI upstream: a socket, the records on it, and the requests they belong to.
// Sources: FastCGI 1.0 §3.3, §3.5, §5; requirements FC1, FC4, FC6, FC13, FC15, FC18 to FC20.

import type { Socket } from "node:net";
import {
  ABORT_REQUEST,
  BODY_LENGTH,
  END_REQUEST,
  GET_VALUES_RESULT,
  NULL_REQUEST_ID,
  STDERR,
  STDOUT,
  UNKNOWN_TYPE,
} from "./constants.ts";
import { Lane, type UpstreamSink } from "./lane.ts";
import { RecordReader, type RecordSink } from "./record-reader.ts";
import { recordHeader, type Octets } from "./record-writer.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** Who has opened a connection, and is told what becomes of it. */
export interface ConnectionOwner {
  /** A request has ended as it should, and its place on the connection may be taken by another. */
  freed(connection: UpstreamConnection): void;
  /** The connection is gone. */
  closed(connection: UpstreamConnection): void;
}

/** How a connection is used. */
export interface ConnectionUse {
  /** How the log names its other end. */
  readonly name: string;
  /** How many requests may be on it at once. */
  readonly capacity: number;
  /** How much output of one request is held back for a slow client before all of the connection has to wait, in bytes. */
  readonly maxHeld: number;
}

/** How long a connection whose requests were all given up waits for the upstream to say so too, in milliseconds. */
const LEFT_TIMEOUT = 10_000;

/** How many ids take turns, at the least (few enough for one octet), and the highest there is. */
const [MIN_IDS, MAX_ID] = [255, 65_535];

/** A connection that is open. */
export class UpstreamConnection implements RecordSink {
  readonly owner: ConnectionOwner;
  readonly name: string;
  /** How many requests may be on it at once. */
  capacity: number;
  /** Whether anything has ever come: until then its upstream may not even have accepted it. */
  answered = false;
  /** When it was opened, by `performance.now()`. */
  readonly openedAt: number = performance.now();
  /** How many requests were begun on it. */
  begun = 0;
  readonly #socket: Socket;
  readonly #multiplexed: boolean;
  readonly #maxHeld: number;
  readonly #reader = new RecordReader(this);
  readonly #lanes = new Map<number, Lane>();
  readonly #end = new Uint8Array(BODY_LENGTH);
  /** The id that was given last, and the highest that ever was. */
  #lastId = 0;
  #highestId = 0;
  /** Places that were promised. */
  #reserved = 0;
  #spoiled = false;
  #freed = false;
  #error: Error | undefined;

  constructor(socket: Socket, owner: ConnectionOwner, { name, capacity, maxHeld }: ConnectionUse) {
    this.owner = owner;
    this.name = name;
    this.capacity = Math.min(capacity, MAX_ID);
    this.#socket = socket;
    this.#multiplexed = capacity > 1;
    this.#maxHeld = maxHeld;
    socket.on("data", (chunk) => this.#dataReceived(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("error", (error) => (this.#error = error));
    socket.on("end", () => this.close());
    socket.on("close", () => this.#closed());
    socket.on("timeout", () => this.close());
  }

  /** Whether it is open, and no request is on it. */
  get idle(): boolean {
    return this.#lanes.size === 0 && this.#reserved === 0 && this.open;
  }

  /** Whether it can be used at all. */
  get open(): boolean {
    return !this.#socket.destroyed && !this.#spoiled;
  }

  /** Whether one more request can be begun on it. */
  get hasRoom(): boolean {
    // One that a slow client holds up would hold up a further request as well.
    return this.#lanes.size + this.#reserved < this.capacity && this.open && !this.#socket.isPaused();
  }

  /** Promises a place: `begin` takes it, or `giveBack` does not. */
  reserve(): this {
    this.#reserved += 1;
    return this;
  }

  /** Nobody needs the place any more. */
  giveBack(): void {
    this.#reserved -= 1;
    if (this.open) this.owner.freed(this);
  }

  /** Begins a request: gives it an id, which is 1 for the first. */
  begin(sink: UpstreamSink): Lane {
    const id = this.#nextId();
    const lane = new Lane(id, sink);
    this.#lanes.set(id, lane);
    this.begun += 1;
    this.#reserved -= 1;
    this.#socket.ref().setTimeout(0);
    return lane;
  }

  /**
   * The id that was not used for longest: what an upstream still says of a request that has ended (a forked process that flushes its
   * copy of the output, say) must not be taken for the answer to the next one, which is another client's.
   */
  #nextId(): number {
    const ids = Math.min(MAX_ID, Math.max(MIN_IDS, 2 * this.capacity));
    do this.#lastId = (this.#lastId % ids) + 1;
    while (this.#lanes.has(this.#lastId));
    this.#highestId = Math.max(this.#highestId, this.#lastId);
    return this.#lastId;
  }

  /** Nobody uses it for now: it keeps the process alive no longer, and is closed after a while. */
  rest(idleTimeout: number): void {
    this.#socket.unref().setTimeout(idleTimeout);
  }

  /**
   * Writes records of a request.
   *
   * @returns `false` if there is no room for more: `drained` of its sink is called when there is.
   */
  write(...pieces: readonly Octets[]): boolean {
    const socket = this.#socket;
    // Of one piece a vectored write would be a detour.
    if (pieces.length > 1) socket.cork();
    let room = true;
    for (const piece of pieces) {
      room = typeof piece === "string" ? socket.write(piece, "latin1") : socket.write(piece);
    }
    if (pieces.length > 1) socket.uncork();
    return room;
  }

  /** Holds what is written back until the turn is over, so that it leaves as one. */
  gather(): void {
    this.#socket.cork();
    process.nextTick(() => this.#socket.uncork());
  }

  /** The client is slow: no more of this request's output, for now. */
  pause(lane: Lane): void {
    if (this.#multiplexed) lane.pause();
    else this.#socket.pause();
  }

  /** There is room again. */
  resume(lane: Lane): void {
    if (lane.paused) lane.resume();
    this.#flow();
  }

  /** It is not used again once its requests are done. */
  spoil(): void {
    this.#spoiled = true;
  }

  /**
   * Nobody waits for this request any more. Alone on its connection it ends with that, since PHP takes no note of ABORT_REQUEST; else
   * the upstream is told, and the id is free again when it answers.
   */
  leave(lane: Lane): void {
    lane.leave();
    if (this.#lanes.get(lane.id) !== lane) return;
    if (!this.#multiplexed) return this.close();
    this.write(recordHeader(ABORT_REQUEST, lane.id, 0));
    this.#flow();
    if ([...this.#lanes.values()].every(({ left }) => left)) this.#socket.setTimeout(LEFT_TIMEOUT);
  }

  /** Closes it at once, with all requests on it. */
  close(): void {
    this.#socket.destroy();
    this.#lose();
  }

  /** A record of the upstream's. */
  record(
    type: number,
    id: number,
    length: number,
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const lane = this.#lanes.get(id);
    if (lane === undefined) return this.#stray(type, id);
    if (type === STDOUT) {
      if (length === 0) lane.stdoutEnded();
      else lane.stdout(bytes.subarray(start, end));
      if (lane.heldBytes > this.#maxHeld) this.#socket.pause();
    } else if (type === STDERR) {
      if (length > 0) lane.sink.stderrReceived(bytes.subarray(start, end));
    } else if (type === END_REQUEST && length >= BODY_LENGTH) {
      for (let at = start; at < end && offset + at - start < BODY_LENGTH; at += 1) {
        this.#end[offset + at - start] = bytes[at] as number;
      }
      if (offset + end - start === length) this.#ended(lane);
    } else {
      this.#violated(`a record of type ${type} and ${length} bytes, which has no place there`);
    }
  }

  /** A record of no request there is. One that has ended, or was given up, may have left some behind. */
  #stray(type: number, id: number): void {
    const answersUs = type === GET_VALUES_RESULT || type === UNKNOWN_TYPE;
    if (id === NULL_REQUEST_ID && answersUs) return;
    if (id === NULL_REQUEST_ID || id > this.#highestId) {
      this.#violated(`a record of a request that was never begun, ${id}`);
    } else if (!this.#multiplexed) {
      this.#spoiled = true;
    }
  }

  #ended(lane: Lane): void {
    const [a = 0, b = 0, c = 0, d = 0, protocolStatus = 0] = this.#end;
    this.#lanes.delete(lane.id);
    if (!lane.stdinEnded && !this.#multiplexed) this.#spoiled = true;
    this.#freed = true;
    lane.ended(((a << 24) | (b << 16) | (c << 8) | d) >>> 0, protocolStatus);
  }

  #dataReceived(chunk: Uint8Array): void {
    this.answered = true;
    if (this.#lanes.size === 0) return this.close();
    if (!this.#reader.push(chunk)) return this.#violated("what is no FastCGI 1");
    if (this.#freed) this.#settle();
  }

  /** After the last record that came in one go: whether the place of a request that has ended can be taken again. */
  #settle(): void {
    this.#freed = false;
    const empty = this.#lanes.size === 0;
    const clean =
      this.open && (this.#multiplexed || this.#reader.atBoundary) && this.#socket.writableLength === 0;
    if (empty && !clean) return this.close();
    this.#flow();
    if (this.open) this.owner.freed(this);
  }

  #flow(): void {
    for (const lane of this.#lanes.values()) {
      if (lane.heldBytes > this.#maxHeld) return;
    }
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  #drained(): void {
    for (const lane of this.#lanes.values()) lane.sink.drained();
  }

  #violated(what: string): void {
    this.#reader.stop();
    this.#error = new UpstreamFailure(502, `The FastCGI upstream ${this.name} sent ${what}`);
    this.close();
  }

  #closed(): void {
    this.#lose();
    this.owner.closed(this);
  }

  #lose(): void {
    if (this.#lanes.size === 0) return;
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    const ours = this.#error instanceof UpstreamFailure ? this.#error : null;
    const cause = this.#error;
    const error =
      ours ?? new UpstreamFailure(502, `The FastCGI upstream ${this.name} closed its connection`, { cause });
    for (const lane of lanes) lane.lost(error);
  }
}
