import { describe, expect, test } from "vitest";
import type { AsgiApp } from "./app.ts";
import { ClientDisconnected, GatewayError, ResponseAborted } from "./errors.ts";
import type { HttpReceiveEvent, ReceiveEvent, SendEvent } from "./events.ts";
import type { HttpScope, HttpScopeInit } from "./scope.ts";
import { MAX_READERS } from "./request-body.ts";
import { MAX_UNAWAITED_BYTES } from "./room.ts";
import { MemoryTransport, scopeOf, settled } from "./memory-transport.test-support.ts";
import { serve } from "./transport.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };

/** Runs an app to its end, and returns what the transport saw. */
async function run(app: AsgiApp, scope: Partial<HttpScopeInit> = {}, transport = new MemoryTransport()) {
  serve(app, scopeOf(scope), transport);
  await transport.detached;
  return transport;
}

/** Runs an app that sends these events, awaiting each. */
function sending(...events: unknown[]): AsgiApp {
  return async (_scope, _receive, send) => {
    for (const event of events) await send(event as SendEvent);
  };
}

/** What `send` said to one event, after these. */
async function refusal(
  event: unknown,
  before: unknown[] = [],
  scope: Partial<HttpScopeInit> = {},
): Promise<unknown> {
  let error: unknown;
  const transport = await run(
    async (_scope, _receive, send) => {
      for (const earlier of before) await send(earlier as SendEvent);
      try {
        await send(event as SendEvent);
      } catch (caught) {
        error = caught;
      }
      if (transport.state === "idle") await send(START);
      if (transport.state !== "ended") await send({ type: "http.response.body" });
    },
    scope,
    new MemoryTransport(),
  );
  return error;
}

describe("the head", () => {
  test("is held back until the first piece, and then leaves with it [A36]", async () => {
    const log: string[] = [];
    const transport = new MemoryTransport();
    await run(
      async (_scope, _receive, send) => {
        await send(START);
        log.push(`after start: ${transport.state}`);
        await send({ type: "http.response.body", body: "x" });
        log.push(`after body: ${transport.state}`);
      },
      {},
      transport,
    );
    expect(log).toEqual(["after start: idle", "after body: ended"]);
  });

  test("an error between start and the first piece is a clean 500 [A36 A45 W50]", async () => {
    const transport = await run(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 201, headers: [["x-secret", "1"]] });
      throw new Error("secret");
    });
    expect(transport.head?.status).toBe(500);
    expect(transport.text()).toBe("Internal Server Error");
    expect(transport.fields()).toEqual([
      ["content-type", "text/plain; charset=utf-8"],
      ["content-length", "21"],
    ]);
    expect(transport.errors).toHaveLength(1);
  });

  test("an empty piece with more to come lets the head leave [A36 A41]", async () => {
    const transport = new MemoryTransport();
    let state = "";
    await run(
      async (_scope, _receive, send) => {
        await send(START);
        await send({ type: "http.response.body", more_body: true });
        state = transport.state;
        await send({ type: "http.response.body", body: "" });
      },
      {},
      transport,
    );
    expect(state).toBe("headed");
    expect(transport.text()).toBe("");
  });

  test("keeps order and repeated names [A42 X17 W34]", async () => {
    const headers = [
      ["set-cookie", "a=1"],
      ["x", "1"],
      ["set-cookie", "b=2"],
    ];
    const transport = await run(
      sending(
        { ...START, headers },
        { type: "http.response.body", body: "x", more_body: true },
        { type: "http.response.body" },
      ),
    );
    expect(transport.fields()).toEqual(headers);
  });

  test("loses hop-by-hop fields, and connection: close is passed as an order [A38 X34]", async () => {
    const headers = [
      ["transfer-encoding", "chunked"],
      ["connection", "keep-alive, Close"],
      ["keep-alive", "1"],
      ["upgrade", "h2c"],
      ["te", "trailers"],
    ];
    const transport = await run(sending({ ...START, headers }, { type: "http.response.body", body: "x" }));
    expect(transport.fields()).toEqual([["content-length", "1"]]);
    expect(transport.head?.close).toBe(true);
  });

  test.each([
    ["a name that is no token", [["a b", "x"]]],
    ["an empty name", [["", "x"]]],
    ["a pseudo header", [[":status", "200"]]],
    ["a name with LF", [["a\nb", "x"]]],
    ["CR in a value", [["a", "x\ry"]]],
    ["LF in a value", [["a", "x\ny"]]],
    ["NUL in a value", [["a", "x\0y"]]],
    ["DEL in a value", [["a", "x\x7fy"]]],
    ["a character above 0xFF", [["a", "\u0100"]]],
    ["a number as value", [["a", 1]]],
    ["a header that is no pair", ["ab"]],
    ["a header that is null", [null]],
    ["headers that are no list", 5],
    [
      "two different lengths",
      [
        ["content-length", "1"],
        ["content-length", "2"],
      ],
    ],
    ["a length that is no number", [["content-length", "1x"]]],
    ["a negative length", [["content-length", "-1"]]],
  ])("with %s is refused, and a corrected one may follow [A37 A5 S4 X18]", async (_what, headers) => {
    const error = await refusal({ ...START, headers });
    expect(error).toBeInstanceOf(GatewayError);
    expect((error as GatewayError).code).toBe("TSGI_ERR_HEADER");
  });

  test.each([[99], [100], [199], [1000], [200.5], ["200"], [null], [undefined], [Number.NaN]])(
    "with status %s is refused [A35 X20]",
    async (status) => {
      expect(await refusal({ ...START, status })).toMatchObject({ code: "TSGI_ERR_STATUS" });
    },
  );

  test.each([[200], [299], [600], [799], [999]])("with status %i is sent [A35 X20]", async (status) => {
    const transport = await run(sending({ ...START, status }, { type: "http.response.body" }));
    expect(transport.head?.status).toBe(status);
  });

  test("a reason with CR LF is refused [S4]", async () => {
    expect(await refusal({ ...START, reason: "OK\r\nx: y" })).toMatchObject({ code: "TSGI_ERR_STATUS" });
  });

  test("octets above 0x7F pass unchanged [X18]", async () => {
    const transport = await run(
      sending({ ...START, headers: [["x", "\xc3\xa9"]] }, { type: "http.response.body" }),
    );
    expect(transport.fields()[0]).toEqual(["x", "\xc3\xa9"]);
  });
});

