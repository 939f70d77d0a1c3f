// One request between fd 0, fd 1 and the exchange. The request body is read to its end before the answer leaves.
// Sources: RFC 3875 §4.2, §6; requirements C9 to C24; measured: fcgiwrap, mod_cgid and mod_cgi hang if the body is left unread.

import {
  type BlockingBody,
  type Chunk,
  type HttpExchange,
  type HttpTransport,
  type Log,
  type LogLevel,
  type ResponseHead,
} from "@tsgi/core";
import type { CgiInput, ReadLimits } from "./cgi-input.ts";
import { CgiOutput, type OutputOwner } from "./cgi-output.ts";
import type { ServeSettings } from "./serve-settings.ts";
import type { EncodedHead } from "./cgi-head.ts";

/** Longer pieces are not copied behind the head, but written apart. */
const WORTH_JOINING = 64 * 1024;

/** How the process goes on. */
export interface RequestOwner {
  /** The bridge of a sync app waits from now on: no signal is seen any more. */
  blocked(): void;
  /** The answer is written, or never will be: nobody waits for this process now. The app may still run. */
  answered(): void;
  /** Nobody reads the answer: the app has been told. */
  lost(): void;
  /** The app has returned, and the answer is written, or never will be. */
  finished(whole: boolean): void;
}

/** The one request of this process. */
export class CgiTransport implements HttpTransport, OutputOwner {
  readonly #input: CgiInput;
  readonly #output: CgiOutput;
  readonly #settings: ServeSettings;
  readonly #owner: RequestOwner;
  readonly #encode: (head: ResponseHead) => EncodedHead;
  readonly #log: Log;
  #exchange: HttpExchange | null = null;
  #waits = false;
  /** Not yet written: it leaves with the first piece. */
  #head: EncodedHead | null = null;
  /** Whether what the app sends is left out. */
  #bare = false;
  #state: "open" | "ended" | "cut" = "open";
  #answered = false;
  #returned = false;

  constructor(
    input: CgiInput,
    fd: number,
    settings: ServeSettings,
    owner: RequestOwner,
    encode: (head: ResponseHead) => EncodedHead,
  ) {
    this.#input = input;
    this.#output = new CgiOutput(fd, this);
    this.#settings = settings;
    this.#owner = owner;
    this.#encode = encode;
    this.#log = settings.log;
  }

  /** Whether something is on its way through a thread: the process cannot exit before it is back. */
  get busy(): boolean {
    return this.#input.reading || this.#output.writing;
  }

  /** The end of the process is asked for. */
  endAsked(): void {
    this.#lose();
  }

  /** Nothing is left to happen in this process, and the app still waits. */
  stalled(error: Error): void {
    if (this.#state === "open") this.#exchange?.appFailed(error);
    else this.detach();
  }

  // ── orders of the exchange ────────────────────────────────────────────────────────────────────────────────────

  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    if (this.#input.ended) exchange.eofReceived();
  }

  block(): BlockingBody {
    this.#waits = true;
    this.#output.block();
    this.#owner.blocked();
    return this.#input;
  }

  read(): void {
    const input = this.#input;
    input.read((bytes) => {
      if (bytes.byteLength > 0) this.#exchange?.dataReceived(bytes, input.ended && !input.holds);
      else if (input.truncated) this.#lose();
      else this.#exchange?.eofReceived();
    });
  }

  writeHead(head: ResponseHead): void {
    this.#head = this.#encode(head);
    this.#bare = this.#head.bare;
  }

  write(chunk: Chunk): boolean {
    this.#makeWay("readAhead");
    this.#put(chunk);
    return this.#output.idle;
  }

  end(chunk: Chunk | null): void {
    this.#makeWay("discard");
    this.#put(chunk);
    // It may have been lost by now: the web server has gone away before this was written.
    if (this.#state === "open") this.#state = "ended";
    this.#settle();
  }

  abort(): void {
    this.#state = "cut";
    this.#head = null;
    this.#output.drop();
    this.#settle();
  }

  detach(): void {
    this.#returned = true;
    this.#settle();
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    this.#log(level, message, error);
  }

  // ── reports of the output ─────────────────────────────────────────────────────────────────────────────────────

  drained(): void {
    this.#exchange?.drained();
    this.#settle();
  }

  outputLost(): void {
    this.#owner.lost();
    const ended = this.#state === "ended";
    this.#state = "cut";
    this.#exchange?.connectionLost();
    // Else the exchange will say when the app has returned.
    if (ended) this.#settle();
  }

  // ── what comes of it ──────────────────────────────────────────────────────────────────────────────────────────

  /** The app is told that nobody is there any more. */
  #lose(): void {
    if (this.#state === "open") {
      this.#state = "cut";
      this.#output.drop();
    }
    this.#exchange?.connectionLost();
  }

  /** Has the rest of the request body out of the way before anything is written. */
  #makeWay(how: "readAhead" | "discard"): void {
    const input = this.#input;
    if (input.ended) return;
    const limits = this.#limits(how === "discard" ? this.#settings.drainLimit : this.#settings.readAhead);
    if (this.#waits) {
      if (how === "discard") input.discardSync(limits);
      else input.readAheadSync(limits);
      return;
    }
    this.#output.hold();
    const release = (): void => this.#output.release();
    if (how === "discard") input.discard(limits, release);
    else input.readAhead(limits, release);
  }

  #limits(most: number): ReadLimits {
    return { most, time: this.#settings.drainTimeout };
  }

  #put(chunk: Chunk | null): void {
    const head = this.#head;
    this.#head = null;
    const piece = this.#bare || chunk === null || chunk.length === 0 ? null : chunk;
    if (head === null) {
      if (piece !== null) this.#output.write(bytesFor(piece));
    } else if (typeof piece === "string" && head.ascii) {
      this.#output.write(bytesFor(head.text + piece));
    } else {
      const bytes = Buffer.from(head.text, "latin1");
      if (piece === null) this.#output.write(bytes);
      else if (piece.length <= WORTH_JOINING) this.#output.write(Buffer.concat([bytes, bytesFor(piece)]));
      else this.#putBoth(bytes, piece);
    }
  }

  #putBoth(head: Uint8Array, piece: Chunk): void {
    this.#output.write(head);
    this.#output.write(bytesFor(piece));
  }

  #settle(): void {
    if (this.#state === "open" || !(this.#output.idle || this.#state === "cut")) return;
    if (this.#returned) {
      this.#owner.finished(this.#state === "ended");
    } else if (!this.#answered) {
      this.#answered = true;
      this.#owner.answered();
    }
  }
}

function bytesFor(chunk: Chunk): Uint8Array {
  return typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
}
