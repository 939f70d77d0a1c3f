// Bytes of responses, cut in every way, and bytes that are none.

import { describe, expect, test } from "vitest";
import type { Chunk } from "@tsgi/core";
import { MAX_UNFINISHED_LINES, ResponseReader, type ResponseSink } from "./response-reader.ts";
import type { WrittenField, WrittenHead } from "./written-head.ts";

class Notes implements ResponseSink {
  readonly interim: [number, WrittenField[]][] = [];
  head: WrittenHead | null = null;
  readonly chunks: Chunk[] = [];
  trailers: readonly WrittenField[] | null = null;

  interimRead(head: WrittenHead): void {
    this.interim.push([head.status, head.headers]);
  }
  headRead(head: WrittenHead): void {
    this.head = head;
  }
  dataRead(chunk: Chunk): void {
    this.chunks.push(chunk);
  }
  endRead(trailers: readonly WrittenField[]): void {
    this.trailers = trailers;
  }
  get body(): string {
    return Buffer.concat(this.chunks.map((chunk) => Buffer.from(chunk as Uint8Array))).toString("latin1");
  }
}

interface Case {
  readonly bytes: string;
  readonly method?: string;
  readonly status: number;
  readonly reason?: string;
  readonly headers?: WrittenField[];
  readonly body?: string;
  readonly trailers?: WrittenField[];
  readonly interim?: [number, WrittenField[]][];
  /** Whether only the end of the connection ends it. */
  readonly closes?: boolean;
}

const CASES: Record<string, Case> = {
  "a counted body": {
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    status: 200,
    reason: "OK",
    headers: [["Content-Length", "5"]],
    body: "hello",
  },
  "an empty counted body": {
    bytes: "HTTP/1.1 404 Not Found\r\ncontent-length:0\r\n\r\n",
    status: 404,
    reason: "Not Found",
    headers: [["content-length", "0"]],
  },
  "bytes behind the end are dropped": {
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n",
    status: 200,
    reason: "OK",
    headers: [["Content-Length", "2"]],
    body: "ok",
  },
  "a chunked body": {
    bytes:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00A ; x=y\r\n0123456789\r\n0\r\n\r\n",
    status: 200,
    reason: "OK",
    body: "hello0123456789",
  },
  "a chunked body with trailers": {
    bytes:
      "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\nTrailer: A\r\n\r\n1\nx\n0\r\nA: 1\r\nB:\t2 \r\n\r\n",
    status: 200,
    reason: "OK",
    headers: [["Trailer", "A"]],
    body: "x",
    trailers: [
      ["A", "1"],
      ["B", "2"],
    ],
  },
  "chunked and counted at once: the chunks count": {
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    status: 200,
    reason: "OK",
    body: "x",
  },
  "a body until the end": {
    bytes: "HTTP/1.0 200 \r\nX: y\r\n\r\nabc\r\n\r\ndef",
    status: 200,
    headers: [["X", "y"]],
    body: "abc\r\n\r\ndef",
    closes: true,
  },
  "no reason, not even a blank": {
    bytes: "HTTP/1.1 299\r\nContent-Length: 1\r\n\r\nx",
    status: 299,
    headers: [["Content-Length", "1"]],
    body: "x",
  },
  "204 has no body": { bytes: "HTTP/1.1 204 No Content\r\n\r\nxyz", status: 204, reason: "No Content" },
  "304 has no body, whatever its length": {
    bytes: "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
    status: 304,
    reason: "Not Modified",
    headers: [["Content-Length", "7"]],
  },
  "HEAD has no body, whatever its coding": {
    bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    method: "HEAD",
    status: 200,
    reason: "OK",
  },
  "interim heads come first": {
    bytes:
      "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    status: 200,
    reason: "OK",
    headers: [["Content-Length", "0"]],
    interim: [
      [102, []],
      [103, [["Link", "<a>"]]],
    ],
  },
  "what is between two hops stays there": {
    bytes:
      "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nconnection: X, Close\r\nContent-Length: 0\r\n\r\n",
    status: 200,
    reason: "OK",
    headers: [
      ["connection", "X, Close"],
      ["Content-Length", "0"],
    ],
  },
  "octets are octets": {
    bytes: "HTTP/1.1 200 Caf\u00e9\r\nX: \u00a0\u00ff \r\nContent-Length: 1\r\n\r\n\u00ff",
    status: 200,
    reason: "Caf\u00e9",
    headers: [
      ["X", "\u00a0\u00ff"],
      ["Content-Length", "1"],
    ],
    body: "\u00ff",
  },
};

