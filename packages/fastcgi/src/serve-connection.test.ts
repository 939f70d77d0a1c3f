// How connections are kept, aborted, half-closed and closed.
// Source: FastCGI 1.0 §3.5, §5.1, §5.4, §7; requirements F22, F51 to F58, F64.

import { once } from "node:events";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AsgiApp, HttpScope } from "@tsgi/core";
import { END_REQUEST, OVERLOADED, PARAMS, STDIN, STDOUT } from "./constants.ts";
import {
  GET,
  POST,
  abort,
  begin,
  clientOf,
  connectTo,
  gate,
  gates,
  getOf,
  keptLog,
  params,
  request,
  serveForTest,
  stdin,
  textAnswer,
  textApp,
  type RawClient,
} from "./raw-client.test-support.ts";
import { joinBytes, rawRecord } from "./record.test-support.ts";
import type { FastCgiServer } from "./serve-fastcgi.ts";

const hello = textApp(() => "hello");

/** An app that waits until its client is gone, and then tells how it learned of it. */
function waiter(): { app: AsgiApp; began: Promise<void>; seen: Promise<unknown> } {
  const [began, over] = [gate(), gate()];
  let seen: unknown;
  const app: AsgiApp = async (scope, receive) => {
    const { signal } = scope as HttpScope;
    const aborted = once(signal, "abort");
    began.open();
    let event = await receive();
    while (event.type !== "http.disconnect") event = await receive();
    await aborted;
    seen = [event.type, (signal.reason as Error).name];
    over.open();
  };
  return { app, began: began.promise, seen: over.promise.then(() => seen) };
}

const GONE = ["http.disconnect", "ClientDisconnected"];

describe("a connection that is not to be kept", () => {
  test("is closed after END_REQUEST, all of the response having arrived [F51]", async () => {
    const body = "x".repeat(3_000_000);
    const client = await clientOf(textApp(() => body));
    client.send(request(GET, 1, "", 0));
    expect((await client.answer()).stdout.length).toBe(textAnswer(body).length);
    await client.ended;
    expect(client.torn).toBe(false);
  });

  test("is read on for a while, so that no reset destroys the response [F51]", async () => {
    const client = await clientOf(textApp(() => "x".repeat(500_000)));
    let reset = false;
    client.socket.on("error", () => {
      reset = true;
    });
    client.send(begin(1, 0), params({ ...POST, CONTENT_LENGTH: "200000" }));
    for (let i = 0; i < 20; i += 1) client.send(stdin("x".repeat(10_000)));
    expect((await client.answer()).stdout.length).toBeGreaterThan(500_000);
    await client.ended;
    client.socket.end();
    await once(client.socket, "close");
    expect(reset).toBe(false);
  });

  test("takes the answer to a web server that hears none before it has sent 32 MiB nobody read [F51 A49]", async () => {
    const client = await clientOf(hello, { lingerTimeout: 60_000 });
    client.socket.pause();
    client.send(begin(1, 0), params({ ...POST, CONTENT_LENGTH: String(32 * 1024 * 1024) }));
    const piece = stdin("x".repeat(32 * 1024));
    for (let i = 0; i < 1024; i += 1) {
      await new Promise<void>((resolve, reject) => {
        client.socket.write(piece, (error) => (error == null ? resolve() : reject(error)));
      });
    }
    client.socket.resume();
    expect((await client.answer()).stdout).toContain("hello");
    await client.ended;
  });

  test("is closed for good when the web server sends on and on [F51]", async () => {
    const client = await clientOf(hello, { maxDiscard: 10_000, lingerTimeout: 0 });
    client.send(request(GET, 1, "", 0));
    await client.ended;
    const closed = new Promise((resolve) => client.socket.on("close", resolve));
    client.socket.on("error", () => {});
    const flood = (error?: Error | null): void => {
      if ((error ?? null) === null) client.socket.write(stdin("x".repeat(5_000)), flood);
    };
    flood();
    await closed;
  });

  test("is closed for good when the web server keeps its end open [F51]", async () => {
    const server = await serveForTest(hello, { lingerTimeout: 20 });
    const accepted = once(server.server as NonNullable<typeof server.server>, "connection");
    const client = await connectTo(server);
    const [socket] = (await accepted) as [Socket];
    const closed = once(socket, "close");
    client.send(request(GET, 1, "", 0));
    await client.ended;
    await closed;
  });

  test("is closed after the last of its requests, not after the first [F52]", async () => {
    const { app, open } = gates();
    const client = await clientOf(app);
    client.send(
      request(getOf("/1"), 1, "", 1),
      request(getOf("/2"), 2, "", 0),
      request(getOf("/3"), 3, "", 1),
    );
    await open("/2");
    expect((await client.answer(2)).stdout).toBe(textAnswer("/2"));
    await open("/1");
    expect((await client.answer(1)).stdout).toBe(textAnswer("/1"));
    await open("/3");
    expect((await client.answer(3)).stdout).toBe(textAnswer("/3"));
    await client.ended;
  });

  test("stays open as long as such a request is at work, if others are over [F52 F53]", async () => {
    const { app, open } = gates();
    const client = await clientOf(app);
    client.send(request(getOf("/1"), 1, "", 0), request(getOf("/2"), 2, "", 1));
    await open("/2");
    await client.answer(2);
    client.send(request(getOf("/3"), 2, "", 1));
    await open("/3");
    await client.answer(2, 3);
    await open("/1");
    await client.answer(1);
    await client.ended;
  });
});