describe("order", () => {
  test.each([
    ["body before start", { type: "http.response.body" }, []],
    ["a second start", START, [START]],
    ["a start after the body began", START, [START, { type: "http.response.body", more_body: true }]],
  ])("%s is refused at the call [A35 A5]", async (_what, event, before) => {
    expect(await refusal(event, before)).toMatchObject({ code: "TSGI_ERR_EVENT_ORDER" });
  });

  test.each([
    ["an unknown type", { type: "http.response.nothing" }],
    ["a websocket event", { type: "websocket.accept" }],
    ["no type", {}],
    ["null", null],
    ["a string", "http.response.start"],
  ])("%s is refused, and nothing is written [A5]", async (_what, event) => {
    expect(await refusal(event)).toMatchObject({ code: "TSGI_ERR_EVENT" });
  });

  test.each([
    [{ type: "http.response.body", body: 5 }],
    [{ type: "http.response.body", body: [1, 2] }],
    [{ type: "http.response.body", more_body: "yes" }],
  ])("a wrong type of key is refused: %j [A5]", async (event) => {
    expect(await refusal(event, [START])).toMatchObject({ code: "TSGI_ERR_EVENT" });
  });

  test("unknown extra keys are ignored [A4]", async () => {
    const transport = await run(
      sending({ ...START, colour: "red" }, { type: "http.response.body", body: "x", mood: 1 }),
    );
    expect(transport.text()).toBe("x");
    expect(transport.errors).toEqual([]);
  });

  test("what is sent after the response is complete is ignored [A9]", async () => {
    const body: SendEvent = { type: "http.response.body", body: "x" };
    const transport = await run(
      sending(START, body, body, START, { type: "http.response.early_hint", links: ["<a>"] }),
    );
    expect(transport.text()).toBe("x");
    expect(transport.errors).toEqual([]);
  });

  test("an extension that was not offered is refused [A13 A12]", async () => {
    for (const event of [
      { type: "http.response.early_hint", links: [] },
      { type: "http.response.trailers" },
      { type: "http.response.pathsend", path: "/x" },
      { type: "http.response.zerocopysend", file: 1 },
      { type: "http.response.push", path: "/x", headers: [] },
      { type: "http.response.debug", info: {} },
      { type: "tsgi.informational", status: 102 },
    ]) {
      expect(await refusal(event, [], { extensions: {} })).toMatchObject({ code: "TSGI_ERR_EXTENSION" });
    }
  });
});

