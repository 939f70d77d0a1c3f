// Scopes that no HTTP/1.1 request of node:http made, as a listener sees them: HTTP/2, 1.0, TLS, mounts, changed headers.

import express from "express";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { UnsupportedScopeError, mount, serve, type AsgiApp, type HttpScope, type Scope } from "@tsgi/core";
import { CLIENT, INTERMEDIATE, SERVER } from "../fixtures/certificates.ts";
import { fromNode } from "../from-node.ts";
import { MemoryTransport, memoryScope, type MemoryRequest } from "./memory-transport.test-support.ts";

/** What a listener sees of a request. */
async function seen<T>(
  request: MemoryRequest,
  look: (req: IncomingMessage) => T,
  wrap: (app: AsgiApp) => AsgiApp = (app) => app,
): Promise<T> {
  const transport = new MemoryTransport();
  if (request.method === undefined) transport.send(null);
  let result: T | undefined;
  const app = fromNode((req, res) => {
    result = look(req);
    res.end();
  });
  serve(wrap(app), memoryScope(request), transport);
  await transport.over;
  return result as T;
}

async function posted(
  request: MemoryRequest,
  wrap: (app: AsgiApp) => AsgiApp,
  ...body: (string | null)[]
): Promise<string> {
  const app = express();
  app.use(express.json());
  app.use((req, res) => void res.json([req.headers["transfer-encoding"] ?? "none", req.body ?? "nothing"]));
  const transport = new MemoryTransport();
  if (body.length === 1) transport.send(null);
  serve(wrap(fromNode(app)), memoryScope({ method: "POST", ...request }), transport);
  if (body.length > 1) transport.send(...body);
  await transport.over;
  return transport.text;
}

const slowly =
  (app: AsgiApp): AsgiApp =>
  async (scope, receive, send) => {
    await app(
      scope,
      async () => await receive(),
      async (event) => await send(event),
    );
  };
const directly = (app: AsgiApp): AsgiApp => app;

describe("a scope that is no HTTP request", () => {
  test.each(["lifespan", "websocket"])("of type %s is refused [A6]", (type) => {
    const app = fromNode(() => {});
    const never = (): never => {
      throw new Error("not to be called");
    };
    expect(() => app({ type } as Scope, never, never)).toThrow(UnsupportedScopeError);
  });
});

test.each([
  ["what is no function", () => fromNode({} as never)],
  ["a time that is none", () => fromNode(() => {}, { lingerTimeout: -1 })],
  ["an unknown option", () => fromNode(() => {}, { lingerTime: 1 } as object)],
  ["half a millisecond", () => fromNode(() => {}, { lingerTimeout: 0.5 })],
])("%s is refused", (_name, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }) as Error);
});

describe("a request over HTTP/2", () => {
  const h2: MemoryRequest = { showsRawHeaders: false, scope: { http_version: "2" } };

  test("is one of HTTP/1.1 for its listener, with the authority as its host [A22 X9]", async () => {
    const scope = {
      ...h2.scope,
      headers: [
        ["host", "h2.test"],
        ["accept", "a/b"],
        ["accept", "c/d"],
      ] as [string, string][],
    };
    const look = (req: IncomingMessage): unknown => [
      req.httpVersion,
      req.httpVersionMajor,
      req.httpVersionMinor,
      req.headers,
      req.rawHeaders,
    ];
    expect(await seen({ ...h2, scope }, look)).toEqual([
      "1.1",
      1,
      1,
      { host: "h2.test", accept: "a/b, c/d" },
      ["host", "h2.test", "accept", "a/b", "accept", "c/d"],
    ]);
  });

  test.each([
    ["directly", directly],
    ["behind a middleware", slowly],
  ])("with a body and no length is chunked for body parsers, %s [X21]", async (_name, wrap) => {
    const request = { ...h2, rawHeaders: ["Host", "h", "Content-Type", "application/json"] };
    expect(await posted(request, wrap, '{"a":', "1}", null)).toBe('["chunked",{"a":1}]');
  });

  test.each([
    ["directly", directly],
    ["behind a middleware", slowly],
  ])("without a body has none for body parsers, %s [X21]", async (_name, wrap) => {
    const request = { ...h2, rawHeaders: ["Host", "h", "Content-Type", "application/json"] };
    expect(await posted(request, wrap, null)).toBe('["none","nothing"]');
  });

  test("has a chunked response made of its pieces [A39]", async () => {
    const transport = new MemoryTransport();
    transport.send(null);
    const app = fromNode((_req, res) => {
      res.write("a");
      res.end("b");
    });
    serve(app, memoryScope(h2), transport);
    await transport.over;
    expect([transport.head?.length, transport.text]).toEqual([-1, "ab"]);
    expect(transport.head?.headers.join().toLowerCase()).not.toContain("transfer-encoding");
  });
});

describe("a request over HTTP/1.0", () => {
  test("gets a response that ends with its connection [A39]", async () => {
    const transport = new MemoryTransport();
    transport.send(null);
    const log: unknown[] = [];
    const app = fromNode((req, res) => {
      log.push(req.httpVersion, res.shouldKeepAlive, res.useChunkedEncodingByDefault);
      res.on("close", () => log.push("closed"));
      res.write("a");
      setImmediate(() => res.end("b"));
    });
    serve(app, memoryScope({ scope: { http_version: "1.0" } }), transport);
    await transport.over;
    expect(log).toEqual(["1.0", false, false, "closed"]);
    expect([transport.head?.close, transport.text, transport.ended]).toEqual([true, "ab", true]);
  });
});

