// A client that goes away, and requests that overlap: on both sides of the adapter.

import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { ClientDisconnected, UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import type { Request, Response } from "express";
import { fromExpress } from "./from-express.ts";
import { VERSIONS, ask, listen, serveOurs } from "./fixtures/servers.ts";
import { toExpress } from "./to-express.ts";

interface Gate<T = void> {
  readonly passed: Promise<T>;
  open(value: T): void;
}

function gate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  const passed = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

const behind =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

async function turns(): Promise<void> {
  for (let i = 0; i < 4; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(VERSIONS)("%s", (_version, express) => {
  test("tells a mounted app once that its client has gone: by event, signal and send [X23 A8 A30 A34]", async () => {
    const waiting = gate();
    const told: Gate<unknown[]> = gate();
    let aborts = 0;
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      scope.signal.addEventListener("abort", () => {
        aborts += 1;
      });
      await receive();
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: "begun", more_body: true });
      const next = receive();
      waiting.open();
      const event = await next;
      const late = await send({ type: "http.response.body", body: "late" }).catch((error: unknown) => error);
      await turns();
      told.open([event, late, scope.signal.aborted]);
    };
    const socket = connect(await listen(express().use("/mnt", toExpress(app))), "127.0.0.1");
    socket.write("GET /mnt HTTP/1.1\r\nHost: a\r\n\r\n");
    await waiting.passed;
    socket.destroy();
    expect(await told.passed).toEqual([{ type: "http.disconnect" }, expect.any(ClientDisconnected), true]);
    expect(aborts).toBe(1);
  });

  test.each([
    ["the native pair", (app: AsgiApp): AsgiApp => app],
    ["the synthetic pair", behind],
  ])("hears itself once that its client has gone, over %s [X23]", async (_pair, wrap) => {
    const begun = gate();
    const closed: Gate<Request> = gate();
    const events: string[] = [];
    const app = express();
    app.get("/", (req: Request, res: Response) => {
      req.on("close", () => events.push("req close"));
      req.on("aborted", () => events.push("req aborted"));
      req.on("error", (error) => events.push(`req error ${error.message}`));
      res.on("finish", () => events.push("res finish"));
      res.on("error", () => events.push("res error"));
      res.on("close", () => {
        events.push("res close");
        closed.open(req);
      });
      res.write("begun");
      begun.open();
    });
    const socket = connect(await serveOurs(wrap(fromExpress(app))), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await begun.passed;
    await once(socket, "data");
    socket.destroy();
    await closed.passed;
    await turns();
    const plain = await natively(app, events);
    expect(events).toEqual(plain);
    expect(events.filter((event) => event === "res close")).toHaveLength(1);
  });

  /** What the same app hears on `listen` of its own. */
  async function natively(app: ReturnType<typeof express>, events: string[]): Promise<string[]> {
    const before = events.splice(0);
    const socket = connect(await listen(app), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(socket, "data");
    socket.destroy();
    while (!events.includes("res close")) await turns();
    await turns();
    const plain = events.splice(0);
    events.push(...before);
    return plain;
  }

  test("keeps overlapping requests apart, in mounted apps and in its own routes [X21 A46]", async () => {
    const gates = new Map<string, Gate>(["1", "2", "3"].map((id) => [id, gate()]));
    const arrived = new Map<string, Gate>(["1", "2", "3"].map((id) => [id, gate()]));
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      const id = scope.path.slice(-1);
      arrived.get(id)?.open();
      await gates.get(id)?.passed;
      const event = await receive();
      const body = event.type === "http.request" ? Buffer.from(event.body).toString() : "gone";
      await send({ type: "http.response.start", status: 200, headers: [["set-cookie", `id=${id}`]] });
      await send({ type: "http.response.body", body: `${scope.root_path} ${scope.path} ${body}` });
    };
    const server = express();
    server.use((req, res, next) => {
      res.cookie("front", req.path);
      next();
    });
    server.use("/mnt", toExpress(app));
    for (const port of [await listen(server), await serveOurs(fromExpress(server))]) {
      for (const id of ["1", "2", "3"]) {
        gates.set(id, gate());
        arrived.set(id, gate());
      }
      const asked = ["1", "2", "3"].map((id) =>
        ask(port, { method: "POST", path: `/mnt/${id}`, body: `body ${id}` }),
      );
      await Promise.all([...arrived.values()].map(({ passed }) => passed));
      for (const id of ["3", "1", "2"]) gates.get(id)?.open();
      for (const [i, answer] of (await Promise.all(asked)).entries()) {
        const id = String(i + 1);
        expect(answer.body).toBe(`/mnt /mnt/${id} body ${id}`);
        const cookies = answer.headers.filter((_, at) => answer.headers[at - 1] === "Set-Cookie");
        expect(
          cookies.concat(answer.headers.filter((_, at) => answer.headers[at - 1] === "set-cookie")),
        ).toEqual(
          expect.arrayContaining([
            expect.stringContaining(`id=${id}`),
            expect.stringContaining(`front=%2Fmnt%2F${id}`),
          ]),
        );
      }
    }
  });

  test("goes on when its client leaves in the middle of an upload [X23 A31]", async () => {
    const seen: Gate<unknown> = gate();
    const app: AsgiApp = async (scope, receive) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      for (;;) {
        const event = await receive();
        if (event.type === "http.request" && event.more_body) continue;
        seen.open(event.type);
        return;
      }
    };
    const server = express().use(toExpress(app));
    const arrived = gate();
    const port = await listen((req, res) => {
      server(req, res);
      arrived.open();
    });
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    await arrived.passed;
    socket.destroy();
    expect(await seen.passed).toBe("http.disconnect");
  });
});