describe("a kept connection", () => {
  test("serves one request after another with the same id [F53]", async () => {
    const client = await clientOf(textApp((scope) => (scope as HttpScope).path));
    for (let i = 0; i < 50; i += 1) {
      client.send(request(getOf(`/${i}`)));
      expect((await client.answer(1, 3 * i)).stdout).toBe(textAnswer(`/${i}`));
    }
  });

  test("serves requests of one id that were all sent at once, in order [F54]", async () => {
    const { app, open } = gates();
    const client = await clientOf(app);
    const third = { ...POST, PATH_INFO: "/3", REQUEST_URI: "/3" };
    client.send(request(getOf("/1")), request(getOf("/2")), request(third, 1, "body"), request(getOf("/4")));
    for (const [i, path] of ["/1", "/2", "/3", "/4"].entries()) {
      await open(path);
      expect((await client.answer(1, 3 * i)).stdout).toBe(textAnswer(path));
    }
  });

  test("serves what waits behind a request that was refused, aborted or cut [F54]", async () => {
    const { app, open } = gates();
    const client = await clientOf(app);
    const refused = { ...POST, CONTENT_LENGTH: "no" };
    client.send(request(refused), request(getOf("/2")), abort(), request(getOf("/3")));
    await open("/2");
    await open("/3");
    expect((await client.answer(1, 0)).stdout).toMatch(/^Status: 400 /);
    await client.until(() => client.records.filter(({ type }) => type === END_REQUEST).length === 3);
    expect(client.records.at(-3)?.content).toBe(textAnswer("/3"));
  });

  test("may be without a request for ever, if nothing else is said; else so long [F58]", async () => {
    const client = await clientOf(hello, { keepAliveTimeout: 200 });
    client.send(request());
    await client.answer();
    await client.ended;
  });

  test("is not idle while a request is at work [F58]", async () => {
    const { app, open, reached } = gates();
    const server = await serveForTest(app, { keepAliveTimeout: 200 });
    const busy = await connectTo(server);
    busy.send(request(getOf("/1")));
    await reached("/1");
    const idle = await connectTo(server);
    await idle.ended;
    await open("/1");
    expect((await busy.answer()).stdout).toBe(textAnswer("/1"));
    await busy.ended;
  });
});

const HOW = ["tcp", "unix"] as const;

