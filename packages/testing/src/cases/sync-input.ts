// wsgi.input and wsgi.errors: files of bytes that end, and a log.
// Source: PEP 3333 "Input and Error Streams"; wsgiref.validate.

import { EMPTY, utf8Decode, type Environ } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import { SYNC_BODY_LIMIT } from "../suite/app.ts";
import type { Case } from "../suite/case.ts";
import { equal, matches, ok } from "../suite/check.ts";
import type { CaseRequest } from "../suite/client.ts";
import { noise, syncJson, syncText } from "./answers.ts";

interface InputRow {
  readonly says: string;
  readonly body: string;
  readonly read: (environ: Environ) => readonly Uint8Array[];
  readonly gives: readonly string[];
  readonly proves: readonly RequirementId[];
}

const LINES = "one\ntwo\r\n\nlast";

const ROWS: readonly InputRow[] = [
  {
    says: "read() gives the rest, then nothing again and again",
    body: LINES,
    read: ({ "wsgi.input": input }) => [input.read(), input.read(), input.read(5), input.read()],
    gives: [LINES, "", "", ""],
    proves: ["W21", "W22"],
  },
  {
    says: "read(n) gives at most n octets",
    body: "abcdef",
    read: ({ "wsgi.input": input }) => [
      input.read(2),
      input.read(0),
      input.read(3),
      input.read(100),
      input.read(1),
    ],
    gives: ["ab", "", "cde", "f", ""],
    proves: ["W22"],
  },
  {
    says: "read(-1) gives the rest, as a file does",
    body: "abc",
    read: ({ "wsgi.input": input }) => [input.read(-1)],
    gives: ["abc"],
    proves: ["W22"],
  },
  {
    says: "readline gives lines with their LF, and the unterminated tail once",
    body: LINES,
    read: ({ "wsgi.input": input }) => Array.from({ length: 6 }, () => input.readline()),
    gives: ["one\n", "two\r\n", "\n", "last", "", ""],
    proves: ["W21", "W23"],
  },
  {
    says: "readline(n) gives at most n octets of a line",
    body: "abcdef\ng",
    read: ({ "wsgi.input": input }) => [input.readline(4), input.readline(100), input.readline(5)],
    gives: ["abcd", "ef\n", "g"],
    proves: ["W23"],
  },
  {
    says: "readlines gives the remaining lines",
    body: LINES,
    read: ({ "wsgi.input": input }) => [input.readline(), ...input.readlines(), ...input.readlines()],
    gives: ["one\n", "two\r\n", "\n", "last"],
    proves: ["W23"],
  },
  {
    says: "readlines(hint) counts octets, not lines",
    body: "1\n2\n3\n4\n",
    read: ({ "wsgi.input": input }) => [...input.readlines(3), input.read()],
    gives: ["1\n", "2\n", "3\n4\n"],
    proves: ["W23"],
  },
  {
    says: "iteration gives lines",
    body: LINES,
    read: ({ "wsgi.input": input }) => [...input],
    gives: ["one\n", "two\r\n", "\n", "last"],
    proves: ["W21", "W23"],
  },
  {
    says: "the ways of reading share one position",
    body: "ab\ncd\nef",
    read: ({ "wsgi.input": input }) => [input.read(1), input.readline(), ...input.readlines(1), input.read()],
    gives: ["a", "b\n", "cd\n", "ef"],
    proves: ["W21", "W22", "W23"],
  },
  {
    says: "an empty body has no lines",
    body: "",
    read: ({ "wsgi.input": input }) => [input.readline(), ...input, ...input.readlines(), input.read()],
    gives: ["", ""],
    proves: ["W21", "W23"],
  },
];

