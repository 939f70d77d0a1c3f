// Back-pressure, both ways, and what a host that offers less is sent: in memory, where each step can be waited for.

import http from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { serve, type Extensions } from "@tsgi/core";
import { fromNode, type FromNodeOptions } from "../from-node.ts";
import { MemoryTransport, memoryScope, type MemoryRequest } from "./memory-transport.test-support.ts";
import type { RequestListener } from "./pair.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function start(
  listener: RequestListener,
  request: MemoryRequest = {},
  options?: FromNodeOptions,
): MemoryTransport {
  const transport = new MemoryTransport();
  if (request.method === undefined) transport.send(null);
  serve(fromNode(listener, options), memoryScope(request), transport);
  return transport;
}

describe("a slow client", () => {
  test("is sent one piece, and the next when it has taken that [A50 A7]", async () => {
    const piece = Buffer.alloc(64 * 1024, "x");
    let written = 0;
    let drains = 0;
    const transport = new MemoryTransport();
    transport.roomy = false;
    transport.send(null);
    const app = fromNode((_req, res) => {
      const more = (): void => {
        while (written < 160) {
          written += 1;
          if (!res.write(piece)) {
            res.once("drain", () => {
              drains += 1;
              more();
            });
            return;
          }
        }
        res.end();
      };
      more();
    });
    serve(app, memoryScope(), transport);
    for (let i = 1; i <= 160; i += 1) {
      await transport.when(() => transport.body.length === i * piece.length);
      await turn();
      expect([written, transport.body.length]).toEqual([i, i * piece.length]);
      transport.drain();
      transport.roomy = i === 160;
    }
    await transport.over;
    expect([transport.ended, drains]).toEqual([true, 160]);
  });

  test("that goes away lets a waiting write end [A8]", async () => {
    const events: string[] = [];
    const transport = new MemoryTransport();
    transport.roomy = false;
    transport.send(null);
    const app = fromNode((_req, res) => {
      res.write("x", (error) =>
        events.push(`written ${String((error as { code?: string } | null)?.code ?? "well")}`),
      );
      res.on("close", () => events.push("close"));
      res.on("finish", () => events.push("finish"));
    });
    serve(app, memoryScope(), transport);
    await transport.when(() => transport.text === "x");
    transport.disconnect();
    await transport.over;
    expect(events).toContain("close");
    expect(events).not.toContain("finish");
  });

  test("holds `finish` of a large last piece back until it has taken it [A50]", async () => {
    let finished = false;
    const transport = new MemoryTransport();
    transport.roomy = false;
    transport.send(null);
    const app = fromNode((_req, res) => {
      res.on("finish", () => (finished = true));
      res.end(Buffer.alloc(1024 * 1024));
    });
    serve(app, memoryScope(), transport);
    await transport.when(() => transport.body.length > 0);
    await turn();
    expect(finished).toBe(false);
    transport.drain();
    await transport.over;
    expect(finished).toBe(true);
  });
});

describe("a slow listener", () => {
  test("is given no more than its request can hold [A29]", async () => {
    const sent = Buffer.alloc(16 * 1024, "y");
    let asked = 0;
    const transport = new MemoryTransport();
    const { read } = MemoryTransport.prototype;
    transport.read = function counting(this: MemoryTransport) {
      asked += 1;
      read.call(this);
    };
    let pair: http.IncomingMessage | null = null;
    const app = fromNode((req, res) => {
      pair = req;
      req.on("end", () => res.end("all"));
    });
    serve(
      app,
      memoryScope({ method: "POST", rawHeaders: ["Content-Length", String(100 * sent.length)] }),
      transport,
    );
    for (let i = 0; i < 100; i += 1) transport.send(sent);
    transport.send(null);
    await turn();
    const req = pair as unknown as http.IncomingMessage;
    expect(req.readableLength).toBeLessThanOrEqual(req.readableHighWaterMark + sent.length);
    expect(asked).toBeLessThan(10);
    req.resume();
    await transport.over;
    expect(transport.text).toBe("all");
  });

  test("is given a body only when it reads, if the client waits for that [A32]", async () => {
    let asked = 0;
    const transport = new MemoryTransport();
    transport.read = () => {
      asked += 1;
    };
    const rawHeaders = ["Host", "h", "Content-Length", "6", "Expect", "100-continue"];
    let read = (): void => {};
    const app = fromNode((req) => {
      read = () => void req.resume();
    });
    serve(app, memoryScope({ method: "POST", rawHeaders }), transport);
    await turn();
    expect(asked).toBe(0);
    read();
    await turn();
    expect(asked).toBe(1);
    transport.disconnect();
    await transport.over;
  });

  test("is given it as soon as it writes 100 Continue itself [A32]", async () => {
    let asked = 0;
    const transport = new MemoryTransport();
    transport.read = () => {
      asked += 1;
    };
    const rawHeaders = ["Host", "h", "Content-Length", "6", "Expect", "100-continue"];
    serve(
      fromNode((_req, res) => res.writeContinue()),
      memoryScope({ method: "POST", rawHeaders }),
      transport,
    );
    expect([asked, transport.interim]).toEqual([1, []]);
    transport.disconnect();
    await transport.over;
  });

  test("that answers first never asks for a body its client holds back [A32]", async () => {
    let asked = 0;
    const transport = new MemoryTransport();
    transport.read = () => {
      asked += 1;
    };
    const rawHeaders = ["Host", "h", "Content-Length", "6", "Expect", "100-continue"];
    let ended = false;
    const app = fromNode((req, res) => {
      req.on("close", () => (ended = true));
      res.writeHead(401).end();
    });
    serve(app, memoryScope({ method: "POST", rawHeaders }), transport);
    await transport.over;
    await turn();
    expect([asked, transport.head?.status, ended]).toEqual([0, 401, true]);
  });

  test("hears of a client that goes away before it has read, even if the client waits [A30]", async () => {
    const rawHeaders = ["Host", "h", "Content-Length", "6", "Expect", "100-continue"];
    const events: string[] = [];
    const transport = start(
      (req, res) => {
        req.on("aborted", () => events.push("aborted"));
        res.on("close", () => events.push("close"));
      },
      { method: "POST", rawHeaders },
    );
    await turn();
    transport.disconnect();
    await transport.over;
    expect(events).toEqual(["aborted", "close"]);
  });
});