describe("headers", () => {
  test("are those of a middleware that has changed them, not the raw ones [X18]", async () => {
    const adds =
      (app: AsgiApp): AsgiApp =>
      (scope, receive, send) =>
        app(
          { ...scope, headers: [["x-user", "ada"], ...(scope as HttpScope).headers] } as Scope,
          receive,
          send,
        );
    expect(await seen({ rawHeaders: ["HOST", "h"] }, (req) => req.rawHeaders, adds)).toEqual([
      "x-user",
      "ada",
      "host",
      "h",
    ]);
  });

  test("keep the client's case through a middleware that has left them alone [X19]", async () => {
    expect(await seen({ rawHeaders: ["HOST", "h", "X-a", "1"] }, (req) => req.rawHeaders, slowly)).toEqual([
      "HOST",
      "h",
      "X-a",
      "1",
    ]);
  });

  test("may be changed by the listener without harm to the host [A11]", async () => {
    const rawHeaders = ["Host", "h"];
    await seen({ rawHeaders }, (req) => req.rawHeaders.push("X", "y"));
    expect(rawHeaders).toEqual(["Host", "h"]);
  });
});

describe("a mounted listener", () => {
  test("sees what is left of the URL, as in Express [X6 X7]", async () => {
    const look = (req: IncomingMessage): unknown => {
      const { url, originalUrl, baseUrl } = req as IncomingMessage & { originalUrl: string; baseUrl: string };
      return { url, originalUrl, baseUrl };
    };
    expect(await seen({ target: "/ap%69/x%2Fy?q" }, look, (app) => mount("/api", app))).toEqual({
      url: "/x%2Fy?q",
      originalUrl: "/ap%69/x%2Fy?q",
      baseUrl: "/ap%69",
    });
  });

  test("that is Express itself routes and redirects below its mount [X7]", async () => {
    const app = express();
    app.get("/users/:id", (req, res) => void res.json([req.baseUrl, req.originalUrl, req.url, req.params]));
    const transport = new MemoryTransport();
    transport.send(null);
    serve(mount("/api", fromNode(app)), memoryScope({ target: "/api/users/7?x" }), transport);
    await transport.over;
    expect(JSON.parse(transport.text)).toEqual(["/api", "/api/users/7?x", "/users/7?x", { id: "7" }]);
  });
});

describe("the socket of a scope", () => {
  const addresses = (req: IncomingMessage): unknown => {
    const { remoteAddress, remotePort, remoteFamily, localAddress, localPort, localFamily } = req.socket;
    return [
      remoteAddress,
      remotePort,
      remoteFamily,
      localAddress,
      localPort,
      localFamily,
      req.socket.address(),
    ];
  };

  test("has its addresses [A23]", async () => {
    const scope: Partial<HttpScope> = { client: ["2001:db8::7", 1234], server: ["192.0.2.1", 80] };
    expect(await seen({ scope }, addresses)).toEqual([
      "2001:db8::7",
      1234,
      "IPv6",
      "192.0.2.1",
      80,
      "IPv4",
      { address: "192.0.2.1", family: "IPv4", port: 80 },
    ]);
  });

  test("has none over a unix socket [A23]", async () => {
    const scope: Partial<HttpScope> = { client: null, server: ["/run/x.sock", null] };
    expect(await seen({ scope }, addresses)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      {},
    ]);
  });

  test("is not encrypted without TLS [A58]", async () => {
    expect(await seen({}, (req) => "encrypted" in req.socket)).toBe(false);
  });

  test("tells what the tls extension tells [A58 X26]", async () => {
    const tls = {
      server_cert: SERVER.cert,
      client_cert_chain: [CLIENT.cert, INTERMEDIATE],
      client_cert_name: "x",
      client_cert_error: null,
      tls_version: 0x0304,
      cipher_suite: 0x1301,
    };
    const look = (req: IncomingMessage): unknown => {
      const socket = req.socket as TLSSocket;
      const peer = socket.getPeerCertificate(true);
      return [
        socket.encrypted,
        socket.authorized,
        socket.authorizationError,
        socket.getProtocol(),
        socket.getCipher().standardName,
        typeof peer.fingerprint256,
        peer.issuerCertificate.subject.CN === peer.issuer.CN,
        socket.getPeerX509Certificate()?.fingerprint256 === peer.fingerprint256,
        socket.getX509Certificate()?.subject !== undefined,
        socket.isSessionReused(),
      ];
    };
    expect(await seen({ scope: { scheme: "https", extensions: { tls } } }, look)).toEqual([
      true,
      true,
      null,
      "TLSv1.3",
      "TLS_AES_128_GCM_SHA256",
      "string",
      true,
      true,
      true,
      false,
    ]);
  });

  test("of a client without a certificate says so [A58]", async () => {
    const look = (req: IncomingMessage): unknown => {
      const socket = req.socket as TLSSocket;
      return [
        socket.encrypted,
        socket.authorized,
        socket.getPeerCertificate(),
        socket.getProtocol(),
        socket.getCipher(),
        socket.getPeerX509Certificate(),
      ];
    };
    expect(await seen({ scope: { scheme: "https" } }, look)).toEqual([
      true,
      false,
      {},
      null,
      undefined,
      undefined,
    ]);
  });
});