describe("framing", () => {
  test("a single final piece gets its exact Content-Length, in bytes [A39 W45]", async () => {
    const transport = await run(sending(START, { type: "http.response.body", body: "é€😀\ud800" }));
    expect(transport.fields()).toEqual([["content-length", "12"]]);
    expect(Buffer.from(transport.bytes()).length).toBe(12);
  });

  test("a body in pieces gets none [A39]", async () => {
    const transport = await run(
      sending(
        START,
        { type: "http.response.body", body: "a", more_body: true },
        { type: "http.response.body", body: "b" },
      ),
    );
    expect(transport.fields()).toEqual([]);
    expect(transport.text()).toBe("ab");
  });

  test.each([
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
  ])("%s with status %i takes the body and sends none of it [A47 A48 W47 W48]", async (method, status) => {
    const transport = await run(
      sending(
        { ...START, status },
        { type: "http.response.body", body: "abc", more_body: true },
        { type: "http.response.body", body: "d" },
      ),
      { method },
    );
    expect(transport.fields()).toEqual([]);
    expect(transport.text()).toBe("");
    expect(transport.state).toBe("ended");
  });

  test("a body that a status forbids is left out with a warning; that of HEAD without a word [A48]", async () => {
    const body: SendEvent = { type: "http.response.body", body: "abc" };
    for (const status of [204, 304]) {
      const transport = await run(sending({ ...START, status }, body));
      expect(transport.logs).toEqual([["warn", `The body of a ${status} response is left out: it has none`]]);
    }
    expect((await run(sending(START, body), { method: "HEAD" })).logs).toEqual([]);
    expect((await run(sending({ ...START, status: 204 }, { ...body, body: "" }))).logs).toEqual([]);
  });

  test("HEAD and 304 keep the app's Content-Length, 204 loses it [A47 A48]", async () => {
    const headers = [["content-length", "7"]];
    for (const [method, status, kept] of [
      ["HEAD", 200, headers],
      ["GET", 304, headers],
      ["GET", 204, []],
    ] as const) {
      const transport = await run(sending({ ...START, status, headers }, { type: "http.response.body" }), {
        method,
      });
      expect(transport.fields()).toEqual(kept);
    }
  });

  test("a piece that is too long is refused; with the head sent, the response is cut [A40]", async () => {
    const headers = [["content-length", "3"]];
    const transport = await run(
      sending(
        { ...START, headers },
        { type: "http.response.body", body: "ab", more_body: true },
        { type: "http.response.body", body: "cd" },
      ),
    );
    expect(transport.state).toBe("aborted");
    expect(transport.text()).toBe("ab");
    expect(transport.errors).toHaveLength(1);
  });

  test("a body that is too long at once is a 500 [A40 A45]", async () => {
    const transport = await run(
      sending({ ...START, headers: [["content-length", "3"]] }, { type: "http.response.body", body: "abcd" }),
    );
    expect(transport.head?.status).toBe(500);
  });

  test("a body that ends too short is cut, never padded [A40]", async () => {
    const transport = await run(
      sending(
        { ...START, headers: [["content-length", "3"]] },
        { type: "http.response.body", body: "ab", more_body: true },
        { type: "http.response.body" },
      ),
    );
    expect(transport.state).toBe("aborted");
    expect(transport.errors).toHaveLength(1);
  });

  test("equal lengths become one field [X34]", async () => {
    const headers = [
      ["content-length", "1"],
      ["Content-Length", "1"],
    ];
    const transport = await run(sending({ ...START, headers }, { type: "http.response.body", body: "x" }));
    expect(transport.fields()).toEqual([["content-length", "1"]]);
  });

  test("empty pieces write nothing [A41]", async () => {
    const piece: SendEvent = { type: "http.response.body", body: "", more_body: true };
    const transport = await run(
      sending(START, { ...piece, body: "a" }, piece, piece, { type: "http.response.body" }),
    );
    expect(transport.pieces).toHaveLength(1);
  });
});

