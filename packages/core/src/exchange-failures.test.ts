// Hosts, logs and events that fail or come back at once, and apps that do not wait: nothing is lost, and nothing escapes.

import { describe, expect, test } from "vitest";
import type { AsgiApp } from "./app.ts";
import { ClientDisconnected } from "./errors.ts";
import type { Chunk, SendEvent } from "./events.ts";
import type { HttpExchange } from "./exchange.ts";
import { MemoryTransport, scopeOf, settled } from "./memory-transport.test-support.ts";
import type { ResponseHead } from "./response-head.ts";
import { rejected } from "./room.ts";
import type { HttpScope, HttpScopeInit } from "./scope.ts";
import { MAX_QUEUED_SENDS } from "./send-queue.ts";
import { expectNoStrays, turns } from "./strays.test-support.ts";
import { serve, type FileSource } from "./transport.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };
const END: SendEvent = { type: "http.response.body", body: "x" };
const MORE: SendEvent = { type: "http.response.body", body: "x", more_body: true };
const FILE: SendEvent = { type: "http.response.pathsend", path: "/f" };
const piece = (body: string): SendEvent => ({ type: "http.response.body", body, more_body: true });

expectNoStrays();

async function run<T extends MemoryTransport>(
  transport: T,
  app: AsgiApp,
  scope: Partial<HttpScopeInit> = {},
): Promise<T> {
  serve(app, scopeOf(scope), transport);
  await transport.detached;
  await turns();
  return transport;
}

/** A transport whose orders can be made to fail, or to report a loss before they return. */
class FailingTransport extends MemoryTransport {
  readonly order: string;
  readonly does: (exchange: HttpExchange) => void;

  constructor(order: string, does: (exchange: HttpExchange) => void) {
    super({ body: ["a", "b"] });
    this.order = order;
    this.does = does;
  }

  override attach(exchange: HttpExchange): void {
    super.attach(exchange);
    if (this.order === "attach") this.does(exchange);
  }

  override read(): void {
    if (this.order === "read") this.does(this.exchange);
    else super.read();
  }

  override writeHead(head: ResponseHead): void {
    if (this.order === "writeHead") this.does(this.exchange);
    super.writeHead(head);
  }

  override write(chunk: Chunk): boolean {
    if (this.order === "write") this.does(this.exchange);
    return super.write(chunk);
  }

  override end(chunk: Chunk | null): void {
    if (this.order === "end") this.does(this.exchange);
    super.end(chunk);
  }

  override log(): void {
    if (this.order === "log") this.does(this.exchange);
    super.log("error", "", null);
  }
}

const fail = (): never => {
  throw new Error("the host's own");
};

describe("a host whose order fails", () => {
  test.each(["writeHead", "write", "end"])(
    "(%s): the app is told, the client sees a cut [A10 A36]",
    async (order) => {
      let error: unknown;
      const transport = await run(new FailingTransport(order, fail), async (_scope, _receive, send) => {
        await send(START);
        try {
          await send(MORE);
          await send(END);
        } catch (caught) {
          error = caught;
        }
      });
      expect(error).toMatchObject({ message: "the host's own" });
      expect(transport.state).toBe("aborted");
      expect(transport.errors).toHaveLength(1);
    },
  );

  test.each(["writeHead", "end"])(
    "(%s) while an app that failed is answered: a cut [A10 A45]",
    async (order) => {
      const transport = await run(new FailingTransport(order, fail), () => fail());
      expect(transport.state).toBe("aborted");
    },
  );

  test("to log: the client gets its answer all the same [A10 A45 S26]", async () => {
    const transport = await run(new FailingTransport("log", fail), async () => fail());
    expect(transport.head?.status).toBe(500);
    expect(transport.state).toBe("ended");
  });
});

