// fromNode on this package's own hosts: the native pair where it can be had, the synthetic one where not.

import http, { type IncomingMessage, type ServerResponse } from "node:http";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { once } from "node:events";
import express from "express";
import connect from "connect";
import Koa from "koa";
import { afterEach, describe, expect, test } from "vitest";
import { deriveScope, mount, SERVE, serve, type AsgiApp } from "@tsgi/core";
import { fromNode } from "./from-node.ts";
import type { NodeOptions } from "./request-settings.ts";
import { serveNode } from "./serve.ts";
import { toNode } from "./to-node.ts";

const running: (http.Server | http2.Http2Server)[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) {
    if ("closeAllConnections" in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(server: http.Server | http2.Http2Server): Promise<number> {
  running.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const logged: unknown[] = [];
const OPTIONS: NodeOptions = { log: (_level, _message, error) => void logged.push(error) };
afterEach(() => logged.splice(0));

/** Serves an app on HTTP/1 and asks it one thing. */
async function ask(app: AsgiApp, target = "/", init: http.RequestOptions = {}): Promise<string> {
  const port = await listening(http.createServer(toNode(app, OPTIONS)));
  const request = http.request({ port, host: "127.0.0.1", path: target, agent: false, ...init });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return `${response.statusCode} ${text}`;
}

const behind =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

// oxlint-disable-next-line no-underscore-dangle -- only a real socket has one
const isNative = (req: IncomingMessage): boolean => (req.socket as { _handle?: unknown })._handle != null;
const tellNative = fromNode((req, res) => void res.end(String(isNative(req))));

describe("the native pair", () => {
  test("is handed over by an HTTP/1 host [X22]", async () => {
    expect(await ask(tellNative)).toBe("200 true");
  });

  test("is the very one the host was called with", async () => {
    let given: [IncomingMessage, ServerResponse] | null = null;
    let same = false;
    const app = fromNode((req, res) => {
      same = given?.[0] === req && given[1] === res;
      res.end();
    });
    const listener = toNode(app);
    const port = await listening(
      http.createServer((req, res) => {
        given = [req, res];
        listener(req, res);
      }),
    );
    await fetch(`http://127.0.0.1:${port}/`);
    expect(same).toBe(true);
  });

  test("goes through a mount, which shows in its URLs [X6 X7]", async () => {
    const app = fromNode((req, res) => {
      const { url, originalUrl, baseUrl } = req as IncomingMessage & { originalUrl: string; baseUrl: string };
      res.end(JSON.stringify([isNative(req), url, originalUrl, baseUrl]));
    });
    expect(await ask(mount("/a b", mount("/c", app)), "/a%20b/c/d%2Fe?q")).toBe(
      '200 [true,"/d%2Fe?q","/a%20b/c/d%2Fe?q","/a%20b/c"]',
    );
  });

  test("goes through another framework in front [X6 X7]", async () => {
    const inner = express();
    inner.get("/x", (req, res) => void res.json([isNative(req), req.url, req.originalUrl, req.baseUrl]));
    const outer = express();
    outer.use("/out", toNode(fromNode(inner)) as express.RequestHandler);
    const port = await listening(http.createServer(outer));
    const response = await fetch(`http://127.0.0.1:${port}/out/x?q`);
    expect(await response.json()).toEqual([true, "/x?q", "/out/x?q", "/out"]);
  });

  test.each([
    ["behind a middleware without the door", behind],
    ["after a change of the client", changed({ client: ["203.0.113.9", 0] })],
    ["after a change of the scheme", changed({ scheme: "https" })],
    ["after a change of the method", changed({ method: "PUT" })],
    ["after a change of the path", changed({ path: "/other", raw_path: "/other" })],
    ["after a change of the headers", changed({ headers: [["host", "other.test"]] })],
  ])("is not used %s [A11]", async (_name, wrap) => {
    expect(await ask(wrap(tellNative))).toBe("200 false");
  });

  test("is told of with the scope of a middleware [A11]", async () => {
    const app = fromNode((req, res) => {
      const { remoteAddress } = req.socket;
      res.end(
        JSON.stringify([req.method, req.url, req.headers.host, remoteAddress, "encrypted" in req.socket]),
      );
    });
    const wrap = changed({
      method: "PUT",
      raw_path: "/other",
      headers: [["host", "other.test"]],
      client: ["203.0.113.9", 0],
      scheme: "https",
    });
    expect(await ask(wrap(app))).toBe('200 ["PUT","/other","other.test","203.0.113.9",true]');
  });

  test("is let go when its response is closed, once", async () => {
    let detached = 0;
    const app: AsgiApp = () => {};
    app[SERVE] = (scope, transport) => {
      const detach = transport.detach.bind(transport);
      transport.detach = () => {
        detached += 1;
        detach();
      };
      serve(tellNative, scope, transport);
    };
    await ask(app);
    expect(detached).toBe(1);
  });

  test("is not used for a body that the host has to count [S8]", async () => {
    const app = fromNode((req, res) => req.resume().on("end", () => res.end(String(isNative(req)))));
    const port = await listening(http.createServer(toNode(app, { maxBodySize: 4 })));
    const url = `http://127.0.0.1:${port}/`;
    const counted = await fetch(url, { method: "POST", body: "1234" });
    expect([counted.status, await counted.text()]).toEqual([200, "true"]);
    for (const [body, status] of [
      ["1234", 200],
      ["12345", 413],
    ] as const) {
      const init = { method: "POST", body: new Blob([body]).stream(), duplex: "half" } as RequestInit;
      const chunked = await fetch(url, init);
      expect(chunked.status).toBe(status);
    }
  });

  test("of a listener that throws is answered 500, and logged [A45]", async () => {
    const error = new Error("thrown");
    const app = fromNode((_req, res) => {
      res.setHeader("X-Secret", "s");
      throw error;
    });
    expect(await ask(app)).toBe("500 Internal Server Error");
    expect(logged).toEqual([error]);
  });

  test("of a listener whose promise is rejected is answered 500, and logged [A45]", async () => {
    const error = new Error("rejected");
    expect(await ask(fromNode(() => Promise.reject(error)))).toBe("500 Internal Server Error");
    expect(logged).toEqual([error]);
  });

  test.each<[what: string, spoil: (res: ServerResponse) => void]>([
    ["begins an answer that has no such status", (res) => Object.assign(res, { statusCode: 1000 }).end("x")],
    ["names a reason", (res) => void (res.statusMessage = "Secret")],
    ["announces a length", (res) => res.setHeader("Content-Length", 3)],
    ["announces chunks", (res) => res.setHeader("Transfer-Encoding", "gzip")],
  ])("of a listener that %s and then throws is answered 500, whole [A45 X34 S20]", async (_what, spoil) => {
    const app = fromNode((req, res) => {
      if (req.url === "/next") return void res.end("next");
      spoil(res);
      throw new Error("thrown");
    });
    const socket = net.connect(await listening(http.createServer(toNode(app, OPTIONS))), "127.0.0.1");
    socket.write(
      "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
    expect(text).toMatch(/\r\ncontent-length: 21\r\n[^]*\r\n\r\nInternal Server ErrorHTTP\/1\.1 200 OK\r\n/);
    expect(text).toMatch(/\r\n\r\nnext$/);
  });

  test("of a listener that fails half-way is cut [A45]", async () => {
    const app = fromNode(async (_req, res) => {
      res.write("part");
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("late");
    });
    await expect(ask(app)).rejects.toThrow("aborted");
  });

  test("of a listener that fails after its end stays whole [S26]", async () => {
    const app = fromNode(async (_req, res) => {
      res.end("whole");
      await once(res, "close");
      throw new Error("late");
    });
    expect(await ask(app)).toBe("200 whole");
  });

  test.each([true, false])(
    "of a client that waits for 100 hears it if the listener reads: %s [A32]",
    async (reads) => {
      const app = fromNode((req, res) => {
        if (!reads) res.end("no");
        else req.resume().on("end", () => res.end("yes"));
      });
      const server = http.createServer();
      server.on("checkContinue", toNode(app));
      const port = await listening(server);
      const socket = net.connect(port, "127.0.0.1");
      socket.write(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
      );
      const [first] = (await once(socket, "data")) as [Buffer];
      socket.write("x");
      let text = first.toString();
      for await (const chunk of socket) text += String(chunk);
      expect(text.startsWith("HTTP/1.1 100 Continue\r\n\r\n")).toBe(reads);
      expect(text.endsWith(reads ? "yes" : "no")).toBe(true);
    },
  );
});

describe("100 Continue is said once", () => {
  const listeners: [who: string, app: AsgiApp][] = [
    [
      "a listener that says it itself",
      fromNode((req, res) => {
        res.writeContinue();
        req.resume().on("end", () => res.end("yes"));
      }),
    ],
    [
      "a portable app within a listener",
      fromNode(
        toNode(async (_scope, receive, send) => {
          await receive();
          await send({ type: "http.response.start", status: 200 });
          await send({ type: "http.response.body", body: "yes" });
        }),
      ),
    ],
  ];
  test.each(listeners)("to %s [A32]", async (_who, app) => {
    const server = http.createServer();
    server.on("checkContinue", toNode(app));
    const socket = net.connect(await listening(server), "127.0.0.1");
    socket.write(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
    );
    let text = String((await once(socket, "data"))[0]);
    socket.write("x");
    for await (const chunk of socket) text += String(chunk);
    expect(text.match(/^HTTP\/1\.1 .*$/gm)).toEqual(["HTTP/1.1 100 Continue", "HTTP/1.1 200 OK"]);
  });
});

test("a portable app that its framework calls late is called, though what came behind was refused meanwhile [A46]", async () => {
  const inner = toNode(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: "answered" });
  });
  const app = fromNode((req, res) => void setImmediate(() => inner(req, res)));
  const server = await serveNode(app, { port: 0, shutdownTimeout: 0 });
  const socket = net.connect(server.address?.[1] ?? 0, "127.0.0.1");
  const head = "HTTP/1.1\r\nHost: h\r\n";
  socket.write(`GET /1 ${head}Connection: close\r\n\r\nGET /2 ${head}\r\n`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  expect([text.match(/^HTTP.*$/gm), text.endsWith("answered")]).toEqual([["HTTP/1.1 200 OK"], true]);
  await server.close();
});

describe("frameworks on either pair", () => {
  const koa = new Koa();
  koa.use(async (ctx, next) => {
    await next();
    ctx.set("X-Koa", "1");
  });
  koa.use((ctx) => {
    if (ctx.path === "/missing") return;
    if (ctx.path === "/throws") ctx.throw(403, "no");
    ctx.body = { method: ctx.method, url: ctx.url, ip: ctx.ip, fresh: ctx.fresh };
  });
  koa.silent = true;
  const connected = connect();
  connected.use("/api", ((req: connect.IncomingMessage, res: ServerResponse) => {
    res.end(`${req.url} of ${req.originalUrl}`);
  }) as connect.SimpleHandleFunction);

  const FRAMEWORKS: Record<string, http.RequestListener> = {
    // oxlint-disable-next-line typescript/no-misused-promises -- Koa's own promise never rejects
    Koa: koa.callback(),
    connect: connected,
    Express: express().use((req, res) => void res.json([req.method, req.path])),
  };
  test.each(Object.keys(FRAMEWORKS))("%s answers the same [X7]", async (name) => {
    const listener = FRAMEWORKS[name] as http.RequestListener;
    for (const target of ["/", "/missing", "/throws", "/api/x?q", "/api"]) {
      for (const method of ["GET", "HEAD", "DELETE"]) {
        const native = await ask(fromNode(listener), target, { method });
        expect(await ask(behind(fromNode(listener)), target, { method })).toBe(native);
      }
    }
  });
});

describe("over HTTP/2", () => {
  test("a listener has a synthetic pair, and Express works on it [X7 A15]", async () => {
    const app = express();
    app.use(express.json());
    app.post("/made/:id", (req, res) => {
      res.status(201).json([req.httpVersion, req.hostname, req.params, req.body, isNative(req)]);
    });
    const port = await listening(http2.createServer(toNode(fromNode(app), OPTIONS)));
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/made/7",
      ":authority": "h2.test",
      "content-type": "application/json",
    });
    stream.write('{"a":');
    stream.end("1}");
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    session.close();
    expect(headers[":status"]).toBe(201);
    expect(headers["x-powered-by"]).toBe("Express");
    expect(JSON.parse(text)).toEqual(["1.1", "h2.test", { id: "7" }, { a: 1 }, false]);
  });
});

/** A middleware with the door that changes the scope. */
function changed(changes: object): (app: AsgiApp) => AsgiApp {
  return (app) => {
    const outer: AsgiApp = (scope, receive, send) => app(deriveScope(scope, changes), receive, send);
    outer[SERVE] = (scope, transport) => serve(app, deriveScope(scope, changes), transport);
    return outer;
  };
}
