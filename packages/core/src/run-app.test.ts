// Apps that end in every way JavaScript allows: one answer, one detach, and never an error nobody handles.

/* oxlint-disable unicorn/no-thenable -- such objects are what is tested here */
import { describe, expect, test } from "vitest";
import type { AsgiApp } from "./app.ts";
import type { SendEvent } from "./events.ts";
import type { HttpExchange } from "./exchange.ts";
import { MemoryTransport, scopeOf, type MemoryTransportOptions } from "./memory-transport.test-support.ts";
import { expectNoStrays, turns } from "./strays.test-support.ts";
import { serve } from "./transport.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };
const END: SendEvent = { type: "http.response.body", body: "x" };
const SHORT: SendEvent = { ...START, headers: [["content-length", "1"]] };
const MORE: SendEvent = { type: "http.response.body", body: "x", more_body: true };

expectNoStrays();

/** Counts the first and the last call of a transport. */
class CountingTransport extends MemoryTransport {
  attached = 0;
  detachments = 0;

  override attach(exchange: HttpExchange): void {
    this.attached += 1;
    super.attach(exchange);
  }

  override detach(): void {
    this.detachments += 1;
    super.detach();
  }
}

function run(app: unknown, options: MemoryTransportOptions = {}): CountingTransport {
  const transport = new CountingTransport(options);
  serve(app as AsgiApp, scopeOf(), transport);
  return transport;
}

const proxy = new Proxy(
  {},
  {
    get() {
      throw new Error("trap");
    },
    getPrototypeOf() {
      throw new Error("trap");
    },
  },
);

const THROWN: [what: string, thrown: unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["a number", 0],
  ["a symbol", Symbol("s")],
  ["a bigint", 1n],
  ["a function", () => {}],
  ["an object without a prototype", Object.create(null)],
  [
    "an object whose name throws",
    {
      get name() {
        throw new Error("name");
      },
    },
  ],
  ["a proxy that throws at everything", proxy],
];

describe.each(THROWN)("an app that throws %s", (_what, thrown) => {
  test("at once, or later, gets a 500 and one line in the log [A10 A45 S26]", async () => {
    for (const app of [
      () => {
        throw thrown;
      },
      async () => {
        throw thrown;
      },
    ]) {
      const transport = run(app);
      await transport.detached;
      expect(transport.head?.status).toBe(500);
      expect(transport.logs).toHaveLength(1);
      expect(transport.detachments).toBe(1);
    }
  });

  test("after the client left, is logged, and told nobody [A10 S26]", async () => {
    const transport = run(async (): Promise<void> => {
      await Promise.resolve();
      transport.exchange.connectionLost();
      throw thrown;
    });
    await transport.detached;
    expect(transport.head).toBeNull();
    expect(transport.logs).toHaveLength(1);
    expect(transport.detachments).toBe(1);
  });
});

describe("an app that returns what is no promise of ours", () => {
  test.each<[what: string, result: unknown, code: string | null]>([
    [
      "a thenable that calls both",
      {
        then: (done: (v?: unknown) => void, failed: (e: unknown) => void) => {
          done();
          failed(new Error("both"));
        },
      },
      "TSGI_ERR_NO_RESPONSE",
    ],
    [
      "a thenable that fails, then resolves",
      {
        then: (done: (v?: unknown) => void, failed: (e: unknown) => void) => {
          failed(new Error("both"));
          done();
        },
      },
      null,
    ],
    [
      "a thenable that resolves twice",
      {
        then: (done: (v?: unknown) => void) => {
          done();
          done();
        },
      },
      "TSGI_ERR_NO_RESPONSE",
    ],
    [
      "a thenable that throws",
      {
        then: () => {
          throw new Error("then");
        },
      },
      null,
    ],
    [
      "a thenable that resolves, then throws",
      {
        then: (done: (v?: unknown) => void) => {
          done();
          throw new Error("then");
        },
      },
      "TSGI_ERR_NO_RESPONSE",
    ],
    [
      "an object whose then throws",
      {
        get then() {
          throw new Error("then");
        },
      },
      null,
    ],
    ["a proxy that throws at everything", proxy, null],
    [
      "a thenable that returns a rejected promise",
      {
        then: (done: (v?: unknown) => void) => {
          done();
          return Promise.resolve();
        },
      },
      "TSGI_ERR_NO_RESPONSE",
    ],
  ])("%s: a 500, one line in the log, one detach [A1 A10 S26]", async (_what, result, code) => {
    const transport = run(() => result);
    await transport.detached;
    await turns();
    expect(transport.head?.status).toBe(500);
    expect(transport.logs).toHaveLength(1);
    if (code !== null) expect(transport.errors[0]).toMatchObject({ code });
    expect(transport.detachments).toBe(1);
  });
});