describe("a client found gone", () => {
  const lose = (exchange: HttpExchange): void => exchange.connectionLost();

  test("as the request is attached: receive says so, and nothing is sent [A8 A31]", async () => {
    const transport = await run(new FailingTransport("attach", lose), async (_scope, receive, send) => {
      expect(await receive()).toEqual({ type: "http.disconnect" });
      await send(START);
    });
    expect(transport.state).toBe("idle");
    expect(transport.errors).toEqual([]);
  });

  test("by the order to read: the reader is told [A31 A33]", async () => {
    const events: unknown[] = [];
    await run(new FailingTransport("read", lose), async (_scope, receive) => {
      events.push(await receive(), await receive());
    });
    expect(events).toEqual([{ type: "http.disconnect" }, { type: "http.disconnect" }]);
  });

  test.each([
    ["writeHead", MORE],
    ["writeHead", END],
    ["write", MORE],
  ])("by %s: the next send is rejected, and no order follows [A8 A70]", async (order, event) => {
    let error: unknown;
    const transport = await run(new FailingTransport(order, lose), async (_scope, _receive, send) => {
      await send(START);
      await send(event).catch(() => {});
      error = await send(END).catch((caught: unknown) => caught);
    });
    expect(error).toBeInstanceOf(ClientDisconnected);
    expect(transport.state).toBe("headed");
    expect(transport.exchange).toMatchObject({ state: "cut", disconnected: true });
    expect(transport.errors).toEqual([]);
  });

  test("by the end itself: the response was complete [A8]", async () => {
    const transport = await run(new FailingTransport("end", lose), async (_scope, _receive, send) => {
      await send(START);
      await send(END);
    });
    expect(transport.exchange).toMatchObject({ state: "complete", disconnected: false });
  });
});

describe("events that call back, or fail to be read", () => {
  test("headers that send a start themselves: theirs is the one that counts [A35 A5]", async () => {
    let error: unknown;
    const transport = await run(new MemoryTransport(), async (_scope, _receive, send) => {
      const headers = {
        *[Symbol.iterator](): Generator<[string, string]> {
          void send({ ...START, status: 201 });
          yield ["x", "1"];
        },
      };
      error = await send({ ...START, headers }).catch((caught: unknown) => caught);
      await send(END);
    });
    expect(error).toMatchObject({ code: "TSGI_ERR_EVENT_ORDER" });
    expect(transport.head?.status).toBe(201);
  });

  test.each<[what: string, event: unknown]>([
    [
      "a type that cannot be read",
      {
        get type() {
          return fail();
        },
      },
    ],
    [
      "headers that cannot be read",
      {
        ...START,
        get headers() {
          return fail();
        },
      },
    ],
    [
      "headers whose iterator fails",
      {
        ...START,
        headers: {
          *[Symbol.iterator]() {
            yield ["a", "b"];
            fail();
          },
        },
      },
    ],
    [
      "a header that cannot be read",
      {
        ...START,
        headers: [
          {
            get 0() {
              return fail();
            },
          },
        ],
      },
    ],
    [
      "links whose iterator fails",
      {
        type: "http.response.early_hint",
        links: {
          *[Symbol.iterator]() {
            yield "<a>";
            fail();
          },
        },
      },
    ],
    ["a status that is no primitive", { ...START, status: Object.create(null) as unknown }],
    ["a symbol for a status", { ...START, status: Symbol("s") }],
    ["a bigint for a type", { type: 1n }],
    ["a symbol for a type", { type: Symbol("s") }],
    ["a symbol for an interim status", { type: "tsgi.informational", status: Symbol("s") }],
    ["a symbol for a header's name", { ...START, headers: [[Symbol("s"), "x"]] }],
    ["a revoked proxy", revoked()],
  ])("%s: the send is rejected, nothing is written, a good one may follow [A5]", async (_what, event) => {
    let error: unknown = null;
    const transport = await run(new MemoryTransport(), async (_scope, _receive, send) => {
      error = await send(event as SendEvent).catch((caught: unknown) => caught);
      await send(START);
      await send(END);
    });
    expect(error).toBeInstanceOf(Error);
    expect(transport.interim).toEqual([]);
    expect(transport.head).toMatchObject({ status: 200, headers: ["content-length", "1"] });
    expect(transport.errors).toEqual([]);
  });

  test.each<[what: string, event: unknown]>([
    ["a bigint for a type", { type: 1n }],
    ["a circle for a type", circle()],
    ["a symbol for an interim status", { type: "tsgi.informational", status: Symbol("s") }],
    ["an object for a status", { ...START, status: Object.create(null) as unknown }],
  ])("%s is an error of the protocol, by its code [A5]", async (_what, event) => {
    let code: unknown;
    await run(new MemoryTransport(), async (_scope, _receive, send) => {
      code = await send(event as SendEvent).catch((error: { code?: unknown }) => error.code);
      await send(START);
      await send(END);
    });
    expect(code).toMatch(/^TSGI_ERR_(EVENT|STATUS)$/);
  });

  test("what only says that it is bytes is no body [A5]", async () => {
    const body = { [Symbol.toStringTag]: "Uint8Array", byteLength: 1, length: 1 };
    let code: unknown;
    await run(new MemoryTransport(), async (_scope, _receive, send) => {
      await send(START);
      code = await send({ ...END, body } as unknown as SendEvent).catch(
        (error: { code?: unknown }) => error.code,
      );
      await send(END);
    });
    expect(code).toBe("TSGI_ERR_EVENT");
  });

  test("a send in an abort listener is rejected, as every later one [A8 A34]", async () => {
    const errors: unknown[] = [];
    await run(new MemoryTransport(), async (scope, _receive, send) => {
      await send(START);
      (scope as HttpScope).signal.addEventListener("abort", () => {
        send(END).catch((error: unknown) => errors.push(error));
      });
      transportOf(scope).connectionLost();
    });
    expect(errors).toEqual([expect.any(ClientDisconnected)]);
  });
});

