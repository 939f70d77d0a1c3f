// The headers of the request, in both interfaces: names, values, order, repetition, and what must never get through.
// Sources: ASGI HTTP 2.5 "headers"; PEP 3333 "environ Variables"; RFC 3875 §4.1.18; RFC 9110 §5; httpoxy (CVE-2016-5385).

import type { Environ, HttpScope } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import { reply } from "../suite/app.ts";
import { inBoth, type Case, type Need } from "../suite/case.ts";
import { equal, matches, ok } from "../suite/check.ts";
import { jsonOf, type Client } from "../suite/client.ts";
import { WireError, type WireField } from "../wire/wire.ts";
import { json, syncJson, syncText } from "./answers.ts";

/** Put into a URL as they are, they make another one. */
const STRANGE_HOSTS = [
  "good.example@evil.example",
  "good.example:80@evil.example",
  "good.example/.evil.example",
  "good.example?.evil.example",
  "good.example#.evil.example",
];

const LONG = [126, 127, 128, 129, 4000];

interface HeaderRow {
  readonly says: string;
  readonly headers: readonly WireField[];
  /** The values of `x-seen` in a scope. */
  readonly values: readonly string[];
  /** HTTP_X_SEEN. */
  readonly joined: RegExp | string;
  readonly proves: readonly RequirementId[];
  readonly needs?: readonly Need[];
}

const ROWS: readonly HeaderRow[] = [
  {
    says: "a value arrives as it was sent",
    headers: [["X-Seen", "a value, with; signs=1"]],
    values: ["a value, with; signs=1"],
    joined: "a value, with; signs=1",
    proves: ["A22", "W11"],
  },
  {
    says: "a repeated header arrives once for each time, in order",
    headers: [
      ["X-Seen", "one"],
      ["X-Other", "between"],
      ["x-seen", "two"],
    ],
    values: ["one", "two"],
    joined: /^one,\s*two$/,
    proves: ["A22", "W12", "X16"],
  },
  {
    says: "an empty value arrives",
    headers: [["X-Seen", ""]],
    values: [""],
    joined: "",
    proves: ["A22"],
  },
  {
    says: "octets above 0x7F arrive one by one",
    headers: [["X-Seen", "caf\xc3\xa9 \xe9\xff"]],
    values: ["caf\xc3\xa9 \xe9\xff"],
    joined: "caf\xc3\xa9 \xe9\xff",
    proves: ["A22", "X18", "W4"],
  },
  {
    says: "blanks around a value are not part of it",
    headers: [["X-Seen", " \t in the middle \t "]],
    values: ["in the middle"],
    joined: "in the middle",
    proves: ["A22"],
    needs: ["octets"],
  },
  ...LONG.map((length): HeaderRow => ({
    says: `a value of ${length} octets arrives whole`,
    headers: [["X-Seen", "v".repeat(length)]],
    values: ["v".repeat(length)],
    joined: "v".repeat(length),
    proves: ["W13", "A22"],
  })),
];

function headerCases({ says, headers, values, joined, proves, needs = [] }: HeaderRow): Case[] {
  return inBoth({
    name: `request headers: ${says}`,
    proves,
    needs,
    app: (scope, _receive, send) => json(send, valuesOf(scope, "x-seen")),
    syncApp: (environ, startResponse) => syncJson(startResponse, environ["HTTP_X_SEEN"] ?? null),
    async client(client) {
      const seen = await client.json({ headers });
      if (!client.caseIsSync) equal(seen, values);
      else if (typeof joined === "string") equal(seen, joined);
      else matches(seen, joined);
    },
  });
}

function valuesOf(scope: HttpScope, name: string): string[] {
  return scope.headers.filter((field) => field[0] === name).map((field) => field[1]);
}

async function sends(client: Client, headers: readonly WireField[]): Promise<void> {
  const { status } = await client.request({ headers });
  equal(status, 200, "the status");
}

/** HTTP/2 refuses what is malformed by a reset, before anybody sees it. */
function refusedByReset(error: unknown): null {
  if (error instanceof WireError && error.kind === "closed") return null;
  throw error;
}

