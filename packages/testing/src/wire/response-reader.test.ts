import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { ByteReader } from "./byte-reader.ts";
import { ResponseReader } from "./response-reader.ts";
import { WireError, type WireHead } from "./wire.ts";

function readerOf(...pieces: string[]): ByteReader {
  const stream = new PassThrough();
  for (const piece of pieces) stream.write(piece, "latin1");
  stream.end();
  return new ByteReader(stream as unknown as Socket);
}

async function whole(reader: ResponseReader): Promise<{ heads: WireHead[]; body: string }> {
  const heads = [await reader.head()];
  while ((heads.at(-1)?.status ?? 200) < 200) heads.push(await reader.head());
  let body = "";
  for (let piece = await reader.read(); piece !== null; piece = await reader.read()) {
    body += Buffer.from(piece).toString("latin1");
  }
  return { heads, body };
}

const OK = "HTTP/1.1 200 OK\r\n";

const RESPONSES: [says: string, octets: string, method: string, framing: string, body: string][] = [
  ["a length", `${OK}Content-Length: 3\r\n\r\nabc`, "GET", "length", "abc"],
  ["a length of nothing", `${OK}Content-Length: 0\r\n\r\n`, "GET", "length", ""],
  [
    "chunks",
    `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n`,
    "GET",
    "chunked",
    "abc0123456789",
  ],
  [
    "chunks whose sizes begin with zeros",
    `${OK}Transfer-Encoding: chunked\r\n\r\n0003\r\nabc\r\n00a\r\n0123456789\r\n000\r\n\r\n`,
    "GET",
    "chunked",
    "abc0123456789",
  ],
  ["a status line of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabc", "GET", "close", "abc"],
  ["the end of the connection", `${OK}\r\nabc`, "GET", "close", "abc"],
  ["HEAD", `${OK}Content-Length: 3\r\n\r\n`, "HEAD", "none", ""],
  ["204", "HTTP/1.1 204 No Content\r\n\r\n", "GET", "none", ""],
  ["304", "HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n", "GET", "none", ""],
];

describe("a response is read by its framing", () => {
  test.each(RESPONSES)("%s", async (_, octets, method, framing, body) => {
    const read = await whole(new ResponseReader(readerOf(octets), method));
    expect([read.heads[0]?.framing, read.body]).toEqual([framing, body]);
  });

  test.each(RESPONSES)("%s, in single octets", async (_, octets, method, framing, body) => {
    const read = await whole(new ResponseReader(readerOf(...octets.split("")), method));
    expect([read.heads[0]?.framing, read.body]).toEqual([framing, body]);
  });
});

test("fields keep their order and case, and lose their outer blanks", async () => {
  const { heads } = await whole(
    new ResponseReader(
      readerOf(`${OK}X-B: \t1 \r\nx-a:2\r\nX-B: caf\xe9\r\nContent-Length: 0\r\n\r\n`),
      "GET",
    ),
  );
  expect(heads[0]?.headers).toEqual([
    ["X-B", "1"],
    ["x-a", "2"],
    ["X-B", "caf\xe9"],
    ["Content-Length", "0"],
  ]);
});

test("interim heads come before the final one", async () => {
  const octets = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 0\r\n\r\n`;
  const { heads } = await whole(new ResponseReader(readerOf(octets), "GET"));
  expect(heads.map(({ status }) => status)).toEqual([100, 103, 200]);
});

test("trailers are there after the body", async () => {
  const reader = new ResponseReader(
    readerOf(`${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n`),
    "GET",
  );
  await whole(reader);
  expect(reader.trailers).toEqual([["X-Sum", "1"]]);
});

test("two responses on one connection are read one after the other", async () => {
  const bytes = readerOf(`${OK}Content-Length: 1\r\n\r\na`, `${OK}Content-Length: 1\r\n\r\nb`);
  expect((await whole(new ResponseReader(bytes, "GET"))).body).toBe("a");
  expect((await whole(new ResponseReader(bytes, "GET"))).body).toBe("b");
});

const NOT_HTTP: [says: string, octets: string][] = [
  ["no status line", "hello\r\n\r\n"],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
  ["no blank after the status", "HTTP/1.1 200\r\n\r\n"],
  ["a line that ends with a bare LF", "HTTP/1.1 200 OK\n\r\n"],
  ["a field without a colon", `${OK}X-A\r\n\r\n`],
  ["a blank before the colon", `${OK}X-A : 1\r\n\r\n`],
  ["a folded field", `${OK}X-A: 1\r\n 2\r\n\r\n`],
  ["a NUL in a value", `${OK}X-A: a\0b\r\n\r\n`],
  ["two lengths", `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`],
  ["a length and chunks", `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["a length that is none", `${OK}Content-Length: +1\r\n\r\na`],
  ["an unknown coding", `${OK}Transfer-Encoding: gzip\r\n\r\n`],
  ["a chunk size with a blank", `${OK}Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n`],
  ["a chunk longer than its size", `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`],
];

const CUT: [says: string, octets: string][] = [
  ["in the status line", "HTTP/1.1 20"],
  ["in the fields", `${OK}X-A: 1\r\n`],
  ["in a counted body", `${OK}Content-Length: 3\r\n\r\nab`],
  ["in a chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nab`],
  ["at the end of a chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc`],
  ["before the last chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`],
  ["in the trailers", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`],
];

async function kindOf(octets: string): Promise<string> {
  const error: unknown = await whole(new ResponseReader(readerOf(octets), "GET")).catch(
    (thrown: unknown) => thrown,
  );
  return error instanceof WireError ? error.kind : "none";
}

test.each(NOT_HTTP)("%s is no HTTP", async (_, octets) => {
  expect(await kindOf(octets)).toBe("syntax");
});

test.each(CUT)("an end %s is a cut", async (_, octets) => {
  expect(await kindOf(octets)).toBe("cut");
});

test("an end before the response is its own kind", async () => {
  expect(await kindOf("")).toBe("closed");
});
