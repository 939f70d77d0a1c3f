import { describe, expect, test } from "vitest";
import { ResponseReader } from "./response-reader.ts";

const COUNTED = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nDate: x\r\n\r\nhello";
const EMPTY = "HTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n";
const CHUNKED =
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\nA;x=y\r\nlo, world!\r\n0\r\nX-Sum: 1\r\n\r\n";

function read(reader: ResponseReader, text: string): boolean {
  return reader.feed(Buffer.from(text, "latin1"));
}

describe.each([
  ["of known length", COUNTED, 200, "hello"],
  ["with an empty body", EMPTY, 404, ""],
  ["in chunks, with an extension and a trailer", CHUNKED, 200, "hello, world!"],
])("a response %s", (_, text, status, body) => {
  test("is complete with its last byte, wherever it is cut", () => {
    for (let cut = 1; cut < text.length; cut += 1) {
      const reader = new ResponseReader();
      const pieces: Buffer[] = [];
      reader.pieces = pieces;
      expect(read(reader, text.slice(0, cut))).toBe(false);
      expect(read(reader, text.slice(cut))).toBe(true);
      expect([reader.status, reader.bodyLength, Buffer.concat(pieces).toString()]).toEqual([
        status,
        body.length,
        body,
      ]);
    }
  });

  test("is read byte by byte, and another one after it", () => {
    const reader = new ResponseReader();
    const complete = (text + text).split("").map((byte) => read(reader, byte));
    expect(complete.flatMap((yes, n) => (yes ? [n + 1] : []))).toEqual([text.length, 2 * text.length]);
    expect(reader.bodyLength).toBe(body.length);
  });
});

test.each([
  ["something else than HTTP", "SSH-2.0-x\r\n\r\n", "No status line"],
  ["a body that only ends with the connection", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "neither"],
  ["bytes after the end", `${COUNTED}!`, "1 bytes after the end"],
  ["a chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "No chunk size"],
  [
    "a chunk longer than its size",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    "longer",
  ],
  ["a head without end", "HTTP/1.1 200 OK\r\nX: ".padEnd(16_386, "x"), "over 16384 bytes"],
])("%s is an error", (_, text, message) => {
  expect(() => read(new ResponseReader(), text)).toThrow(message);
});
