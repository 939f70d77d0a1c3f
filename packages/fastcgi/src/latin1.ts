// Octets as a binary string, by Node's own means.

// The global of this name is an accessor, which costs each request.
import { Buffer } from "node:buffer";

/** A Buffer has it, as old as Buffers are; `toString` would first look at its arguments. */
interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

/** `bytes[start]` up to, not including, `bytes[end]`: one code unit per octet. */
export function latin1Of(bytes: Uint8Array, start: number, end: number): string {
  return (bufferOf(bytes) as Latin1Buffer).latin1Slice(start, end);
}

/** The same octets as a Buffer, which they mostly are. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
