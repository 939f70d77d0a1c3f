// The response of a sync app: startResponse, write, and the pieces of the result, driven with back-pressure.
// Source: PEP 3333 "The start_response() Callable", "The write() Callable", "Buffering and Streaming", "Handling the Content-Length Header".

import { EMPTY, byteLength, bytesOf } from "./bytes.ts";
import { GatewayError } from "./errors.ts";
import type { Chunk } from "./events.ts";
import type { StartResponse, WsgiHeader } from "./pep3333.ts";
import type { ResponseHead } from "./response-head.ts";
import { isBodiless } from "./status.ts";
import { headerList, wsgiHead } from "./wsgi-head.ts";
import type { Outlet } from "./wsgi-outlet.ts";
import { iterate, nextPiece, onlyPiece, pieceOf, putAway } from "./wsgi-result.ts";
import { nextTurn } from "./wsgi-turn.ts";

/** What `#owed` is when Content-Length says nothing, or there is no body to count. */
const UNCOUNTED = -1;
const NO_HEADERS: readonly WsgiHeader[] = [];

/** Who is told that a response is at its end; the result is put away by then. */
export interface ResponseOwner {
  /** All is sent, or nobody is there to take it. */
  responseEnded(): void;
  /** The app failed, or broke the interface. */
  responseFailed(error: unknown): void;
}

/** How much of a response is taken from the app and sent in one turn of the event loop: see the options of these names. */
export interface TurnLimits {
  readonly piecesPerTurn: number;
  readonly turnTime: number;
}

/** One response. */
export class WsgiResponse {
  /** What `startResponse` was given last; `null` if it was not called. */
  status: string | number | null = null;
  headers: readonly WsgiHeader[] = NO_HEADERS;
  readonly #outlet: Outlet;
  readonly #owner: ResponseOwner;
  readonly #turn: TurnLimits;
  /** How many pieces may still be taken, and until when, before it is others' turn. */
  #left = 0;
  #waitsLeft = 0;
  #turnEnds = 0;
  /** While the app function runs, `write` may be called; then its result is iterated. */
  #phase: "called" | "iterating" | "over" = "called";
  /** Whether `startResponse` was called, be it in vain. */
  #declared = false;
  /** Kept back until the first piece. */
  #head: ResponseHead | null = null;
  /** Whether the outlet has the head. */
  #begun = false;
  #bodiless = false;
  /** The bytes still to come by Content-Length. */
  #owed = UNCOUNTED;
  #room: Promise<void> | null = null;
  #result: unknown = undefined;
  #iterator: Iterator<unknown> | null = null;

  constructor(outlet: Outlet, owner: ResponseOwner, turn: TurnLimits) {
    this.#outlet = outlet;
    this.#owner = owner;
    this.#turn = turn;
  }

  /** The app's `startResponse`. */
  readonly startResponse: StartResponse = (status, headers, excInfo) => {
    const replaces = excInfo !== undefined && excInfo !== null;
    if (replaces && this.#begun) throw excInfo;
    if (this.#phase === "over") throw misuse("startResponse was called after the response");
    if (this.#declared && !replaces) {
      throw misuse("startResponse was called twice: the second call needs the error that is its reason");
    }
    this.#declared = true;
    this.#head = null;
    const list = headerList(headers);
    this.#head = wsgiHead(status, list, this.#outlet);
    this.status = status;
    this.headers = list;
    return (bytes) => this.#push(bytes);
  };

  /** The app function has returned. */
  returned(result: unknown): void {
    this.#phase = "iterating";
    this.#result = result;
    try {
      const only = onlyPiece(result);
      if (only !== null) {
        this.#finish(only);
        this.#over();
        return;
      }
      this.#iterator = iterate(result);
      this.#beginTurn();
    } catch (error) {
      this.failed(error);
      return;
    }
    this.#drive();
  }

  /** Something threw: the app function, its iterator, or a check of ours. */
  failed(error: unknown): void {
    this.#putAway();
    this.#owner.responseFailed(error);
  }

  #over(): void {
    this.#putAway();
    this.#owner.responseEnded();
  }

  // ── pieces ────────────────────────────────────────────────────────────────────────────────────────────────────

  #drive(): void {
    try {
      if (!this.#pump()) return;
    } catch (error) {
      this.failed(error);
      return;
    }
    this.#over();
  }

  /** Takes pieces and sends them until all is sent (then it says `true`), there is no room, or it is others' turn. */
  #pump(): boolean {
    const outlet = this.#outlet;
    const iterator = this.#iterator as Iterator<unknown>;
    for (; !outlet.disconnected; this.#left = isOver(this.#turnEnds) ? 0 : this.#left - 1) {
      if (outlet.full && this.#room !== null) {
        this.#room.then(
          () => this.#resume(),
          (error: unknown) => this.#lost(error),
        );
        return false;
      }
      if (this.#left < 1) {
        nextTurn(() => {
          this.#beginTurn();
          this.#drive();
        });
        return false;
      }
      if (this.#isEnough()) {
        this.#finish(EMPTY);
        return true;
      }
      const piece = nextPiece(iterator);
      if (piece === null) {
        this.#finish(EMPTY);
        return true;
      }
      // Nothing leaves before a piece with something in it: the app may still have to replace its head.
      if (piece.length > 0 && this.#send(piece)) return true;
    }
    return true;
  }

