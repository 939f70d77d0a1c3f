// What an app sees of its request: targets of every form, mounts in the frameworks themselves, and hostile headers.

import type { IncomingMessage } from "node:http";
import type { AsgiApp, HttpScope } from "@tsgi/core";
import connect from "connect";
import express from "express";
import { describe, expect, test } from "vitest";
import { listenOn, portOf } from "./fixtures/hosts.ts";
import { rawExchange, statuses } from "./fixtures/raw-client.ts";
import { start } from "./fixtures/running.ts";
import { expectNoStrays } from "./fixtures/strays.ts";
import { scopeFromRequest } from "./scope.ts";
import { toNode, type NodeListener } from "./to-node.ts";

type Seen = readonly [root: string, path: string, raw: string | null, query: string];

/** An app that tells what it sees of its place. */
const tell: AsgiApp = async (scope, _receive, send) => {
  if (scope.type !== "http") return;
  const { root_path, path, raw_path, query_string } = scope;
  await send({ type: "http.response.start", status: 200 });
  await send({ type: "http.response.body", body: JSON.stringify([root_path, path, raw_path, query_string]) });
};

async function seen(port: number, target: string, method = "GET"): Promise<Seen | number[]> {
  const received = await rawExchange(
    port,
    `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  const body = received.slice(received.indexOf("\r\n\r\n") + 4);
  const text = Buffer.from(body, "latin1").toString();
  return text.startsWith("[") ? (JSON.parse(text) as Seen) : statuses(received);
}

const NOWHERE = { client: null, server: null, scheme: "http", extensions: {} } as const;

expectNoStrays();

describe("the target", () => {
  test.each<[target: string, path: string, raw: string, query: string]>([
    ["/", "/", "/", ""],
    ["/?", "/", "/", ""],
    ["/a?b?c", "/a", "/a", "b?c"],
    ["/a%20b", "/a b", "/a%20b", ""],
    ["/%2e%2e/%2F", "/..//", "/%2e%2e/%2F", ""],
    ["/a/../b/./c", "/a/../b/./c", "/a/../b/./c", ""],
    ["//host/path", "//host/path", "//host/path", ""],
    ["///", "///", "///", ""],
    ["/%", "/%", "/%", ""],
    ["/%zz%4", "/%zz%4", "/%zz%4", ""],
    ["/%00", "/\0", "/%00", ""],
    ["/%ff", "/\ufffd", "/%ff", ""],
    ["/%ed%a0%80", "/\ufffd\ufffd\ufffd", "/%ed%a0%80", ""],
    ["/caf%C3%A9?caf%C3%A9", "/caf\u00e9", "/caf%C3%A9", "caf%C3%A9"],
    ["/%25%32%35", "/%25", "/%25%32%35", ""],
    ["/a;b=c", "/a;b=c", "/a;b=c", ""],
    ["/\\..\\", "/\\..\\", "/\\..\\", ""],
    ["http://h", "/", "/", ""],
    ["http://h?q", "/", "/", "q"],
    ["http://h/p?q", "/p", "/p", "q"],
    ["http://u:p@h:80/p", "/p", "/p", ""],
    ["HTTPS://[::1]:1/p", "/p", "/p", ""],
    ["http://h//p", "//p", "//p", ""],
  ])("%s [A18 A19 A20 X3 X8 W8 W10]", async (target, path, raw, query) => {
    const { port } = await start(tell);
    expect(await seen(port, target)).toEqual(["", path, raw, query]);
  });

  test("with octets above 0x7F, if Node lets them through, is those octets, decoded as UTF-8 [A18 A19 X2]", () => {
    const body = { bodyLength: 0, expectsContinue: false };
    const req = { url: "/caf\xc3\xa9", httpVersion: "1.1", method: "GET", rawHeaders: [] };
    const { path, raw_path } = scopeFromRequest(req as unknown as IncomingMessage, NOWHERE, "", null, body);
    expect([path, raw_path]).toEqual(["/caf\u00e9", "/caf\xc3\xa9"]);
  });

  test("with a fragment ends before it [A20 X8]", async () => {
    const { port } = await start(tell);
    // Not every version of Node's parser lets one through.
    expect(await seen(port, "/a?b#c")).toBeOneOf([["", "/a", "/a", "b"], [400]]);
  });

  test("of OPTIONS * stays *, below a prefix too [X3 W6]", async () => {
    for (const rootPath of ["", "/app"]) {
      const { port } = await start(tell, { rootPath });
      expect(await seen(port, "*", "OPTIONS")).toEqual([rootPath, "*", "*", ""]);
    }
  });

  test("as long as Node lets it be is handled in time [S8]", async () => {
    const { port } = await start(tell, { maxUrlLength: 16_000, maxHeaderSize: 20_000 });
    const target = `/${"%41".repeat(5_000)}`;
    expect(await seen(port, target)).toEqual(["", `/${"A".repeat(5_000)}`, target, ""]);
  });
});

describe("a prefix", () => {
  test.each<[what: string, rootPath: string, target: string, seen: Seen]>([
    ["that the proxy passes on", "/app", "/app/x?q", ["/app", "/app/x", "/app/x", "q"]],
    ["that the proxy cuts off", "/app", "/x?q", ["/app", "/app/x", "/x", "q"]],
    ["itself, passed on", "/app", "/app", ["/app", "/app", "/app", ""]],
    ["itself with a slash, passed on", "/app", "/app/", ["/app", "/app/", "/app/", ""]],
    ["itself, cut off", "/app", "/", ["/app", "/app/", "/", ""]],
    ["that only begins alike", "/app", "/apple", ["/app", "/app/apple", "/apple", ""]],
    ["of an absolute target", "/app", "http://h/app/x", ["/app", "/app/x", "/app/x", ""]],
    ["with a blank", "/a b", "/a%20b/x", ["/a b", "/a b/x", "/a%20b/x", ""]],
  ])("%s [A21 X4 X5]", async (_what, rootPath, target, expected) => {
    const { port } = await start(tell, { rootPath });
    expect(await seen(port, target)).toEqual(expected);
  });
});

describe("below a mount of a framework", () => {
  const frameworks: [name: string, mount: (path: string, listener: NodeListener) => NodeListener][] = [
    [
      "Express",
      (path, listener) => express().use(path, listener as express.RequestHandler) as unknown as NodeListener,
    ],
    [
      "connect",
      (path, listener) =>
        connect().use(path, listener as connect.SimpleHandleFunction) as unknown as NodeListener,
    ],
  ];

  describe.each(frameworks)("%s", (_name, mount) => {
    test.each<[mountPath: string, target: string, seen: Seen]>([
      ["/a", "/a", ["/a", "/a", "/a", ""]],
      ["/a", "/a?x", ["/a", "/a", "/a", "x"]],
      ["/a", "/a/", ["/a", "/a/", "/a/", ""]],
      ["/a", "/a/?x", ["/a", "/a/", "/a/", "x"]],
      ["/a", "/a/b", ["/a", "/a/b", "/a/b", ""]],
      ["/a", "/a/a", ["/a", "/a/a", "/a/a", ""]],
      ["/a", "/a/a/a", ["/a", "/a/a/a", "/a/a/a", ""]],
      ["/a", "/a//", ["/a", "/a//", "/a//", ""]],
      ["/a", "/a//b", ["/a", "/a//b", "/a//b", ""]],
      ["/a/a", "/a/a", ["/a/a", "/a/a", "/a/a", ""]],
      ["/a", "/a/b%2Fc?d=%20", ["/a", "/a/b/c", "/a/b%2Fc", "d=%20"]],
      ["/", "/x", ["", "/x", "/x", ""]],
      ["/", "/", ["", "/", "/", ""]],
    ])("mount %s, target %s [A19 A21 X2 X4 X6]", async (mountPath, target, expected) => {
      const server = await listenOn(mount(mountPath, toNode(tell)));
      expect(await seen(portOf(server), target)).toEqual(expected);
    });

    test("nested mounts add up, and go below a prefix of the server [X6 A21]", async () => {
      const inner = mount("/b", toNode(tell, { rootPath: "/app" }));
      const server = await listenOn(mount("/a", inner));
      expect(await seen(portOf(server), "/a/b/c?d")).toEqual(["/app/a/b", "/app/a/b/c", "/a/b/c", "d"]);
    });
  });

  test("Express: a router in a router, with a parameter [X6]", async () => {
    const inner = express.Router().use("/in", toNode(tell) as express.RequestHandler);
    const app = express().use("/:user", inner);
    const server = await listenOn(app as unknown as NodeListener);
    expect(await seen(portOf(server), "/a%20b/in/x")).toEqual(["/a b/in", "/a b/in/x", "/a%20b/in/x", ""]);
  });

  test("Express: a mount that differs in case has the case of the request [X6]", async () => {
    const app = express().use("/Admin", toNode(tell) as express.RequestHandler);
    const server = await listenOn(app as unknown as NodeListener);
    expect(await seen(portOf(server), "/aDMIN/x")).toEqual(["/aDMIN", "/aDMIN/x", "/aDMIN/x", ""]);
  });

  test.each<[what: string, rewrite: (req: IncomingMessage) => void, target: string, expected: Seen]>([
    ["another path", (req) => (req.url = "/new?x"), "/old/y", ["", "/new", "/new", "x"]],
    [
      "a part of the path, which is a prefix cut off",
      (req) => (req.url = "/y"),
      "/old/y",
      ["/old", "/old/y", "/old/y", ""],
    ],
    ["the root", (req) => (req.url = "/"), "/old", ["", "/", "/", ""]],
    ["the query alone", (req) => (req.url = "/old?b"), "/old?a", ["", "/old", "/old", "b"]],
  ])(
    "Express: what has rewritten the URL to %s has the last word [X2 X6]",
    async (_what, rewrite, target, expected) => {
      const app = express()
        .use((req, _res, next) => {
          rewrite(req);
          next();
        })
        .use(toNode(tell) as express.RequestHandler);
      const server = await listenOn(app as unknown as NodeListener);
      expect(await seen(portOf(server), target)).toEqual(expected);
    },
  );

  test.each<[target: string, seen: Seen]>([
    ["/a.json", ["", "/a.json", "/a.json", ""]],
    ["/A/b", ["/A", "/A/b", "/A/b", ""]],
  ])(
    "connect: %s is below the mount /a for it, and what it is for the app [X5 X6]",
    async (target, expected) => {
      const app = connect().use("/a", toNode(tell) as connect.SimpleHandleFunction);
      const server = await listenOn(app as unknown as NodeListener);
      expect(await seen(portOf(server), target)).toEqual(expected);
    },
  );

  test("connect: rewritten without a trace of where it was mounted [X2 X6]", async () => {
    const app = connect()
      .use((req, _res, next) => {
        req.url = "/new?x";
        next();
      })
      .use(toNode(tell) as connect.SimpleHandleFunction);
    const server = await listenOn(app as unknown as NodeListener);
    expect(await seen(portOf(server), "/old")).toEqual(["", "/new", "/new", "x"]);
  });

  test("connect below a mount of Express [X6]", async () => {
    const inner = connect().use("/b", toNode(tell) as connect.SimpleHandleFunction);
    const app = express().use("/a", inner as unknown as express.RequestHandler);
    const server = await listenOn(app as unknown as NodeListener);
    expect(await seen(portOf(server), "/a/b/c")).toEqual(["/a/b", "/a/b/c", "/a/b/c", ""]);
  });

  test("Express: rewritten below a mount [X2 X6]", async () => {
    const app = express().use(
      "/a",
      express
        .Router()
        .use((req, _res, next) => {
          req.url = "/new";
          next();
        })
        .use("/", toNode(tell) as express.RequestHandler),
    );
    const server = await listenOn(app as unknown as NodeListener);
    expect(await seen(portOf(server), "/a/old")).toEqual(["/a", "/a/new", "/a/new", ""]);
  });
});

describe("headers", () => {
  /** An app that tells which headers it sees. */
  const tellHeaders: AsgiApp = async (scope, _receive, send) => {
    if (scope.type !== "http") return;
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: JSON.stringify(scope.headers) });
  };
  const CLOSE = "Host: a\r\nConnection: close\r\n";

  async function headersOf(lines: string): Promise<[string, string][]> {
    const { port } = await start(tellHeaders, { maxHeadersCount: 3_000, maxHeaderSize: 64 * 1024 });
    const received = await rawExchange(port, `GET / HTTP/1.1\r\n${CLOSE}${lines}\r\n`);
    const text = Buffer.from(received.slice(received.indexOf("\r\n\r\n") + 4), "latin1").toString();
    return (JSON.parse(text) as [string, string][]).slice(2);
  }

  test("named like a prototype's property are headers like others [S3 A22]", async () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    expect(await headersOf(names.map((name) => `${name}: x\r\n`).join(""))).toEqual(
      names.map((name) => [name.toLowerCase(), "x"]),
    );
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test("by the thousand, and repeated, stay apart and in order [A22 X16]", async () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => `X-${i % 7}: ${i}\r\n`).join("");
    const headers = await headersOf(lines);
    expect(headers).toHaveLength(2_000);
    expect(headers[1_999]).toEqual(["x-4", "1999"]);
  });

  test("of ever new names, more than are remembered, keep their lower case [A22 S8]", async () => {
    for (let round = 0; round < 3; round += 1) {
      const lines = Array.from({ length: 1_000 }, (_, i) => `New-${round}-${i}: x\r\n`).join("");
      expect((await headersOf(lines))[999]).toEqual([`new-${round}-999`, "x"]);
    }
  });

  test("values keep their octets and lose the blanks around them [A22 X18]", async () => {
    expect(await headersOf("X: \t a\t b\xe9\xff \t\r\nY:\r\n")).toEqual([
      ["x", "a\t b\xe9\xff"],
      ["y", ""],
    ]);
  });
});

test("a scope is made of each request anew, and state is copied [A2 A24]", async () => {
  const scopes: HttpScope[] = [];
  const state = { shared: [], own: 1 };
  const app: AsgiApp = async (scope, receive, send) => {
    scopes.push(scope as HttpScope);
    (scope.state as { own: number }).own += 1;
    await tell(scope, receive, send);
  };
  const server = await listenOn(toNode(app, { state }));
  const get = "GET / HTTP/1.1\r\nHost: a\r\n";
  await rawExchange(portOf(server), `${get}\r\n${get}Connection: close\r\n\r\n`);
  const [first, second] = scopes as [HttpScope, HttpScope];
  expect(first).not.toBe(second);
  expect(first.headers).not.toBe(second.headers);
  expect([first.state, second.state, state]).toMatchObject([{ own: 2 }, { own: 2 }, { own: 1 }]);
  expect((first.state as typeof state).shared).toBe(state.shared);
});