/** What an app of the next table has at hand. */
interface Act {
  send(event: SendEvent): Promise<void>;
  receive(): Promise<unknown>;
  /** The exchange, as the host knows it; in a later turn than the first. */
  exchange(): HttpExchange;
}

const FILE: SendEvent = { type: "http.response.pathsend", path: "/f" };
const fail = (): never => {
  throw new Error("the app's own");
};

describe("attach comes once, and detach once, for an app that", () => {
  test.each<[what: string, app: (act: Act) => unknown, options?: MemoryTransportOptions]>([
    ["answers", async ({ send }) => (await send(START), await send(END))],
    ["answers and throws", async ({ send }) => (await send(START), await send(END), fail())],
    ["answers at once", ({ send }) => (void send(START), void send(END))],
    ["answers nothing", () => {}],
    ["throws at once", fail],
    ["throws after the start", async ({ send }) => (await send(START), fail())],
    ["throws amid the body", async ({ send }) => (await send(START), await send(MORE), fail())],
    ["leaves the body open", async ({ send }) => (await send(START), await send(MORE))],
    ["returns a value after it answered", async ({ send }) => (await send(START), await send(END), 5)],
    [
      "breaks its Content-Length",
      async ({ send }) => (await send(SHORT), await send(MORE), await send(MORE)),
    ],
    [
      "loses its client before it begins",
      async ({ exchange }) => (await Promise.resolve(), exchange().connectionLost()),
    ],
    [
      "loses its client, and throws",
      async ({ exchange }) => (await Promise.resolve(), exchange().connectionLost(), fail()),
    ],
    [
      "loses its client, twice, while it waits for room",
      async ({ send, exchange }) => {
        await send(START);
        const wait = send(MORE);
        exchange().connectionLost();
        exchange().connectionLost();
        await wait;
      },
      { full: true },
    ],
    [
      "loses its client after the answer",
      async ({ send, exchange }) => (await send(START), await send(END), exchange().connectionLost()),
    ],
    [
      "sends a file, and returns before it is sent",
      ({ send }) => (void send(START), void send(FILE)),
      { files: { "/f": "x" } },
    ],
    ["sends a file that is not there, and returns", ({ send }) => (void send(START), void send(FILE))],
    [
      "sends a file, and throws",
      ({ send }) => (void send(START), void send(FILE), fail()),
      { files: { "/f": "x" } },
    ],
    [
      "is told of the end of the body, and of room, again and again",
      async ({ send, receive, exchange }) => {
        await receive();
        exchange().eofReceived();
        exchange().eofReceived();
        exchange().dataReceived(new Uint8Array(1));
        exchange().drained();
        exchange().drained();
        await send(START);
        await send(END);
      },
    ],
  ])("%s [A10 S26]", async (_what, app, options) => {
    const transport: CountingTransport = run(
      (_scope: unknown, receive: Act["receive"], send: Act["send"]) =>
        app({ send, receive, exchange: () => transport.exchange }),
      options,
    );
    await transport.detached;
    await turns();
    expect([transport.attached, transport.detachments]).toEqual([1, 1]);
    expect(transport.state === "headed" && !transport.exchange.disconnected).toBe(false);
    expect(transport.openFiles).toBe(0);
  });
});