/** The keys of environ that came from headers, without the ones that steer the suite. */
function headerKeys(environ: Environ): string[] {
  return Object.keys(environ).filter((key) => key.startsWith("HTTP_") && !key.startsWith("HTTP_X_TSGI_"));
}

/** The cases about the headers of a request. */
export const requestHeaderCases: readonly Case[] = [
  ...ROWS.flatMap(headerCases),
  {
    name: "request headers: they are pairs of a lower-case name and a binary string, in the order they arrived",
    proves: ["A22", "X19"],
    app(scope, _receive, send) {
      ok(Array.isArray(scope.headers), "headers is an array");
      for (const field of scope.headers) {
        ok(Array.isArray(field) && field.length === 2, "a header is a pair");
        matches(field[0], /^[!#$%&'*+\-.^_`|~0-9a-z]+$/, "a header name");
        matches(field[1], /^[\0-\xff]*$/, "a header value");
      }
      return json(
        send,
        scope.headers.map(([name]) => name).filter((name) => name.startsWith("x-o-")),
      );
    },
    async client(client) {
      const headers: WireField[] = ["X-O-3", "x-o-1", "X-O-2"].map((name) => [name, name]);
      equal(await client.json({ headers }), ["x-o-3", "x-o-1", "x-o-2"]);
    },
  },
  {
    name: "request headers: host is there once, and no pseudo-header is",
    proves: ["A22"],
    app(scope, _receive, send) {
      equal(
        scope.headers.filter(([name]) => name.startsWith(":")),
        [],
        "the pseudo-headers",
      );
      return json(send, valuesOf(scope, "host"));
    },
    async client(client) {
      equal(await client.json({ headers: [["Host", "name.example:8080"]] }), ["name.example:8080"]);
    },
  },
  ...inBoth({
    name: "request headers: a Host with more in it than a host is refused, or arrives as it was sent and names no server",
    proves: ["S7", "X11"],
    app(scope, _receive, send) {
      equal(scope.server?.[0].includes("evil") ?? false, false, "whether it names the server");
      return json(send, valuesOf(scope, "host"));
    },
    syncApp(environ, startResponse) {
      equal(environ.SERVER_NAME.includes("evil"), false, "whether it names the server");
      return syncJson(startResponse, [environ["HTTP_HOST"]]);
    },
    async client(client) {
      for (const host of STRANGE_HOSTS) {
        const response = await client.request({ headers: [["Host", host]] }).catch(refusedByReset);
        const isRefused = response === null || (response.status >= 400 && response.status <= 499);
        if (!isRefused) equal(jsonOf(response), [host]);
      }
    },
  }),
  ...inBoth({
    name: "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ",
    proves: ["A22", "W12", "X17", "W11"],
    app: (scope, _receive, send) => json(send, valuesOf(scope, "cookie").join(" + ")),
    syncApp(environ, startResponse) {
      equal(environ["COOKIE"], undefined, "COOKIE");
      return syncJson(startResponse, environ["HTTP_COOKIE"]);
    },
    async client(client) {
      const seen = await client.json({
        headers: [
          ["Cookie", "a=1"],
          ["Cookie", "b=2; c=3"],
        ],
      });
      equal(seen, client.caseIsSync ? "a=1; b=2; c=3" : "a=1 + b=2; c=3");
    },
  }),
  ...inBoth({
    name: "request headers: Authorization is given to the app, and absent without one",
    proves: ["W16"],
    app: (scope, _receive, send) => json(send, valuesOf(scope, "authorization")),
    syncApp: (environ, startResponse) =>
      syncJson(startResponse, "HTTP_AUTHORIZATION" in environ ? [environ["HTTP_AUTHORIZATION"]] : []),
    async client(client) {
      equal(await client.json({ headers: [["Authorization", "Basic dXNlcjpw"]] }), ["Basic dXNlcjpw"]);
      equal(await client.json(), []);
    },
  }),
  ...inBoth({
    name: "request headers: sixty different headers all arrive",
    proves: ["A22", "W11"],
    app: (scope, _receive, send) => json(send, scope.headers.filter(([name]) => /^x-n-\d/.test(name)).length),
    syncApp: (environ, startResponse) =>
      syncJson(startResponse, headerKeys(environ).filter((key) => /^HTTP_X_N_\d/.test(key)).length),
    async client(client) {
      const headers = Array.from({ length: 60 }, (_, i): WireField => [`X-N-${i}`, String(i)]);
      equal(await client.json({ headers }), 60);
    },
  }),
  {
    name: "sync request headers: content type and length have their own keys, and are absent without the headers",
    proves: ["W4", "W11"],
    syncApp(environ, startResponse) {
      equal("HTTP_CONTENT_TYPE" in environ, false, "whether HTTP_CONTENT_TYPE is there");
      equal("HTTP_CONTENT_LENGTH" in environ, false, "whether HTTP_CONTENT_LENGTH is there");
      return syncJson(startResponse, [environ.CONTENT_TYPE ?? null, environ.CONTENT_LENGTH ?? null]);
    },
    async client(client) {
      const headers: WireField[] = [["Content-Type", "text/x-test"]];
      equal(await client.json({ method: "POST", headers, body: "12345" }), ["text/x-test", "5"]);
      equal(await client.json(), [null, null]);
    },
  },
  {
    name: "sync request headers: Proxy never becomes HTTP_PROXY, in no case and however often",
    proves: ["S1", "W11", "X15"],
    syncApp(environ, startResponse) {
      equal("HTTP_PROXY" in environ, false, "whether HTTP_PROXY is there");
      return syncText(startResponse, "ok");
    },
    async client(client) {
      await sends(client, [["Proxy", "http://evil.example"]]);
      await sends(client, [
        ["proxy", "http://evil.example"],
        ["PROXY", "http://evil.example"],
      ]);
    },
  },
  ...inBoth({
    name: "request headers: a name with an underscore never passes for one with a hyphen",
    proves: ["S2", "X14"],
    app(scope, _receive, send) {
      equal(valuesOf(scope, "x_forwarded_for"), ["9.9.9.9"]);
      equal(valuesOf(scope, "x-forwarded-for"), ["1.1.1.1"]);
      return reply(send, 200, "ok");
    },
    syncApp(environ, startResponse) {
      equal(environ["HTTP_X_FORWARDED_FOR"], "1.1.1.1");
      equal("CONTENT_LENGTH" in environ, false, "whether CONTENT_LENGTH is there");
      equal("HTTP_CONTENT_LENGTH" in environ, false, "whether HTTP_CONTENT_LENGTH is there");
      return syncText(startResponse, "ok");
    },
    client: (client) =>
      sends(client, [
        ["X_Forwarded_For", "9.9.9.9"],
        ["X-Forwarded-For", "1.1.1.1"],
        ["Content_Length", "5"],
        ["Transfer_Encoding", "chunked"],
      ]),
  }),
  ...inBoth({
    name: "request headers: names of object members reach no prototype",
    proves: ["S3"],
    app(scope, _receive, send) {
      ok(Object.getPrototypeOf(scope) === Object.prototype, "scope is a plain object");
      equal(valuesOf(scope, "constructor"), ["c"]);
      equal(Object.hasOwn(Object.prototype, "polluted"), false);
      return reply(send, 200, "ok");
    },
    syncApp(environ, startResponse) {
      const prototype: unknown = Object.getPrototypeOf(environ);
      ok(prototype === Object.prototype || prototype === null, "environ has a plain prototype");
      equal(environ["HTTP_CONSTRUCTOR"], "c");
      for (const key of headerKeys(environ)) ok(Object.hasOwn(environ, key), `${key} is an own property`);
      return syncText(startResponse, "ok");
    },
    client: (client) =>
      sends(client, [
        ["__proto__", "p"],
        ["constructor", "c"],
        ["toString", "t"],
        ["hasOwnProperty", "h"],
      ]),
  }),
];
