// What a sync app is told about a request: the shape of environ.
// Sources: PEP 3333 "environ Variables"; RFC 3875 §4.1; wsgiref.validate.

import { nativeString, type Environ, type HttpScope } from "@tsgi/core";
import type { Case } from "../suite/case.ts";
import { equal, matches, ok } from "../suite/check.ts";
import { syncJson, syncText } from "./answers.ts";

const ALWAYS_STRINGS = [
  "REQUEST_METHOD",
  "SCRIPT_NAME",
  "PATH_INFO",
  "QUERY_STRING",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
] as const;

const ALWAYS_WSGI = [
  "wsgi.version",
  "wsgi.url_scheme",
  "wsgi.input",
  "wsgi.errors",
  "wsgi.multithread",
  "wsgi.multiprocess",
  "wsgi.run_once",
] as const;

const PROTOCOLS: Readonly<Record<string, string>> = { "1.0": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2.0" };

/** PEP 3333 "URL Reconstruction". */
function reconstructedUrl(environ: Environ): string {
  const quote = (octets: string): string =>
    octets.replace(
      /[^A-Za-z0-9_.\-~/;=,]/g,
      (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
    );
  const sent = environ["HTTP_HOST"];
  const host = typeof sent === "string" ? sent : `${environ.SERVER_NAME}:${environ.SERVER_PORT}`;
  const query = environ.QUERY_STRING === "" ? "" : `?${environ.QUERY_STRING}`;
  return `${environ["wsgi.url_scheme"]}://${host}${quote(environ.SCRIPT_NAME)}${quote(environ.PATH_INFO)}${query}`;
}

/** The cases about environ. */
export const environCases: readonly Case[] = [
  {
    name: "sync environ: it is a plain object of own data properties with every key that must be there",
    proves: ["W2", "W3"],
    syncApp(environ, startResponse) {
      const prototype: unknown = Object.getPrototypeOf(environ);
      ok(prototype === Object.prototype || prototype === null, "environ is a plain object");
      ok(!Object.isFrozen(environ) && Object.isExtensible(environ), "environ may be changed");
      for (const key of [...ALWAYS_STRINGS, ...ALWAYS_WSGI]) {
        const property = Object.getOwnPropertyDescriptor(environ, key);
        ok(property !== undefined && "value" in property && property.enumerable === true, `${key} is there`);
      }
      for (const key of ["REQUEST_METHOD", "SERVER_NAME", "SERVER_PROTOCOL"])
        ok(environ[key] !== "", `${key} is not empty`);
      matches(environ.SERVER_PORT, /^\d+$/, "SERVER_PORT");
      return syncText(startResponse, "ok");
    },
    async client(client) {
      equal((await client.request()).status, 200);
    },
  },
  {
    name: "sync environ: every key without a dot is a binary string",
    proves: ["W4"],
    syncApp(environ, startResponse) {
      for (const [key, value] of Object.entries(environ)) {
        if (key.includes(".")) continue;
        matches(value, /^[\0-\xff]*$/, key);
      }
      return syncText(startResponse, "ok");
    },
    async client(client) {
      const headers = [["X-High", "\xe9\xff"]] as const;
      equal((await client.request({ target: "/%E3%81%82?q=%ff", headers })).status, 200);
    },
  },
  {
    name: "sync environ: what one request does to its environ, the next one does not see",
    proves: ["W2", "S27"],
    needs: ["memory"],
    syncApp(environ, startResponse) {
      const seen = ["left.over" in environ, environ["wsgi.version"], environ.REQUEST_METHOD];
      const answer = syncJson(startResponse, seen);
      environ["left.over"] = true;
      environ["wsgi.version"][0] = 7;
      Reflect.deleteProperty(environ, "PATH_INFO");
      environ.REQUEST_METHOD = "TAMPERED";
      return answer;
    },
    async client(client) {
      const connection = await client.connect();
      await client.send(connection, {});
      const { text } = await client.send(connection, {});
      equal(JSON.parse(text), [false, [1, 0], "GET"]);
    },
  },
  {
    name: "sync environ: the wsgi keys have the values of PEP 3333",
    proves: ["W17", "W14"],
    syncApp(environ, startResponse) {
      equal(environ["wsgi.version"], [1, 0], "wsgi.version");
      for (const key of ["wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"]) {
        equal(typeof environ[key], "boolean", `the type of ${key}`);
      }
      ok(
        !environ["wsgi.run_once"] || environ["wsgi.multiprocess"],
        "an app run once has a process of its own",
      );
      return syncJson(startResponse, environ["wsgi.url_scheme"]);
    },
    async client(client) {
      equal(await client.json(), client.wire.scheme);
    },
  },
  {
    name: "sync environ: an HTTPS or X-Forwarded-Proto header of the client changes no scheme",
    proves: ["W14", "S22"],
    syncApp: (environ, startResponse) =>
      syncJson(startResponse, [environ["wsgi.url_scheme"], environ.SCRIPT_NAME]),
    async client(client) {
      const other = client.wire.scheme === "http" ? "https" : "http";
      const headers = [
        ["HTTPS", "on"],
        ["X-Forwarded-Proto", other],
        ["X-Url-Scheme", other],
        ["Script-Name", "/spoofed"],
      ] as const;
      equal(await client.json({ headers }), [client.wire.scheme, nativeString(client.rootPath)]);
    },
  },
  {
    name: "sync environ: headers that are called like keys of the server do not become them",
    proves: ["S3", "W18", "X27"],
    syncApp(environ, startResponse) {
      for (const key of ["REMOTE_USER", "AUTH_TYPE", "SCRIPT_FILENAME", "Remote-User"]) {
        equal(key in environ, false, `whether ${key} is there`);
      }
      equal(environ["wsgi.version"], [1, 0], "wsgi.version");
      equal(typeof environ["wsgi.input"].read, "function", "the type of wsgi.input.read");
      return syncJson(startResponse, environ["HTTP_REMOTE_USER"]);
    },
    async client(client) {
      const headers = [
        ["Remote-User", "admin"],
        ["Auth-Type", "Basic"],
        ["wsgi.input", "evil"],
        ["wsgi.version", "evil"],
      ] as const;
      equal(await client.json({ headers }), "admin");
    },
  },
  {
    name: "sync environ: asgi.scope is the scope it was made from",
    proves: ["X32"],
    syncApp(environ, startResponse) {
      const scope = environ["asgi.scope"] as Partial<HttpScope> | undefined;
      return syncJson(startResponse, [scope?.type, scope?.method, scope?.query_string]);
    },
    async client(client) {
      equal(await client.json({ method: "PUT", target: "/x?q=1" }), ["http", "PUT", "q=1"]);
    },
  },
  {
    name: "sync environ: SERVER_PROTOCOL is the client's version",
    proves: ["W15", "X9"],
    syncApp(environ, startResponse) {
      matches(environ.SERVER_PROTOCOL, /^HTTP\/\d(\.\d)?$/, "SERVER_PROTOCOL");
      return syncJson(startResponse, environ.SERVER_PROTOCOL);
    },
    async client(client) {
      equal(await client.json(), PROTOCOLS[client.wire.httpVersion]);
    },
  },
  {
    name: "sync environ: REMOTE_ADDR and SERVER_PORT are the two ends of the connection",
    proves: ["X11", "X12", "W3"],
    needs: ["addresses"],
    syncApp: (environ, startResponse) =>
      syncJson(startResponse, [
        environ.REMOTE_ADDR,
        environ.REMOTE_PORT,
        environ.SERVER_NAME,
        environ.SERVER_PORT,
        environ["REMOTE_HOST"] ?? null,
      ]),
    async client(client) {
      const connection = await client.connect();
      const { text } = await client.send(connection, {});
      const [address, port] = connection.local ?? ["", 0];
      const [host, serverPort] = client.wire.server ?? ["", 0];
      equal(JSON.parse(text), [address, String(port), host, String(serverPort), null]);
    },
  },
  {
    name: "sync environ: the URL built from it is the client's",
    proves: ["W19"],
    syncApp: (environ, startResponse) => syncJson(startResponse, reconstructedUrl(environ)),
    async client(client) {
      const target = "/caf%C3%A9/x;y=1,z?q=1%202";
      const seen = await client.json({ target, headers: [["Host", "name.example"]] });
      equal(seen, `${client.wire.scheme}://name.example${client.target(target)}`);
      const plain = await client.json({ target: "/p?", headers: [["Host", "name.example"]] });
      equal(plain, `${client.wire.scheme}://name.example${client.target("/p")}`);
    },
  },
  {
    name: "sync environ: keys of the server have a dot, and nothing of the process's environment is there",
    proves: ["W18", "S20"],
    syncApp(environ, startResponse) {
      for (const key of ["PATH", "HOME", "USER", "PWD"])
        equal(key in environ, false, `whether ${key} is there`);
      for (const key of Object.keys(environ))
        matches(key, /^[A-Z][A-Z0-9_!#$%&'*+.^`|~]*$|^[a-z][a-z_]*\.[a-z_.]+$/, "a key");
      return syncText(startResponse, "ok");
    },
    async client(client) {
      equal((await client.request()).status, 200);
    },
  },
  {
    name: "sync environ: the app is called once for a request, with two arguments",
    proves: ["W1"],
    needs: ["memory"],
    syncApp(...all) {
      const [, startResponse, stage] = all;
      stage.note("called");
      equal(typeof startResponse, "function", "the type of startResponse");
      return syncText(startResponse, "ok");
    },
    async client(client) {
      await client.request();
      equal(await client.notes(1), ["called"]);
      equal((await client.ask()).notes, ["called"]);
    },
  },
];
