// The requests of one connection, by id. Most connections have one at a time, and no table is touched for it.
// Source: FastCGI 1.0 §3.3 "Managing Request IDs".

import type { FastCgiRequest } from "./request.ts";

/** The requests that have begun and are not over. */
export class RequestTable {
  /** How many there are. */
  size = 0;
  #only: FastCgiRequest | null = null;
  /** By id: the one that was begun last, if it is not the only one. */
  readonly #others = new Map<number, FastCgiRequest>();
  /** Those behind which one of the same id waits. */
  readonly #earlier = new Set<FastCgiRequest>();

  /** The request that records of this id belong to. */
  get(id: number): FastCgiRequest | undefined {
    const only = this.#only;
    if (only !== null && only.id === id) return only;
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** Adds one that begins; one of the same id becomes the one it waits for. */
  add(request: FastCgiRequest): void {
    const before = this.get(request.id);
    this.size += 1;
    if (before !== undefined) {
      before.successor = request;
      this.#earlier.add(before);
      if (this.#only === before) this.#only = request;
      else this.#others.set(request.id, request);
    } else if (this.#only === null) this.#only = request;
    else this.#others.set(request.id, request);
  }

  /** Takes one out that is over; `false` if it was not there. */
  delete(request: FastCgiRequest): boolean {
    if (this.#only === request) this.#only = null;
    else if (this.#others.get(request.id) === request) this.#others.delete(request.id);
    else if (!this.#earlier.delete(request)) return false;
    this.size -= 1;
    return true;
  }

  /** A copy: what is done with one of them may begin or end another. */
  all(): FastCgiRequest[] {
    if (this.size === 0) return [];
    const only = this.#only === null ? [] : [this.#only];
    return [...this.#earlier, ...only, ...this.#others.values()];
  }
}
