// PARAMS, as a web server sends them, and what an app sees of them.
// Source: FastCGI 1.0 §3.4, §5.2; requirements F23 to F33.

import { describe, expect, test } from "vitest";
import { wsgi, type AsgiApp, type HttpScope } from "@tsgi/core";
import { PARAMS } from "./constants.ts";
import {
  GET,
  POST,
  begin,
  clientOf,
  keptLog,
  pairsOf,
  params,
  request,
  stdin,
  textAnswer,
  textApp,
} from "./raw-client.test-support.ts";
import { joinBytes, rawRecord } from "./record.test-support.ts";
import type { FastCgiExtension } from "./request-scope.ts";
import type { FastCgiOptions } from "./serve-options.ts";

type Pairs = Record<string, string> | readonly (readonly [string, string])[];

const hello = textApp(() => "hello");

/** The scope that an app is called with for some parameters. */
async function scopeOf(pairs: Pairs, options: FastCgiOptions = {}): Promise<HttpScope> {
  let seen: HttpScope | undefined;
  const app = textApp((scope) => {
    seen = scope as HttpScope;
    return "";
  });
  const client = await clientOf(app, options);
  client.send(begin(), rawRecord(PARAMS, 1, pairsOf(pairs)), rawRecord(PARAMS, 1), stdin());
  const { stdout } = await client.answer();
  expect(stdout).toMatch(/^Status: 200 /);
  return seen as HttpScope;
}

/** The environ a sync app is called with. */
async function environOf(pairs: Pairs): Promise<Record<string, unknown>> {
  let seen: Record<string, unknown> = {};
  const app = wsgi((environ, startResponse) => {
    seen = environ;
    startResponse("200 OK", []);
    return [];
  });
  const client = await clientOf(app);
  client.send(begin(), rawRecord(PARAMS, 1, pairsOf(pairs)), rawRecord(PARAMS, 1), stdin());
  await client.answer();
  return seen;
}

const fastcgi = (scope: HttpScope): FastCgiExtension => scope.extensions["fastcgi"] as FastCgiExtension;

describe("however PARAMS are cut", () => {
  const long = { ...GET, HTTP_X_LONG: "v".repeat(1_000), [`HTTP_X_${"N".repeat(200)}`]: "n" };
  const stream = pairsOf(long);

  test.each([1, 2, 7, 127, 128, 129, 500])(
    "into records of %i octets, they are the same [F25]",
    async (size) => {
      let seen: unknown;
      const app = textApp((scope) => {
        seen = fastcgi(scope as HttpScope).params;
        return "";
      });
      const client = await clientOf(app);
      client.send(begin());
      for (let at = 0; at < stream.length; at += size) {
        client.send(rawRecord(PARAMS, 1, stream.slice(at, at + size), { padding: at % 9 }));
      }
      client.send(rawRecord(PARAMS, 1), stdin());
      await client.answer();
      expect({ ...(seen as object) }).toEqual({ ...long, FCGI_ROLE: "RESPONDER" });
    },
  );

  test("the app is not called before their end [F26]", async () => {
    let calls = 0;
    const client = await clientOf(textApp(() => String((calls += 1))));
    client.send(begin(), rawRecord(PARAMS, 1, pairsOf(GET)), request(GET, 2));
    await client.answer(2);
    expect(calls).toBe(1);
    client.send(rawRecord(PARAMS, 1));
    expect((await client.answer()).stdout).toBe(textAnswer("2"));
  });

  test.each(["", "x"])("PARAMS after their end (%j) close the connection [F26]", async (content) => {
    const { log, lines } = keptLog();
    const app: AsgiApp = async (_scope, receive) => void (await receive());
    const client = await clientOf(app, { log });
    client.send(begin(), params(POST), rawRecord(PARAMS, 1, content));
    await client.ended;
    expect(lines).toEqual([expect.stringMatching(/PARAMS after their end/)]);
  });
});

