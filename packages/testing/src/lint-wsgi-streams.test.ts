// The streams of an environ under lintWsgi: how an app may use them, and what a server must give.

import { expect, test } from "vitest";
import type { Environ, ErrorStream, InputStream, WsgiApp } from "@tsgi/core";
import { TEXT, callWsgi, goodEnviron, goodInput, rulesOf } from "./lint/wsgi.test-support.ts";

const a = Uint8Array.of(0x61);

const plain: WsgiApp = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return [a];
};

/** An app that does this with a stream of its environ. */
function using<K extends "wsgi.input" | "wsgi.errors">(
  key: K,
  use: (stream: Environ[K]) => unknown,
): WsgiApp {
  return (environ, startResponse) => {
    use(environ[key]);
    startResponse("200 OK", []);
    return [];
  };
}

const usingInput = (use: (stream: InputStream) => unknown): WsgiApp => using("wsgi.input", use);
const usingErrors = (use: (stream: ErrorStream) => unknown): WsgiApp => using("wsgi.errors", use);

const STREAM_FAULTS: [what: string, rule: string, app: WsgiApp][] = [
  ["closing wsgi.input", "W26", usingInput((stream) => (stream as unknown as { close(): void }).close())],
  ["another member of wsgi.input", "W26", usingInput((stream) => (stream as unknown as { fd: number }).fd)],
  ["a change of wsgi.input", "W26", usingInput((stream) => Object.assign(stream, { read: null }))],
  ["a definition on wsgi.input", "W26", usingInput((stream) => Object.defineProperty(stream, "read", {}))],
  ["a deletion from wsgi.input", "W26", usingInput((stream) => Reflect.deleteProperty(stream, "read"))],
  ["a size that is no number", "W22", usingInput((stream) => stream.read(null as never))],
  ["a size with a fraction", "W22", usingInput((stream) => stream.readline(0.5))],
  ["a hint that is no number", "W22", usingInput((stream) => stream.readlines("1" as never))],
  ["closing wsgi.errors", "W26", usingErrors((stream) => (stream as unknown as { close(): void }).close())],
  ["writing bytes to wsgi.errors", "W27", usingErrors((stream) => stream.write(a as never))],
  ["lines that are no list", "W27", usingErrors((stream) => stream.writelines("text"))],
  ["lines that are no text", "W27", usingErrors((stream) => stream.writelines([1 as never]))],
];

test.each(STREAM_FAULTS)("the sync app is at fault for %s [W26 W55]", (_what, rule, app) => {
  expect(rulesOf(callWsgi(app))).toEqual([`${rule} app`]);
});

test("the streams can be used as the spec has it [W55]", () => {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  const uses: ((stream: InputStream) => unknown)[] = [
    (stream) => expect([text(stream.read(-1)), stream.read(1).length]).toEqual([TEXT, 0]),
    (stream) =>
      expect([text(stream.read(2)), text(stream.read()), stream.read().length]).toEqual(["ab", "\ncd", 0]),
    (stream) =>
      expect([text(stream.readline()), text(stream.readline(1)), text(stream.readline())]).toEqual([
        "ab\n",
        "c",
        "d",
      ]),
    (stream) => expect(stream.readlines().map(text)).toEqual(["ab\n", "cd"]),
    (stream) => expect(stream.readlines(100).map(text)).toEqual(["ab\n", "cd"]),
    (stream) => expect([...stream].map(text)).toEqual(["ab\n", "cd"]),
    (stream) =>
      expect([stream.read(0).length, stream.readline(0).length, text(stream.read(5))]).toEqual([
        0,
        0,
        "ab\ncd",
      ]),
    (stream) => expect((stream as { then?: unknown }).then).toBeUndefined(),
  ];
  for (const use of uses) expect(callWsgi(usingInput(use))).toMatchObject({ findings: [], error: null });
  const written: string[] = [];
  const log = {
    write: (line: string) => written.push(line),
    writelines: (lines: string[]) => written.push(...lines),
    flush() {},
  };
  const app = usingErrors((stream) => {
    stream.write("€");
    stream.writelines(new Set(["b", "c"]));
    stream.flush();
  });
  expect(callWsgi(app, { environ: goodEnviron({ "wsgi.errors": log }) }).error).toBeNull();
  expect(written).toEqual(["€", "b", "c"]);
});

/** An app that reads like this. */
function reading(use: (input: InputStream) => unknown): WsgiApp {
  return (environ, startResponse) => {
    use(environ["wsgi.input"]);
    return plain(environ, startResponse);
  };
}

const all = reading((input) => input.read());
const lines = reading((input) => [input.readline(), input.readline(), input.readline()]);

const INPUT_FAULTS: [what: string, rule: string, app: WsgiApp, input: object][] = [
  ["an input without readline", "W21", plain, Object.assign(goodInput(), { readline: undefined })],
  ["null at the end", "W21", all, Object.assign(goodInput(), { read: () => null })],
  ["a string as input", "W21", all, Object.assign(goodInput(), { read: () => TEXT })],
  [
    "lines in no array",
    "W21",
    reading((input) => input.readlines()),
    Object.assign(goodInput(), { readlines: () => new Set() }),
  ],
  [
    "bytes after the end",
    "W21",
    reading((input) => [input.read(9), input.read(9), input.read(9)]),
    Object.assign(goodInput(), { read: inTurn(TEXT, "", "x") }),
  ],
  [
    "more bytes than asked for",
    "W22",
    reading((input) => input.read(1)),
    Object.assign(goodInput(), { read: inTurn("ab") }),
  ],
  ["more bytes than CONTENT_LENGTH", "W22", all, goodInput(`${TEXT}x`)],
  [
    "a line that goes on after its end",
    "W23",
    lines,
    Object.assign(goodInput(), { readline: inTurn(TEXT, "") }),
  ],
  [
    "a line after one without an end",
    "W23",
    lines,
    Object.assign(goodInput(), { readline: inTurn("ab", "\ncd", "") }),
  ],
  ["less bytes than CONTENT_LENGTH", "W25", all, goodInput("ab")],
  ["less lines than CONTENT_LENGTH", "W25", reading((input) => [...input]), goodInput("ab\n")],
];

function inTurn(...texts: string[]): () => Uint8Array {
  return () => Buffer.from(texts.shift() ?? "");
}

test.each(INPUT_FAULTS)("the server of a sync app is at fault for %s [W55]", (_what, rule, app, input) => {
  expect(rulesOf(callWsgi(app, { environ: goodEnviron({ "wsgi.input": input }) }))[0]).toBe(`${rule} server`);
});

test("an error stream that throws, or lacks a method, is the server's fault [W55]", () => {
  const app: WsgiApp = (environ, startResponse) => {
    environ["wsgi.errors"].write("€");
    return plain(environ, startResponse);
  };
  const errors = { writelines() {}, flush() {} };
  const throwing = {
    ...errors,
    write() {
      throw new RangeError("no such character");
    },
  };
  expect(rulesOf(callWsgi(plain, { environ: goodEnviron({ "wsgi.errors": errors }) }))).toEqual([
    "W27 server",
  ]);
  expect(rulesOf(callWsgi(app, { environ: goodEnviron({ "wsgi.errors": throwing }) }))).toEqual([
    "W27 server",
  ]);
});
