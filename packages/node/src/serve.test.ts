import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AsgiApp } from "@tsgi/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { gate, pathApp, scopeApp, start } from "./fixtures/running.ts";
import type { ServeOptions } from "./serve-options.ts";
import { serveNode } from "./serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

async function failure(
  app: AsgiApp,
  options: ServeOptions = {},
): Promise<{ error: unknown; logged: string[] }> {
  const logged: string[] = [];
  const log = (level: string, message: string): unknown => logged.push(`${level}: ${message}`);
  const error: unknown = await serveNode(app, { port: 0, log, ...options }).then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, logged };
}

describe("startup", () => {
  test("nothing is listened on until the app is ready [A79]", async () => {
    // A port nobody listens on, to be asked before and after.
    const finder = createServer().listen(0, "127.0.0.1");
    await once(finder, "listening");
    const { port } = finder.address() as AddressInfo;
    finder.close();
    await once(finder, "close");
    const asked = gate();
    const ready = gate();
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type !== "lifespan") return pathApp().app(scope, receive, send);
      await receive();
      asked.open();
      await ready.passed;
      await send({ type: "lifespan.startup.complete" });
      await receive();
      await send({ type: "lifespan.shutdown.complete" });
    };
    const starting = start(app, { port });
    await asked.passed;
    await expect(rawClient(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    ready.open();
    await starting;
    expect(statuses(await rawExchange(port, GET))).toEqual([200]);
  });

  test("an app that says it failed is quoted word for word, and nothing listens [A80]", async () => {
    const app: AsgiApp = async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.failed", message: "no database at db:5432" });
    };
    const { error, logged } = await failure(app);
    expect(error).toMatchObject({ code: "TSGI_ERR_LIFESPAN", message: "no database at db:5432" });
    expect(logged).toEqual(["error: no database at db:5432"]);
  });

  test("an app that throws does not start; one that says it has no lifespan does [A81]", async () => {
    const broken: AsgiApp = () => Promise.reject(new TypeError("typo"));
    expect((await failure(broken)).error).toMatchObject({
      code: "TSGI_ERR_LIFESPAN",
      cause: { message: "typo" },
    });
    const { app } = scopeApp();
    const { port, logged } = await start(app);
    expect(statuses(await rawExchange(port, GET))).toEqual([200]);
    expect(logged).toEqual([]);
  });

  test("lifespan: on makes an app without one fail, off never asks [A81]", async () => {
    const { app } = scopeApp();
    expect((await failure(app, { lifespan: "on" })).error).toMatchObject({ code: "TSGI_ERR_LIFESPAN" });
    const types: string[] = [];
    const { port } = await start(
      async (scope, receive, send) => {
        types.push(scope.type);
        await app(scope, receive, send);
      },
      { lifespan: "off" },
    );
    await rawExchange(port, GET);
    expect(types).toEqual(["http"]);
  });

  test("a startup that hangs fails by name when its time is over [A87]", async () => {
    const app: AsgiApp = () => new Promise(() => {});
    const { error, logged } = await failure(app, { lifespanStartupTimeout: 20 });
    expect(error).toMatchObject({ code: "TSGI_ERR_LIFESPAN_TIMEOUT" });
    expect(logged).toEqual(["error: The app's lifespan startup took over 20 ms"]);
  });

  test("options are looked at before the app is [A79]", async () => {
    let called = false;
    const app: AsgiApp = () => {
      called = true;
    };
    for (const options of [
      { maxHeaderSize: -1 },
      { shutdownTimeout: -1 },
      { http2: true },
      { tls: { key: "none", cert: "none" } },
      { hostname: "::" } as object,
    ] as const) {
      expect((await failure(app, options)).error).toMatchObject({ code: "TSGI_ERR_OPTION" });
    }
    expect(called).toBe(false);
  });

  test("if the address cannot be had, the app is put away again [A82]", async () => {
    const { server } = await start(pathApp().app);
    const diary: string[] = [];
    const app: AsgiApp = async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.complete" });
      diary.push((await receive()).type);
      await send({ type: "lifespan.shutdown.complete" });
    };
    const { error } = await failure(app, { port: server.address?.[1] as number });
    expect(error).toMatchObject({ code: "TSGI_ERR_LISTEN" });
    expect(diary).toEqual(["lifespan.shutdown"]);
  });
});

