// The content of a record that is needed whole, put together if it came in pieces.
// Source: FastCGI 1.0 §3.3 "Records".

/** Collects one content at a time: no other record can begin before it is complete. */
export class RecordContent {
  #bytes: Uint8Array | null = null;

  /**
   * Takes a piece as a {@link RecordSink} gets it.
   *
   * @returns The whole content with the last piece, else `null`.
   */
  add(length: number, offset: number, bytes: Uint8Array, start: number, end: number): Uint8Array | null {
    const size = end - start;
    if (size === length) return bytes.subarray(start, end);
    const content = (this.#bytes ??= new Uint8Array(length));
    content.set(bytes.subarray(start, end), offset);
    if (offset + size < length) return null;
    this.#bytes = null;
    return content;
  }
}
