// Clients that do not read, and clients that leave.

import { once } from "node:events";
import { Readable } from "node:stream";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { ClientDisconnected, type AsgiApp } from "@tsgi/core";
import { fromNode } from "@tsgi/node";
import { fromFastify } from "./from-fastify.ts";
import { httpApp } from "./fixtures/apps.ts";
import { connectTo, listen, serveOurs } from "./fixtures/servers.ts";
import { toFastify } from "./to-fastify.ts";

const PIECE = new Uint8Array(64 * 1024);
const WHOLE = 400 * 1024 * 1024;
/** What the system's socket buffers of both ends may take, and what Node's do. */
const BOUND = 32 * 1024 * 1024;

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

test("an app that streams 400 MB to a client that reads nothing is held back, and then told that it left [A50 S10]", async () => {
  let sent = 0;
  let stopped!: (error: unknown) => void;
  const end = new Promise<unknown>((resolve) => {
    stopped = resolve;
  });
  let stalled!: () => void;
  const waits = new Promise<void>((resolve) => {
    stalled = resolve;
  });
  const app = httpApp(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [] });
    try {
      while (sent < WHOLE) {
        const room = send({ type: "http.response.body", body: PIECE, more_body: true });
        sent += PIECE.byteLength;
        // A client that takes nothing leaves the send pending: no turn of the loop ends it.
        if (!(await endsSoon(room))) stalled();
        await room;
      }
      stopped("everything went");
    } catch (error) {
      stopped(error);
      throw error;
    }
  });
  const fastify = Fastify();
  fastify.register(toFastify(app), { prefix: "/mnt" });
  const socket = await connectTo(await listen(fastify));
  socket.pause().write(GET("/mnt"));
  await waits;
  expect(sent).toBeLessThan(BOUND);
  socket.destroy();
  expect(await end).toBeInstanceOf(ClientDisconnected);
  expect(sent).toBeLessThan(BOUND);
});

/** Whether a promise ends within the turns of the event loop that any write to a client that reads is done in. */
function endsSoon(promise: Promise<void>): Promise<boolean> {
  const turns = async (): Promise<boolean> => {
    for (let turn = 0; turn < 2_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return false;
  };
  const ended = (): boolean => true;
  return Promise.race([promise.then(ended, ended), turns()]);
}

test.each([
  ["with the native response", (app: AsgiApp) => app],
  [
    "behind a middleware",
    (app: AsgiApp): AsgiApp =>
      (scope, receive, send) =>
        app(scope, receive, send),
  ],
])(
  "a Fastify guest that streams 400 MB to a client that reads nothing is held back, %s [A50 S10]",
  async (_how, wrap) => {
    let made = 0;
    const guest = Fastify();
    const destroyed = new Promise<void>((resolve) => {
      guest.get("/", (_request, reply) => {
        const source = new Readable({
          read() {
            made += PIECE.byteLength;
            this.push(made > WHOLE ? null : PIECE);
          },
        });
        source.on("close", resolve);
        return reply.send(source);
      });
    });
    const socket = await connectTo(await serveOurs(wrap(fromFastify(guest)), { log: () => {} }));
    socket.pause().write(GET("/"));
    await standsStill(() => made);
    expect(made).toBeLessThan(BOUND);
    socket.destroy();
    await destroyed;
    expect(made).toBeLessThan(BOUND);
  },
);

/** Waits until turns of the event loop make no more of a count that has begun. */
async function standsStill(count: () => number): Promise<void> {
  let before = 0;
  do {
    before = count();
    await endsSoon(new Promise(() => {}));
  } while (before === 0 || before !== count());
}

/** Counts what an app hears of its client's leaving. */
function listening(heard: string[], done: () => void): AsgiApp {
  return httpApp(async ({ signal }, receive, send) => {
    signal.addEventListener("abort", () => heard.push("signal"));
    await receive();
    await send({ type: "http.response.start", status: 200, headers: [] });
    await send({ type: "http.response.body", body: "begun", more_body: true });
    heard.push((await receive()).type);
    done();
  });
}

test("a client that leaves is heard of once by each way there is [A30 A34 X23]", async () => {
  const heard: string[] = [];
  const fastify = Fastify();
  const aborts = new Promise<void>((resolve) => {
    fastify.addHook("onRequestAbort", async (_request) => {
      heard.push("onRequestAbort");
      resolve();
    });
  });
  const left = new Promise<void>((resolve) => {
    fastify.register(toFastify(listening(heard, resolve)), { prefix: "/mnt" });
  });
  const socket = await connectTo(await listen(fastify));
  socket.write(GET("/mnt"));
  await once(socket, "data");
  socket.destroy();
  await Promise.all([left, aborts]);
  await fastify.close();
  expect(heard.toSorted()).toEqual(["http.disconnect", "onRequestAbort", "signal"]);
});

test("a Node guest in Fastify hears of it once, too [X23]", async () => {
  const heard: string[] = [];
  const fastify = Fastify();
  const closed = new Promise<void>((resolve) => {
    const guest = fromNode((req, res) => {
      req.on("close", () => heard.push("req close"));
      res.on("close", () => {
        heard.push(`res close ${String(res.writableFinished)}`);
        resolve();
      });
      res.write("begun");
    });
    fastify.register(toFastify(guest), { prefix: "/mnt" });
  });
  const socket = await connectTo(await listen(fastify));
  socket.write(GET("/mnt"));
  await once(socket, "data");
  socket.destroy();
  await closed;
  await fastify.close();
  expect(heard.toSorted()).toEqual(["req close", "res close false"]);
});

test.each([false, true])(
  "a Fastify guest on our server hears of it once by its hook, its signal and its response, behind a middleware: %s [X23]",
  async (behind) => {
    const heard: string[] = [];
    const guest = Fastify();
    guest.addHook("onRequestAbort", async (_request) => void heard.push("onRequestAbort"));
    const closed = new Promise<void>((resolve) => {
      guest.get("/", (request, reply) => {
        request.signal.addEventListener("abort", () => heard.push("signal"));
        reply.raw.on("close", () => {
          heard.push("close");
          setImmediate(resolve);
        });
        reply.raw.write("begun");
      });
    });
    const app = fromFastify(guest);
    const port = await serveOurs(behind ? (scope, receive, send) => app(scope, receive, send) : app);
    const socket = await connectTo(port);
    socket.write(GET("/"));
    await once(socket, "data");
    socket.destroy();
    await closed;
    expect(heard.toSorted()).toEqual(["close", "onRequestAbort", "signal"]);
  },
);