describe("state", () => {
  test("what startup leaves, every request gets a shallow copy of [A24 A86]", async () => {
    const { app, scopes } = scopeApp(({ state }) => {
      state["db"] = { queries: 0 };
    });
    const { port } = await start(app);
    await rawExchange(port, GET);
    const first = scopes[0]?.state ?? {};
    first["mine"] = 1;
    (first["db"] as { queries: number }).queries += 1;
    await rawExchange(port, GET);
    expect(scopes[1]?.state).toEqual({ db: { queries: 1 } });
    expect(scopes[1]?.state?.["db"]).toBe(first["db"]);
  });

  test("without a lifespan there is none [A24]", async () => {
    const { app, scopes } = scopeApp();
    const { port } = await start(app);
    await rawExchange(port, GET);
    expect(scopes[0]?.state).toBeNull();
  });
});

describe("the address", () => {
  test.each([
    ["127.0.0.1", /^http:\/\/127\.0\.0\.1:\d+$/],
    ["0.0.0.0", /^http:\/\/localhost:\d+$/],
  ])("of %s is a URL one can open", async (host, url) => {
    const { server, port } = await start(pathApp().app, { host });
    expect(server.url).toMatch(url);
    expect(server.address).toEqual([host, port]);
    expect(statuses(await rawExchange(port, GET))).toEqual([200]);
  });

  test("the scope tells both ends of the connection [A23 X11 X12]", async () => {
    const { app, scopes } = scopeApp();
    const { port } = await start(app);
    const client = await rawClient(port);
    const { localPort } = client.socket;
    await client.send(GET).ended;
    expect(scopes[0]).toMatchObject({ server: ["127.0.0.1", port], client: ["127.0.0.1", localPort] });
  });

  describe.skipIf(process.platform === "win32")("of a unix socket", () => {
    let directory = "";
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), "tsgi-"));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    test.each(["http/1.1", "h2c"])(
      "is its path, and the client has none, with %s [A23 X11]",
      async (protocol) => {
        const path = join(directory, "app.sock");
        const { app, scopes } = scopeApp();
        const { server } = await start(app, { path, http2: protocol === "h2c" ? "h2c" : false });
        if (protocol === "h2c") {
          const session = connectHttp2("http://localhost", { path });
          const stream = session.request({ ":path": "/" });
          stream.resume();
          await once(stream, "end");
          session.close();
        } else {
          expect(statuses(await rawExchange(path, GET))).toEqual([200]);
        }
        expect(scopes[0]).toMatchObject({ server: [path, null], client: null });
        expect(server.url).toBe(`unix:${path}`);
        expect(server.address).toEqual([path, null]);
        await server.close();
      },
    );
  });
});

describe("names", () => {
  test("a request for a host that is not served here is misdirected [S7]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { serverNames: ["a"] });
    expect(statuses(await rawExchange(port, GET))).toEqual([200]);
    expect(statuses(await rawExchange(port, GET.replace("Host: a", "Host: b")))).toEqual([421]);
    expect(seen).toHaveLength(1);
  });
});

test("a listener of a server of somebody else's checks requests too [S5 S7 S8]", async () => {
  const { toNode } = await import("./to-node.ts");
  const { app, seen } = pathApp();
  const server = createServer(toNode(app, { maxUrlLength: 10 })).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(statuses(await rawExchange(port, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))).toEqual([400]);
  expect(statuses(await rawExchange(port, `GET /${"p".repeat(10)} HTTP/1.1\r\nHost: a\r\n\r\n`))).toEqual([
    414,
  ]);
  expect(statuses(await rawExchange(port, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"))).toEqual([505]);
  expect(seen).toEqual([]);
  server.close();
});

test("an app on HTTP/2 and one on HTTP/1 are one app [A15]", async () => {
  const { toNode } = await import("./to-node.ts");
  const { app, scopes } = scopeApp();
  const listener = toNode(app);
  const servers = [createServer(listener), createHttp2(listener)];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const [one, two] = servers.map((server) => (server.address() as AddressInfo).port);
  await new Promise((resolve) =>
    httpRequest({ port: one, host: "127.0.0.1", agent: false }, (response) =>
      response.resume().on("end", resolve),
    ).end(),
  );
  const session = connectHttp2(`http://127.0.0.1:${two}`);
  await once(session.request({ ":path": "/" }).resume(), "end");
  session.close();
  for (const server of servers) server.close();
  expect(scopes.map(({ http_version }) => http_version)).toEqual(["1.1", "2"]);
});