/** A server on TCP or a unix socket. */
async function serverBy(how: (typeof HOW)[number], app: AsgiApp): Promise<FastCgiServer> {
  if (how === "tcp") return serveForTest(app);
  const folder = mkdtempSync(join(tmpdir(), "tsgi-fastcgi-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return serveForTest(app, { path: join(folder, "app.sock") });
}

async function clientBy(how: (typeof HOW)[number], app: AsgiApp): Promise<RawClient> {
  return connectTo(await serverBy(how, app));
}

describe.each(HOW)("a web server over %s", (how) => {
  test("that closes its connection while apps wait is a disconnect for all of them [F55]", async () => {
    const [one, two] = [waiter(), waiter()];
    const client = await clientBy(how, (scope, receive, send) =>
      ((scope as HttpScope).path === "/1" ? one : two).app(scope, receive, send),
    );
    client.send(
      request(getOf("/1"), 1),
      begin(2),
      params({ ...POST, CONTENT_LENGTH: "5" }, 2),
      stdin("x", 2),
    );
    await one.began;
    await two.began;
    client.socket.destroy();
    expect([await one.seen, await two.seen]).toEqual([GONE, GONE]);
  });

  test("that is gone has nothing begun that waited behind what was at work [F54 F55]", async () => {
    const { app, began, seen } = waiter();
    let calls = 0;
    const client = await clientBy(how, (scope, receive, send) => {
      calls += 1;
      return app(scope, receive, send);
    });
    client.send(request(getOf("/1")), request(getOf("/2")), request(getOf("/3")));
    await began;
    client.socket.destroy();
    expect([await seen, calls]).toEqual([GONE, 1]);
  });

  test("that has sent its last is answered all the same [F57]", async () => {
    const { app, open, reached } = gates();
    const server = await serverBy(how, app);
    const asked = gate();
    server.server?.once("connection", (socket: Socket) => {
      const { write } = socket;
      // It is asked twice whether it is still there: by an octet, and by nothing.
      socket.write = ((...args: Parameters<Socket["write"]>) => {
        if (args[0] === "") asked.open();
        return Reflect.apply(write, socket, args);
      }) as Socket["write"];
    });
    const client = await connectTo(server);
    client.send(request(getOf("/1"), 1), request(getOf("/2"), 2));
    client.socket.end();
    await reached("/2");
    await asked.promise;
    await open("/2");
    expect((await client.answer(2)).records).toHaveLength(3);
    await open("/1");
    expect((await client.answer(1)).stdout).toBe(textAnswer("/1"));
    await client.ended;
    expect(client.torn).toBe(false);
  });

  test("that has sent its last in the middle of a request is gone [F55]", async () => {
    const { app, began, seen } = waiter();
    const client = await clientBy(how, app);
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }), stdin("hel"));
    await began;
    client.socket.end();
    expect(await seen).toEqual(GONE);
    await client.ended;
    expect(client.records).toEqual([]);
  });

  test("that has sent its last in the middle of PARAMS is closed, and no app called [F55]", async () => {
    let calls = 0;
    const client = await clientBy(
      how,
      textApp(() => String((calls += 1))),
    );
    client.send(begin(), rawRecord(PARAMS, 1, "\x01"));
    client.socket.end();
    await client.ended;
    expect([client.records, calls]).toEqual([[], 0]);
  });
});

describe("ABORT_REQUEST", () => {
  test("is a disconnect for the app; END_REQUEST follows once it has returned, once [F56]", async () => {
    const { app, began, seen } = waiter();
    const client = await clientOf(app);
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }), stdin("hel"));
    await began;
    client.send(abort(), abort());
    expect(await seen).toEqual(GONE);
    expect(await client.answer()).toMatchObject({ stdout: "", protocolStatus: 0 });
    client.send(abort(), stdin("lo"), request({ ...GET, REQUEST_METHOD: "BREW", SERVER_PROTOCOL: "no" }));
    expect((await client.answer(1, 2)).stdout).toMatch(/^Status: 400 /);
    expect(client.records.filter(({ type }) => type === END_REQUEST)).toHaveLength(2);
  });

  test("before the end of PARAMS ends the request at once, and no app is called [F56]", async () => {
    let calls = 0;
    const client = await clientOf(textApp(() => String((calls += 1))));
    client.send(begin(), rawRecord(PARAMS, 1, "\x01"), abort());
    expect(await client.answer()).toMatchObject({ stdout: "", appStatus: 0, protocolStatus: 0 });
    client.send(request());
    expect((await client.answer(1, 2)).stdout).toBe(textAnswer("1"));
  });

  test("in the middle of a response ends it [F56]", async () => {
    const client = await clientOf(async (_scope, receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "x/y"]] });
      await send({ type: "http.response.body", body: "begun", more_body: true });
      while ((await receive()).type !== "http.disconnect");
      await send({ type: "http.response.body", body: "more" });
    });
    client.send(request());
    await client.until(() => client.records.length === 1);
    client.send(abort());
    const { stdout, records } = await client.answer();
    expect(stdout).toMatch(/begun$/);
    expect(records.map(({ type }) => type)).toEqual([STDOUT, STDOUT, END_REQUEST]);
  });

  test("is answered after a while, if the app does not return; what it does then is for nobody [F56]", async () => {
    const [held, late] = [gate(), gate()];
    const client = await clientOf(
      async (scope, _receive, send) => {
        if ((scope as HttpScope).path !== "/held") {
          await hello(scope, _receive, send);
          return;
        }
        await held.promise;
        await send({ type: "http.response.start", status: 200 }).catch(() => {});
        late.open();
      },
      { abortTimeout: 10 },
    );
    client.send(request(getOf("/held")), abort());
    expect(await client.answer()).toMatchObject({ stdout: "", protocolStatus: 0 });
    held.open();
    await late.promise;
    client.send(request(getOf("/")));
    expect((await client.answer(1, 2)).stdout).toBe(textAnswer("hello"));
  });

  test("closes a connection that is not to be kept [F56 F51]", async () => {
    const { app, began } = waiter();
    const client = await clientOf(app);
    client.send(request(GET, 1, "", 0));
    await began;
    client.send(abort());
    await client.answer();
    await client.ended;
  });

  test("with content, or in pieces, is one all the same [F56]", async () => {
    const client = await clientOf(waiter().app);
    client.send(begin(), params());
    for (const octet of rawRecord(2, 1, "content")) client.send(Uint8Array.of(octet));
    await client.answer();
  });
});

