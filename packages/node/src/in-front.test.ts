// A listener behind something else that uses the same request and response: whatever that does, the process goes on.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AsgiApp, HttpScope, SendEvent } from "@tsgi/core";
import { ClientDisconnected, latin1Decode } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { listenOn, portOf } from "./fixtures/hosts.ts";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { gate, type Gate } from "./fixtures/running.ts";
import { expectNoStrays, turns } from "./fixtures/strays.ts";
import { toNode, type NodeListener } from "./to-node.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };
const BEGUN: SendEvent = { type: "http.response.body", body: "begun", more_body: true };
const END: SendEvent = { type: "http.response.body", body: "end" };
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const LAST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** Runs an app behind something that gets hold of the response first. */
async function behind(
  front: (res: ServerResponse) => void,
  app: AsgiApp,
): Promise<{ port: number; logged: string[] }> {
  const logged: string[] = [];
  const listener = toNode(app, { log: (_level, message) => logged.push(message) });
  const both: NodeListener = (req, res) => {
    if (req.url === "/last") {
      (res as ServerResponse).end("last");
      return;
    }
    front(res as ServerResponse);
    listener(req, res);
  };
  return { port: portOf(await listenOn(both)), logged };
}

expectNoStrays();

describe("something in front that answers while the app is at work", () => {
  test.each<[what: string, event: SendEvent]>([
    ["begins", BEGUN],
    ["answers", END],
  ])(
    "the app %s too late: for it the client has gone, for the client nothing is wrong [A8 A10 A70]",
    async (_what, event) => {
      const answered = gate();
      const late: Gate<unknown> = gate();
      const { port, logged } = await behind(
        (res) => {
          setImmediate(() => res.writeHead(503).end("busy", () => answered.open()));
        },
        async (scope, receive, send) => {
          const { signal } = scope as HttpScope;
          await answered.passed;
          await send(START).catch(() => {});
          const error = await send(event).catch((caught: unknown) => caught);
          await send(END).catch(() => {});
          late.open([error, signal.aborted, await receive(), await receive()]);
        },
      );
      expect(statuses(await rawExchange(port, GET + LAST))).toEqual([503, 200]);
      const gone = { type: "http.disconnect" };
      expect(await late.passed).toEqual([expect.any(ClientDisconnected), true, gone, gone]);
      expect(logged).toEqual([]);
    },
  );

  test.each<[what: string, event: SendEvent]>([
    ["begins", BEGUN],
    ["answers", END],
  ])("the app %s between its head and its end: likewise [A8 A10 A70]", async (_what, event) => {
    const late: Gate<unknown> = gate();
    const { port, logged } = await behind(
      (res) => {
        res.writeHead(503, { "content-length": "4" }).write("bu");
        void late.passed.then(() => res.end("sy"));
      },
      async (scope, receive, send) => {
        const { signal } = scope as HttpScope;
        await send(START);
        const error = await send(event).catch((caught: unknown) => caught);
        await send(END).catch(() => {});
        late.open([error, signal.aborted, await receive(), await receive()]);
      },
    );
    const received = await rawExchange(port, GET + LAST);
    expect(statuses(received)).toEqual([503, 200]);
    expect(received).toMatch(/\r\n\r\nbusyHTTP/);
    const gone = { type: "http.disconnect" };
    expect(await late.passed).toEqual([expect.any(ClientDisconnected), true, gone, gone]);
    expect(logged).toEqual([]);
  });

  test("the app fails: that is logged, and the answer stays as it is [A10 A45]", async () => {
    const answered = gate();
    const { port, logged } = await behind(
      (res) => {
        setImmediate(() => res.writeHead(503).end("busy", () => answered.open()));
      },
      async () => {
        await answered.passed;
        throw new Error("late");
      },
    );
    expect(statuses(await rawExchange(port, GET + LAST))).toEqual([503, 200]);
    expect(logged).toHaveLength(1);
  });

  test("the app sees a disconnect, if it waits for one [A30]", async () => {
    const seen: Gate<unknown> = gate();
    const { port } = await behind(
      (res) => {
        setImmediate(() => res.writeHead(503).end("busy"));
      },
      async (_scope, receive) => {
        await receive();
        seen.open(await receive());
      },
    );
    expect(statuses(await rawExchange(port, GET + LAST))).toEqual([503, 200]);
    expect(await seen.passed).toEqual({ type: "http.disconnect" });
  });
});