describe("the end of the app", () => {
  test.each([
    ["returns nothing", async () => {}],
    ["returns at once", () => {}],
    ["only starts", sending(START)],
  ])("one that %s gets a 500 [A44]", async (_what, app) => {
    const transport = await run(app);
    expect(transport.head?.status).toBe(500);
    expect(transport.errors).toHaveLength(1);
  });

  test("one that leaves the body open is cut [A44]", async () => {
    const transport = await run(sending(START, { type: "http.response.body", body: "a", more_body: true }));
    expect(transport.state).toBe("aborted");
    expect(transport.errors[0]).toMatchObject({ code: "TSGI_ERR_INCOMPLETE" });
  });

  test.each([
    ["a value", 5],
    ["a function", () => {}],
    ["null", null],
  ])("one that returns %s has failed [A1 A14]", async (_what, value) => {
    const transport = await run((() => value) as unknown as AsgiApp);
    expect(transport.head?.status).toBe(500);
    expect(transport.errors[0]).toMatchObject({ code: "TSGI_ERR_RESULT" });
  });

  test("one that returns undefined without a promise may have answered [A1]", async () => {
    const transport = await run((_scope, _receive, send) => {
      void send(START);
      void send({ type: "http.response.body", body: "x" });
    });
    expect(transport.text()).toBe("x");
    expect(transport.errors).toEqual([]);
  });

  test("a throw before the start is a 500, synchronous or not [A6 A10 A45]", async () => {
    for (const app of [
      () => {
        throw new Error("now");
      },
      async () => {
        throw new Error("later");
      },
    ]) {
      const transport = await run(app);
      expect(transport.head?.status).toBe(500);
      expect(transport.text()).toBe("Internal Server Error");
      expect(transport.errors).toHaveLength(1);
    }
  });

  test("a throw after the first piece cuts the response [A45 W50]", async () => {
    const transport = await run(async (_scope, _receive, send) => {
      await send(START);
      await send({ type: "http.response.body", body: "a", more_body: true });
      throw new Error("late");
    });
    expect(transport.state).toBe("aborted");
    expect(transport.errors).toHaveLength(1);
  });

  test("ResponseAborted hangs up, before the head too: no 500, and nothing in the log [A10]", async () => {
    for (const before of [[], [START, { type: "http.response.body", body: "a", more_body: true }]]) {
      const transport = await run(async (_scope, _receive, send) => {
        for (const event of before) await send(event as SendEvent);
        throw new ResponseAborted();
      });
      expect(transport.state).toBe("aborted");
      expect(transport.text()).toBe(before.length === 0 ? "" : "a");
      expect(transport.errors).toEqual([]);
    }
  });

  test("a throw after the complete response is logged and changes nothing [S26 A10]", async () => {
    const transport = await run(async (_scope, _receive, send) => {
      await send(START);
      await send({ type: "http.response.body", body: "a" });
      throw new Error("afterwards");
    });
    expect(transport.state).toBe("ended");
    expect(transport.errors).toHaveLength(1);
  });

  test("a refused send that nobody awaits is the cause of the missing response, not an unhandled rejection [A10]", async () => {
    const transport = await run((_scope, _receive, send) => {
      void send({ type: "http.response.start", status: 5 });
    });
    expect((transport.errors[0] as Error).cause).toMatchObject({ code: "TSGI_ERR_STATUS" });
  });
});

