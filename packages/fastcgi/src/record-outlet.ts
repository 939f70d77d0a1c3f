// Where the records of one request go: to the connection, or nowhere yet.
// Source: FastCGI 1.0 §6.4 "Filter": a filter says nothing before it was told all of STDIN.

import type { Octets } from "./record-writer.ts";
import type { FastCgiRequest } from "./request.ts";
import type { FastCgiSettings } from "./serve-options.ts";

/** Takes whole records. */
export interface RecordOutlet {
  /** Whether there is no room: what may be left out had better be. */
  readonly full: boolean;
  /**
   * Writes records that are one binary string.
   *
   * @returns `false` if there is no room for more: `drained()` of every request follows when there is.
   */
  write(records: string): boolean;
  /** Writes records in pieces, the first of which is a string. They leave with all that is written in the same turn. */
  writeAll(pieces: readonly Octets[]): boolean;
  /** END_REQUEST was the last. */
  requestOver(request: FastCgiRequest): void;
}

/** What a request needs of its connection. */
export interface RequestOwner extends RecordOutlet {
  readonly settings: FastCgiSettings;
  /** Whether the web server can be made to see that a response is not whole. */
  canLeaveOff(request: FastCgiRequest): boolean;
  /** More of a request's input is held than should be: nothing more is read. */
  hold(request: FastCgiRequest): void;
  /** It is no more. */
  release(request: FastCgiRequest): void;
  /**
   * Leaves a response without its end, and breaks the connection off after these records as soon as no other request is at work on it or
   * under way, so that the web server can tell that it is not whole.
   */
  leaveOff(request: FastCgiRequest, records: string): void;
}

/** Keeps records back until it is opened. */
export class HeldOutlet implements RecordOutlet {
  readonly #outlet: RecordOutlet;
  readonly #most: number;
  #pieces: Octets[] = [];
  #size = 0;
  #over: FastCgiRequest | null = null;
  #open = false;

  /** @param most - How many bytes there is room for. */
  constructor(outlet: RecordOutlet, most: number) {
    this.#outlet = outlet;
    this.#most = most;
  }

  get full(): boolean {
    return this.#open ? this.#outlet.full : this.#size > this.#most;
  }

  write(records: string): boolean {
    return this.#open ? this.#outlet.write(records) : this.#hold([records]);
  }

  writeAll(pieces: readonly Octets[]): boolean {
    return this.#open ? this.#outlet.writeAll(pieces) : this.#hold(pieces);
  }

  requestOver(request: FastCgiRequest): void {
    if (this.#open) this.#outlet.requestOver(request);
    else this.#over = request;
  }

  /**
   * Lets everything go.
   *
   * @returns Whether there is room for more.
   */
  open(): boolean {
    if (this.#open) return true;
    this.#open = true;
    const [pieces, over] = [this.#pieces, this.#over];
    this.#pieces = [];
    const room = pieces.length === 0 || this.#outlet.writeAll(pieces);
    if (over !== null) this.#outlet.requestOver(over);
    return room;
  }

  #hold(pieces: readonly Octets[]): boolean {
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#size += piece.length;
    }
    return !this.full;
  }
}
