// The PARAMS stream of one request: collected, however it was cut into records and pieces, and decoded once, as one string.
// Sources: FastCGI 1.0 §5.2 "FCGI_PARAMS", §3.4; requirements F25, F28.

/** The octets of a PARAMS stream so far. */
export class ParamsBlock {
  /** How many there are. */
  size = 0;
  /** The first piece as it came: mostly it is the only one, and never copied. */
  #first: Uint8Array | null = null;
  #start = 0;
  #end = 0;
  /** All of them, once there is a second piece. */
  #all: Uint8Array | null = null;

  /** Adds `bytes[start]` up to, not including, `bytes[end]`. The caller sees to it that the stream has its limit. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const before = this.size;
    this.size = before + end - start;
    if (before === 0) {
      this.#first = bytes;
      this.#start = start;
      this.#end = end;
      return;
    }
    let all = this.#all;
    if (all === null || this.size > all.length) {
      const larger = new Uint8Array(2 * this.size);
      if (all !== null) larger.set(all.subarray(0, before));
      else if (this.#first !== null) larger.set(this.#first.subarray(this.#start, this.#end));
      this.#first = null;
      this.#all = all = larger;
    }
    all.set(bytes.subarray(start, end), before);
  }

  /** All octets, as a binary string; nothing is left. */
  take(): string {
    const [first, all] = [this.#first, this.#all];
    const text =
      first !== null ? latin1(first, this.#start, this.#end) : all !== null ? latin1(all, 0, this.size) : "";
    this.#first = this.#all = null;
    this.size = 0;
    return text;
  }
}

/** A Buffer has it, as old as Buffers are; `toString` would first look at its arguments. */
interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  const { buffer, byteOffset, byteLength } = bytes;
  const octets = bytes instanceof Buffer ? bytes : Buffer.from(buffer, byteOffset, byteLength);
  return (octets as Latin1Buffer).latin1Slice(start, end);
}
