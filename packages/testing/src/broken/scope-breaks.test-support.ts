// Adapters that break a rule about the scope.

import { decodePath, type HttpScope, type HttpScopeInit, type Receive } from "@tsgi/core";
import type { Break } from "./break.test-support.ts";

const scopeOf = (change: (scope: HttpScopeInit) => Partial<HttpScopeInit>) => ({
  scope: (scope: HttpScopeInit): HttpScopeInit => ({ ...scope, ...change(scope) }),
});

const SHARED_ASGI = { version: "3.0", spec_version: "2.5" } as const;

/** Adapters that break a rule about the scope. */
export const scopeBreaks: readonly Break[] = [
  {
    does: "decodes the path twice",
    ...scopeOf(({ path }) => ({ path: decodePath(path) })),
    caughtBy: "paths: a doubly encoded comma is decoded once",
    because: /bar,/,
  },
  {
    does: "does not decode the path",
    ...scopeOf(({ raw_path }) => ({ path: raw_path ?? "" })),
    caughtBy: "paths: percent-encoded UTF-8 is decoded",
    because: /%E3%81%82/,
  },
  {
    does: "joins repeated slashes",
    ...scopeOf(({ path }) => ({ path: path.replace(/\/+/g, "/") })),
    caughtBy: "paths: repeated slashes are kept",
    because: /"\/foo\/bar\/baz"/,
  },
  {
    does: "resolves dot segments",
    ...scopeOf(({ path, raw_path }) => ({
      path: new URL(path, "http://a").pathname,
      raw_path: new URL(raw_path ?? "", "http://a").pathname,
    })),
    caughtBy: "paths: dot segments are kept",
    because: /"\/b\/c"/,
  },
  {
    does: "makes the path of encoded slashes before it resolves dot segments",
    ...scopeOf(({ path }) => ({ path: new URL(path, "http://a").pathname })),
    caughtBy: "paths: dot segments around encoded slashes are decoded and kept",
    because: /"\/b\/"/,
  },
  {
    does: "decodes an encoded percent sign and what then is an escape",
    ...scopeOf(({ path }) => ({ path: path.replaceAll("%2F", "/") })),
    caughtBy: "paths: a doubly encoded slash is decoded once",
    because: /"\/a\/b"/,
  },
  {
    does: "takes the name of the server from a Host that it puts into a URL",
    anyHost: true,
    scope: (scope, { headers }) => ({
      ...scope,
      server: [new URL(`http://${headers.host}`).hostname, scope.server?.[1] ?? null],
    }),
    caughtBy:
      "request headers: a Host with more in it than a host is refused, or arrives as it was sent and names no server",
    because: /whether it names the server is true/,
  },
  {
    does: "makes the Host of a URL it was put into",
    anyHost: true,
    ...scopeOf(({ headers }) => ({
      headers: headers.map(
        ([name, value]) => [name, name === "host" ? new URL(`http://${value}`).host : value] as const,
      ),
    })),
    caughtBy:
      "request headers: a Host with more in it than a host is refused, or arrives as it was sent and names no server",
    because: /is \["evil\.example"\]/,
  },
  {
    does: "keeps the scope of a route in one place",
    around: (app) => {
      const route: { scope: HttpScope | null } = { scope: null };
      return (scope, receive, send) => {
        route.scope = scope as HttpScope;
        const own = { ...(scope as HttpScope) };
        Object.defineProperty(own, "query_string", { get: () => route.scope?.query_string });
        return app(own, receive, send);
      };
    },
    caughtBy:
      "overlap: 12 requests of one route, answered in the opposite order, each keep their own scope, body and response",
    because: /the scope is/,
  },
  {
    does: "reads the body of a route's newest request for all of them",
    around: (app) => {
      const route: { receive: Receive | null } = { receive: null };
      return (scope, receive, send) => {
        if (scope.type === "http" && scope.method === "POST") route.receive = receive;
        return app(scope, () => (route.receive ?? receive)(), send);
      };
    },
    caughtBy:
      "overlap: 12 requests of one route, answered in the opposite order, each keep their own scope, body and response",
    because: /The body is complete|did not end within/,
  },
  {
    does: "gives the app one place for what goes out, per route",
    around: (app) => {
      const route: { own: string } = { own: "" };
      return (scope, receive, send) => {
        route.own = (scope as HttpScope).headers.find(([name]) => name === "x-own")?.[1] ?? route.own;
        return app(scope, receive, (event) =>
          event.type === "http.response.start" && event.headers !== undefined
            ? send({
                ...event,
                headers: [...event.headers].map(([name, value]) => [
                  name,
                  name === "x-own" ? route.own : value,
                ]),
              })
            : send(event),
        );
      };
    },
    caughtBy:
      "overlap: 12 requests of one route, answered in the opposite order, each keep their own scope, body and response",
    because: /\[\["11"\],\["own=10"\]\]/,
  },
  {
    does: "gives a decoded raw_path",
    ...scopeOf(({ path }) => ({ raw_path: path })),
    caughtBy: "paths: an encoded slash becomes a slash, and stays encoded in raw_path",
    because: /"\/a\/b","\/a\/b"/,
  },
  {
    does: "leaves the question mark in the query",
    ...scopeOf(({ query_string }) => ({ query_string: query_string === "" ? "" : `?${query_string}` })),
    caughtBy: "paths: the query is what follows the first question mark, still encoded",
    because: /"\?a=1/,
  },
  {
    does: "decodes the query",
    ...scopeOf(({ query_string }) => ({ query_string: decodePath(query_string) })),
    caughtBy: "paths: the query is what follows the first question mark, still encoded",
    because: /a=1 2/,
  },
  {
    does: "lower-cases the method",
    ...scopeOf(({ method }) => ({ method: method.toLowerCase() })),
    caughtBy: "methods: PROPFIND reaches the app in upper case",
    because: /"propfind"/,
  },
  {
    does: "keeps one value of a repeated header",
    ...scopeOf(({ headers }) => ({ headers: [...new Map(headers)] })),
    caughtBy: "request headers: a repeated header arrives once for each time, in order",
    because: /\["two"\]/,
  },
  {
    does: "joins repeated headers",
    scope: (scope, { headers }) => ({ ...scope, headers: Object.entries(headers) as [string, string][] }),
    caughtBy: "request headers: a repeated header arrives once for each time, in order",
    because: /one, two/,
  },
  {
    does: "keeps the client's case of header names",
    ...scopeOf(({ headers, rawHeaders }) => ({
      headers: headers.map(([, value], i) => [rawHeaders?.[2 * i] ?? "", value] as const),
    })),
    caughtBy:
      "request headers: they are pairs of a lower-case name and a binary string, in the order they arrived",
    because: /x-tsgi-case|names no case|a header name/,
  },
  {
    does: "decodes header values as UTF-8",
    ...scopeOf(({ headers }) => ({
      headers: headers.map(([name, value]) => [name, Buffer.from(value, "latin1").toString()] as const),
    })),
    caughtBy: "request headers: octets above 0x7F arrive one by one",
    because: /caf\u00e9|\ufffd/,
  },
  {
    does: "turns underscores in header names into hyphens",
    ...scopeOf(({ headers }) => ({
      headers: headers.map(([name, value]) => [name.replaceAll("_", "-"), value] as const),
    })),
    caughtBy: "request headers: a name with an underscore never passes for one with a hyphen",
    because: /9\.9\.9\.9|\[\]/,
  },
  {
    does: "shares one asgi object between requests",
    ...scopeOf(() => ({ asgi: SHARED_ASGI })),
    caughtBy: "scope: what one request does to its scope, the next one does not see",
    because: /tampered/,
  },
  {
    does: "gives a scope with a prototype of its own",
    scope: (scope) => Object.setPrototypeOf({ ...scope }, {}) as HttpScopeInit,
    caughtBy: "scope: it is a plain object with every key of an http scope, and survives being spread",
    because: /scope is a plain object/,
  },
  {
    does: "leaves out what it does not know",
    scope: (scope) => {
      Reflect.deleteProperty(scope, "client");
      return scope;
    },
    caughtBy: "scope: it is a plain object with every key of an http scope, and survives being spread",
    because: /scope has client/,
  },
  {
    does: "says HTTP/1.1 whatever the client speaks",
    ...scopeOf(() => ({ http_version: "1.1" })),
    caughtBy: "scope: http_version of an HTTP/1.0 request is 1.0",
    because: /"1\.1", expected "1\.0"/,
  },
  {
    does: "believes X-Forwarded-For of any client",
    scope: (scope, { headers }) => ({
      ...scope,
      client:
        headers["x-forwarded-for"] === undefined ? scope.client : [String(headers["x-forwarded-for"]), 0],
    }),
    caughtBy: "scope: X-Forwarded headers of a client change neither scheme nor client",
    because: /203\.0\.113\.9/,
  },
  {
    does: "offers debug to every client",
    ...scopeOf(({ extensions }) => ({ extensions: { ...extensions, "http.response.debug": {} } })),
    caughtBy: "scope: extensions is a plain object of plain objects, and offers nothing for tests only",
    because: /http\.response\.debug/,
  },
  {
    does: "calls an app twice",
    around: (app) => async (scope, receive, send) => {
      await app(scope, receive, async () => {});
      await app(scope, receive, send);
    },
    caughtBy: "scope: the app is called once for a request",
    because: /\["called","called"\]/,
  },
];