describe("receive", () => {
  /** The first n events an app receives. */
  async function received(
    n: number,
    transport: MemoryTransport,
    scope: Partial<HttpScopeInit> = {},
  ): Promise<HttpReceiveEvent[]> {
    const events: ReceiveEvent[] = [];
    await run(
      async (_scope, receive, send) => {
        for (let i = 0; i < n; i += 1) events.push(await receive());
        await send(START).catch(() => {});
        await send({ type: "http.response.body" }).catch(() => {});
      },
      scope,
      transport,
    );
    return events as HttpReceiveEvent[];
  }

  test("gives one empty final piece for a request without a body [A27]", async () => {
    expect(await received(1, new MemoryTransport())).toEqual([
      { type: "http.request", body: new Uint8Array(0), more_body: false },
    ]);
  });

  test("gives the pieces in order, the last with more_body false [A28 A27]", async () => {
    const transport = new MemoryTransport({ body: ["ab", "", "c"] });
    const events = await received(3, transport);
    expect(
      events.map((event) =>
        event.type === "http.request" ? [Buffer.from(event.body).toString(), event.more_body] : null,
      ),
    ).toEqual([
      ["ab", true],
      ["c", true],
      ["", false],
    ]);
  });

  test("asks the transport for one piece at a time [A29]", async () => {
    const transport = new MemoryTransport({ body: ["a", "b", "c"] });
    await received(2, transport);
    expect(transport.reads).toBe(2);
  });

  test("after the body, waits for the end of the response, then says disconnect for ever [A30]", async () => {
    let late: Promise<ReceiveEvent> | undefined;
    const transport = await run(async (_scope, receive, send) => {
      await receive();
      late = receive();
      await send(START);
      expect(await settled(late)).toBe(false);
      await send({ type: "http.response.body" });
      expect(await late).toEqual({ type: "http.disconnect" });
      expect(await receive()).toEqual({ type: "http.disconnect" });
      expect(await receive()).toEqual({ type: "http.disconnect" });
    });
    expect(transport.errors).toEqual([]);
  });

  test("a client that leaves amid the body is a disconnect, not an end [A31]", async () => {
    const transport = new MemoryTransport({ body: ["a", null] });
    expect(await received(3, transport)).toEqual([
      { type: "http.request", body: new Uint8Array([97]), more_body: true },
      { type: "http.disconnect" },
      { type: "http.disconnect" },
    ]);
  });

  test("two that wait are served in order [A33]", async () => {
    const transport = new MemoryTransport({ body: ["a", "b"] });
    const bodies: string[] = [];
    await run(
      async (_scope, receive, send) => {
        const both = [receive(), receive()];
        for (const event of await Promise.all(both))
          if (event.type === "http.request") bodies.push(Buffer.from(event.body).toString());
        await send(START);
        await send({ type: "http.response.body" });
      },
      {},
      transport,
    );
    expect(bodies).toEqual(["a", "b"]);
  });

  test(`more than ${MAX_READERS} that wait are turned away with a disconnect [A33 S8]`, async () => {
    await run(async (_scope, receive, send) => {
      await receive();
      const waiting = Array.from({ length: MAX_READERS }, () => receive());
      expect(await receive()).toEqual({ type: "http.disconnect" });
      expect(await settled(waiting[MAX_READERS - 1] as Promise<unknown>)).toBe(false);
      await send(START);
      await send({ type: "http.response.body" });
      await Promise.all(waiting);
    });
  });

  test("pieces are the app's own: the exchange passes them on, never copies or reuses [S27]", async () => {
    const piece = new Uint8Array([1, 2, 3]);
    const transport = new MemoryTransport({ body: [piece] });
    const [event] = await received(1, transport);
    expect(event?.type === "http.request" && event.body).toBe(piece);
  });
});