describe("a host that offers", () => {
  const hints: RequestListener = (_req, res) => {
    res.writeEarlyHints({ link: "</a.css>; rel=preload; as=style" });
    res.writeEarlyHints({ link: "</b.css>; rel=preload; as=style", "x-a": "1" });
    res.writeProcessing();
    res.writeContinue();
    res.writeHead(200, "Fine", { Trailer: "X-T", "X-A": "1" });
    res.write("x");
    res.addTrailers({ "X-T": "1", "Content-Length": "forbidden" });
    res.end();
  };
  const OFFERS: [
    name: string,
    extensions: Extensions,
    interim: number[],
    trailers: string[],
    reason: string | null,
  ][] = [
    ["nothing", {}, [], [], null],
    ["early hints", { "http.response.early_hint": {} }, [103], [], null],
    ["interim responses", { "tsgi.informational": {} }, [103, 103, 102], [], null],
    ["trailers", { "http.response.trailers": {} }, [], ["X-T", "1"], null],
    ["reasons", { "tsgi.reason": {} }, [], [], "Fine"],
  ];
  test.each(OFFERS)(
    "%s is sent that and no more [A12 A51 A52]",
    async (_name, extensions, interim, trailers, reason) => {
      const transport = start(hints, { rawHeaders: ["Host", "h", "TE", "trailers"], scope: { extensions } });
      await transport.over;
      expect(transport.logged).toEqual([]);
      expect([
        transport.interim.map(([status]) => status),
        transport.trailers,
        transport.head?.reason,
      ]).toEqual([interim, trailers, reason]);
      expect(transport.text).toBe("x");
    },
  );
});

describe("the classes of a pair", () => {
  test("can be a guest's own", async () => {
    class Req extends http.IncomingMessage {}
    class Res<R extends http.IncomingMessage = http.IncomingMessage> extends http.ServerResponse<R> {}
    let classes: boolean[] = [];
    const transport = start(
      (req, res) => {
        classes = [req instanceof Req, res instanceof Res];
        res.end();
      },
      {},
      { IncomingMessage: Req, ServerResponse: Res },
    );
    await transport.over;
    expect(classes).toEqual([true, true]);
  });

  test("are node:http's otherwise", async () => {
    let classes: unknown[] = [];
    const transport = start((req, res) => {
      classes = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)];
      res.end();
    });
    await transport.over;
    expect(classes).toEqual([http.IncomingMessage.prototype, http.ServerResponse.prototype]);
  });
});

test("nothing of a request is left behind [S32]", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const left: WeakRef<object>[] = [];
  for (let i = 0; i < 100; i += 1) {
    const transport = start((req, res) => {
      left.push(new WeakRef(req), new WeakRef(res), new WeakRef(req.socket));
      req.resume();
      res.setTimeout(60_000);
      res.end("x");
    });
    await transport.over;
  }
  await turn();
  collect();
  await turn();
  // The last one may still be on the stack.
  expect(left.filter((reference) => reference.deref() !== undefined).length).toBeLessThanOrEqual(3);
});
