// The head of a response, as bytes. Source: RFC 3875 §6.

import { expect, test } from "vitest";
import { GatewayError, responseHead, type ResponseHead, type WsgiHeader } from "@tsgi/core";
import { encodeHead, encodeLocalRedirect } from "./encode-head.ts";

interface Changes extends Partial<Pick<ResponseHead, "length" | "bodiless">> {
  readonly reason?: string;
}

/** A head as core hands it to a transport. */
function head(status: number, headers: WsgiHeader[], { reason, ...changes }: Changes = {}): ResponseHead {
  return Object.assign(responseHead(status, headers, reason ?? null, false), changes);
}

const TEXT: WsgiHeader = ["Content-Type", "text/plain"];

test("the status comes first, each field has its line, and an empty one ends the head [C9 C10 C17]", () => {
  const written = encodeHead(head(200, [TEXT, ["X-A", "1"], ["x-a", "2"], ["X-Empty", ""]]));
  expect(written).toBe("Status: 200 OK\r\nContent-Type: text/plain\r\nX-A: 1\r\nx-a: 2\r\nX-Empty: \r\n\r\n");
});

const STATUSES: [status: number, reason: string | undefined, line: string][] = [
  [200, undefined, "Status: 200 OK"],
  [404, "Gone Fishing", "Status: 404 Gone Fishing"],
  [404, "", "Status: 404 "],
  [799, undefined, "Status: 799 "],
  [799, "Odd", "Status: 799 Odd"],
  [200, "caf\xc3\xa9", "Status: 200 caf\xc3\xa9"],
];

test.each(STATUSES)("status %i with the reason %j is %j [C9 X20]", (status, reason, line) => {
  const written = encodeHead(head(status, [TEXT], reason === undefined ? {} : { reason }));
  expect(written.split("\r\n")[0]).toBe(line);
});

const DEFAULT = "content-type: application/octet-stream\r\n";

test("a body of no type is never guessed to be HTML; no body has no type [C11 S18]", () => {
  expect(encodeHead(head(200, []))).toBe(`Status: 200 OK\r\n${DEFAULT}\r\n`);
  expect(encodeHead(head(302, [["location", "/x"]], { length: 5 }))).toContain(DEFAULT);
  expect(encodeHead(head(302, [["location", "/x"]], { length: 0 }))).not.toContain("ontent-");
  expect(encodeHead(head(200, [], { bodiless: true }))).toBe("Status: 200 OK\r\n\r\n");
  expect(encodeHead(head(200, [TEXT]))).not.toContain(DEFAULT);
});

test("a redirect to a local path always has its status beside it, so no web server follows it itself [C12]", () => {
  expect(encodeHead(head(302, [["Location", "/x"]], { length: 0 }))).toBe(
    "Status: 302 Found\r\nLocation: /x\r\n\r\n",
  );
});

test("a field of CGI is there once, the first; others are repeated [C14 X17]", () => {
  const written = encodeHead(
    head(200, [
      ["status", "500 Ha"],
      TEXT,
      ["content-type", "text/html"],
      ["Location", "/1"],
      ["LOCATION", "/2"],
      ["Set-Cookie", "a=1, b"],
      ["Set-Cookie", "b=2"],
    ]),
  );
  expect(written).toBe(
    "Status: 200 OK\r\nContent-Type: text/plain\r\nLocation: /1\r\nSet-Cookie: a=1, b\r\nSet-Cookie: b=2\r\n\r\n",
  );
});

test("hop-by-hop fields do not arrive here, and what would split the head is refused before [C15 C16 S4]", () => {
  const written = encodeHead(
    head(200, [
      TEXT,
      ["Connection", "close, x"],
      ["Transfer-Encoding", "chunked"],
      ["Keep-Alive", "5"],
      ["Upgrade", "h2c"],
    ]),
  );
  expect(written).toBe("Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n");
  for (const bad of ["a\r\nb", "a\nb", "a\rb", "a\0b", "a\x7fb"]) {
    expect(() => head(200, [["x-a", bad]])).toThrow(GatewayError);
    expect(() => head(200, [[bad, "x"]])).toThrow(GatewayError);
    expect(() => head(200, [], { reason: bad })).toThrow(GatewayError);
  }
});

test.each([204, 304])("a %i has neither type nor length [C21]", (status) => {
  const written = encodeHead(head(status, [TEXT, ["Content-Length", "0"], ["ETag", '"e"']]));
  expect(written).toMatch(/^Status: \d+ [\w ]+\r\nETag: "e"\r\n\r\n$/);
});

test("the answer to HEAD keeps the fields of the body it leaves out [C20]", () => {
  const written = encodeHead(head(200, [TEXT, ["Content-Length", "5"]], { bodiless: true }));
  expect(written).toBe("Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
});

test("a local redirect is one line and nothing else [C13]", () => {
  expect(encodeLocalRedirect("/other?q=%20")).toBe("Location: /other?q=%20\r\n\r\n");
});

test.each(["//host/x", "http://h/", "x", "", "/a b", "/a\r\nX: y", "/\xe9", "*"])(
  "a local redirect to %j is refused [C13 S4]",
  (location) => {
    expect(() => encodeLocalRedirect(location)).toThrow(
      expect.objectContaining({ code: "TSGI_ERR_HEADER" }) as GatewayError,
    );
  },
);
