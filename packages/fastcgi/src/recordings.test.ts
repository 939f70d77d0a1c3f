// What real web servers sent, replayed octet by octet, and what apps must see of it. fixtures/README.md says where it comes from.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AsgiApp, HttpScope, ReceiveEvent } from "@tsgi/core";
import {
  BEGIN_REQUEST,
  END_REQUEST,
  GET_VALUES,
  GET_VALUES_RESULT,
  PARAMS,
  REQUEST_COMPLETE,
  STDIN,
} from "./constants.ts";
import { decodePairs } from "./pairs.ts";
import { clientOf, keptLog, pairsOf } from "./raw-client.test-support.ts";
import { rawRecord } from "./record.test-support.ts";
import type { FastCgiOptions } from "./serve-options.ts";

interface Recording {
  readonly case: string;
  /** Type, id, content length, padding; of BEGIN also role and flags. */
  readonly records: readonly (readonly [string, number, number, number, number?, number?])[];
  readonly params: readonly (readonly [string, string])[];
}

const FILE = new URL("./fixtures/recordings.json", import.meta.url);
const recordings = JSON.parse(readFileSync(FILE, "utf8")) as Recording[];

const TYPES: Readonly<Record<string, number>> = { BEGIN: BEGIN_REQUEST, PARAMS, STDIN, GET_VALUES };

/** A recording as octets. All have their parameters in one record; see fixtures/README.md for its length. */
function octetsOf({ records, params }: Recording): Uint8Array {
  const parts = records.map(([type, id, length, padding, role = 0, flags = 0]) => {
    let content = "x".repeat(length);
    if (type === "BEGIN") content = String.fromCharCode(0, role, flags, 0, 0, 0, 0, 0);
    if (type === "GET_VALUES") content = pairsOf({ FCGI_MAX_REQS: "", FCGI_MPXS_CONNS: "" });
    if (type === "PARAMS" && length > 0) content = pairsOf(params);
    else expect(content).toHaveLength(length);
    return rawRecord(TYPES[type] as number, id, content, { padding });
  });
  expect(records.filter(([type]) => type === "PARAMS")).toHaveLength(2);
  return Buffer.concat(parts);
}

interface Seen {
  readonly scope: HttpScope;
  readonly size: number;
  readonly disconnected: boolean;
}

/** Sends octets, in pieces of so many, and gives what an app saw. */
async function replay(octets: Uint8Array, size: number, options: FastCgiOptions): Promise<Seen> {
  let seen: Seen | undefined;
  const app: AsgiApp = async (scope, receive, send) => {
    let length = 0;
    let event: ReceiveEvent;
    do {
      event = await receive();
      if (event.type === "http.request") length += event.body.length;
    } while (event.type === "http.request" && event.more_body);
    seen = { scope: scope as HttpScope, size: length, disconnected: event.type === "http.disconnect" };
    await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
    await send({ type: "http.response.body", body: "hello" });
  };
  const { log, lines } = keptLog();
  const client = await clientOf(app, { ...options, authorizer: app, log });
  for (let at = 0; at < octets.length; at += size) client.socket.write(octets.subarray(at, at + size));
  const { stdout, appStatus, protocolStatus, records } = await client.answer();
  expect(stdout).toMatch(/^Status: 200 OK\r\n/);
  expect([appStatus, protocolStatus]).toEqual([0, REQUEST_COMPLETE]);
  expect(records.filter(({ type }) => type === END_REQUEST)).toHaveLength(1);
  expect(lines).toEqual([]);
  const [first] = client.records;
  if (octets[1] === GET_VALUES) {
    expect([first?.type, decodePairs(first?.content ?? "")]).toEqual([
      GET_VALUES_RESULT,
      ["FCGI_MAX_REQS", "100", "FCGI_MPXS_CONNS", "1"],
    ]);
  }
  return seen as Seen;
}

