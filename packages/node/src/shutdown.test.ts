import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { request, Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AsgiApp, HttpScope, LifespanScope, Receive, Send } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { rawClient, rawExchange, rawTlsClient, statuses } from "./fixtures/raw-client.ts";
import { CA, SERVER } from "./fixtures/certificates.ts";
import { gate, pathApp, start } from "./fixtures/running.ts";
import { serveNode } from "./serve.ts";

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const LONG = 60_000;

type HttpApp = (scope: HttpScope, receive: Receive, send: Send) => Promise<void>;

/** An app with a lifespan, whose steps go into a diary. */
function diaryApp(
  diary: string[],
  http: HttpApp,
  shutdown: (scope: LifespanScope) => Promise<void> = () => Promise.resolve(),
): AsgiApp {
  return async (scope, receive, send) => {
    if (scope.type === "http") return http(scope, receive, send);
    if (scope.type !== "lifespan") return;
    await receive();
    diary.push("startup");
    await send({ type: "lifespan.startup.complete" });
    await receive();
    diary.push("lifespan shutdown");
    await shutdown(scope);
    await send({ type: "lifespan.shutdown.complete" });
  };
}

const answer = async (send: Send, body: string): Promise<void> => {
  await send({ type: "http.response.start", status: 200 });
  await send({ type: "http.response.body", body });
};

async function refusedAt(port: number): Promise<string> {
  return rawClient(port).then(
    () => "accepted",
    (error: unknown) => (error as NodeJS.ErrnoException).code ?? "",
  );
}

