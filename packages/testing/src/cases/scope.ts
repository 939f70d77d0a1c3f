// What an async app is told about a request: the shape of scope, and that nothing of it is shared.
// Sources: ASGI 3.0 "Connection Scope"; HTTP 2.5 "HTTP Connection Scope"; Lifespan 2.0 "state".

import type { HttpScope } from "@tsgi/core";
import { reply } from "../suite/app.ts";
import type { Case } from "../suite/case.ts";
import { equal, matches, ok } from "../suite/check.ts";
import { json } from "./answers.ts";

const KEYS = [
  "type",
  "asgi",
  "http_version",
  "method",
  "scheme",
  "path",
  "raw_path",
  "query_string",
  "root_path",
  "headers",
  "client",
  "server",
  "state",
  "extensions",
] as const;

/** Tries to change a value, which may be frozen. */
function tamper(object: object, key: string, value: unknown): void {
  Reflect.set(object, key, value);
}

/** The cases about scope. */
export const scopeCases: readonly Case[] = [
  {
    name: "scope: it is a plain object with every key of an http scope, and survives being spread",
    proves: ["A2", "A11", "A15"],
    app(scope, _receive, send) {
      ok(Object.getPrototypeOf(scope) === Object.prototype, "scope is a plain object");
      const copy: HttpScope = { ...scope };
      for (const key of KEYS) {
        ok(key in scope, `scope has ${key}`);
        ok(key in copy, `a copy of scope has ${key}`);
        ok(copy[key] !== undefined, `${key} is not undefined`);
      }
      equal(scope.type, "http", "type");
      equal(copy.signal.aborted, false, "whether the copy's signal is aborted");
      return reply(send, 200, "ok");
    },
    async client(client) {
      equal((await client.request()).status, 200);
    },
  },
  {
    name: "scope: the app is called once for a request",
    proves: ["A1"],
    needs: ["memory"],
    app(_scope, receive, send, stage) {
      stage.note("called");
      equal([typeof receive, typeof send], ["function", "function"], "receive and send");
      return reply(send, 200, "ok");
    },
    async client(client) {
      await client.request();
      equal(await client.notes(1), ["called"]);
      equal((await client.ask()).notes, ["called"], "the notes a little later");
    },
  },
  {
    name: "scope: asgi says version 3.0 and the newest www spec",
    proves: ["A2"],
    app: (scope, _receive, send) => json(send, scope.asgi),
    async client(client) {
      equal(await client.json(), { version: "3.0", spec_version: "2.5" });
    },
  },
  {
    name: "scope: what one request does to its scope, the next one does not see",
    proves: ["A2", "A11", "S27"],
    needs: ["memory"],
    breaks: true,
    app(scope, _receive, send) {
      const seen = [scope.asgi.version, "left" in scope, "left" in scope.extensions, scope.headers.length];
      tamper(scope, "left", true);
      tamper(scope.asgi, "version", "tampered");
      tamper(scope.extensions, "left", {});
      tamper(scope.headers, String(scope.headers.length), ["x-left", "1"]);
      if (scope.client !== null) tamper(scope.client, "0", "tampered");
      return json(send, seen);
    },
    async client(client) {
      const connection = await client.connect();
      const first = await client.send(connection, {});
      const second = await client.send(connection, {});
      equal(second.text, first.text, "what the second request sees");
      equal((JSON.parse(first.text) as unknown[]).slice(0, 3), ["3.0", false, false]);
    },
  },
  {
    name: "scope: the server does not read it back: what an app writes into it changes nothing of the response",
    proves: ["A11"],
    breaks: true,
    app(scope, _receive, send) {
      tamper(scope, "method", "HEAD");
      tamper(scope, "http_version", "1.0");
      tamper(scope, "path", "/tampered");
      return reply(send, 200, "body");
    },
    async client(client) {
      equal((await client.request()).text, "body");
    },
  },
  {
    name: "scope: http_version is the client's",
    proves: ["A15", "X9"],
    app: (scope, _receive, send) => json(send, scope.http_version),
    async client(client) {
      equal(await client.json(), client.wire.httpVersion);
    },
  },
  {
    name: "scope: http_version of an HTTP/1.0 request is 1.0",
    proves: ["A15", "X9"],
    needs: ["octets"],
    app: (scope, _receive, send) => reply(send, 200, scope.http_version),
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("GET / HTTP/1.0"));
      equal((await client.read(octets.response("GET"))).text, "1.0");
    },
  },
  {
    name: "scope: scheme is http or https as the connection is",
    proves: ["A17", "X10"],
    app: (scope, _receive, send) => json(send, scope.scheme),
    async client(client) {
      equal(await client.json(), client.wire.scheme);
    },
  },
  {
    name: "scope: X-Forwarded headers of a client change neither scheme nor client",
    proves: ["X13", "S22"],
    needs: ["addresses"],
    app: (scope, _receive, send) => json(send, [scope.scheme, scope.client?.[0], scope.root_path]),
    async client(client) {
      const headers = [
        ["X-Forwarded-Proto", client.wire.scheme === "http" ? "https" : "http"],
        ["X-Forwarded-For", "203.0.113.9"],
        ["Forwarded", "for=203.0.113.9;proto=https"],
        ["SCRIPT_NAME", "/spoofed"],
        ["Script-Name", "/spoofed"],
      ] as const;
      const connection = await client.connect();
      const { text } = await client.send(connection, { headers });
      equal(JSON.parse(text), [client.wire.scheme, connection.local?.[0], client.rootPath]);
    },
  },
  {
    name: "scope: client and server are the two ends of the connection",
    proves: ["A23", "X11", "X12"],
    needs: ["addresses"],
    app: (scope, _receive, send) => json(send, [scope.client, scope.server]),
    async client(client) {
      const connection = await client.connect();
      const { text } = await client.send(connection, {});
      equal(JSON.parse(text), [connection.local, client.wire.server]);
    },
  },
  {
    name: "scope: client and server are an address and a port, or null",
    proves: ["A23"],
    app(scope, _receive, send) {
      for (const address of [scope.client, scope.server]) {
        if (address === null) continue;
        equal(address.length, 2, "the length of an address");
        matches(address[0], /^[^[\]%]+$/, "a host");
        ok(address[1] === null || Number.isInteger(address[1]), "a port is an integer");
      }
      return reply(send, 200, "ok");
    },
    async client(client) {
      equal((await client.request()).status, 200);
    },
  },
  {
    name: "scope: extensions is a plain object of plain objects, and offers nothing for tests only",
    proves: ["A12", "A57"],
    app(scope, _receive, send) {
      ok(Object.getPrototypeOf(scope.extensions) === Object.prototype, "extensions is a plain object");
      for (const [name, facts] of Object.entries(scope.extensions)) {
        ok(typeof facts === "object" && facts !== null, `${name} is an object`);
      }
      equal("http.response.debug" in scope.extensions, false, "whether http.response.debug is offered");
      return reply(send, 200, "ok");
    },
    async client(client) {
      equal((await client.request()).status, 200);
    },
  },
  {
    name: "scope: tls is there on an encrypted connection only",
    proves: ["A58", "A12"],
    app: (scope, _receive, send) => json(send, "tls" in scope.extensions),
    async client(client) {
      equal(await client.json(), client.wire.scheme === "https");
    },
  },
  {
    name: "scope: tls has its six facts, of the right types",
    proves: ["A58", "X26"],
    needs: ["tls"],
    app(scope, _receive, send) {
      const { tls } = scope.extensions;
      ok(tls !== undefined, "tls is there");
      equal(Object.keys(tls).toSorted(), [
        "cipher_suite",
        "client_cert_chain",
        "client_cert_error",
        "client_cert_name",
        "server_cert",
        "tls_version",
      ]);
      ok(
        tls.server_cert === null || tls.server_cert.startsWith("-----BEGIN CERTIFICATE-----"),
        "server_cert",
      );
      equal(tls.client_cert_chain, [], "the chain of a client without a certificate");
      equal(tls.client_cert_name, null, "client_cert_name");
      ok(tls.client_cert_error === null || tls.client_cert_error !== "", "client_cert_error is not empty");
      ok(tls.tls_version === null || [0x0303, 0x0304].includes(tls.tls_version), "tls_version");
      ok(tls.cipher_suite === null || (tls.cipher_suite > 0 && tls.cipher_suite <= 0xffff), "cipher_suite");
      return reply(send, 200, "ok");
    },
    async client(client) {
      equal((await client.request()).status, 200);
    },
  },
  {
    name: "scope: state is null, or a copy of what startup left that no other request sees",
    proves: ["A24"],
    needs: ["memory"],
    app(scope, _receive, send) {
      const state = scope.state as { mine?: boolean } | null;
      const seen = state === null ? false : "mine" in state;
      if (state !== null) state.mine = true;
      return json(send, seen);
    },
    async client(client) {
      equal(await client.json(), false, "whether the first request sees it");
      equal(await client.json(), false, "whether the second request sees it");
    },
  },
  {
    name: "scope: state has what startup left, and shares its objects",
    proves: ["A24", "A86"],
    needs: ["lifespan"],
    app(scope, _receive, send) {
      const state = scope.state as { suite?: string; shared?: { seen: number } } | null;
      equal(state?.suite, "startup", "state.suite");
      ok(state?.shared !== undefined, "state.shared is there");
      state.shared.seen += 1;
      return json(send, state.shared.seen);
    },
    async client(client) {
      const first = (await client.json()) as number;
      equal(await client.json(), first + 1);
    },
  },
];