/** What a server was, and what it must look like. */
interface Server {
  readonly prefix: string;
  /** Where its configuration does not split the path: what the README says to set. */
  readonly options: FastCgiOptions;
  readonly server: readonly [string, number];
  /** The headers that curl sent in every request, and what the server adds to them. */
  readonly always: Readonly<Record<string, string>>;
  /** Those of the GET with everything. */
  readonly get: Readonly<Record<string, string>>;
  /** What there is of a length where there is no body. */
  readonly empty: Readonly<Record<string, string>>;
}

const CURL = { "user-agent": "curl/7.88.1", accept: "*/*" };
const BASIC = { authorization: "Basic eDp5" };

/** Caddy says whom it speaks for. */
const FORWARDED = {
  "x-forwarded-for": "127.0.0.1",
  "x-forwarded-proto": "http",
  "x-forwarded-host": "127.0.0.1:19004",
};

const NGINX: Server = {
  prefix: "/app",
  options: { scriptName: "/app" },
  server: ["localhost", 19001],
  always: { ...CURL, host: "127.0.0.1" },
  get: { ...BASIC, "x-foo": "a, b", cookie: "a=1; b=2" },
  empty: {},
};

const SERVERS: Readonly<Record<string, Server>> = {
  nginx: NGINX,
  "nginx-keep": {
    ...NGINX,
    prefix: "/ka/app",
    options: {},
    always: { ...CURL, host: "127.0.0.1:19001" },
  },
  "nginx-nobuf": { ...NGINX, prefix: "/nobuf", options: { scriptName: "/nobuf" } },
  lighttpd: {
    prefix: "/app",
    options: {},
    server: ["127.0.0.1", 19002],
    always: { ...CURL, host: "127.0.0.1:19002" },
    get: { ...BASIC, "x-foo": "a, b", cookie: "a=1; b=2", "x-under": "u" },
    empty: { "content-length": "0" },
  },
  haproxy: {
    prefix: "/app",
    options: {},
    server: ["127.0.0.1", 19003],
    always: { ...CURL, host: "127.0.0.1:19003" },
    get: { "x-foo": "a, b", cookie: "a=1; b=2" },
    empty: { "content-length": "0" },
  },
  caddy: {
    prefix: "/app",
    options: {},
    server: ["127.0.0.1", 19004],
    always: { ...CURL, ...FORWARDED, host: "127.0.0.1:19004" },
    get: { ...BASIC, "x-foo": "a, b", cookie: "a=1, b=2", "x-under": "u" },
    empty: { "content-length": "0" },
  },
  apache: {
    prefix: "/app",
    options: { scriptName: "/app" },
    server: ["127.0.0.1", 19005],
    always: { ...CURL, host: "127.0.0.1:19005" },
    get: { "x-foo": "a, b", cookie: "a=1, b=2" },
    empty: {},
  },
};

/** What was asked: path and query as sent, the path decoded, the body. */
interface Asked {
  readonly method: string;
  readonly raw: string;
  readonly path: string;
  readonly query: string;
  readonly size: number;
}

const ASKED: Readonly<Record<string, Asked>> = {
  GET: { method: "GET", raw: "/x%20z//w", path: "/x z//w", query: "q=1%202", size: 0 },
  "GET %2F": { method: "GET", raw: "/x%2Fy", path: "/x/y", query: "", size: 0 },
  POST: { method: "POST", raw: "/p", path: "/p", query: "", size: 5 },
  CHUNKED: { method: "POST", raw: "/c", path: "/c", query: "", size: 5 },
  BIG: { method: "POST", raw: "/b", path: "/b", query: "", size: 200_000 },
  HEAD: { method: "HEAD", raw: "/h", path: "/h", query: "", size: 0 },
};

const FORM = { "content-type": "application/x-www-form-urlencoded" };

function headersOf(name: string, kind: string, server: Server, asked: Asked): Record<string, string> {
  const special = kind === "GET" ? server.get : {};
  if (asked.size === 0) return { ...server.always, ...special, ...server.empty };
  // Caddy does not know how long a chunked body is, and says -1.
  const unknown = name === "caddy" && kind === "CHUNKED";
  const length: Record<string, string> = unknown
    ? { "transfer-encoding": "chunked" }
    : { "content-length": String(asked.size) };
  return { ...server.always, ...special, ...FORM, ...length };
}