describe("back-pressure and disconnect", () => {
  test("send waits while the transport is full, and goes on when it drained [A7 A50]", async () => {
    const transport = new MemoryTransport({ full: true });
    const log: string[] = [];
    serve(
      async (_scope, _receive, send) => {
        await send(START);
        const wait = send({ type: "http.response.body", body: "a", more_body: true });
        log.push(`settled: ${await settled(wait)}`);
        transport.full = false;
        transport.exchange.drained();
        await wait;
        log.push("drained");
        await send({ type: "http.response.body", body: "b" });
      },
      scopeOf(),
      transport,
    );
    await transport.detached;
    expect(log).toEqual(["settled: false", "drained"]);
    expect(transport.text()).toBe("ab");
  });

  test("concurrent sends keep their order, and all settle at the drain [A7]", async () => {
    const transport = new MemoryTransport({ full: true });
    serve(
      async (_scope, _receive, send) => {
        await send(START);
        const sends = ["a", "b", "c"].map((body) =>
          send({ type: "http.response.body", body, more_body: true }),
        );
        transport.exchange.drained();
        await Promise.all(sends);
        await send({ type: "http.response.body" });
      },
      scopeOf(),
      transport,
    );
    await transport.detached;
    expect(transport.text()).toBe("abc");
  });

  test("an app that never waits is cut off at the limit, not before [A50 S8 S10]", async () => {
    const transport = new MemoryTransport({ full: true });
    let atLimit: boolean | undefined;
    let error: unknown;
    serve(
      async (_scope, _receive, send) => {
        await send(START);
        void send({ type: "http.response.body", body: "x", more_body: true });
        const piece: SendEvent = {
          type: "http.response.body",
          body: new Uint8Array(MAX_UNAWAITED_BYTES),
          more_body: true,
        };
        const waiting = send(piece);
        waiting.catch(() => {});
        atLimit = await settled(waiting);
        error = await send({ type: "http.response.body", body: "x", more_body: true }).catch(
          (caught: unknown) => caught,
        );
      },
      scopeOf(),
      transport,
    );
    await transport.detached;
    expect(atLimit).toBe(false);
    expect(error).toMatchObject({ code: "TSGI_ERR_SEND_OVERFLOW" });
    expect(transport.state).toBe("aborted");
  });

  test("a lost connection rejects a waiting send, later ones too, and is not logged when it escapes [A8 A70 W51]", async () => {
    const transport = new MemoryTransport({ full: true });
    let first: unknown;
    serve(
      async (_scope, _receive, send) => {
        await send(START);
        const wait = send({ type: "http.response.body", body: "a", more_body: true });
        transport.exchange.connectionLost();
        first = await wait.catch((error: unknown) => error);
        await send({ type: "http.response.body", body: "b" });
      },
      scopeOf(),
      transport,
    );
    await transport.detached;
    expect(first).toBeInstanceOf(ClientDisconnected);
    expect(first).toMatchObject({ code: "ECONNRESET" });
    expect(transport.errors).toEqual([]);
  });

  test("an error of the app's own after a lost connection is logged [A10]", async () => {
    const transport = new MemoryTransport();
    serve(
      async () => {
        transport.exchange.connectionLost();
        throw new TypeError("mine");
      },
      scopeOf(),
      transport,
    );
    await transport.detached;
    expect(transport.errors).toHaveLength(1);
    expect(transport.head).toBeNull();
  });

  test("signal is aborted by a lost connection, once, with ClientDisconnected; not by a normal end [A34 X23]", async () => {
    const transport = new MemoryTransport();
    let aborts = 0;
    serve(
      async (scope, receive) => {
        const { signal } = scope as HttpScope;
        signal.addEventListener("abort", () => (aborts += 1));
        transport.exchange.connectionLost();
        transport.exchange.connectionLost();
        expect(signal.reason).toBeInstanceOf(ClientDisconnected);
        expect(await receive()).toEqual({ type: "http.disconnect" });
      },
      scopeOf(),
      transport,
    );
    await transport.detached;
    expect(aborts).toBe(1);
    let normal: AbortSignal | undefined;
    await run(async (scope, _receive, send) => {
      normal = (scope as HttpScope).signal;
      await send(START);
      await send({ type: "http.response.body" });
    });
    expect(normal?.aborted).toBe(false);
  });

  test("signal is made once, also for a copy of the scope, and after the loss it is aborted already [A34 A11]", async () => {
    const transport = new MemoryTransport();
    serve(
      async (scope) => {
        const copy = { ...scope } as HttpScope;
        transport.exchange.connectionLost();
        expect(copy.signal).toBe((scope as HttpScope).signal);
        expect(copy.signal.aborted).toBe(true);
      },
      scopeOf(),
      transport,
    );
    await transport.detached;
    expect(transport.errors).toEqual([]);
  });

  test("a loss after the complete response settles what still waits and disturbs nobody [A8]", async () => {
    const transport = new MemoryTransport({ full: true });
    serve(
      async (_scope, _receive, send) => {
        await send(START);
        const wait = send({ type: "http.response.body", body: "a", more_body: true });
        await send({ type: "http.response.body", body: "b" });
        transport.exchange.connectionLost();
        await wait;
      },
      scopeOf(),
      transport,
    );
    await transport.detached;
    expect(transport.errors).toEqual([]);
    expect(transport.exchange.disconnected).toBe(false);
  });
});
