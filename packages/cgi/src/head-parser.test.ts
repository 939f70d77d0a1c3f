// Where a head ends, however its bytes are cut, and how long it may be.

import { describe, expect, test } from "vitest";
import { latin1Decode, latin1Encode } from "@tsgi/core";
import { HeadParser } from "./head-parser.ts";

const LIMITS = { maxHeadSize: 65_536, maxHeadLines: 1_000 };

/** Heads with what follows them, and their lines. */
const HEADS: readonly [what: string, text: string, lines: readonly string[], rest: string][] = [
  ["LF", "Status: 200 OK\nA: b\n\nbody", ["Status: 200 OK", "A: b"], "body"],
  ["CRLF", "Status: 200 OK\r\nA: b\r\n\r\nbody", ["Status: 200 OK", "A: b"], "body"],
  ["LF and CRLF mixed", "A: 1\r\nB: 2\nC: 3\r\n\nbody", ["A: 1", "B: 2", "C: 3"], "body"],
  ["CRLF only at the end", "A: 1\n\r\n\r\nbody", ["A: 1"], "\r\nbody"],
  ["no body", "A: 1\n\n", ["A: 1"], ""],
  ["an empty line at once", "\nHello", [], "Hello"],
  ["an empty line of CRLF at once", "\r\nHello", [], "Hello"],
  ["a CR within a line", "A: 1\r2\n\nx", ["A: 1\r2"], "x"],
  ["octets above 0x7F", "A: \xe9\n\n\xff", ["A: \xe9"], "\xff"],
];

function bytes(text: string): Uint8Array {
  return latin1Encode(text);
}

describe("the end of a head", () => {
  test.each(HEADS)("is found in one piece: %s [CH13]", (_what, text, lines, rest) => {
    const parser = new HeadParser(LIMITS);
    expect(parser.push(bytes(text))).toEqual(lines);
    expect(latin1Decode(parser.rest)).toBe(rest);
  });

  test.each(HEADS)(
    "is found in two pieces, wherever they are cut: %s [CH13 FC12]",
    (_what, text, lines, rest) => {
      for (let cut = 0; cut <= text.length; cut += 1) {
        const parser = new HeadParser(LIMITS);
        const first = parser.push(bytes(text.slice(0, cut)));
        const found = first ?? parser.push(bytes(text.slice(cut)));
        expect(found).toEqual(lines);
        const behind = first === null ? "" : text.slice(cut);
        expect(latin1Decode(parser.rest) + behind).toBe(rest);
      }
    },
  );

  test.each(HEADS)("is found octet by octet: %s [CH13 FC12]", (_what, text, lines, rest) => {
    const parser = new HeadParser(LIMITS);
    let at = 0;
    let found: string[] | null = null;
    while (found === null) {
      found = parser.push(bytes(text[at] as string));
      at += 1;
    }
    expect(found).toEqual(lines);
    expect(text.slice(at)).toBe(rest);
  });

  test("leaves the body where it is: what follows is a view of the chunk [CH13]", () => {
    const chunk = bytes("A: 1\n\nbody");
    const parser = new HeadParser(LIMITS);
    parser.push(chunk);
    expect(parser.rest.buffer).toBe(chunk.buffer);
  });
});

describe("the limits of a head", () => {
  const head = `A: ${"x".repeat(91)}\r\n\r\n`;

  test.each([1, 7, 1000])("have their edge at the byte, in pieces of %i [CH13 S8]", (size) => {
    const feed = (maxHeadSize: number): string[] | null => {
      const parser = new HeadParser({ maxHeadSize, maxHeadLines: 10 });
      let lines: string[] | null = null;
      for (let at = 0; at < head.length; at += size) lines = parser.push(bytes(head.slice(at, at + size)));
      return lines;
    };
    expect(feed(head.length)).toEqual([head.slice(0, -4)]);
    expect(() => feed(head.length - 1)).toThrow("longer than 97 bytes");
  });

  test("have their edge at the line [CH13 S8]", () => {
    const feed = (maxHeadLines: number): string[] | null =>
      new HeadParser({ maxHeadSize: 1000, maxHeadLines }).push(bytes("A: 1\nB: 2\nC: 3\n\n"));
    expect(feed(3)).toHaveLength(3);
    expect(() => feed(2)).toThrow("longer than 2 lines");
  });

  test("hold for a line without an end as well [CH13 S8]", () => {
    const parser = new HeadParser({ maxHeadSize: 1000, maxHeadLines: 10 });
    expect(parser.push(bytes("x".repeat(1000)))).toBeNull();
    expect(() => parser.push(bytes("x"))).toThrow("longer than 1000 bytes");
  });

  test("do not count the body that comes with the head [CH13 S8]", () => {
    const parser = new HeadParser({ maxHeadSize: 6, maxHeadLines: 1 });
    expect(parser.push(bytes(`A: 1\n\n${"x".repeat(100)}`))).toEqual(["A: 1"]);
  });
});