describe("a web server that is slow", () => {
  test("with PARAMS is answered 408 in time, and the connection serves on [F22 S9]", async () => {
    const client = await clientOf(hello, { headersTimeout: 20 });
    client.send(begin(), rawRecord(PARAMS, 1, "\x01"));
    expect((await client.answer()).stdout).toMatch(/^Status: 408 Request Timeout\r\n/);
    client.send(request());
    expect((await client.answer(1, 3)).stdout).toBe(textAnswer("hello"));
  });

  test("with STDIN is answered 408 in time, and the app gets a disconnect [F22 S9]", async () => {
    const { app, seen } = waiter();
    const client = await clientOf(app, { requestTimeout: 30 });
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }), stdin("hel"));
    expect((await client.answer()).stdout).toMatch(/^Status: 408 /);
    expect(await seen).toEqual(GONE);
  });

  test("with STDIN has a response that has begun cut [F22 S9]", async () => {
    const client = await clientOf(
      async (_scope, receive, send) => {
        await send({ type: "http.response.start", status: 200, headers: [["content-length", "9"]] });
        await send({ type: "http.response.body", body: "begun", more_body: true });
        while ((await receive()).type !== "http.disconnect");
      },
      { requestTimeout: 30 },
    );
    client.send(begin(), params(POST));
    await client.ended;
    expect([client.broken, client.records.map(({ type }) => type)]).toEqual([true, [STDOUT]]);
  });

  test("to read is cut after socketTimeout, and the app told: it stands still in both directions [S9 S10 F37]", async () => {
    const gone = gate();
    const endless: AsgiApp = async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200 });
      try {
        for (;;) await send({ type: "http.response.body", body: new Uint8Array(100_000), more_body: true });
      } catch (error) {
        gone.open();
        throw error;
      }
    };
    const client = await clientOf(endless, { socketTimeout: 50 });
    client.socket.pause();
    client.send(request());
    await gone.promise;
  });

  test("is not what a slow app is [F22]", async () => {
    const { app, open } = gates();
    const server = await serveForTest(app, { headersTimeout: 10, requestTimeout: 10, keepAliveTimeout: 200 });
    const [client, clock] = [await connectTo(server), await connectTo(server)];
    client.send(request({ ...POST, PATH_INFO: "/", REQUEST_URI: "/", CONTENT_LENGTH: "3" }, 1, "abc"));
    // Closed for idleness, it has seen all three limits pass.
    await clock.ended;
    await open("/");
    expect((await client.answer()).stdout).toBe(textAnswer("/"));
  });
});