describe.each<[what: string, act: (res: ServerResponse) => void]>([
  ["ends the response", (res) => res.end()],
  ["destroys it", (res) => res.destroy()],
  ["destroys it with an error", (res) => res.destroy(new Error("front"))],
])("something in front that %s amid the app's body", (_what, act) => {
  test.each<[what: string, event: SendEvent]>([
    ["goes on", BEGUN],
    ["ends", END],
  ])("while the app %s: that sees the client gone, or nothing [A8 A10 A70]", async (_doing, event) => {
    let response: ServerResponse | undefined;
    const done: Gate<unknown> = gate();
    const { port, logged } = await behind(
      (res) => {
        response = res;
      },
      async (_scope, receive, send) => {
        await send(START);
        await send(BEGUN);
        act(response as ServerResponse);
        await send(event).catch(() => {});
        await send(END).catch(() => {});
        await receive();
        done.open(await receive());
      },
    );
    const client = await rawClient(port);
    client.send(GET);
    expect(await done.passed).toEqual({ type: "http.disconnect" });
    expect(logged).toEqual([]);
    client.destroy();
  });
});

test("an early hint after something in front has begun to answer is not sent [A51 A10]", async () => {
  const { port } = await behind(
    (res) => {
      res.writeHead(200, { "content-length": 2 });
      res.write("o");
      setImmediate(() => res.end("k"));
    },
    async (_scope, _receive, send) => {
      await send({ type: "http.response.early_hint", links: ["</a>"] });
    },
  );
  const received = await rawExchange(port, GET + LAST);
  expect(statuses(received)).toEqual([200, 200]);
  expect(received).toMatch(/\r\n\r\nokHTTP/);
});