  #beginTurn(): void {
    this.#left = this.#waitsLeft = this.#turn.piecesPerTurn;
    const { turnTime } = this.#turn;
    this.#turnEnds = turnTime === Infinity ? Infinity : performance.now() + turnTime;
  }

  /** There is room again: as a rule in a new turn, but it may also be back at once, time after time. */
  #resume(): void {
    this.#waitsLeft -= 1;
    if (this.#waitsLeft > 0) this.#left = this.#turn.piecesPerTurn;
    this.#drive();
  }

  #lost(error: unknown): void {
    if (this.#outlet.disconnected) this.#over();
    else this.failed(error);
  }

  /** Whether nothing of what the iterator may still give would be sent. */
  #isEnough(): boolean {
    if (this.#begun) return this.#bodiless || this.#owed === 0;
    return this.#head?.length === 0;
  }

  /** Sends a piece, and says whether it was the last by Content-Length, or no body is sent at all. */
  #send(piece: Chunk): boolean {
    this.#begin();
    if (this.#bodiless) {
      // Not sent; the exchange says so where the status, and not HEAD, is the reason.
      this.#finish(piece);
      return true;
    }
    const chunk = this.#clamped(piece);
    const last = this.#owed === 0;
    this.#room = this.#outlet.write(chunk, !last);
    return last;
  }

  /** Sends the last piece. */
  #finish(piece: Chunk): void {
    this.#begin();
    const chunk = this.#clamped(piece);
    if (this.#owed > 0) {
      throw new GatewayError(
        "TSGI_ERR_CONTENT_LENGTH",
        `The app's body is ${this.#owed} bytes shorter than its Content-Length`,
      );
    }
    void this.#outlet.write(chunk, false);
  }

  #begin(): void {
    if (this.#begun) return;
    const head = this.#head;
    if (head === null) {
      throw new GatewayError("TSGI_ERR_NO_RESPONSE", "The app did not call startResponse before its body");
    }
    this.#outlet.start(head);
    this.#begun = true;
    this.#bodiless = this.#outlet.scope.method === "HEAD" || isBodiless(head.status);
    if (!this.#bodiless) this.#owed = head.length;
  }

  /** No more than Content-Length says is sent, whatever the app gives. */
  #clamped(piece: Chunk): Chunk {
    const owed = this.#owed;
    if (owed === UNCOUNTED) return piece;
    const size = byteLength(piece);
    if (size <= owed) {
      this.#owed = owed - size;
      return piece;
    }
    this.#owed = 0;
    this.#outlet.log("warn", `The app's body is longer than its Content-Length: the rest of it was not sent`);
    return bytesOf(piece).subarray(0, owed);
  }

  /** The `write` which `startResponse` returns: sends at once, the head too. */
  #push(bytes: Chunk): void {
    if (this.#phase !== "called") throw misuse("write() was called after the app had returned its result");
    const piece = pieceOf(bytes);
    const head = this.#head;
    const owed = this.#begun ? this.#owed : (head?.length ?? UNCOUNTED);
    if (owed !== UNCOUNTED && byteLength(piece) > owed) {
      throw new GatewayError("TSGI_ERR_CONTENT_LENGTH", "write() was given more than Content-Length says");
    }
    this.#begin();
    this.#room = this.#outlet.write(this.#clamped(piece), true);
  }

  #putAway(): void {
    const iterator = this.#iterator;
    const result = this.#result;
    this.#phase = "over";
    this.#iterator = null;
    this.#result = undefined;
    putAway(iterator, result, this.#outlet);
  }
}

/** Whether a turn is over. Who has no end does not look at the clock: under CGI the first look would cost milliseconds. */
function isOver(turnEnds: number): boolean {
  return turnEnds !== Infinity && performance.now() >= turnEnds;
}

function misuse(message: string): GatewayError {
  return new GatewayError("TSGI_ERR_WSGI", message);
}