test("what an app does to its scope changes nothing about the response [A11 A12 A47]", async () => {
  const transport = await run(
    new MemoryTransport(),
    async (scope, _receive, send) => {
      const own = scope as unknown as Record<string, unknown>;
      Object.assign(own, { method: "GET", http_version: "1.1", extensions: {}, headers: null, path: 1n });
      await send({ type: "http.response.early_hint", links: ["<a>"] });
      await send({ ...START, trailers: true });
      await send({ ...END, body: "abc" });
      await send({ type: "http.response.trailers" });
      throw new Error("afterwards");
    },
    { method: "HEAD", http_version: "1.0", path: "/p" },
  );
  expect(transport.interim).toEqual([]);
  expect(transport.text()).toBe("");
  expect(transport.state).toBe("ended");
  expect(transport.logs).toEqual([["error", 'The app failed at HEAD "/p"']]);
});

describe("behind a file", () => {
  const files = { "/f": "file" };

  test("events wait, in their order, whether or not somebody awaits one [A7 A55]", async () => {
    const transport = new FileTransport();
    await run(transport, async (_scope, _receive, send) => {
      await send(START);
      const file = send({ type: "http.response.zerocopysend", file: 3, more_body: true });
      void send(piece("b"));
      void send(piece("c"));
      await file;
      void send(piece("d"));
      await send({ type: "http.response.body", body: "e" });
    });
    expect(transport.text()).toBe("filebcde");
  });

  test("two files and what is between them leave in their order [A7 A55]", async () => {
    const transport = new FileTransport();
    const file: SendEvent = { type: "http.response.zerocopysend", file: 3, more_body: true };
    await run(transport, (_scope, _receive, send) => {
      for (const event of [START, file, piece("-"), file, piece("-"), file, END]) void send(event);
    });
    expect(transport.text()).toBe("file-file-filex");
    expect(transport.errors).toEqual([]);
  });

  test("an event that is refused is nobody's unhandled rejection, and the next one is carried out [A5 A10]", async () => {
    const transport = new FileTransport();
    await run(transport, (_scope, _receive, send) => {
      void send(START);
      void send({ type: "http.response.zerocopysend", file: 3, more_body: true });
      void send({ type: "http.response.body", body: 5 } as unknown as SendEvent);
      void send(START);
      void send(END);
    });
    expect(transport.text()).toBe("filex");
    expect(transport.errors).toEqual([]);
  });

  test("a client that leaves is nobody's unhandled rejection either [A8 A10]", async () => {
    const transport = new FileTransport();
    await run(transport, async (_scope, _receive, send) => {
      void send(START);
      void send({ type: "http.response.zerocopysend", file: 3, more_body: true });
      void send(END);
      transport.exchange.connectionLost();
      await turns();
    });
    expect(transport.errors).toEqual([]);
    expect(transport.openFiles).toBe(0);
  });

  test(`${MAX_QUEUED_SENDS} events may wait, and no more [A50 S8]`, async () => {
    const transport = new FileTransport();
    let atLimit: unknown;
    let above: unknown;
    await run(transport, async (_scope, _receive, send) => {
      await send(START);
      void send({ type: "http.response.zerocopysend", file: 3, more_body: true });
      for (let i = 1; i < MAX_QUEUED_SENDS; i += 1) void send(piece("."));
      atLimit = send(piece(".")).catch((error: unknown) => error);
      above = await send(END).catch((error: unknown) => error);
      atLimit = await atLimit;
      await send(END);
    });
    expect(atLimit).toBeUndefined();
    expect(above).toMatchObject({ code: "TSGI_ERR_SEND_OVERFLOW" });
    expect(transport.text()).toBe(`file${".".repeat(MAX_QUEUED_SENDS)}x`);
  });

  test("that cannot be opened, its error is the cause of the missing response [A54 A10]", async () => {
    const transport = await run(new MemoryTransport(), (_scope, _receive, send) => {
      void send(START);
      void send(FILE);
    });
    expect(transport.head?.status).toBe(500);
    expect((transport.errors[0] as Error).cause).toMatchObject({ code: "TSGI_ERR_FILE" });
  });

  test("an app that throws has its 500, and the file is read no further [A45 A54]", async () => {
    const transport = new FileTransport();
    await run(transport, (_scope, _receive, send) => {
      void send(START);
      void send(FILE);
      throw new Error("x");
    });
    expect(transport.text()).toBe("Internal Server Error");
    expect(transport.steps).toBe(0);
    expect(transport.openFiles).toBe(0);
  });

  test("a client that leaves while it is read: it is closed, and read no further [A54 A8]", async () => {
    const transport = new FileTransport(() => transport.exchange.connectionLost());
    await run(transport, async (_scope, _receive, send) => {
      await send(START);
      await send(FILE);
    });
    expect(transport.steps).toBe(1);
    expect(transport.openFiles).toBe(0);
    expect(transport.errors).toEqual([]);
  });

  test.each([
    ["HEAD", 200],
    ["GET", 304],
  ])("no byte of it is read for %s %i [A47 A54]", async (method, status) => {
    const transport = new FileTransport();
    await run(
      transport,
      async (_scope, _receive, send) => {
        await send({ ...START, status, headers: [["content-length", "4"]] });
        await send(FILE);
      },
      { method },
    );
    expect(transport.state).toBe("ended");
    expect(transport.steps).toBe(0);
    expect(transport.openFiles).toBe(0);
  });

  test("a file that cannot be read to its end cuts the response, and is closed [A54 A40]", async () => {
    const transport = new FileTransport((step) => {
      if (step === 2) fail();
    });
    await run(transport, async (_scope, _receive, send) => {
      await send(START);
      await send(FILE);
    });
    expect(transport.state).toBe("aborted");
    expect(transport.openFiles).toBe(0);
    expect(transport.errors).toHaveLength(1);
  });

  test("a stalled client stops the reading of it [A50 A54]", async () => {
    const transport = new FileTransport();
    transport.full = true;
    serve(
      async (_scope, _receive, send) => {
        await send(START);
        await send(FILE);
      },
      scopeOf(),
      transport,
    );
    await turns();
    expect(transport.steps).toBe(1);
    transport.full = false;
    transport.exchange.drained();
    await transport.detached;
    expect(transport.text()).toBe("file");
  });

  test("a file that was sent with nobody waiting is sent whole before the app counts as returned [A54]", async () => {
    const transport = await run(new MemoryTransport({ files }), (_scope, _receive, send) => {
      void send(START);
      void send(FILE);
    });
    expect(transport.text()).toBe("file");
    expect(transport.errors).toEqual([]);
  });
});