describe("something in front that has read of the body", () => {
  const echo: AsgiApp = async (_scope, receive, send) => {
    let body = "";
    for (let more = true; more;) {
      const event = await receive();
      if (event.type !== "http.request") return;
      body += latin1Decode(event.body);
      more = event.more_body;
    }
    await send(START);
    await send({ type: "http.response.body", body: `<${body}>` });
  };

  /** Has a first piece of the body read before the app is called; the rest comes later. */
  async function readFirst(framing: string, rest: string): Promise<{ received: string; logged: unknown[] }> {
    const logged: unknown[] = [];
    const listener = toNode(echo, { log: (_level, _message, error) => logged.push(error) });
    const server = await listenOn((req, res) => {
      const first = (): void => {
        (req as IncomingMessage).pause();
        listener(req, res);
        client.send(rest);
      };
      (req as IncomingMessage).once("data", first);
    });
    const client = await rawClient(portOf(server));
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${framing}`);
    return { received: await client.ended, logged };
  }

  test.each([
    ["a known length", "Content-Length: 5\r\n\r\nhe", "llo"],
    ["chunks", "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", "3\r\nllo\r\n0\r\n\r\n"],
  ])("a part of it: the rest does not look like the whole of %s [X21 A31]", async (_what, first, rest) => {
    const { received, logged } = await readFirst(first, rest);
    expect(statuses(received)).toEqual([500]);
    expect(logged).toEqual([expect.objectContaining({ code: "TSGI_ERR_BODY_CONSUMED" })]);
  });

  test("nothing of it, but has had it decoded: text is not what was sent [X21]", async () => {
    const logged: unknown[] = [];
    const listener = toNode(echo, { log: (_level, _message, error) => logged.push(error) });
    const server = await listenOn((req, res) => {
      req.setEncoding("utf8");
      listener(req, res);
    });
    const received = await rawExchange(
      portOf(server),
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\n\xff",
    );
    expect(statuses(received)).toEqual([500]);
    expect(logged).toEqual([expect.objectContaining({ code: "TSGI_ERR_BODY_CONSUMED" })]);
  });

  test("all of it, more than the app takes: it is refused, and the app does not see it [S8 X21]", async () => {
    const received: Gate<unknown> = gate();
    const app: AsgiApp = async (_scope, receive) => received.open(await receive());
    const listener = toNode(app, { maxBodySize: 5, log: () => {} });
    const server = await listenOn((req, res) => {
      req.resume();
      req.once("end", () => listener(Object.assign(req, { body: Buffer.from("hello!") }), res));
    });
    const answer = await rawExchange(
      portOf(server),
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello!\r\n0\r\n\r\n",
    );
    expect(statuses(answer)).toEqual([413]);
    expect(await received.passed).toEqual({ type: "http.disconnect" });
  });

  test.each<[what: string, left: object, expected: string | null]>([
    ["bytes", { body: Buffer.from("hello!") }, "<hello!>"],
    ["text", { body: "h\u00e9llo" }, "<h\u00c3\u00a9llo>"],
    ["an object, and the bytes", { body: { hello: 1 }, rawBody: Buffer.from("hello!") }, "<hello!>"],
    ["an object", { body: { hello: 1 } }, null],
    ["nothing", {}, null],
    ["text of another length, which was no UTF-8 then", { body: "hello" }, null],
    ["text without a length, which was whatever it was", { body: "hello!", chunked: true }, null],
    ["bytes without a length", { body: Buffer.from("hello!"), chunked: true }, "<hello!>"],
    ["text kept as it came, without a length", { rawBody: "hello!", chunked: true }, "<hello!>"],
    [
      "bytes of a coded body, which are not those sent",
      { body: Buffer.from("hello!"), coding: "gzip" },
      null,
    ],
  ])("all of it, and left %s: %j [X21]", async (_what, left, expected) => {
    const logged: unknown[] = [];
    const listener = toNode(echo, { log: (_level, _message, error) => logged.push(error) });
    const server = await listenOn((req, res) => {
      req.resume();
      req.once("end", () => listener(Object.assign(req, left), res));
    });
    const { coding, chunked = false } = left as { coding?: string; chunked?: boolean };
    const body = chunked
      ? "Transfer-Encoding: chunked\r\n\r\n6\r\nhello!\r\n0\r\n\r\n"
      : "Content-Length: 6\r\n\r\nhello!";
    const received = await rawExchange(
      portOf(server),
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Encoding: ${coding ?? "Identity"}\r\n` +
        body,
    );
    expect(statuses(received)).toEqual([expected === null ? 500 : 200]);
    if (expected === null)
      expect(logged).toEqual([expect.objectContaining({ code: "TSGI_ERR_BODY_CONSUMED" })]);
    else expect(Buffer.from(received, "latin1").toString()).toContain(`\r\n\r\n${expected}`);
  });
});

test("interim responses after the response was destroyed go nowhere [A51 A10]", async () => {
  const done = gate();
  const { port, logged } = await behind(
    (res) => res.destroy(),
    async (_scope, _receive, send) => {
      for (let i = 0; i < 3; i += 1) {
        await send({ type: "http.response.early_hint", links: ["</a>"] }).catch(() => {});
        await turns();
      }
      done.open();
    },
  );
  expect(await rawExchange(port, GET)).toBe("");
  await done.passed;
  expect(logged).toEqual([]);
});

