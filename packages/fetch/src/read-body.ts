// What json(), text() and their like give, of bytes that need not go through a stream.
// Source: WHATWG Fetch "Body mixin".

const decoder = new TextDecoder();

/** As `Request.prototype.text`: UTF-8, a byte order mark left out. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** As `Request.prototype.arrayBuffer`: of exactly the body. */
export function bufferOf(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
}

/** A body with its type, for what only the platform can do: forms and blobs. */
export function typedBody(bytes: Uint8Array<ArrayBuffer>, headers: Headers): Response {
  const type = headers.get("content-type");
  return new Response(bytes, type === null ? {} : { headers: { "content-type": type } });
}

/** The error of a body that was read before. */
export function usedBody(): TypeError {
  return new TypeError("Body is unusable: it has already been read");
}