describe("an app that never stops to send", () => {
  test.each<[what: string, method: string, event: SendEvent]>([
    ["a body that HEAD has not", "HEAD", MORE],
    ["nothing", "GET", piece("")],
  ])(
    "%s leaves the others their turn, and ends with its client [A47 A41 A50 S10]",
    async (_what, method, event) => {
      const transport = new MemoryTransport();
      let sent = 0;
      serve(
        async (_scope, _receive, send) => {
          await send(START);
          for (;;) {
            await send(event);
            sent += 1;
          }
        },
        scopeOf({ method }),
        transport,
      );
      await turns();
      expect(sent).toBeGreaterThan(1);
      transport.exchange.connectionLost();
      await transport.detached;
      expect(transport.errors).toEqual([]);
      expect(transport.text()).toBe("");
    },
  );
});

test.each(["lost", "answered"])(
  "an app that never stops to ask for more of a request that is %s leaves the others their turn [A30 S10]",
  async (how) => {
    const transport = new MemoryTransport();
    let asked = 0;
    const ending = new AbortController();
    serve(
      async (_scope, receive, send) => {
        if (how === "answered") {
          await send(START);
          await send(END);
        } else {
          await Promise.resolve();
          transport.exchange.connectionLost();
        }
        while (!ending.signal.aborted) {
          expect(await receive()).toEqual({ type: "http.disconnect" });
          asked += 1;
        }
      },
      scopeOf(),
      transport,
    );
    await turns();
    expect(asked).toBeGreaterThan(1);
    ending.abort();
    await transport.detached;
  },
);

