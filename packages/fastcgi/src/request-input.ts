// What a request brings: its body, which is STDIN, and a filter's DATA; held as long as nobody asks, and counted.
// Sources: FastCGI 1.0 §5.3, §6.2, §6.4; requirements F34 to F39.

import type { HttpExchange } from "@tsgi/core";
import type { FilterData } from "./filter-data.ts";
import { HeldPieces } from "./held-pieces.ts";

/** The input of one request. */
export class RequestInput {
  /** Bytes of the body; -1 if only its end will tell, or nobody knows yet. */
  length = -1;
  /** Whether the empty record of STDIN has come. */
  ended = false;
  exchange: HttpExchange | null = null;
  data: FilterData | null = null;
  #received = 0;
  #given = 0;
  #wanted = false;
  #held: HeldPieces | null = null;
  /** What has come and is still in the bytes it came in, which will be others: where each piece begins and ends. */
  #bytes: Uint8Array | null = null;
  readonly #spans: number[] = [];
  #fresh = 0;

  /** How much of the body has come, without what is more than there should be. */
  get received(): number {
    return this.#received;
  }

  /** Whether all of the body is here, and of a filter's data. */
  get complete(): boolean {
    return (this.ended || this.#received === this.length) && (this.data?.complete ?? true);
  }

  /** Whether STDIN ended before the body did. */
  get isShort(): boolean {
    return this.ended && this.#received < this.length;
  }

  /** How much waits to be read: of the body, or of the data, whichever is more. */
  get held(): number {
    return Math.max(this.#fresh + (this.#held?.size ?? 0), this.data?.size ?? 0);
  }

  /** Takes a piece of STDIN. Whoever calls looks at `received` and `held` then, and calls {@link settle} before the bytes are others. */
  stdinReceived(bytes: Uint8Array, start: number, end: number): void {
    if (this.ended) return;
    const left = this.length === -1 ? Infinity : this.length - this.#received;
    const size = Math.min(end - start, left);
    if (size === 0) return;
    if (bytes !== this.#bytes) this.settle();
    this.#received += size;
    this.#fresh += size;
    this.#bytes = bytes;
    this.#spans.push(start, start + size);
  }

  /**
   * Copies what has come since: one piece for an app that waits, in memory that is its alone, or else what is held.
   *
   * @returns Whether there was anything.
   */
  settle(): boolean {
    const bytes = this.#bytes;
    const size = this.#fresh;
    if (bytes === null || size === 0) return false;
    const spans = this.#spans.splice(0);
    this.#bytes = null;
    this.#fresh = 0;
    if (this.#wanted) {
      this.#wanted = false;
      this.#give(joined(bytes, spans, size));
      return true;
    }
    this.#held ??= new HeldPieces();
    for (let i = 0; i < spans.length; i += 2)
      this.#held.add(bytes, spans[i] as number, spans[i + 1] as number);
    return true;
  }

  /** STDIN is at its end. */
  stdinEnded(): void {
    this.settle();
    this.ended = true;
    if (!this.#wanted || this.isShort) return;
    this.#wanted = false;
    this.exchange?.eofReceived();
  }

  /** The length is known: what came before, and is more, is forgotten. */
  lengthIs(length: number): void {
    this.settle();
    this.length = length;
    const early = this.#held;
    if (early === null || length === -1) return;
    const { ended } = this;
    this.ended = false;
    this.#held = null;
    this.#received = 0;
    for (let piece = early.take(); piece !== null; piece = early.take()) {
      this.stdinReceived(piece, 0, piece.length);
    }
    this.settle();
    this.ended = ended;
  }

  /** The app wants the next piece of the body. */
  read(): void {
    const piece = this.#held?.take() ?? null;
    if (piece !== null) this.#give(piece);
    else if (this.ended) this.exchange?.eofReceived();
    else this.#wanted = true;
  }

  /** Nobody will ask any more. */
  forget(): void {
    this.ended = true;
    this.#bytes = null;
    this.#fresh = 0;
    this.#spans.length = 0;
    this.#held?.clear();
    this.data?.connectionLost();
  }

  #give(piece: Uint8Array): void {
    this.#given += piece.length;
    this.exchange?.dataReceived(piece, this.#given === this.length);
  }
}

function joined(bytes: Uint8Array, spans: readonly number[], size: number): Uint8Array {
  if (spans.length === 2) return new Uint8Array(bytes.subarray(spans[0], spans[1]));
  const piece = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < spans.length; i += 2) {
    const part = bytes.subarray(spans[i], spans[i + 1]);
    piece.set(part, at);
    at += part.length;
  }
  return piece;
}
