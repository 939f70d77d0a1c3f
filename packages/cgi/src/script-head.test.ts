// What the head of a CGI program means.

import { describe, expect, test } from "vitest";
import { scriptHead, type HeadRules, type ScriptHead } from "./script-head.ts";

const CGI: HeadRules = { form: "cgi", requireContentType: true };
const HTTP: HeadRules = { form: "http", requireContentType: false };
const FASTCGI: HeadRules = { form: "cgi", requireContentType: false };

function read(text: string, rules: HeadRules = CGI): ScriptHead {
  return scriptHead(text === "" ? [] : text.split("\n"), rules);
}

describe("the status", () => {
  test.each<[text: string, status: number, reason: string | null]>([
    ["Content-Type: text/plain", 200, null],
    ["Status: 404 Not Found", 404, "Not Found"],
    ["Status: 404", 404, null],
    ["status:  299  Odd one ", 299, "Odd one"],
    ["Status: 999 x", 999, "x"],
    ["Status: 201 Caf\xe9", 201, "Caf\xe9"],
    ["Status: 201\nStatus: 202", 202, null],
  ])("of %j is %i [CH16 FC17]", (text, status, reason) => {
    expect(read(text)).toMatchObject({ status, reason });
  });

  test.each([
    "Status: 99 x",
    "Status: 1000 x",
    "Status: OK",
    "Status: 20",
    "Status:",
    "Status: 2oo",
    "Status: 199 x",
    "Status: -200",
  ])("is an error in %j [CH16]", (text) => {
    expect(() => read(text)).toThrow("The status of the response is none");
  });

  test("is never a field for the client [CH16 FC17]", () => {
    expect(read("Status: 200 OK\nA: b").fields).toEqual([["A", "b"]]);
  });

  test("of an NPH script is in its first line, and Status is left out there [CH29]", () => {
    expect(read("HTTP/1.0 202 Taken\nStatus: 404\nA: b", HTTP)).toMatchObject({
      status: 202,
      reason: "Taken",
      fields: [["A", "b"]],
    });
    expect(() => read("Status: 200 OK", HTTP)).toThrow("is none");
    expect(() => read("HTTP/2 200", HTTP)).toThrow("is none");
  });
});

describe("a line", () => {
  test.each([
    "no colon",
    "HTTP/1.1 200 OK",
    "A : b",
    " A: b",
    "\tfolded",
    ": b",
    "A\x00: b",
    "A: b\x00",
    "A: b\rSet-Cookie: c",
    "A: b\x7f",
    "\xe9: b",
  ])("%j is an error [CH13 S4]", (line) => {
    expect(() => read(`Content-Type: text/plain\n${line}`)).toThrow(/no header field|control character/);
  });

  test("has no blanks around its value, and others within [CH13]", () => {
    expect(read("Status: 200\nA: \t b  c \t\nB:x:y\nC:").fields).toEqual([
      ["A", "b  c"],
      ["B", "x:y"],
      ["C", ""],
    ]);
  });

  test("of a megabyte of blanks costs no more than its length [CH13 S13]", () => {
    const blanks = " ".repeat(1_000_000);
    const started = process.cpuUsage();
    expect(read(`Status: 200\nA:${blanks}x${blanks}`).fields).toEqual([["A", "x"]]);
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
  });

  test("that is in error is shown, but not all of it [S30]", () => {
    let message = "";
    try {
      read("\x1b".repeat(1000));
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain("\\u001b");
    expect(message.length).toBeLessThan(800);
  });
});

describe("the fields", () => {
  test("that repeat stay apart and in order [CH20]", () => {
    expect(read("Status: 200\nSet-Cookie: a=1\nX-A: 1\nSet-Cookie: b=2\nX-A: 2").fields).toEqual([
      ["Set-Cookie", "a=1"],
      ["X-A", "1"],
      ["Set-Cookie", "b=2"],
      ["X-A", "2"],
    ]);
  });

  test("of one connection end here, those that Connection names too [CH20 S23]", () => {
    const text = [
      "Status: 200",
      "Connection: close, X-Hop",
      "Keep-Alive: 5",
      "Transfer-Encoding: chunked",
      "Upgrade: h2c",
      "X-HOP: 1",
    ];
    expect(read([...text, "X-Kept: 1"].join("\n")).fields).toEqual([["X-Kept", "1"]]);
  });

  test("that are words between servers are left out [CH20 CH32 S21 FC17]", () => {
    const names = [
      "X-Accel-Redirect",
      "X-ACCEL-Buffering",
      "X-Sendfile",
      "x-sendfile2",
      "X-CGI-Test",
      "X-LIGHTTPD-send-file",
    ];
    expect(
      read(["Status: 200", ...names.map((name) => `${name}: /etc/passwd`), "X-Send: 1"].join("\n")).fields,
    ).toEqual([["X-Send", "1"]]);
  });

  test("say a length once [CH20]", () => {
    expect(read("Status: 200\nContent-Length: 5\ncontent-length: 5").length).toBe(5);
    expect(read("Status: 200").length).toBe(-1);
    for (const value of ["5\nContent-Length: 6", "5, 5", "-1", "+5", "0x5", "", "9".repeat(16)]) {
      expect(() => read(`Status: 200\nContent-Length: ${value}`)).toThrow("Content-Length is not one number");
    }
  });

  test("of an NPH script may not have another framing [CH29]", () => {
    expect(() => read("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", HTTP)).toThrow("NPH");
  });
});

describe("a head that says nothing", () => {
  test.each(["", "X-A: b", "Set-Cookie: a=1"])("is an error of a CGI program: %j [CH14 CH15]", (text) => {
    expect(() => read(text)).toThrow("neither Content-Type nor Status nor Location");
  });

  test("is the head of a 200 of a FastCGI upstream [FC17]", () => {
    expect(read("X-A: b", FASTCGI)).toMatchObject({ status: 200, fields: [["X-A", "b"]] });
  });

  test("but its status gets no Content-Type from us [CH15]", () => {
    expect(read("Status: 200 OK")).toMatchObject({ status: 200, fields: [] });
  });
});

describe("Location", () => {
  test.each([
    ["http://example.com/x", null],
    ["https://example.com/x#y", null],
    ["//example.com/x", null],
    ["other.html", null],
    ["/other?x=1", "/other?x=1"],
    ["/", "/"],
  ])(
    "%j alone: the client gets 302, or another path is served: %j [CH17 CH18 FC17]",
    (location, localRedirect) => {
      expect(read(`Location: ${location}`)).toMatchObject({
        status: 302,
        fields: [["Location", location]],
        localRedirect,
      });
    },
  );

  test("with a Status is a response like any other [CH19 FC17]", () => {
    expect(read("Location: /x\nStatus: 201 Created")).toMatchObject({ status: 201, localRedirect: null });
    expect(read("Location: /x\nStatus: 301")).toMatchObject({ status: 301, localRedirect: null });
  });

  test("with a type and a length is local still, with a cookie it is for the client [CH18]", () => {
    expect(read("Content-Type: text/html\nContent-Length: 0\nLocation: /x").localRedirect).toBe("/x");
    expect(read("Set-Cookie: a=1\nLocation: /x")).toMatchObject({ status: 302, localRedirect: null });
  });
});
