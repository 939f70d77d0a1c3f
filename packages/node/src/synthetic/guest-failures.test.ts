// What becomes of a request whose listener fails, goes away, or goes on: in memory, where both sides can be watched.

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { serve, type AsgiApp } from "@tsgi/core";
import { fromNode, type FromNodeOptions } from "../from-node.ts";
import { MemoryTransport, memoryScope, type MemoryRequest } from "./memory-transport.test-support.ts";
import type { RequestListener } from "./pair.ts";

const WAYS: Record<string, (app: AsgiApp) => AsgiApp> = {
  "by the door": (app) => app,
  "behind a middleware": (app) => (scope, receive, send) => app(scope, receive, send),
  "behind a slow middleware": (app) => async (scope, receive, send) => {
    await app(
      scope,
      async () => await receive(),
      async (event) => await send(event),
    );
  },
};

const UPLOAD: MemoryRequest = { method: "POST", rawHeaders: ["Host", "h", "Content-Length", "6"] };

describe.each(Object.keys(WAYS))("%s", (way) => {
  function start(
    listener: RequestListener,
    request: MemoryRequest = {},
    options: FromNodeOptions = {},
  ): MemoryTransport {
    const transport = new MemoryTransport();
    if (request.method === undefined) transport.send(null);
    const app = (WAYS[way] as (app: AsgiApp) => AsgiApp)(fromNode(listener, options));
    serve(app, memoryScope(request), transport);
    return transport;
  }

  test("a listener that throws gets a 500, and its error is logged [A45 A10]", async () => {
    const error = new Error("thrown");
    let pair: [IncomingMessage, ServerResponse] | null = null;
    const transport = start((req, res) => {
      pair = [req, res];
      res.setHeader("X-Secret", "s");
      throw error;
    });
    await transport.over;
    expect([transport.head?.status, transport.text]).toEqual([500, "Internal Server Error"]);
    expect(transport.head?.headers.join()).not.toContain("X-Secret");
    expect(transport.logged.map(([, logged]) => logged)).toEqual([error]);
    const [req, res] = pair as unknown as [IncomingMessage, ServerResponse];
    await once(res, "close");
    expect([req.destroyed, res.destroyed]).toEqual([true, true]);
  });

  test("a listener whose promise is rejected gets a 500 [A45]", async () => {
    const error = new Error("rejected");
    const transport = start(async () => {
      await Promise.resolve();
      throw error;
    });
    await transport.over;
    expect([transport.head?.status, transport.logged.map(([, logged]) => logged)]).toEqual([500, [error]]);
  });

  test("a listener that fails after its head was sent is cut off [A45]", async () => {
    const error = new Error("late");
    const transport = start(async (_req, res) => {
      res.write("part");
      await once(res, "go");
      throw error;
    });
    const sent = transport.when(() => transport.text === "part");
    await sent;
    expect(transport.aborted).toBe(false);
    const failing = start(async (_req, res) => {
      res.write("part");
      await new Promise((resolve) => setImmediate(resolve));
      throw error;
    });
    await failing.over;
    expect([failing.text, failing.aborted, failing.ended]).toEqual(["part", true, false]);
    expect(failing.logged.map(([, logged]) => logged)).toEqual([error]);
  });

  test("a listener that fails after its response was complete is logged, and nothing else [S26]", async () => {
    const error = new Error("afterwards");
    const transport = start(async (_req, res) => {
      res.end("done");
      await once(res, "close");
      throw error;
    });
    await transport.over;
    expect([transport.text, transport.ended, transport.aborted]).toEqual(["done", true, false]);
    expect(transport.logged.map(([, logged]) => logged)).toEqual([error]);
  });

  test("a listener of the body that throws when it is given a piece gets a 500 [A10]", async () => {
    const error = new Error("in data");
    let pieces = 0;
    const transport = start((req) => {
      req.on("data", () => {
        pieces += 1;
        if (pieces === 2) throw error;
      });
    }, UPLOAD);
    transport.send("abc");
    await new Promise((resolve) => setImmediate(resolve));
    transport.send("def");
    await transport.over;
    expect([transport.head?.status, transport.logged.map(([, logged]) => logged)]).toEqual([500, [error]]);
  });

  test("a response shorter than its length is cut, and logged [A40]", async () => {
    const transport = start((_req, res) => {
      res.setHeader("Content-Length", 5);
      res.end("four");
    });
    await transport.over;
    expect([transport.text, transport.aborted, transport.ended]).toEqual(["four", true, false]);
    expect(transport.logged).toHaveLength(1);
  });

  test("a response longer than its length is cut to it, as a client would [A40]", async () => {
    const transport = start((_req, res) => {
      res.setHeader("Content-Length", 5);
      res.end("longer than that");
    });
    await transport.over;
    expect([transport.text, transport.ended, transport.logged]).toEqual(["longe", true, []]);
  });

  test("bytes that are no response are a 500, and logged [A37]", async () => {
    const transport = start((req) => void req.socket.write("garbage\r\n\r\n"));
    await transport.over;
    expect(transport.head?.status).toBe(500);
    expect(transport.logged[0]?.[1]).toMatchObject({ code: "TSGI_ERR_GUEST_RESPONSE" });
  });

  test("bytes that go wrong after a head cut the response, and are logged [A45]", async () => {
    const transport = start((req) => {
      req.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n");
      req.socket.write("no size\r\n");
    });
    await transport.over;
    expect([transport.text, transport.aborted, transport.ended]).toEqual(["good", true, false]);
    expect(transport.logged[0]?.[1]).toMatchObject({ code: "TSGI_ERR_GUEST_RESPONSE" });
  });

  test("an upgrade cannot be passed on: a 500, and logged [A77]", async () => {
    const transport = start((_req, res) => {
      res.writeHead(101, { Connection: "Upgrade", Upgrade: "x" });
      res.end();
    });
    await transport.over;
    expect(transport.head?.status).toBe(500);
    expect(transport.logged[0]?.[1]).toMatchObject({ code: "TSGI_ERR_GUEST_RESPONSE" });
  });

  test("a listener that answers by an interim head alone gets a 500 [A44]", async () => {
    const transport = start((_req, res) => void res.writeHead(150).end());
    await transport.over;
    expect([transport.head?.status, transport.logged.length]).toEqual([500, 1]);
  });

  test("a listener that waits for ever for a client that has gone does not hold the host [A30 X23]", async () => {
    const transport = start(async (req, res) => {
      req.resume();
      await once(res, "never");
    });
    await new Promise((resolve) => setImmediate(resolve));
    transport.disconnect();
    await transport.over;
    expect(transport.logged).toEqual([]);
  });

  test("what a listener throws because its client has gone is not logged [A8 W51]", async () => {
    const transport = start(async (req) => {
      for await (const chunk of req) void chunk;
    }, UPLOAD);
    transport.send("abc");
    await new Promise((resolve) => setImmediate(resolve));
    transport.disconnect();
    await transport.over;
    expect(transport.logged).toEqual([]);
  });

  test("a response that is ended while nobody reads the body does not wait for it [A49]", async () => {
    const transport = start((_req, res) => void res.end("early"), UPLOAD);
    await transport.over;
    expect([transport.text, transport.ended]).toEqual(["early", true]);
  });

  test("a response that is ended waits for a body that is being read, but no longer than it may [A49]", async () => {
    let aborted = false;
    const began = performance.now();
    const transport = start(
      (req, res) => {
        req.on("data", () => res.end("early"));
        req.on("aborted", () => (aborted = true));
      },
      UPLOAD,
      { lingerTimeout: 50 },
    );
    transport.send("abc");
    await transport.over;
    expect([transport.text, transport.ended, aborted]).toEqual(["early", true, true]);
    expect(performance.now() - began).toBeGreaterThan(45);
  });

  test("whoever listens for the end of the connection hears it after a whole response", async () => {
    let closed = 0;
    const transport = start((req, res) => {
      req.socket.on("close", () => (closed += 1));
      req.socket.setTimeout(60_000);
      res.end("x");
    });
    await transport.over;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(1);
  });
});

describe("a connection the listener destroys", () => {
  test.each(["res", "req", "socket"])("by %s is hung up, without a word [X23]", async (which) => {
    const transport = new MemoryTransport();
    transport.send(null);
    const app = fromNode((req, res) => void { req, res, socket: req.socket }[which]?.destroy());
    serve(app, memoryScope(), transport);
    await transport.over;
    expect([transport.head, transport.aborted, transport.logged]).toEqual([null, true, []]);
  });

  test("behind a middleware is a hang-up too [A44]", async () => {
    const transport = new MemoryTransport();
    transport.send(null);
    const app = fromNode((_req, res) => void res.destroy(new Error("why")));
    serve((scope, receive, send) => app(scope, receive, send), memoryScope(), transport);
    await transport.over;
    expect([transport.head, transport.aborted, transport.logged]).toEqual([null, true, []]);
  });
});
