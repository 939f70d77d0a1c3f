// Where a request body goes that is too long to be kept in memory: an interface, because files are the host's.
// Source: PEP 3333 "Input and Error Streams" (a server may read the body before the app is called).

/** Makes spools. */
export interface SpoolFactory {
  /** A new, empty spool, for one request. What it needs it may get with the first `write`. */
  open(): Spool;
}

/** A body on its way to a file: written asynchronously, then read synchronously, any number of times. */
export interface Spool {
  /** Adds bytes at the end. The next call comes after the promise; the array is not written to by anybody. */
  write(chunk: Uint8Array): Promise<void>;
  /** All is written: gives the reading side. */
  finish(): Promise<SpoolReader>;
  /** Frees it; the last call, and the only one after a failed `write` or `finish`. */
  close(): Promise<void>;
}

/** The reading side of a spool. */
export interface SpoolReader {
  /**
   * The bytes from `position` on, at most `size`; empty at the end only. The array is the caller's: it is not written to again.
   */
  readSync(size: number, position: number): Uint8Array;
}
