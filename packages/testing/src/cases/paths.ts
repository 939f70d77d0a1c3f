// The request target: path, raw path, query, mount prefix, in both interfaces.
// Sources: ASGI HTTP 2.5 "path", "raw_path", "query_string", "root_path"; PEP 3333 "environ Variables"; RFC 9112 §3.2.

import { nativeString } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import { reply } from "../suite/app.ts";
import { inBoth, type Case, type Need } from "../suite/case.ts";
import { equal } from "../suite/check.ts";
import { jsonOf } from "../suite/client.ts";
import { json, syncJson } from "./answers.ts";

interface TargetRow {
  readonly says: string;
  readonly target: string;
  /** Decoded, below the mount prefix. */
  readonly path: string;
  /** The octets of the decoded path. Default: the UTF-8 of `path`. */
  readonly octets?: string;
  readonly query?: string;
  readonly proves: readonly RequirementId[];
  readonly needs?: readonly Need[];
}

const ROWS: readonly TargetRow[] = [
  { says: "a plain path is given as it is", target: "/plain", path: "/plain", proves: ["A18", "W6", "X2"] },
  { says: "the root is one slash", target: "/", path: "/", proves: ["A18", "W6"] },
  {
    says: "percent-encoded UTF-8 is decoded",
    target: "/foo%E3%81%82",
    path: "/foo\u3042",
    proves: ["A18", "W7", "X4"],
  },
  {
    says: "a doubly encoded comma is decoded once",
    target: "/bar%252c",
    path: "/bar%2c",
    proves: ["A18", "W7"],
  },
  {
    says: "a doubly encoded slash is decoded once",
    target: "/a%252Fb",
    path: "/a%2Fb",
    proves: ["A18", "A19", "W7", "X2"],
  },
  { says: "an encoded comma is decoded", target: "/bar%2c", path: "/bar,", proves: ["W7"] },
  {
    says: "an encoded slash becomes a slash, and stays encoded in raw_path",
    target: "/a%2Fb",
    path: "/a/b",
    proves: ["A18", "A19", "X2"],
  },
  {
    says: "an encoded percent sign becomes a percent sign",
    target: "/100%25",
    path: "/100%",
    proves: ["A18", "W7"],
  },
  {
    says: "an octet that is not UTF-8 is kept in PATH_INFO and replaced in path",
    target: "/cp%80",
    path: "/cp\ufffd",
    octets: "/cp\x80",
    proves: ["A18", "W7"],
  },
  {
    says: "a percent sign without two hex digits stays",
    target: "/a%zz%4",
    path: "/a%zz%4",
    proves: ["A18"],
  },
  {
    says: "repeated slashes are kept",
    target: "//foo///bar/baz",
    path: "//foo///bar/baz",
    proves: ["W8", "X2"],
  },
  {
    says: "two leading slashes are no authority",
    target: "//host/x",
    path: "//host/x",
    proves: ["W8"],
  },
  { says: "dot segments are kept", target: "/a/../b/./c", path: "/a/../b/./c", proves: ["A19", "X2"] },
  {
    says: "encoded dot segments are decoded and kept",
    target: "/a/%2e%2e/b",
    path: "/a/../b",
    proves: ["A19", "X2"],
  },
  {
    says: "dot segments around encoded slashes are decoded and kept",
    target: "/a/..%2F../b%2f.",
    path: "/a/../../b/.",
    proves: ["A18", "A19", "X2"],
  },
  {
    says: "an encoded backslash is no slash",
    target: "/a%5cb",
    path: "/a\\b",
    proves: ["X2"],
  },
  {
    says: "reserved characters are kept",
    target: "/x;y=1,z/@:!$&'()*+",
    path: "/x;y=1,z/@:!$&'()*+",
    proves: ["W19", "X7"],
  },
  {
    says: "raw UTF-8 octets are taken as they are",
    target: "/caf\xc3\xa9",
    path: "/caf\u00e9",
    proves: ["A18", "A19", "W7", "X2"],
    needs: ["octets"],
  },
  {
    says: "a raw octet that is not UTF-8 is kept in PATH_INFO and raw_path",
    target: "/cp\x80",
    path: "/cp\ufffd",
    octets: "/cp\x80",
    proves: ["A18", "A19", "W7"],
    needs: ["octets"],
  },
  {
    says: "the query is what follows the first question mark, still encoded",
    target: "/q?a=1%202&b=%3f?c+d&x=%E3%81%82",
    path: "/q",
    query: "a=1%202&b=%3f?c+d&x=%E3%81%82",
    proves: ["A20", "W10", "X8"],
  },
  {
    says: "an encoded line feed and an encoded NUL are part of the path",
    target: "/a%0Ab.php%00/c",
    path: "/a\nb.php\0/c",
    proves: ["S16", "W7", "A18"],
  },
  { says: "an empty query is empty", target: "/q?", path: "/q", query: "", proves: ["A20", "W10", "X8"] },
  {
    says: "an encoded question mark is part of the path",
    target: "/what%3fq?x",
    path: "/what?q",
    query: "x",
    proves: ["A18", "A20", "W7"],
  },
];