const CUTS: Record<string, (bytes: Buffer) => (Buffer | string)[]> = {
  "at once": (bytes) => [bytes],
  "byte by byte": (bytes) => [...bytes].map((_, i) => bytes.subarray(i, i + 1)),
  "in threes": (bytes) =>
    Array.from({ length: Math.ceil(bytes.length / 3) }, (_, i) => bytes.subarray(i * 3, i * 3 + 3)),
  "as a string": (bytes) => [bytes.toString("latin1")],
  "as characters": (bytes) => bytes.toString("latin1").split(""),
};

describe.each(Object.keys(CASES))("%s", (name) => {
  const { bytes, method = "GET", closes = false, ...expected } = CASES[name] as Case;
  test.each(Object.keys(CUTS))("%s [X22]", (cut) => {
    const notes = new Notes();
    const reader = new ResponseReader(method, notes);
    for (const piece of (CUTS[cut] as (bytes: Buffer) => (Buffer | string)[])(Buffer.from(bytes, "latin1")))
      reader.read(piece, "latin1");
    expect(reader.done).toBe(!closes);
    reader.close();
    expect(reader.done).toBe(true);
    expect({
      ...notes.head,
      body: notes.body,
      trailers: notes.trailers,
      interim: notes.interim,
    }).toMatchObject({
      reason: "",
      headers: [],
      body: "",
      trailers: [],
      interim: [],
      ...expected,
    });
  });
});

describe("bytes that are no response are refused", () => {
  const GARBAGE: Record<string, string> = {
    "no status line": "hello\r\n\r\n",
    "HTTP/2": "HTTP/2 200\r\n\r\n",
    "no digits": "HTTP/1.1 OK\r\n\r\n",
    "four digits": "HTTP/1.1 2000 OK\r\n\r\n",
    "no colon": "HTTP/1.1 200 OK\r\nnot a field\r\n\r\n",
    "a length that is none": "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
    "two lengths in one": "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
    "a chunk size that is none": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk longer than its size": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    "an upgrade": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
  };
  test.each(Object.keys(GARBAGE))("%s [A37]", (name) => {
    const reader = new ResponseReader("GET", new Notes());
    expect(() => reader.read(Buffer.from(GARBAGE[name] as string), "utf8")).toThrow(
      expect.objectContaining({ code: "TSGI_ERR_GUEST_RESPONSE" }) as Error,
    );
  });

  test("a head that does not end is kept up to a mebibyte, and no further [S8]", () => {
    const reader = new ResponseReader("GET", new Notes());
    const start = "HTTP/1.1 200 OK\r\nX: ";
    reader.read(start, "latin1");
    reader.read("x".repeat(MAX_UNFINISHED_LINES - start.length), "latin1");
    expect(() => reader.read("x", "latin1")).toThrow("lines without an end");
  });
});

describe("a string body", () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  test("stays a string if it is sent as UTF-8 [X22]", () => {
    const notes = new Notes();
    new ResponseReader("GET", notes).read(`${head}caf\u00e9`, "utf8");
    expect(notes.chunks).toEqual(["caf\u00e9"]);
  });

  test("is cut after the octets its length says [X34]", () => {
    const notes = new Notes();
    new ResponseReader("GET", notes).read(`${head}\u20ac\u20ac\u20ac`, "utf8");
    expect(notes.body).toBe("\u00e2\u0082\u00ac\u00e2\u0082");
  });

  test("becomes bytes in any other encoding [X22]", () => {
    const notes = new Notes();
    const reader = new ResponseReader("GET", notes);
    reader.read(head, "utf8");
    reader.read("AAEC/w==", "base64");
    reader.read("\u00e9", "latin1");
    expect(notes.body).toBe("\u0000\u0001\u0002\u00ff\u00e9");
  });

  test("joined to a head in UTF-8 takes the head's octets through UTF-8 too, as Node does [X18]", () => {
    const notes = new Notes();
    new ResponseReader("GET", notes).read(
      "HTTP/1.1 200 OK\r\nX: \u00e9\r\nContent-Length: 1\r\n\r\nx",
      "utf8",
    );
    expect(notes.head?.headers[0]).toEqual(["X", "\u00c3\u00a9"]);
  });
});