/** The cases about wsgi.input and wsgi.errors. */
export const syncInputCases: readonly Case[] = [
  ...ROWS.map(({ says, body, read, gives, proves }): Case => ({
    name: `sync input: ${says}`,
    proves,
    syncApp(environ, startResponse) {
      const pieces = read(environ);
      for (const bytes of pieces) ok(bytes instanceof Uint8Array, "what is read is bytes");
      return syncJson(startResponse, pieces.map(utf8Decode));
    },
    async client(client) {
      equal(await client.json({ method: "POST", body }), gives, "of announced length");
      equal(await client.json({ method: "POST", pieces: [body] }), gives, "of unknown length");
    },
  })),
  {
    name: "sync input: a read beyond the body gives nothing of the next request",
    proves: ["W22"],
    needs: ["octets"],
    syncApp(environ, startResponse) {
      const input = environ["wsgi.input"];
      return syncJson(startResponse, [
        environ.PATH_INFO,
        utf8Decode(input.read(1000)),
        utf8Decode(input.read()),
      ]);
    },
    async client(client) {
      const octets = await client.octets();
      const first = `${client.head("POST /1 HTTP/1.1", ["Host: a", "Content-Length: 3"])}abc`;
      await octets.write(first + client.head("GET /2 HTTP/1.1", ["Host: a"]));
      equal(JSON.parse((await client.read(octets.response("POST"))).text), ["/1", "abc", ""]);
      equal(JSON.parse((await client.read(octets.response("GET"))).text), ["/2", "", ""]);
    },
  },
  {
    name: "sync input: the app is not called before the whole body is there",
    proves: ["W24"],
    needs: ["writing", "memory"],
    syncApp(environ, startResponse, stage) {
      stage.note("called");
      return syncText(startResponse, utf8Decode(environ["wsgi.input"].read()));
    },
    async client(client) {
      const exchange = client.start(await client.connect(), { method: "POST" }, 6);
      await exchange.write(new Uint8Array([97, 98, 99]));
      equal(await client.settledNotes(), 0, "the notes before the whole body");
      await exchange.write(new Uint8Array([100, 101, 102]));
      await exchange.end();
      equal((await client.read(exchange)).text, "abcdef");
    },
  },
  ...(
    [
      ["of announced length", { body: noise(SYNC_BODY_LIMIT + 1) }],
      ["of unknown length", { pieces: [noise(SYNC_BODY_LIMIT), noise(1)] }],
    ] as const satisfies [string, CaseRequest][]
  ).map(([kind, request]): Case => ({
    name: `sync input: a body ${kind} over the limit is a 413, and the app is not called`,
    proves: ["W24", "S8"],
    needs: ["memory"],
    syncApp(_environ, startResponse, stage) {
      stage.note("called");
      return syncText(startResponse, "ok");
    },
    async client(client) {
      const exchange = client.start(
        await client.connect(),
        { method: "POST" },
        "body" in request ? request.body.byteLength : "unknown",
      );
      const pieces: readonly Uint8Array[] = "body" in request ? [request.body] : request.pieces;
      const writing = (async () => {
        for (const bytes of pieces) await exchange.write(bytes);
      })();
      equal((await client.read(exchange)).status, 413);
      exchange.reset();
      await writing;
      equal((await client.ask()).notes, [], "the notes");
    },
  })),
  {
    name: "sync input: a body of exactly the limit reaches the app",
    proves: ["W24", "S8"],
    syncApp: (environ, startResponse) => syncJson(startResponse, environ["wsgi.input"].read().byteLength),
    async client(client) {
      equal(await client.json({ method: "POST", body: noise(SYNC_BODY_LIMIT) }), SYNC_BODY_LIMIT);
    },
  },
  {
    name: "sync input: a body that breaks off does not reach the app",
    proves: ["W24", "A31"],
    needs: ["reset", "memory"],
    syncApp(_environ, startResponse, stage) {
      stage.note("called");
      return syncText(startResponse, "ok");
    },
    async client(client) {
      const exchange = client.start(await client.connect(), { method: "POST" }, 100);
      await exchange.write(noise(50));
      await client.ask();
      exchange.reset();
      equal(await client.settledNotes(), 0, "the notes");
    },
  },
  {
    name: "sync input: neither wsgi.input nor wsgi.errors has a close()",
    proves: ["W26"],
    syncApp(environ, startResponse) {
      equal("close" in environ["wsgi.input"], false, "whether wsgi.input has close");
      equal("close" in environ["wsgi.errors"], false, "whether wsgi.errors has close");
      equal(environ["wsgi.input"].read(), EMPTY);
      return syncText(startResponse, "ok");
    },
    async client(client) {
      equal((await client.request()).status, 200);
    },
  },
  {
    name: "sync input: wsgi.errors takes any text, and it reaches the log and not the client",
    proves: ["W27", "S20"],
    needs: ["log"],
    syncApp(environ, startResponse) {
      const errors = environ["wsgi.errors"];
      errors.write("caf\u00e9 \u{1f600} lone \ud800\n");
      errors.writelines(["two ", "pieces\n"]);
      errors.write("no line end");
      errors.flush();
      return syncText(startResponse, "ok");
    },
    async client(client) {
      equal((await client.request()).text, "ok");
      const entries = await client.logged(3);
      const all = entries.map(({ message }) => message).join("\n");
      for (const text of ["caf\u00e9", "two pieces", "no line end"])
        ok(all.includes(text), `the log has ${text}`);
      matches(all, /^[^\r]*$/, "the log");
    },
  },
];
