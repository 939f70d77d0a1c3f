// A listener behind something else that uses the same request and response: whatever that does, the process goes on.

import type { ServerResponse } from "node:http";
import type { AsgiApp, HttpScope, SendEvent } from "@tsgi/core";
import { ClientDisconnected } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { listenOn, portOf } from "./fixtures/hosts.ts";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { gate, type Gate } from "./fixtures/running.ts";
import { expectNoStrays } from "./fixtures/strays.ts";
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