const MALFORMED: [name: string, octets: string][] = [
  ["a length without its value", "\x01"],
  ["a value that runs past the end", "\x01\x05ab"],
  ["the longest name there can be", "\xff\xff\xff\xff\x00a"],
  ["a long length cut short", "\x80\x00\x00"],
  ["a NUL in a name", `${pairsOf(GET)}\x03\x01A\0BC`],
  ["a NUL in a value", `${pairsOf(GET)}\x01\x03AB\0C`],
];

describe("what is no request", () => {
  test.each(MALFORMED)(
    "%s is answered 400, without the app, and the connection serves on [F24 F27]",
    async (_name, octets) => {
      const { log, lines } = keptLog();
      let calls = 0;
      const client = await clientOf(
        textApp(() => String((calls += 1))),
        { log },
      );
      client.send(begin(), rawRecord(PARAMS, 1, octets), rawRecord(PARAMS, 1), stdin());
      const { stdout, appStatus, protocolStatus } = await client.answer();
      expect(stdout).toBe(
        "Status: 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 11\r\n\r\nBad Request",
      );
      expect([appStatus, protocolStatus, calls, lines.length]).toEqual([0, 0, 0, 1]);
      client.send(request());
      expect((await client.answer(1, 3)).stdout).toBe(textAnswer("1"));
    },
  );

  test.each([
    [{ ...GET, REQUEST_METHOD: "" }],
    [{ SCRIPT_NAME: "/x" }],
    [{}],
    [{ ...GET, REQUEST_METHOD: "G T" }],
    [{ ...GET, SERVER_PROTOCOL: "FOO" }],
    [{ ...POST, CONTENT_LENGTH: "five" }],
    [{ ...POST, CONTENT_LENGTH: "+5" }],
    [{ ...POST, CONTENT_LENGTH: "-2" }],
    [{ ...POST, CONTENT_LENGTH: "9007199254740993" }],
  ])("%j is answered 400 [F68 C3 C5]", async (pairs) => {
    const client = await clientOf(hello);
    client.send(begin(), params(pairs), stdin());
    expect((await client.answer()).stdout).toMatch(/^Status: 400 /);
  });

  test("so many octets of PARAMS are read, one more is answered 431 [F28 S8]", async () => {
    const octets = pairsOf(GET);
    const client = await clientOf(hello, { maxParamsSize: octets.length });
    client.send(begin(), params(), stdin());
    expect((await client.answer()).stdout).toBe(textAnswer("hello"));
    client.send(
      begin(2),
      rawRecord(PARAMS, 2, octets),
      rawRecord(PARAMS, 2, "\x01"),
      params(GET, 2),
      stdin("", 2),
    );
    expect((await client.answer(2)).stdout).toMatch(/^Status: 431 Request Header Fields Too Large\r\n/);
    client.send(request(GET, 2));
    expect((await client.answer(2, 3)).stdout).toBe(textAnswer("hello"));
  });

  test("262144 octets of PARAMS are read, if nothing else is said [F28 S8]", async () => {
    const rest = 262_144 - pairsOf(GET).length - "HTTP_X".length - 5;
    for (const [more, status] of [
      [0, 200],
      [1, 431],
    ] as const) {
      const client = await clientOf(hello);
      const stream = pairsOf({ ...GET, HTTP_X: "x".repeat(rest + more) });
      client.send(begin());
      for (let at = 0; at < stream.length; at += 60_000) {
        client.send(rawRecord(PARAMS, 1, stream.slice(at, at + 60_000)));
      }
      client.send(rawRecord(PARAMS, 1), stdin());
      expect((await client.answer()).stdout).toMatch(new RegExp(`^Status: ${status} `));
    }
  });

  test.each([
    [{ maxParams: Object.keys(GET).length }, 200, 0],
    [{ maxParams: Object.keys(GET).length - 1 }, 431, 0],
    [{}, 200, 1_000 - Object.keys(GET).length],
    [{}, 431, 1_001 - Object.keys(GET).length],
  ])("with %j the answer is %i to eight parameters and %i more [F28 S8]", async (options, status, more) => {
    const pairs: Record<string, string> = { ...GET };
    for (let i = 0; i < more; i += 1) pairs[`X_${i}`] = "";
    const client = await clientOf(hello, options);
    client.send(begin(), params(pairs), stdin());
    expect((await client.answer()).stdout).toMatch(new RegExp(`^Status: ${status} `));
  });
});

