// Octets and strings: UTF-8, binary strings (latin-1, one code unit per octet), lengths. No Buffer: this runs anywhere.
// Source: PEP 3333 "Unicode Issues"; ASGI HTTP 2.5; WHATWG Encoding.

// Made when they are needed: most requests are ASCII, and a CGI program counts in microseconds.
let encoder: TextEncoder | null = null;
let decoder: TextDecoder | null = null;

/** An empty body. Shared: it has no octet that anybody could change. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/** Whether this is a `Uint8Array`, a Node `Buffer` included, of whatever realm. */
export function isBytes(value: unknown): value is Uint8Array {
  if (!ArrayBuffer.isView(value)) return false;
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/** The bytes of a piece of body: a string as UTF-8. */
export function bytesOf(chunk: Uint8Array | string): Uint8Array {
  return typeof chunk === "string" ? utf8Encode(chunk) : chunk;
}

/** The length in bytes of a piece of body, without encoding it. */
export function byteLength(chunk: Uint8Array | string): number {
  if (typeof chunk !== "string") return chunk.byteLength;
  let length = chunk.length;
  for (let i = 0; i < chunk.length; i += 1) {
    const code = chunk.charCodeAt(i);
    if (code < 0x80) continue;
    length += code < 0x800 ? 1 : 2;
    // A surrogate pair is four bytes for two code units; a lone surrogate becomes U+FFFD, three bytes.
    if (code >= 0xd800 && code < 0xdc00) {
      const next = chunk.charCodeAt(i + 1);
      if (next >= 0xdc00 && next < 0xe000) i += 1;
    }
  }
  return length;
}

/** UTF-8 to text; an invalid sequence becomes U+FFFD, and never an error. */
export function utf8Decode(bytes: Uint8Array): string {
  decoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
  return decoder.decode(bytes);
}

/** Text to UTF-8. */
export function utf8Encode(text: string): Uint8Array {
  encoder ??= new TextEncoder();
  return encoder.encode(text);
}

/** Octets to a binary string. */
export function latin1Decode(bytes: Uint8Array): string {
  let text = "";
  // In steps, because an argument list has a limit of its own.
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return text;
}

/** A binary string to octets; a code unit above 0xFF keeps its low octet only: check with `isBinaryString` first. */
export function latin1Encode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The octets of a text in UTF-8, as a binary string: how PEP 3333 passes paths. */
export function nativeString(text: string): string {
  return isAscii(text) ? text : latin1Decode(utf8Encode(text));
}

/** The text whose UTF-8 octets a binary string holds; leniently, as {@link utf8Decode}. */
export function textOfNative(binary: string): string {
  return isAscii(binary) ? binary : utf8Decode(latin1Encode(binary));
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 0x7f) return false;
  }
  return true;
}