describe("something in front that has set fields", () => {
  const last = GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

  test("they stay beside the app's; what is set again is replaced, but cookies add up [A42 X17]", async () => {
    const { port } = await behind(
      (res) => {
        res.setHeader("X-Front", "1");
        res.setHeader("X-Both", "front");
        res.setHeader("Set-Cookie", ["a=1", "b=2"]);
      },
      async (_scope, _receive, send) => {
        const headers: [string, string][] = [
          ["x-both", "app"],
          ["x-list", "1"],
          ["x-list", "2"],
          ["set-cookie", "c=3"],
          ["set-cookie", "d=4"],
        ];
        await send({ type: "http.response.start", status: 200, headers });
        await send(END);
      },
    );
    const received = await rawExchange(port, last);
    const lines = received.split("\r\n").filter((line) => /^(x-|set-cookie)/i.test(line));
    expect(lines.map((line) => line.toLowerCase()).sort()).toEqual([
      "set-cookie: a=1",
      "set-cookie: b=2",
      "set-cookie: c=3",
      "set-cookie: d=4",
      "x-both: app",
      "x-front: 1",
      "x-list: 1",
      "x-list: 2",
    ]);
  });

  test.each([
    ["Content-Length", "5"],
    ["Trailer", "x-sum"],
  ])("%s does not frame the app's body [X34 A39]", async (name, value) => {
    const { port } = await behind(
      (res) => res.setHeader(name, value),
      async (_scope, _receive, send) => {
        await send(START);
        await send(BEGUN);
        await send(END);
      },
    );
    const received = await rawExchange(port, last);
    expect(received).toMatch(/\r\nTransfer-Encoding: chunked\r\n/);
    expect(received).not.toMatch(/content-length|trailer/i);
    // In one chunk or two.
    expect(received).toMatch(/\r\n\r\n[58]\r\nbegun(\r\n3\r\n)?end\r\n0\r\n\r\n$/);
  });

  test.each([
    ["chunked", [END], /\r\ncontent-length: 3\r\n[^]*\r\n\r\nend$/],
    ["gzip", [BEGUN, END], /\r\n\r\nbegunend$/],
  ])("Transfer-Encoding: %s is not said of the app's body [X34 A39]", async (value, events, expected) => {
    const { port } = await behind(
      (res) => res.setHeader("Transfer-Encoding", value),
      async (_scope, _receive, send) => {
        await send(START);
        for (const event of events) await send(event);
      },
    );
    const received = await rawExchange(port, last);
    expect(received).toMatch(expected);
    expect(received).not.toMatch(/transfer-encoding/i);
  });

  test.each([
    ["alone", {}],
    ["beside a field", { "x-front": "1" }],
  ])("a reason phrase %s is not said of the app's status [X20]", async (_what, fields) => {
    const { port } = await behind(
      (res) => {
        res.statusMessage = "Nope";
        for (const [name, value] of Object.entries(fields)) res.setHeader(name, value);
      },
      async (_scope, _receive, send) => {
        await send(START);
        await send(END);
      },
    );
    expect(await rawExchange(port, last)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

test("something in front that took its field back costs the app none of its cookies [A42 X17]", async () => {
  const { port } = await behind(
    (res) => {
      res.setHeader("x-powered-by", "front");
      res.removeHeader("x-powered-by");
    },
    async (_scope, _receive, send) => {
      const headers = [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["connection", "close"],
      ] as const;
      await send({ type: "http.response.start", status: 200, headers });
      await send(END);
    },
  );
  const received = await rawExchange(port, GET);
  expect(received.match(/set-cookie: .*(?=\r\n)/g)).toEqual(["set-cookie: a=1", "set-cookie: b=2"]);
});

test("something in front that has replaced how a response is ended sees a whole one pass", async () => {
  const seen: unknown[] = [];
  const { port } = await behind(
    (res) => {
      const end = res.end.bind(res) as (...args: unknown[]) => ServerResponse;
      res.end = (...args: unknown[]) => {
        seen.push(args[0]);
        return end(...args);
      };
    },
    async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [["connection", "close"]] });
      await send(END);
    },
  );
  expect(await rawExchange(port, GET)).toMatch(/\r\n\r\nend$/);
  expect(seen).toEqual(["end"]);
});