describe("what an app sees", () => {
  test("every octet of a value is kept, and an equals sign in a name [F24]", async () => {
    const octets = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1)).join("");
    const scope = await scopeOf({ ...GET, SSL_CLIENT_S_DN: octets, "A=B": "=" });
    expect(fastcgi(scope).params["SSL_CLIENT_S_DN"]).toBe(octets);
    expect(fastcgi(scope).params["A=B"]).toBe("=");
  });

  test("a header sent twice is joined, a cookie by a semicolon; of another parameter the last counts [F29]", async () => {
    const scope = await scopeOf([
      ...Object.entries(GET),
      ["HTTP_X_FOO", "a"],
      ["HTTP_COOKIE", "a=1"],
      ["SCRIPT_NAME", "/first"],
      ["HTTP_X_FOO", "b"],
      ["HTTP_COOKIE", "b=2"],
      ["SCRIPT_NAME", "/app"],
      ["REQUEST_URI", "/app/"],
    ]);
    expect(scope.headers).toEqual([
      ["x-foo", "a, b"],
      ["cookie", "a=1; b=2"],
    ]);
    expect(scope.root_path).toBe("/app");
    expect(fastcgi(scope).params["HTTP_X_FOO"]).toBe("a, b");
  });

  test("empty parameters are absent ones [F30]", async () => {
    const environ = await environOf({
      ...GET,
      CONTENT_TYPE: "",
      CONTENT_LENGTH: "",
      REMOTE_USER: "",
      HTTPS: "",
    });
    expect(Object.keys(environ)).toEqual(
      expect.not.arrayContaining(["CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_USER", "HTTPS"]),
    );
    expect(environ["wsgi.url_scheme"]).toBe("http");
  });

  test("HTTP_CONTENT_LENGTH, HTTP_CONTENT_TYPE, HTTP_PROXY and HTTP_TRANSFER_ENCODING are no headers [F31 S1]", async () => {
    const pairs = {
      ...GET,
      HTTP_CONTENT_LENGTH: "5",
      HTTP_CONTENT_TYPE: "text/html",
      HTTP_PROXY: "http://evil/",
      HTTP_TRANSFER_ENCODING: "chunked",
      CONTENT_LENGTH: "0",
    };
    expect((await scopeOf(pairs)).headers).toEqual([["content-length", "0"]]);
    const environ = await environOf(pairs);
    for (const name of ["HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_PROXY", "HTTP_TRANSFER_ENCODING"]) {
      expect(environ).not.toHaveProperty(name);
    }
  });

  test.each(["Authorization", "HTTP_AUTHORIZATION"])("%s is the header authorization [F32]", async (name) => {
    expect((await scopeOf({ ...GET, [name]: "Basic eDp5" })).headers).toEqual([
      ["authorization", "Basic eDp5"],
    ]);
  });

  test("REDIRECT_HTTP_AUTHORIZATION is it only where that is wanted [F32]", async () => {
    const pairs = { ...GET, REDIRECT_HTTP_AUTHORIZATION: "Basic eDp5" };
    expect((await scopeOf(pairs)).headers).toEqual([]);
    expect((await scopeOf(pairs, { redirectAuthorization: true })).headers).toEqual([
      ["authorization", "Basic eDp5"],
    ]);
  });

  test("nothing of a request gets into the environment of the process [F33]", async () => {
    const before = { ...process.env };
    await scopeOf({ ...GET, PATH: "/evil", PHP_VALUE: "auto_prepend_file=/x", TSGI_NEW: "1" });
    expect(process.env).toEqual(before);
  });

  test("a parameter that has no place in the scope is in the environ under its name, but for names of servers [X33 S3]", async () => {
    const environ = await environOf([
      ...Object.entries(GET),
      ["SERVER_SOFTWARE", "test/1"],
      ["GEO_COUNTRY", "AT"],
      ["wsgi.input", "spoofed"],
      ["asgi.scope", "spoofed"],
      ["__proto__", "polluted"],
      ["constructor", "polluted"],
      ["toString", "polluted"],
    ]);
    expect(environ).toMatchObject({ SERVER_SOFTWARE: "test/1", GEO_COUNTRY: "AT" });
    expect([typeof environ["wsgi.input"], typeof environ["asgi.scope"]]).toEqual(["object", "object"]);
    expect(Object.getPrototypeOf(environ)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(environ, "__proto__")?.value).toBe("polluted");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("all parameters are in the extension, those too that are no meta-variables [F67 S3]", async () => {
    const sent = { ...GET, "wsgi.input": "x", HTTP_PROXY: "y", __proto__key: "z" };
    const scope = await scopeOf([...Object.entries(sent), ["__proto__", "p"]]);
    const { params: all, role, data } = fastcgi(scope);
    expect([role, data]).toEqual(["RESPONDER", null]);
    expect(Object.entries(all)).toEqual([
      ...Object.entries(sent),
      ["__proto__", "p"],
      ["FCGI_ROLE", "RESPONDER"],
    ]);
    expect(Object.getPrototypeOf(all)).toBeNull();
  });

  test("FCGI_ROLE is the role, whatever the web server calls it [F67]", async () => {
    expect(await environOf({ ...GET, FCGI_ROLE: "AUTHORIZER" })).toMatchObject({ FCGI_ROLE: "RESPONDER" });
  });

  test.each([
    ["HTTP/1.0", "1.0"],
    ["HTTP/1.1", "1.1"],
    ["HTTP/2.0", "2"],
    ["HTTP/3.0", "3"],
    ["INCLUDED", "1.0"],
    ["", "1.0"],
  ])("SERVER_PROTOCOL %j is http_version %j [F68 X9]", async (protocol, version) => {
    expect((await scopeOf({ ...GET, SERVER_PROTOCOL: protocol })).http_version).toBe(version);
  });

  test("neither WebSocket, nor early hints, nor trailers, nor push are offered [F69]", async () => {
    const scope = await scopeOf({ ...GET, HTTP_CONNECTION: "Upgrade", HTTP_UPGRADE: "websocket" });
    expect(scope.type).toBe("http");
    expect(Object.keys(scope.extensions).toSorted()).toEqual(["cgi", "fastcgi", "tsgi.reason", "wsgi"]);
  });

  test("a reason phrase of the app's reaches the web server [F41]", async () => {
    const client = await clientOf(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 299, reason: "Quite Right" });
      await send({ type: "http.response.body" });
    });
    client.send(request());
    expect((await client.answer()).stdout).toMatch(/^Status: 299 Quite Right\r\n/);
  });

  test("parameters of a request before do not stay [S27]", async () => {
    const seen: unknown[] = [];
    const app = textApp((scope) => {
      seen.push({ ...fastcgi(scope as HttpScope).params });
      return "";
    });
    const client = await clientOf(app);
    const second = { REQUEST_METHOD: "GET", SCRIPT_NAME: "", REQUEST_URI: "/b", HTTP_X: "2" };
    client.send(joinBytes(request({ ...GET, HTTP_A: "1", HTTP_X: "1" }, 1), request(second, 2)));
    await client.answer(2);
    expect(seen[1]).toEqual({ ...second, FCGI_ROLE: "RESPONDER" });
  });
});
