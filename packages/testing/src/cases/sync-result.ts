// What a sync app returns: how it is iterated, ended and put away, exactly once, on every path.
// Source: PEP 3333 "Specification Details", "Handling the Content-Length Header"; Plack::Test::Suite "call close".

import { utf8Encode } from "@tsgi/core";
import type { Case } from "../suite/case.ts";
import { equal, ok } from "../suite/check.ts";
import { isCut, isPlain500 } from "./errors.ts";
import { digest, noise } from "./answers.ts";

const NOT_BODIES: readonly [string, unknown][] = [
  ["null", null],
  ["undefined", undefined],
  ["false", false],
  ["a number", 5],
  ["a plain object", {}],
  ["a promise", Promise.resolve(["x"])],
  ["an array of numbers", [1, 2]],
  ["an array of objects", [{}, {}]],
];

/** The cases about the result of a sync app. */
export const syncResultCases: readonly Case[] = [
  {
    name: "sync result: a client that goes away is not logged",
    proves: ["W51"],
    needs: ["reset", "memory", "log"],
    *syncApp(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      try {
        for (;;) yield "x".repeat(1000);
      } finally {
        stage.note("finally");
      }
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      await exchange.head();
      exchange.reset();
      await client.notes(1);
      await client.ask();
      equal(await client.logged(0), [], "what was logged");
    },
  },
  ...NOT_BODIES.map(([kind, result]): Case => ({
    name: `sync result: ${kind} for a body is a clean 500`,
    proves: ["W40", "W39"],
    breaks: true,
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["X-From-App", "1"]]);
      return result as string[];
    },
    client: isPlain500,
  })),
  {
    name: "sync result: a throw before startResponse is a clean 500",
    proves: ["W50", "S20"],
    breaks: true,
    syncApp() {
      throw new Error("secret-of-the-app");
    },
    client: isPlain500,
  },
  {
    name: "sync result: a throw after startResponse and before a piece is a clean 500",
    proves: ["W50", "W35", "S20"],
    breaks: true,
    *syncApp(_environ, startResponse) {
      startResponse("200 OK", [["X-From-App", "1"]]);
      yield "";
      throw new Error("secret-of-the-app");
    },
    client: isPlain500,
  },
  {
    name: "sync result: a throw after a piece cuts the response, and is logged once",
    proves: ["W50"],
    needs: ["log"],
    breaks: true,
    *syncApp(_environ, startResponse) {
      startResponse("200 OK", []);
      yield "begun";
      throw new Error("secret-of-the-app");
    },
    async client(client) {
      await isCut(client.start(await client.connect(), {}));
      const entries = await client.logged(1);
      equal(entries[0]?.level, "error", "the level");
      await client.ask();
      equal((await client.logged(1)).length, 1, "the number of lines");
    },
  },
  {
    name: "sync result: an error in close() or in a generator's finally is logged, and the response stands",
    proves: ["S26", "W43"],
    needs: ["log"],
    breaks: true,
    syncApp(_environ, startResponse) {
      startResponse("200 OK", []);
      return Object.assign(["one ", "two"], {
        close() {
          throw new Error("close fails");
        },
      });
    },
    async client(client) {
      equal((await client.request()).text, "one two");
      equal((await client.logged(1))[0]?.level, "error", "the level");
      equal((await client.request()).text, "one two", "the next response");
    },
  },
  {
    name: "sync result: a body shorter than Content-Length cuts the response",
    proves: ["W46"],
    breaks: true,
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["Content-Length", "10"]]);
      return ["abc", "def"];
    },
    client: async (client) => isCut(client.start(await client.connect(), {})),
  },
  {
    name: "sync result: a body longer than Content-Length is sent up to it, and the iteration stops there",
    proves: ["W46"],
    needs: ["memory"],
    breaks: true,
    *syncApp(_environ, startResponse, stage) {
      startResponse("200 OK", [["Content-Length", "5"]]);
      stage.note("abc");
      yield "abc";
      stage.note("def");
      yield "def";
      stage.note("ghi");
      yield "ghi";
    },
    async client(client) {
      const connection = await client.connect();
      equal((await client.send(connection, {})).text, "abcde");
      equal(await client.notes(2), ["abc", "def"]);
      equal((await client.ask()).notes, ["abc", "def"], "the notes a little later");
      await connection.finish();
    },
  },
  {
    name: "sync result: a bare string and bare bytes are one piece",
    proves: ["W39", "W45"],
    breaks: true,
    syncApp(environ, startResponse) {
      startResponse("200 OK", []);
      return environ.PATH_INFO === "/bytes" ? (utf8Encode("bare") as unknown as string[]) : "bare";
    },
    async client(client) {
      for (const target of ["/bytes", "/string"]) {
        const response = await client.request({ target });
        equal([response.text, response.all("content-length")], ["bare", ["4"]]);
      }
    },
  },
  {
    name: "sync result: any iterable is a body: a set, a generator, an iterator of one's own",
    proves: ["W39"],
    syncApp(environ, startResponse) {
      startResponse("200 OK", []);
      if (environ.PATH_INFO === "/set") return new Set(["one ", "two"]);
      let count = 0;
      return {
        [Symbol.iterator]: () => ({
          next: () =>
            count++ < 2
              ? { done: false, value: count === 1 ? "one " : "two" }
              : { done: true, value: undefined },
        }),
      };
    },
    async client(client) {
      equal((await client.request({ target: "/set" })).text, "one two");
      equal((await client.request({ target: "/own" })).text, "one two");
    },
  },
  {
    name: "sync result: wsgi.file_wrapper sends the rest of a file from where it stands, and closes it once",
    proves: ["W52"],
    needs: ["memory"],
    syncApp(environ, startResponse, stage) {
      const fileWrapper = environ["wsgi.file_wrapper"];
      ok(fileWrapper !== undefined, "wsgi.file_wrapper is there");
      const bytes = noise(100_000);
      let at = 10;
      const file = {
        read(size: number = bytes.byteLength) {
          const part = bytes.subarray(at, at + size);
          at += part.byteLength;
          return part;
        },
        close: () => stage.note("close"),
      };
      startResponse("200 OK", []);
      return fileWrapper(file, 8192);
    },
    async client(client) {
      const { body } = await client.request();
      equal(digest(body), digest(noise(100_000).subarray(10)));
      equal(await client.notes(1), ["close"]);
      equal((await client.ask()).notes, ["close"], "the notes a little later");
    },
  },
  {
    name: "sync result: wsgi.file_wrapper stops at Content-Length",
    proves: ["W52", "W46"],
    breaks: true,
    syncApp(environ, startResponse) {
      const fileWrapper = environ["wsgi.file_wrapper"];
      ok(fileWrapper !== undefined, "wsgi.file_wrapper is there");
      startResponse("200 OK", [["Content-Length", "10"]]);
      return fileWrapper({ read: (size = 100) => noise(Math.min(size, 100)) }, 7);
    },
    async client(client) {
      equal((await client.request()).body.byteLength, 10);
    },
  },
];