describe("a server that ends", () => {
  test("finishes what is at work, refuses what begins meanwhile, and closes [F64 F21]", async () => {
    const { app, open, reached } = gates();
    const server = await serveForTest(app, { shutdownTimeout: 10_000 });
    const [busy, idle] = [await connectTo(server), await connectTo(server)];
    idle.send(request(getOf("/idle")));
    await open("/idle");
    await idle.answer();
    busy.send(request(getOf("/1"), 1));
    await reached("/1");
    const closed = server.close();
    await idle.ended;
    busy.send(request(getOf("/2"), 2));
    expect(await busy.answer(2)).toMatchObject({ stdout: "", protocolStatus: OVERLOADED });
    await open("/1");
    expect((await busy.answer(1)).stdout).toBe(textAnswer("/1"));
    await busy.ended;
    expect(await closed).toEqual({ clean: true, cut: 0, error: null });
  });

  test("serves the first request of a connection that had just been made [F64]", async () => {
    const server = await serveForTest(hello, { shutdownTimeout: 10_000 });
    const accepted = once(server.server as NonNullable<typeof server.server>, "connection");
    const client = await connectTo(server);
    await accepted;
    const closed = server.close();
    client.send(request());
    expect((await client.answer()).stdout).toBe(textAnswer("hello"));
    await client.ended;
    expect(await closed).toMatchObject({ clean: true });
  });

  test("cuts what does not end in time, and tells the apps [F64 F55]", async () => {
    const { app, began, seen } = waiter();
    const { log } = keptLog();
    const server = await serveForTest(app, { shutdownTimeout: 10, log });
    const client = await connectTo(server);
    client.send(request());
    await began;
    const closed = server.close();
    await client.ended;
    expect(await seen).toEqual(GONE);
    expect(await closed).toMatchObject({ clean: false, cut: 1 });
  });

  test("runs the lifespan around all of it, and requests have its state [F64 X28]", async () => {
    const said: string[] = [];
    const app: AsgiApp<{ count: number }> = async (scope, receive, send) => {
      if (scope.type === "lifespan") {
        for (;;) {
          const { type } = await receive();
          said.push(type);
          if (type === "lifespan.startup") scope.state.count = 7;
          await send({ type: `${type}.complete` } as Parameters<typeof send>[0]);
          if (type === "lifespan.shutdown") return;
        }
      }
      const { state } = scope as HttpScope<{ count: number }>;
      const count = String(state?.count);
      if (state !== null) state.count += 1;
      await textApp(() => count)(scope, receive, send);
    };
    const server = await serveForTest(app as AsgiApp, { lifespan: "on", shutdownTimeout: 1_000 });
    const client = await connectTo(server);
    client.send(request(GET, 1), request(GET, 2));
    expect((await client.answer(1)).stdout).toBe(textAnswer("7"));
    expect((await client.answer(2)).stdout).toBe(textAnswer("7"));
    await server.close();
    expect(said).toEqual(["lifespan.startup", "lifespan.shutdown"]);
  });
});

test("ten thousand requests on a connection leave nothing behind on it [S32]", async () => {
  const server = await serveForTest(hello);
  const accepted = once(server.server as NonNullable<typeof server.server>, "connection");
  const client = await connectTo(server);
  const [socket] = (await accepted) as [Socket];
  const counts = (): number[] => socket.eventNames().map((name) => socket.listenerCount(name));
  client.send(request());
  await client.answer();
  const before = counts();
  for (let i = 0; i < 100; i += 1) {
    client.send(joinBytes(...Array.from({ length: 100 }, (_, j) => request(GET, j + 1))));
    await client.until(() => client.records.length === 3 + 300 * (i + 1));
  }
  expect(counts()).toEqual(before);
});

test("what is no FastCGI closes the connection, and the log says so [F2]", async () => {
  const { log, lines } = keptLog();
  const client = await clientOf(hello, { log });
  client.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await client.ended;
  expect(client.records).toEqual([]);
  expect(lines).toEqual([expect.stringMatching(/^warn: .*not FastCGI 1$/)]);
});

test("a version that is not 1 ends the requests of its connection [F2 F55]", async () => {
  const { app, began, seen } = waiter();
  const client = await clientOf(app);
  client.send(begin(), params(POST));
  await began;
  client.send(rawRecord(STDIN, 1, "x", { version: 2 }));
  expect(await seen).toEqual(GONE);
  await client.ended;
  expect(client.records).toEqual([]);
});
