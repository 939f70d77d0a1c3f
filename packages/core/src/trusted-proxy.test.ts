import { afterEach, expect, test, vi } from "vitest";
import { SERVE, type AsgiApp, type Middleware } from "./app.ts";
import type { GatewayError } from "./errors.ts";
import { HttpExchange } from "./exchange.ts";
import type { HttpScopeInit, LifespanScope, Scope, WebSocketScope } from "./scope.ts";
import { serve, type HttpTransport } from "./transport.ts";
import { trustedProxy, type TrustedProxyOptions } from "./trusted-proxy.ts";

afterEach(() => void vi.unstubAllGlobals());

const PEER = ["127.0.0.1", 123] as const;

/** A request from a peer, with headers written `name: value`. */
function httpScope(headers: readonly string[], changes: Partial<HttpScopeInit> = {}): HttpScopeInit {
  return {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method: "GET",
    scheme: "http",
    path: "/x",
    raw_path: "/x",
    query_string: "",
    root_path: "",
    headers: headers.map((line) => [
      line.slice(0, line.indexOf(":")),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
    client: PEER,
    server: ["127.0.0.1", 8000],
    state: null,
    extensions: {},
    rawHeaders: null,
    ...changes,
  };
}

/** The scope an app behind trusted proxies is called with. */
function seen<S extends Scope | HttpScopeInit>(options: TrustedProxyOptions, scope: S): S {
  let inner!: S;
  const app: AsgiApp = (given) => {
    inner = given as S;
  };
  void trustedProxy(options)(app)(scope as Scope, vi.fn(), vi.fn());
  return inner;
}

/** Scheme and client in one: `https://192.0.2.1:80`. */
function origin({ scheme, client }: HttpScopeInit): string {
  const [host, port] = client ?? ["none", 0];
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const LOCAL = ["127.0.0.1"];
const TENS = ["127.0.0.1", "10.0.0.0/8"];
const DIRECT = "http://127.0.0.1:123";
const SECURE = "x-forwarded-proto: https";

const X_FORWARDED: [trusted: string[], headers: string[], expected: string][] = [
  // Whom to trust.
  [["*"], ["x-forwarded-for: 1.2.3.4", SECURE], "https://1.2.3.4:0"],
  [LOCAL, ["x-forwarded-for: 1.2.3.4", SECURE], "https://1.2.3.4:0"],
  [["127.0.0.0/24", "10.0.0.1"], ["x-forwarded-for: 1.2.3.4", SECURE], "https://1.2.3.4:0"],
  [["::ffff:127.0.0.1"], ["x-forwarded-for: 1.2.3.4", SECURE], "https://1.2.3.4:0"],
  [["192.168.0.1"], ["x-forwarded-for: 1.2.3.4", SECURE], DIRECT],
  [["192.168.0.0/16"], ["x-forwarded-for: 1.2.3.4", SECURE], DIRECT],
  [["::/0"], ["x-forwarded-for: 1.2.3.4", SECURE], DIRECT],
  [["unix"], ["x-forwarded-for: 1.2.3.4", SECURE], DIRECT],
  [[], ["x-forwarded-for: 1.2.3.4", SECURE], DIRECT],
  [["127.0.0.1", "1.2.3.4"], ["x-forwarded-for: 1.2.3.4", SECURE], "https://1.2.3.4:0"],
  // How far to go.
  [["*"], ["x-forwarded-for: 1.2.3.4, 10.0.2.1, 192.168.0.2"], "http://1.2.3.4:0"],
  [
    ["127.0.0.1", "10.0.2.1", "192.168.0.2"],
    ["x-forwarded-for: 1.2.3.4, 10.0.2.1, 192.168.0.2"],
    "http://1.2.3.4:0",
  ],
  [["192.168.0.2", "127.0.0.1"], ["x-forwarded-for: 1.2.3.4, 10.0.2.1, 192.168.0.2"], "http://10.0.2.1:0"],
  [TENS, ["x-forwarded-for: 6.6.6.6, 1.2.3.4, 10.0.2.1"], "http://1.2.3.4:0"],
  [TENS, ["x-forwarded-for: 10.6.6.6, 1.2.3.4"], "http://1.2.3.4:0"],
  [TENS, ["x-forwarded-for: 10.0.0.3, 10.0.0.2, 10.0.0.1"], "http://10.0.0.3:0"],
  // Several lines are one list.
  [
    LOCAL,
    ["x-forwarded-for: 203.0.113.66, 198.51.100.23", "x-forwarded-for: 127.0.0.1"],
    "http://198.51.100.23:0",
  ],
  [TENS, ["x-forwarded-for: 1.2.3.4", "x-forwarded-for: 10.0.0.1"], "http://1.2.3.4:0"],
  [LOCAL, ["x-forwarded-for: 6.6.6.6", "x-forwarded-for: 1.2.3.4"], "http://1.2.3.4:0"],
  // Ports, brackets, spellings.
  [["*"], ["x-forwarded-for: 1.2.3.4:1234, [2001:db8::1]:8080, 192.168.0.2:9000"], "http://1.2.3.4:1234"],
  [
    ["192.168.0.2", "127.0.0.1"],
    ["x-forwarded-for: 1.2.3.4:1234, [2001:db8::1]:8080, 192.168.0.2:9000"],
    "http://[2001:db8::1]:8080",
  ],
  [
    ["127.0.0.1", "2001:db8::/32", "192.168.0.2"],
    ["x-forwarded-for: 1.2.3.4:1234, [2001:db8::1]:8080, 192.168.0.2"],
    "http://1.2.3.4:1234",
  ],
  [LOCAL, ["x-forwarded-for: [::1]:80"], "http://[::1]:80"],
  [LOCAL, ["x-forwarded-for: [2001:db8::1]"], "http://[2001:db8::1]:0"],
  [LOCAL, ["x-forwarded-for: 2001:DB8:0::1"], "http://[2001:db8::1]:0"],
  [LOCAL, ["x-forwarded-for: ::ffff:1.2.3.4"], "http://1.2.3.4:0"],
  [LOCAL, ["x-forwarded-for: 1.2.3.4:5678"], "http://1.2.3.4:5678"],
  [TENS, ["x-forwarded-for: 1.2.3.4,::ffff:10.0.0.1"], "http://1.2.3.4:0"],
  [LOCAL, ["x-forwarded-for:  1.2.3.4\t"], "http://1.2.3.4:0"],
  // What names nobody is not believed, nor what is beyond it.
  [TENS, ["x-forwarded-for:"], DIRECT],
  [TENS, ["x-forwarded-for:", "x-forwarded-proto: asdf"], DIRECT],
  [TENS, ["x-forwarded-for: ,", SECURE], "https://127.0.0.1:123"],
  [TENS, ["x-forwarded-for: , ,", SECURE], "https://127.0.0.1:123"],
  [TENS, ["x-forwarded-for: , 10.0.0.1", SECURE], "https://127.0.0.1:123"],
  [TENS, ["x-forwarded-for: 9.9.9.9 , , , 10.0.0.1", SECURE], "https://127.0.0.1:123"],
  [TENS, ["x-forwarded-for: , , 9.9.9.9", SECURE], "https://9.9.9.9:0"],
  [TENS, ["x-forwarded-for: , , 9.9.9.9, ,", SECURE], "https://127.0.0.1:123"],
  [LOCAL, ["x-forwarded-for: garbage, 1.2.3.4"], "http://1.2.3.4:0"],
  [LOCAL, ["x-forwarded-for: 6.6.6.6, garbage"], DIRECT],
  [LOCAL, ["x-forwarded-for: 6.6.6.6, unknown"], DIRECT],
  [LOCAL, ["x-forwarded-for: 6.6.6.6, 1.2.3.4:notaport"], DIRECT],
  [LOCAL, ["x-forwarded-for: 6.6.6.6, [2001:db8::1"], DIRECT],
  [LOCAL, ["x-forwarded-for: 6.6.6.6, 1.2.3.4:99999"], DIRECT],
  [LOCAL, ["x-forwarded-for: 6.6.6.6, 01.2.3.4"], DIRECT],
  [LOCAL, ["x-forwarded-for: 6.6.6.6, unix:"], DIRECT],
  [["127.0.0.1", "unix"], ["x-forwarded-for: 1.2.3.4, unix:"], "http://1.2.3.4:0"],
  [["127.0.0.1", "unix"], ["x-forwarded-for: unix:"], DIRECT],
  // Where everybody is trusted, what names nobody is only skipped.
  [["*"], ["x-forwarded-for: 1.2.3.4, \xf0\xfd\xfd\xfd, unix:, ::1", SECURE], "https://1.2.3.4:0"],
  [["*"], ["x-forwarded-for: garbage, 1.2.3.4"], "http://1.2.3.4:0"],
  [["*"], ["x-forwarded-for: garbage"], DIRECT],
  // The scheme.
  [LOCAL, [SECURE], "https://127.0.0.1:123"],
  [LOCAL, ["x-forwarded-proto: HTTPS"], "https://127.0.0.1:123"],
  [LOCAL, ["x-forwarded-proto: wss"], "https://127.0.0.1:123"],
  [LOCAL, ["x-forwarded-proto: ws"], DIRECT],
  [LOCAL, ["x-forwarded-proto: https", "x-forwarded-proto: http"], DIRECT],
  [LOCAL, ["x-forwarded-proto: http", "x-forwarded-proto: https"], "https://127.0.0.1:123"],
  [LOCAL, ["x-forwarded-proto: http, https"], "https://127.0.0.1:123"],
  [LOCAL, ["x-forwarded-proto: https, http"], DIRECT],
  [LOCAL, ["x-forwarded-proto: https, ftp"], DIRECT],
  [LOCAL, ["x-forwarded-proto: javascript"], DIRECT],
  [LOCAL, ["x-forwarded-proto: __proto__"], DIRECT],
  // The other family says nothing.
  [LOCAL, ["forwarded: for=6.6.6.6;proto=https"], DIRECT],
  [LOCAL, ["forwarded: for=6.6.6.6;proto=https", "x-forwarded-for: 1.2.3.4"], "http://1.2.3.4:0"],
];

test.each(X_FORWARDED)("trusting %j, %j is %s [X13 S22 A17]", (trusted, headers, expected) => {
  expect(origin(seen({ trusted }, httpScope(headers)))).toBe(expected);
});

const FORWARDED: [trusted: string[], headers: string[], expected: string][] = [
  [LOCAL, ["forwarded: for=1.2.3.4;proto=https"], "https://1.2.3.4:0"],
  [LOCAL, ['forwarded: For="[2001:db8:cafe::17]:4711"'], "http://[2001:db8:cafe::17]:4711"],
  [LOCAL, ['forwarded: for="1.2.3.4:5678";by=127.0.0.1;proto=http'], "http://1.2.3.4:5678"],
  [LOCAL, ["forwarded: for=1.2.3.4:5678"], "http://1.2.3.4:5678"],
  [["10.0.0.0/8"], ["forwarded: for=1.2.3.4;proto=https"], DIRECT],
  [TENS, ["forwarded: for=1.2.3.4;proto=https, for=10.0.0.1;proto=http"], "https://1.2.3.4:0"],
  [TENS, ["forwarded: for=6.6.6.6;proto=https, for=1.2.3.4;proto=http, for=10.0.0.1"], "http://1.2.3.4:0"],
  [TENS, ["forwarded: for=1.2.3.4", "forwarded: for=10.0.0.1;proto=https"], "https://1.2.3.4:0"],
  [TENS, ["forwarded: for=10.0.0.2;proto=https, for=10.0.0.1"], "https://10.0.0.2:0"],
  [LOCAL, ["forwarded: for=6.6.6.6, for=unknown;proto=https"], "https://127.0.0.1:123"],
  [LOCAL, ["forwarded: for=6.6.6.6;proto=http, for=_hidden;proto=https"], "https://127.0.0.1:123"],
  [LOCAL, ["forwarded: for=6.6.6.6, proto=https"], "https://127.0.0.1:123"],
  [LOCAL, ["forwarded: for=6.6.6.6;proto=https, ;;"], DIRECT],
  [LOCAL, ['forwarded: for=6.6.6.6;by=", for=1.2.3.4;proto=http'], "http://1.2.3.4:0"],
  [TENS, ['forwarded: for=6.6.6.6;by=", for=10.0.0.1;proto=https'], "https://127.0.0.1:123"],
  [LOCAL, ["forwarded: for=6.6.6.6;for=1.2.3.4;proto=https"], DIRECT],
  [LOCAL, ["forwarded:"], DIRECT],
  [["*"], ["forwarded: for=1.2.3.4, for=unknown, for=_a;proto=https"], "https://1.2.3.4:0"],
  [LOCAL, ["x-forwarded-for: 6.6.6.6", SECURE], DIRECT],
];

test.each(FORWARDED)("trusting %j and Forwarded, %j is %s [X13 S22 A17]", (trusted, headers, expected) => {
  expect(origin(seen({ trusted, headers: "forwarded" }, httpScope(headers)))).toBe(expected);
});

const SAYING = ["x-forwarded-for: 1.2.3.4", SECURE];
const PEERS: [what: string, trusted: string[], changes: Partial<HttpScopeInit>, believed: boolean][] = [
  ["an IPv6 address", ["fd00::/8"], { client: ["fd00::1", 9] }, true],
  ["a mapped IPv4 address", TENS, { client: ["::ffff:10.0.0.1", 9] }, true],
  ["a unix socket", ["unix"], { client: null, server: ["/run/app.sock", null] }, true],
  ["a unix socket, not trusted", TENS, { client: null, server: ["/run/app.sock", null] }, false],
  ["unknown, on a TCP server", ["unix"], { client: null }, false],
  ["unknown, on an unknown server", ["unix"], { client: null, server: null }, false],
  ["unknown, and everybody is trusted", ["*"], { client: null, server: null }, true],
  ["no address at all", TENS, { client: ["testclient", 1] }, false],
  ["an address with a zone", ["fe80::/10"], { client: ["fe80::1%eth0", 1] }, false],
];

test.each(PEERS)("a peer that is %s (trusting %j) [X13 S22]", (_what, trusted, changes, believed) => {
  const scope = httpScope(SAYING, changes);
  expect(origin(seen({ trusted }, scope))).toBe(believed ? "https://1.2.3.4:0" : origin(scope));
});

test("the headers stay as they came [X13]", () => {
  const scope = httpScope([...SAYING, "host: inner", "x-forwarded-host: outer"]);
  expect(seen({ trusted: LOCAL }, scope)).toEqual({ ...scope, client: ["1.2.3.4", 0], scheme: "https" });
});

test("a peer that is not trusted gets the very scope through [S22]", () => {
  const scope = Object.freeze(httpScope(SAYING));
  expect(seen({ trusted: [] }, scope)).toBe(scope);
});

test("the scope that came in stays as it was [A11]", () => {
  const scope = Object.freeze(httpScope(SAYING));
  expect(seen({ trusted: LOCAL }, scope)).not.toBe(scope);
});

test.each([
  ["http", "ws"],
  ["https", "wss"],
  ["ws", "ws"],
  ["wss", "wss"],
  ["WSS", "wss"],
])("for a WebSocket, X-Forwarded-Proto %s is the scheme %s [X13 X10]", (proto, scheme) => {
  const before = scheme === "ws" ? "wss" : "ws";
  const { method: _, ...rest } = httpScope([`x-forwarded-proto: ${proto}`]);
  const { signal } = new AbortController();
  const scope: WebSocketScope = { ...rest, type: "websocket", scheme: before, subprotocols: [], signal };
  expect(seen({ trusted: LOCAL }, scope)).toEqual({ ...scope, scheme });
});

test("a lifespan passes through [A6]", () => {
  const scope: LifespanScope = { type: "lifespan", asgi: { version: "3.0", spec_version: "2.0" }, state: {} };
  expect(seen({ trusted: ["*"] }, scope)).toBe(scope);
});

/** As many trusted hops, and a client beyond them. */
function chain(hops: number): string {
  return ["1.2.3.4", ...Array.from({ length: hops }, () => "10.0.0.1")].join(", ");
}

test.each([
  ["by default 16", undefined, 16],
  ["with maxEntries 3", 3, 3],
])("%s entries are looked at, and not one more [X13]", (_what, option, limit) => {
  const options = { trusted: TENS, ...(option === undefined ? {} : { maxEntries: option }) };
  const see = (entries: number): string =>
    origin(seen(options, httpScope([`x-forwarded-for: ${chain(entries - 1)}`])));
  expect([see(limit), see(limit + 1)]).toEqual(["http://1.2.3.4:0", DIRECT]);
});

test("a chain of trusted hops as long as the limit ends at its leftmost [X13]", () => {
  const see = (header: string): string => origin(seen({ trusted: TENS, maxEntries: 2 }, httpScope([header])));
  expect(see("x-forwarded-for: 10.0.0.2, 10.0.0.1")).toBe("http://10.0.0.2:0");
  expect(see("x-forwarded-for: 10.0.0.3, 10.0.0.2, 10.0.0.1")).toBe(DIRECT);
});

test("the elements of Forwarded are counted likewise, and those beyond the limit say nothing [X13]", () => {
  const options: TrustedProxyOptions = { trusted: TENS, headers: "forwarded", maxEntries: 2 };
  const see = (header: string): string => origin(seen(options, httpScope([header])));
  expect(see("forwarded: for=1.2.3.4;proto=https, for=10.0.0.1")).toBe("https://1.2.3.4:0");
  expect(see("forwarded: for=1.2.3.4;proto=https, for=10.0.0.1, for=10.0.0.2")).toBe(DIRECT);
});

const HOSTS: [headers: string[], host: string | null][] = [
  [["host: inner", "x-forwarded-host: outer.example:8443"], "outer.example:8443"],
  [["host: inner", "x-forwarded-host: evil, outer"], "outer"],
  [["host: inner", "x-forwarded-host: evil", "x-forwarded-host: outer"], "outer"],
  [["host: inner", "x-forwarded-host: [::1]:80"], "[::1]:80"],
  [["host: inner", "x-forwarded-host: [1.2.3.4]"], "inner"],
  [["host: inner", "x-forwarded-host: [::1::]"], "inner"],
  [["host: inner", "x-forwarded-host:"], "inner"],
  [["host: inner", "x-forwarded-host: a b"], "inner"],
  [["host: inner", "x-forwarded-host: a/b"], "inner"],
  [["host: inner", "x-forwarded-host: user@a"], "inner"],
  [["host: inner", "x-forwarded-host: a:port"], "inner"],
  [["host: inner", "x-forwarded-host: a:123456"], "inner"],
  [["host: inner", `x-forwarded-host: ${"a".repeat(253)}`], "a".repeat(253)],
  [["host: inner", `x-forwarded-host: ${"a".repeat(254)}`], "inner"],
  [["host: inner"], "inner"],
  [["x-forwarded-host: outer"], "outer"],
  [["accept: */*"], null],
];

test.each(HOSTS)("host: true makes %j a request for %s [X13]", (headers, host) => {
  const scope = httpScope(headers);
  const inner = seen({ trusted: LOCAL, host: true }, scope);
  expect(inner.headers.filter(([name]) => name === "host")).toEqual(host === null ? [] : [["host", host]]);
  const others = ([name]: readonly [string, string]): boolean => name !== "host";
  expect(inner.headers.filter(others)).toEqual(scope.headers.filter(others));
  expect(inner.server).toEqual(scope.server);
});

test("the host takes the old one's place, or the first, in the raw headers too [X13 A22]", () => {
  const see = (rawHeaders: string[]): HttpScopeInit =>
    seen(
      { trusted: LOCAL, host: true },
      httpScope(["a: 1", "host: x", "x-forwarded-host: y"], { rawHeaders }),
    );
  expect(see([]).headers.slice(0, 2)).toEqual([
    ["a", "1"],
    ["host", "y"],
  ]);
  expect(see(["A", "1", "HOST", "x", "B", "2"]).rawHeaders).toEqual(["A", "1", "HOST", "y", "B", "2"]);
  expect(see(["A", "1", "Host", "x", "host", "z"]).rawHeaders).toEqual(["A", "1", "Host", "y"]);
  expect(see(["A", "1"]).rawHeaders).toEqual(["Host", "y", "A", "1"]);
});

test("of Forwarded, the host comes from the leftmost believed element that has one [X13]", () => {
  const options: TrustedProxyOptions = { trusted: TENS, headers: "forwarded", host: true };
  const see = (header: string): unknown => seen(options, httpScope([header, "host: inner"])).headers.at(-1);
  expect(see("forwarded: for=1.2.3.4;host=outer, for=10.0.0.1;host=middle")).toEqual(["host", "outer"]);
  expect(see("forwarded: for=1.2.3.4, for=10.0.0.1;host=middle")).toEqual(["host", "middle"]);
  expect(see("forwarded: host=evil;for=6.6.6.6, for=1.2.3.4;host=outer")).toEqual(["host", "outer"]);
  expect(see('forwarded: for=1.2.3.4;host="outer:80"')).toEqual(["host", "outer:80"]);
});

test("without the options no header sets host, root_path or path [X13 S22]", () => {
  const headers = [
    "host: inner",
    "x-forwarded-host: evil",
    "x-forwarded-prefix: /evil",
    "x-forwarded-path: /evil",
    "script-name: /evil",
    "script_name: /evil",
    "x-script-name: /evil",
  ];
  const scope = httpScope(headers);
  expect(seen({ trusted: ["*"] }, scope)).toEqual(scope);
  expect(seen({ trusted: ["*"], headers: "forwarded", host: true }, scope)).toEqual(scope);
});

const PREFIXES: [header: string, root: string, path: string, expected: [root_path: string, path: string]][] =
  [
    ["/app", "", "/x", ["/app", "/app/x"]],
    ["/app/", "", "/x", ["/app", "/app/x"]],
    ["/app", "", "/app/x", ["/app", "/app/x"]],
    ["/app", "", "/apple", ["/app", "/app/apple"]],
    ["/app", "/srv", "/srv/x", ["/app/srv", "/app/srv/x"]],
    ["/a/b", "", "/x", ["/a/b", "/a/b/x"]],
    ["/caf%C3%A9", "", "/x", ["/café", "/café/x"]],
    ["/evil, /app", "", "/x", ["/app", "/app/x"]],
    ["/", "", "/x", ["", "/x"]],
    ["", "", "/x", ["", "/x"]],
    ["app", "", "/x", ["", "/x"]],
    ["//evil.example", "", "/x", ["", "/x"]],
    ["/%2Fevil.example", "", "/x", ["", "/x"]],
    ["/\\evil.example", "", "/x", ["", "/x"]],
    ["/a/../b", "", "/x", ["", "/x"]],
    ["/a/%2e%2e", "", "/x", ["", "/x"]],
    ["/.", "", "/x", ["", "/x"]],
    ["/a?b", "", "/x", ["", "/x"]],
    ["/a#b", "", "/x", ["", "/x"]],
    ["/a%0d%0ab", "", "/x", ["", "/x"]],
  ];

test.each(PREFIXES)(
  "prefix: true, X-Forwarded-Prefix %j at %j %j is %j [X5 X13]",
  (header, root_path, path, expected) => {
    const scope = httpScope([`x-forwarded-prefix: ${header}`], { root_path, path, raw_path: path });
    const inner = seen({ trusted: LOCAL, prefix: true }, scope);
    expect([inner.root_path, inner.path]).toEqual(expected);
    expect(inner.raw_path).toBe(path);
  },
);

test("the prefix of a peer that is not trusted changes nothing [S22]", () => {
  const scope = httpScope(["x-forwarded-prefix: /evil"]);
  expect(seen({ trusted: ["10.0.0.0/8"], prefix: true, host: true }, scope)).toBe(scope);
});

test("the signal stays unmade, and works [A34]", () => {
  const made = countControllers();
  const exchange = new HttpExchange(httpScope(SAYING), { attach() {} } as unknown as HttpTransport);
  const inner = seen({ trusted: LOCAL }, exchange.scope);
  expect([inner.client, made.count]).toEqual([["1.2.3.4", 0], 0]);
  exchange.connectionLost();
  expect([inner.signal.aborted, made.count]).toEqual([true, 1]);
});

/** Counts the controllers that are made from now on. */
function countControllers(): { count: number } {
  const made = { count: 0 };
  class Counted extends AbortController {
    constructor() {
      super();
      made.count += 1;
    }
  }
  vi.stubGlobal("AbortController", Counted);
  return made;
}

test("the faster door is kept, with the same scope [X13]", () => {
  const served: unknown[] = [];
  const app: AsgiApp = () => {
    throw new TypeError("not by the door");
  };
  app[SERVE] = (scope, transport) => void served.push([origin(scope), transport]);
  const transport = {} as HttpTransport;
  serve(trustedProxy({ trusted: LOCAL })(app), httpScope(SAYING), transport);
  expect(served).toEqual([["https://1.2.3.4:0", transport]]);
});

test("it is a middleware of any state", () => {
  const middleware: Middleware = trustedProxy({ trusted: [] });
  const typed: AsgiApp<{ db: string }> = trustedProxy({ trusted: [] })<{ db: string }>(() => {});
  expect([typeof middleware, typeof typed]).toEqual(["function", "function"]);
});

test.each<[string, unknown]>([
  ["trusted", "10.0.0.1"],
  ["trusted", undefined],
  ["trusted", ["10.0.0.0/33"]],
  ["trusted", ["loopback"]],
  ["trusted", ["unix:/run/app.sock"]],
  ["trusted", [""]],
  ["trusted", [1]],
  ["headers", "both"],
  ["maxEntries", 0],
  ["maxEntries", 1.5],
  ["maxEntries", Infinity],
  ["trust", ["127.0.0.1"]],
])("the option %s: %j is refused [X13]", (name, value) => {
  let code: unknown;
  try {
    trustedProxy({ trusted: [], [name]: value });
  } catch (error) {
    code = (error as GatewayError).code;
  }
  expect(code).toBe("TSGI_ERR_OPTION");
});

test("a prefix cannot come from Forwarded [X13]", () => {
  expect(() => trustedProxy({ trusted: [], headers: "forwarded", prefix: true })).toThrow(
    "Forwarded has no such",
  );
});