describe("the order of a shutdown", () => {
  test("listening ends, requests finish, then the lifespan, then all is closed [A82 A83]", async () => {
    const diary: string[] = [];
    const begun = gate();
    const finish = gate();
    const app = diaryApp(diary, async (_scope, _receive, send) => {
      begun.open();
      await finish.passed;
      diary.push("request finishes");
      await answer(send, "whole");
    });
    const { server, port } = await start(app, { shutdownTimeout: LONG });
    void server.closed.then(() => diary.push("closed"));
    const client = await rawClient(port);
    client.send(GET("/slow"));
    await begun.passed;
    const closing = server.close();
    diary.push(`new connection: ${await refusedAt(port)}`);
    finish.open();
    const received = await client.ended;
    expect(received).toMatch(/Connection: close\r\n.*whole$/s);
    expect(await closing).toEqual({ clean: true, cut: 0, error: null });
    await server.closed;
    expect(diary).toEqual([
      "startup",
      "new connection: ECONNREFUSED",
      "request finishes",
      "lifespan shutdown",
      "closed",
    ]);
  });

  test("an app that works on after its response is waited for [A82]", async () => {
    const diary: string[] = [];
    const answered = gate();
    const finish = gate();
    const app = diaryApp(diary, async (_scope, _receive, send) => {
      await answer(send, "early");
      answered.open();
      await finish.passed;
      diary.push("app returns");
    });
    const { server, port } = await start(app, { shutdownTimeout: LONG });
    const client = await rawClient(port);
    await client.send(GET("/")).until("early");
    await answered.passed;
    const closing = server.close();
    await client.ended;
    finish.open();
    await closing;
    expect(diary).toEqual(["startup", "app returns", "lifespan shutdown"]);
  });

  test("a response that has begun as one of a kept connection ends with the connection [A82]", async () => {
    const begun = gate();
    const finish = gate();
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") return;
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: "one", more_body: true });
      begun.open();
      await finish.passed;
      await send({ type: "http.response.body", body: "two" });
    };
    const { server, port } = await start(app, { shutdownTimeout: LONG });
    const client = await rawClient(port);
    await client.send(GET("/")).until("one");
    await begun.passed;
    const closing = server.close();
    finish.open();
    expect(await client.ended).toMatch(/two\r\n0\r\n\r\n$/);
    expect(await closing).toMatchObject({ clean: true });
  });

  test("connections that wait for a request, or bring none, are closed [A82]", async () => {
    const { server, port } = await start(pathApp().app, { shutdownTimeout: LONG });
    const kept = await rawClient(port);
    await kept.send(GET("/")).until("\r\n\r\n/");
    const fresh = await rawClient(port);
    // The server has seen it: it has answered one that came later.
    await rawExchange(port, "GET / HTTP/1.0\r\n\r\n");
    await server.close();
    expect(statuses(await kept.ended)).toEqual([200]);
    expect(await fresh.ended).toBe("");
  });

  test("a request whose head is on its way is served, as the last of its connection [A82]", async () => {
    const { app, seen } = pathApp();
    const { server, port } = await start(app, { shutdownTimeout: LONG });
    const client = await rawClient(port);
    client.send("GET /half HTTP/1.1\r\n");
    await rawExchange(port, "GET / HTTP/1.0\r\n\r\n");
    const closing = server.close();
    client.send("Host: a\r\n\r\n");
    expect(await client.ended).toMatch(/Connection: close\r\n.*\/half$/s);
    expect(await closing).toMatchObject({ clean: true });
    expect(seen).toEqual(["GET /", "GET /half"]);
  });

  test("what is not finished in time is cut: disconnect, an aborted signal, and then the lifespan [A82 A83]", async () => {
    const diary: string[] = [];
    const begun = gate();
    const app = diaryApp(diary, async (scope, receive) => {
      scope.signal.addEventListener("abort", () => diary.push("signal"));
      await receive();
      begun.open();
      const { type } = await receive();
      diary.push(type);
    });
    const { server, port, logged } = await start(app, { shutdownTimeout: 20 });
    const client = await rawClient(port);
    client.send(GET("/"));
    await begun.passed;
    expect(await server.close()).toEqual({ clean: false, cut: 1, error: null });
    expect(await client.ended).toBe("");
    expect(diary).toEqual(["startup", "signal", "http.disconnect", "lifespan shutdown"]);
    expect(logged).toEqual([
      "warn: The grace period of 20 ms is over: cutting 1 connections with a request, and 1 apps at work",
    ]);
  });

  test("an app that does not let go is left behind [A82]", async () => {
    const diary: string[] = [];
    const begun = gate();
    const never = gate();
    const app = diaryApp(diary, async () => {
      begun.open();
      await never.passed;
    });
    const { server, port, logged } = await start(app);
    (await rawClient(port)).send(GET("/"));
    await begun.passed;
    expect(await server.close()).toMatchObject({ clean: false });
    expect(diary).toEqual(["startup", "lifespan shutdown"]);
    expect(logged[1]).toBe("warn: 1 apps have not returned: the lifespan is shut down without them");
    never.open();
  });

  test("a lifespan that cannot be put away is logged and told, and the server ends all the same [A82]", async () => {
    const app = diaryApp(
      [],
      (_scope, _receive, send) => answer(send, ""),
      () => Promise.reject(new Error("disk full")),
    );
    const { server, logged } = await start(app);
    const ended = await server.close();
    expect(ended).toMatchObject({ clean: false, error: { code: "TSGI_ERR_LIFESPAN" } });
    expect(logged).toEqual(["error: The lifespan's shutdown failed"]);
  });

  test("a lifespan's shutdown has a time limit of its own [A82]", async () => {
    const app = diaryApp(
      [],
      (_scope, _receive, send) => answer(send, ""),
      () => new Promise(() => {}),
    );
    const { server } = await start(app, { lifespanShutdownTimeout: 20 });
    expect(await server.close()).toMatchObject({ error: { code: "TSGI_ERR_LIFESPAN_TIMEOUT" } });
  });

  test("closing twice is closing once", async () => {
    const { server } = await start(pathApp().app);
    expect(server.close()).toBe(server.close());
    await server.close();
  });

  test("a server is disposed of by closing it", async () => {
    const server = await serveNode(pathApp().app, { port: 0 });
    await server[Symbol.asyncDispose]();
    expect(await refusedAt(server.address?.[1] as number)).toBe("ECONNREFUSED");
    expect(await server.closed).toMatchObject({ clean: true });
  });

  test.skipIf(process.platform === "win32")(
    "a socket file is gone, and one that took its place stays [S29]",
    async () => {
      const directory = mkdtempSync(join(tmpdir(), "tsgi-"));
      const path = join(directory, "app.sock");
      const first = await serveNode(pathApp().app, { path });
      rmSync(path);
      const second = await serveNode(pathApp().app, { path });
      await first.close();
      expect(statuses(await rawExchange(path, "GET / HTTP/1.0\r\n\r\n"))).toEqual([200]);
      await second.close();
      expect(existsSync(path)).toBe(false);
      rmSync(directory, { recursive: true });
    },
  );

  test("a connection that was made before and brings its first request now is served [A82]", async () => {
    const { app, seen } = pathApp();
    const { server, port } = await start(app, { shutdownTimeout: LONG });
    const client = await rawClient(port);
    await rawExchange(port, "GET / HTTP/1.0\r\n\r\n");
    const closing = server.close();
    client.send(GET("/first"));
    expect(await client.ended).toMatch(/Connection: close\r\n.*\/first$/s);
    expect(await closing).toMatchObject({ clean: true });
    expect(seen).toEqual(["GET /", "GET /first"]);
  });

  test("a client library sees no error while its server is replaced [A82]", async () => {
    const { server, port } = await start(pathApp().app, { shutdownTimeout: LONG });
    const agent = new Agent({ keepAlive: true });
    const get = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = request({ port, host: "127.0.0.1", agent, path: "/" }, (response) => {
          response.resume().on("end", () => resolve(response.statusCode ?? 0));
        });
        sent.on("error", reject).end();
      });
    const inFlight = [get(), get(), get()];
    await Promise.race(inFlight);
    const closing = server.close();
    expect(await Promise.all(inFlight)).toEqual([200, 200, 200]);
    expect(await closing).toMatchObject({ clean: true });
    agent.destroy();
  });
});

describe("with TLS", () => {
  test("idle and fresh connections are closed, and a request is finished [A82]", async () => {
    const begun = gate();
    const finish = gate();
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") return;
      if (scope.path === "/slow") {
        begun.open();
        await finish.passed;
      }
      await answer(send, scope.path);
    };
    const { server, port } = await start(app, { tls: SERVER, shutdownTimeout: LONG });
    const fresh = await rawTlsClient(port, { ca: CA });
    const kept = await rawTlsClient(port, { ca: CA });
    await kept.send(GET("/kept")).until("/kept");
    const slow = await rawTlsClient(port, { ca: CA });
    slow.send(GET("/slow"));
    await begun.passed;
    const closing = server.close();
    await Promise.all([fresh.ended, kept.ended]);
    finish.open();
    expect(await slow.ended).toMatch(/Connection: close\r\n.*\/slow$/s);
    expect(await closing).toEqual({ clean: true, cut: 0, error: null });
  });

  test("a handshake that is not finished is cut, and no loss [A82 S9]", async () => {
    const { server, port } = await start(pathApp().app, { tls: SERVER, shutdownTimeout: 20 });
    const client = await rawClient(port);
    client.send("\x16\x03\x01");
    const accepted = await rawTlsClient(port, { ca: CA });
    expect(await server.close()).toMatchObject({ clean: true });
    await Promise.all([client.ended, accepted.ended]);
  });
});