function targetCases({ says, target, path, octets, query = "", proves, needs = [] }: TargetRow): Case[] {
  return inBoth({
    name: `paths: ${says}`,
    proves,
    needs,
    app: (scope, _receive, send) =>
      json(send, [scope.path, scope.raw_path, scope.query_string, scope.root_path]),
    syncApp: (environ, startResponse) =>
      syncJson(startResponse, [environ.SCRIPT_NAME, environ.PATH_INFO, environ.QUERY_STRING]),
    async client(client) {
      const { rootPath } = client;
      const values = await client.json({ target });
      const [rawPath] = client.target(target).split("?", 1);
      const expected = client.caseIsSync
        ? [nativeString(rootPath), octets ?? nativeString(path), query]
        : [rootPath + path, rawPath, query, rootPath];
      equal(values, expected);
    },
  });
}

/** The cases about the request target. */
export const pathCases: readonly Case[] = [
  ...ROWS.flatMap(targetCases),
  ...inBoth({
    name: "paths: the absolute form gives path and query, and leaves the Host header as sent",
    proves: ["X3", "A18", "A19"],
    needs: ["octets"],
    app: (scope, _receive, send) =>
      json(send, [
        scope.path,
        scope.raw_path,
        scope.query_string,
        scope.headers.find(([name]) => name === "host")?.[1],
      ]),
    syncApp: (environ, startResponse) =>
      syncJson(startResponse, [environ.PATH_INFO, environ.QUERY_STRING, environ["HTTP_HOST"]]),
    async client(client) {
      const target = `http://elsewhere.example:81${client.target("/p%20q")}?x=1`;
      const octets = await client.octets();
      await octets.write(client.head(`GET ${target} HTTP/1.1`, ["Host: here.example"]));
      const answer = jsonOf(await client.read(octets.response("GET")));
      const expected = client.caseIsSync
        ? ["/p q", "x=1", "here.example"]
        : [`${client.rootPath}/p q`, client.target("/p%20q"), "x=1", "here.example"];
      equal(answer, expected);
    },
  }),
  ...inBoth({
    name: "paths: OPTIONS with an asterisk has the path *",
    proves: ["X3", "W6"],
    needs: ["octets"],
    app: (scope, _receive, send) => json(send, [scope.method, scope.path]),
    syncApp: (environ, startResponse) => syncJson(startResponse, [environ.REQUEST_METHOD, environ.PATH_INFO]),
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("OPTIONS * HTTP/1.1", ["Host: a"]));
      equal(jsonOf(await client.read(octets.response("OPTIONS"))), ["OPTIONS", "*"]);
    },
  }),
  {
    name: "sync paths: REQUEST_URI is the target, undecoded, with its query",
    proves: ["W9", "X2"],
    syncApp: (environ, startResponse) => syncJson(startResponse, environ.REQUEST_URI ?? null),
    async client(client) {
      for (const target of ["/a%2Fb//c/../d?q=1%202&r=%3f", "/plain", "/"]) {
        equal(await client.json({ target }), client.target(target));
      }
    },
  },
  {
    name: "sync paths: REQUEST_URI shows an empty query, which nothing else does",
    proves: ["W9", "X8"],
    syncApp: (environ, startResponse) => syncJson(startResponse, environ.REQUEST_URI ?? null),
    async client(client) {
      equal(await client.json({ target: "/q?" }), client.target("/q?"));
    },
  },
  {
    name: "sync paths: REQUEST_URI of the absolute form is the whole target as received",
    proves: ["W9", "X3"],
    needs: ["octets"],
    syncApp: (environ, startResponse) => syncJson(startResponse, environ.REQUEST_URI ?? null),
    async client(client) {
      const target = `http://elsewhere.example:81${client.target("/p")}?x=1`;
      const octets = await client.octets();
      await octets.write(client.head(`GET ${target} HTTP/1.1`, ["Host: here.example"]));
      equal(jsonOf(await client.read(octets.response("GET"))), target);
    },
  },
  {
    name: "paths: path, raw_path and query_string are of the types the spec names",
    proves: ["A18", "A19", "A20", "A21"],
    app(scope, _receive, send) {
      const types = [scope.path, scope.raw_path, scope.query_string, scope.root_path].map((v) => typeof v);
      equal(types, ["string", "string", "string", "string"]);
      equal(scope.root_path.endsWith("/"), false, "whether root_path ends with a slash");
      return reply(send, 200, "ok");
    },
    async client(client) {
      equal((await client.request({ target: "/types?q" })).status, 200);
    },
  },
  {
    name: "sync paths: SCRIPT_NAME never ends with a slash, and PATH_INFO is empty or starts with one",
    proves: ["W5", "W6", "X5", "X6"],
    syncApp(environ, startResponse) {
      equal(environ.SCRIPT_NAME.endsWith("/"), false, "whether SCRIPT_NAME ends with a slash");
      equal(environ.PATH_INFO[0], "/", "the start of PATH_INFO");
      return syncJson(startResponse, "ok");
    },
    async client(client) {
      for (const target of ["/", "/x", "//", "/x/"]) equal((await client.request({ target })).status, 200);
    },
  },
];
