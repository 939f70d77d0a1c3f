// wsgi.file_wrapper: makes an iterable body of a file-like object.
// Source: PEP 3333 "Optional Platform-Specific File Handling".

import type { FileLike } from "./pep3333.ts";

/** How much of a file is read at a time if the app does not say, in bytes. 64 KiB. */
export const FILE_BLOCK_SIZE = 65_536;

/** What `wsgi.file_wrapper` returns: blocks of the file from its present position to its end. */
export class FileWrapper implements IterableIterator<Uint8Array> {
  /** The wrapped file. */
  readonly file: FileLike;
  /** How much is read at a time, in bytes. */
  readonly blockSize: number;
  #closed = false;

  constructor(file: FileLike, blockSize: number) {
    this.file = file;
    this.blockSize = blockSize;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Uint8Array, undefined> {
    const block = this.#closed ? undefined : this.file.read(this.blockSize);
    return block === undefined || block.length === 0
      ? { done: true, value: undefined }
      : { done: false, value: block };
  }

  /** Closes the file, once, if it can be closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Whoever calls it sees whether an asynchronous close fails.
    return this.file.close?.();
  }
}

/**
 * The value of `environ["wsgi.file_wrapper"]`.
 *
 * @param file - Anything with `read(size)`, which gives an empty array at the end; its `close()` is called after the response.
 * @param blockSize - How much is read at a time, in bytes. Default: 65536; what is not a positive integer counts as none.
 */
export function fileWrapper(file: FileLike, blockSize: number = FILE_BLOCK_SIZE): FileWrapper {
  return new FileWrapper(file, Number.isInteger(blockSize) && blockSize > 0 ? blockSize : FILE_BLOCK_SIZE);
}