test("full says whether the next send will wait [A7 A50]", async () => {
  const transport = new MemoryTransport({ full: true });
  const { exchange } = await new Promise<MemoryTransport>((resolve) => {
    serve(
      async (_scope, _receive, send) => {
        await send(START);
        void send(MORE);
        resolve(transport);
        await send(END);
      },
      scopeOf(),
      transport,
    );
  });
  expect(exchange.full).toBe(true);
  exchange.drained();
  expect(exchange.full).toBe(false);
});

describe("promises that an app leaves alone", () => {
  test("a receive that waits, and a send that waits, are settled when the client leaves [A8 A30]", async () => {
    const transport = new MemoryTransport({ full: true, body: [] });
    let waiting: Promise<unknown>[] = [];
    transport.read = (): void => {};
    await run(transport, async (_scope, receive, send) => {
      await send(START);
      waiting = [receive(), receive(), send(MORE)];
      transport.exchange.connectionLost();
    });
    for (const promise of waiting) expect(await settled(promise)).toBe(true);
  });

  test("a rejection made for nobody is nobody's [A10]", async () => {
    void rejected(new Error("x"));
    await turns();
  });

  test("a body piece reported from within the order to read it is the reader's [A27 A29]", async () => {
    const bytes = new Uint8Array([1]);
    const transport = new FailingTransport("read", (exchange) => exchange.dataReceived(bytes, true));
    const events: unknown[] = [];
    await run(transport, async (_scope, receive, send) => {
      events.push(await receive());
      await send(START);
      await send(END);
    });
    expect(events).toEqual([{ type: "http.request", body: bytes, more_body: false }]);
  });
});

/** A transport with one endless supply of the file "file": four bytes, one for each step. */
class FileTransport extends MemoryTransport {
  steps = 0;
  readonly #before: (step: number) => void;

  constructor(before: (step: number) => void = () => {}) {
    super();
    this.#before = before;
  }

  override async openFile(): Promise<FileSource> {
    this.openFiles += 1;
    let at = 0;
    return {
      read: async () => {
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
        this.steps += 1;
        this.#before(this.steps);
        at += 1;
        return new TextEncoder().encode("file".slice(at - 1, at));
      },
      close: async () => {
        this.openFiles -= 1;
      },
    };
  }
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function circle(): unknown {
  const type: { self?: unknown } = {};
  type.self = type;
  return { type };
}

/** The exchange of a scope, by the only way the host has to it: its reports. */
function transportOf(scope: unknown): HttpExchange {
  const [symbol] = Object.getOwnPropertySymbols(scope);
  return (scope as Record<symbol, HttpExchange>)[symbol as symbol] as HttpExchange;
}