const usual = recordings.filter(({ case: name }) => name.includes(" ") && !name.includes("AUTHORIZER"));

describe.each([1_000_000, 100, 7, 1])("in pieces of %i octets", (size) => {
  const some = size === 1 ? usual.filter(({ case: name }) => !name.includes("BIG")) : usual;

  test.each(some.map((recording) => [recording.case, recording] as const))(
    "%s is the request that curl made [F1 F4 F15 F17 F25 F29 F30 F31 F32 F34 F35 F40 F53 C33 C35 C39]",
    async (name, recording) => {
      const [host = "", ...kind] = name.split(" ");
      const server = SERVERS[host] as Server;
      const asked = ASKED[kind.join(" ")] as Asked;
      const { scope, size: length, disconnected } = await replay(octetsOf(recording), size, server.options);
      const sent = Object.fromEntries(recording.params);
      const { asgi: _asgi, extensions: _extensions, headers: _headers, signal: _signal, ...told } = scope;
      expect(Object.fromEntries(Object.entries(told))).toEqual({
        type: "http",
        http_version: "1.1",
        method: asked.method,
        scheme: "http",
        path: server.prefix + asked.path,
        raw_path: server.prefix + asked.raw,
        query_string: asked.query,
        root_path: server.prefix,
        client: ["127.0.0.1", Number(sent["REMOTE_PORT"])],
        server: server.server,
        state: null,
        rawHeaders: null,
      });
      expect(scope.headers.length).toBe(new Map(scope.headers).size);
      expect(Object.fromEntries(scope.headers)).toEqual(headersOf(host, kind.join(" "), server, asked));
      expect([length, disconnected]).toEqual([asked.size, false]);
      const { environ } = scope.extensions.wsgi as { environ: Record<string, string> };
      expect(environ).toMatchObject({
        SCRIPT_NAME: server.prefix,
        PATH_INFO: asked.path,
        REQUEST_URI: sent["REQUEST_URI"],
        FCGI_ROLE: "RESPONDER",
      });
      expect(environ).not.toHaveProperty("HTTP_PROXY");
    },
  );
});

const found = (name: string): Recording => recordings.find((each) => each.case === name) as Recording;

test("what lighttpd asks an authorizer is the request that was made [F40 F18]", async () => {
  const { scope, size } = await replay(octetsOf(found("lighttpd AUTHORIZER")), 100, {});
  expect(scope).toMatchObject({
    method: "GET",
    path: "/auth/x",
    root_path: "",
    raw_path: "/auth/x",
    query_string: "",
    server: ["127.0.0.1", 19002],
  });
  expect(Object.fromEntries(scope.headers)).toEqual({ ...CURL, host: "127.0.0.1:19002" });
  expect([size, (scope.extensions["fastcgi"] as { role: string }).role]).toEqual([0, "AUTHORIZER"]);
});

test("what cgi-fcgi sends, which is nothing but its environment, is a request [F17 F67]", async () => {
  const { scope, size } = await replay(octetsOf(found("cgi-fcgi")), 100, {});
  expect(scope).toMatchObject({
    method: "POST",
    http_version: "1.1",
    path: "/s/x",
    root_path: "/s",
    raw_path: null,
    query_string: "",
    client: null,
    server: null,
    headers: [["content-length", "5"]],
  });
  expect(size).toBe(5);
});

test("without the option, nginx's stock parameters are taken as they are: the whole path is the mount prefix [C33 F67]", async () => {
  const { scope } = await replay(octetsOf(found("nginx GET %2F")), 1_000_000, {});
  expect(scope).toMatchObject({ root_path: "/app/x/y", path: "/app/x/y", raw_path: "/app/x%2Fy" });
});

test("all recordings were looked at [F1]", () => {
  expect(usual.length + 2).toBe(recordings.length);
});
