// What goes wrong elsewhere: requests that get mixed up, a client that stalls or goes away, errors that tell too much.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Hono } from "hono";
import { describe, expect, onTestFinished, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import { textApp } from "./fixtures/apps.ts";
import { GLOBALS, ask, listen, listenOwn } from "./fixtures/servers.ts";
import { fromHono } from "./from-hono.ts";
import { toHono } from "./to-hono.ts";

/** The ways a portable app is served by Hono on Node, and a Hono app by us. */
const WAYS: [way: string, serve: (app: AsgiApp) => Promise<number>][] = GLOBALS.flatMap((globals) => [
  [`alone, with ${globals}`, (app: AsgiApp) => listen(new Hono().all("*", toHono(app)), globals)],
  [
    `behind a middleware, with ${globals}`,
    (app: AsgiApp) => listen(new Hono().use(async (_c, next) => next()).all("*", toHono(app)), globals),
  ],
]);

function open(port: number, head: string): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  socket.write(`${head}\r\nHost: a.example\r\n\r\n`);
  onTestFinished(() => void socket.destroy());
  return socket;
}

describe.each(WAYS)("%s:", (_way, serve) => {
  test("requests at once on one route keep their own scope, context and response [A2 S27]", async () => {
    let arrived = 0;
    let release = (): void => {};
    const all = new Promise<void>((resolve) => (release = resolve));
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      if ((arrived += 1) === 10) release();
      await all;
      const { context } = scope.extensions["tsgi.hono"] as {
        context: { req: { query(name: string): string } };
      };
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      await send({ type: "http.response.body", body: `${scope.query_string} ${context.req.query("n")}` });
    };
    const port = await serve(app);
    const bodies = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => (await ask(port, { path: `/?n=${n}` })).body),
    );
    expect(bodies).toEqual(Array.from({ length: 10 }, (_, n) => `n=${n} ${n}`));
  });

  test("a client that goes away is told of once: by receive() and by the signal [A30 A34 X23]", async () => {
    const told: string[] = [];
    let started = (): void => {};
    const running = new Promise<void>((resolve) => (started = resolve));
    let ended = (): void => {};
    const over = new Promise<void>((resolve) => (ended = resolve));
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      scope.signal.addEventListener("abort", () => told.push("signal"));
      await receive();
      await send({ type: "http.response.start", status: 200, headers: [] });
      await send({ type: "http.response.body", body: "begun", more_body: true });
      started();
      told.push((await receive()).type);
      ended();
    };
    const socket = open(await serve(app), "GET / HTTP/1.1");
    await running;
    await once(socket, "data");
    socket.resetAndDestroy();
    await over;
    expect(told.toSorted()).toEqual(["http.disconnect", "signal"]);
  });

  test("a client that stalls holds the app back, however much it would send [A7 S10 X22]", async () => {
    const PIECE = new Uint8Array(64 * 1024);
    let sent = 0;
    let waiting: Promise<void> = Promise.resolve();
    let gone = (): void => {};
    const over = new Promise<void>((resolve) => (gone = resolve));
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      await send({ type: "http.response.start", status: 200, headers: [] });
      try {
        for (;;) {
          waiting = send({ type: "http.response.body", body: PIECE, more_body: true });
          await waiting;
          sent += PIECE.length;
        }
      } catch {
        gone();
      }
    };
    const socket = open(await serve(app), "GET / HTTP/1.1");
    await once(socket, "readable");
    // Others are served meanwhile, and nothing more is taken once the buffers of the connection are full.
    const port = await serve(textApp(() => "served"));
    for (let before = -1, same = 0; same < 20;) {
      expect((await ask(port)).body).toBe("served");
      same = sent === before ? same + 1 : 0;
      before = sent;
    }
    expect(sent).toBeLessThan(16 * 1024 * 1024);
    socket.resetAndDestroy();
    await over;
  });

  test("an error of the app tells the client nothing; the log has it [S20 S18 A45]", async () => {
    const { error: print } = console;
    const { write } = process.stderr;
    const logged: string[] = [];
    console.error = (line: unknown): void => void logged.push(String(line));
    process.stderr.write = (line: unknown): boolean => logged.push(String(line)) > 0;
    onTestFinished(() => {
      console.error = print;
      process.stderr.write = write;
    });
    const { status, body, fields } = await ask(
      await serve(async () => {
        throw new Error("secret of the app");
      }),
    );
    expect([status, body, JSON.stringify(fields).includes("secret")]).toEqual([
      500,
      "Internal Server Error",
      false,
    ]);
    expect(logged.join("").split("secret of the app").length).toBeGreaterThan(1);
  });

  test("a response that fails on its way ends the connection, and never looks whole [A45 X23]", async () => {
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      await send({ type: "http.response.start", status: 200, headers: [] });
      await send({ type: "http.response.body", body: "half", more_body: true });
      throw new Error("secret of the app");
    };
    const { error: print } = console;
    const { write } = process.stderr;
    console.error = (): void => {};
    process.stderr.write = (): boolean => true;
    onTestFinished(() => {
      console.error = print;
      process.stderr.write = write;
    });
    const socket = open(await serve(app), "GET / HTTP/1.1");
    let text = "";
    socket.on("data", (piece: Buffer) => (text += piece.toString()));
    await once(socket, "close");
    expect([text.includes("\r\n0\r\n"), text.includes("secret"), /content-length/i.test(text)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test.each(["good.com@evil.com", "good.com/..", "a b"])(
    "the Host %s never reaches the app [S7]",
    async (host) => {
      let calls = 0;
      const port = await serve(textApp(() => String((calls += 1))));
      const { status } = await ask(port, { headers: { host } });
      expect([status, calls]).toEqual([400, 0]);
    },
  );

  test("an encoded slash, a double encoding and an encoded dot are the app's to see [X2 X4]", async () => {
    const port = await serve(textApp(({ path, raw_path }) => JSON.stringify([path, raw_path])));
    for (const path of ["/a%2Fb", "/a%252Fb", "/a%2Eb"]) {
      expect(JSON.parse((await ask(port, { path })).body)).toEqual([decodeURIComponent(path), path]);
    }
  });

  test.each(["TRACE", "SEARCH", "M-SEARCH"])("the method %s is the app's to answer [X1]", async (method) => {
    const port = await serve(textApp((scope) => scope.method));
    expect((await ask(port, { method })).body).toBe(method);
  });
});

describe("a Hono app that we serve:", () => {
  test("a client that goes away aborts the request's signal, once, and cancels the stream [A34 X23]", async () => {
    const told: string[] = [];
    let cancelled = (): void => {};
    const over = new Promise<void>((resolve) => (cancelled = resolve));
    const hono = new Hono().get("/", (c) => {
      c.req.raw.signal.addEventListener("abort", () => told.push("signal"));
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("begun")),
        cancel: () => {
          told.push("cancel");
          cancelled();
        },
      });
      return c.body(body);
    });
    const socket = open(await listenOwn(fromHono(hono)), "GET / HTTP/1.1");
    await once(socket, "data");
    socket.resetAndDestroy();
    await over;
    expect(told.toSorted()).toEqual(["cancel", "signal"]);
  });

  test("a client that stalls holds the stream back [A7 S10]", async () => {
    let pulled = 0;
    let cancelled = (): void => {};
    const over = new Promise<void>((resolve) => (cancelled = resolve));
    const hono = new Hono().get("/", (c) =>
      c.body(
        new ReadableStream({
          pull: (controller) => {
            controller.enqueue(new Uint8Array(64 * 1024));
            pulled += 64 * 1024;
          },
          cancel: () => cancelled(),
        }),
      ),
    );
    const socket = open(await listenOwn(fromHono(hono)), "GET / HTTP/1.1");
    await once(socket, "readable");
    const port = await listenOwn(textApp(() => "served"));
    for (let before = -1, same = 0; same < 20;) {
      expect((await ask(port)).body).toBe("served");
      same = pulled === before ? same + 1 : 0;
      before = pulled;
    }
    expect(pulled).toBeLessThan(16 * 1024 * 1024);
    socket.resetAndDestroy();
    await over;
  });

  test("a path with dot segments is refused, unless the option says otherwise [X2]", async () => {
    const hono = new Hono().all("*", (c) => c.text(c.req.path));
    const [refusing, collapsing] = [
      await listenOwn(fromHono(hono)),
      await listenOwn(fromHono(hono, { dotSegments: "collapse" })),
    ];
    expect((await ask(refusing, { path: "/a/../b" })).status).toBe(400);
    expect((await ask(collapsing, { path: "/a/../b" })).body).toBe("/b");
  });
});
