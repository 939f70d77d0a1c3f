// Standard error as lines of a log.

import { describe, expect, test } from "vitest";
import { latin1Encode, utf8Encode } from "@tsgi/core";
import { StderrLines } from "./stderr-lines.ts";

function lines(pieces: readonly string[], limit = 65_536): string[] {
  const told: string[] = [];
  const stderr = new StderrLines((line) => told.push(line), limit);
  for (const piece of pieces) stderr.dataReceived(utf8Encode(piece));
  stderr.ended();
  return told;
}

describe("lines of standard error", () => {
  test("are whole, wherever they were cut [CH23 FC16]", () => {
    const text = "one\ntwo é\r\n\nthree";
    for (let cut = 0; cut <= text.length; cut += 1) {
      expect(lines([text.slice(0, cut), text.slice(cut)])).toEqual(["one", "two é", "three"]);
    }
    expect(lines(text.split(""))).toEqual(["one", "two é", "three"]);
  });

  test("have nothing in them that drives a terminal, or looks like another line [S30]", () => {
    expect(lines(["\x1b[2J \0 \x7f a\rb \u2028 \u202e \tend\n"])).toEqual([
      "\\x1b[2J \\x00 \\x7f a\\x0db \\u2028 \\u202e \tend",
    ]);
  });

  test("may be of any octets [S30]", () => {
    const told: string[] = [];
    const stderr = new StderrLines((line) => told.push(line), 100);
    stderr.dataReceived(latin1Encode("\xff\xfe\n"));
    expect(told).toEqual(["\ufffd\ufffd"]);
  });

  test("that are too long are several [CH23 S8]", () => {
    expect(lines(["x".repeat(2_048)]).map((line) => line.length)).toEqual([2_048]);
    expect(lines(["x".repeat(2_049)]).map((line) => line.length)).toEqual([2_048, 1]);
    expect(lines(Array.from({ length: 5_000 }, () => "y")).map((line) => line.length)).toEqual([
      2_048, 2_048, 904,
    ]);
  });

  test("end where the limit is, with one word about it [CH23 FC16 S8]", () => {
    expect(lines(["12345\n67890\n"], 10)).toEqual(["12345", "67890"]);
    expect(lines(["12345\n678901\n", "more\n", "more"], 10)).toEqual([
      "12345",
      "(more than 10 bytes: the rest is left out)",
    ]);
  });
});
