// An app behind a hook that has to wait: its client may have gone by then.

import { connect } from "node:net";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { listen } from "./fixtures/servers.ts";
import type { ToFastifyOptions } from "./to-fastify-options.ts";
import { toFastify } from "./to-fastify.ts";

test.each<["onRequest" | "preHandler" | "onSend", ToFastifyOptions]>([
  ["onRequest", {}],
  ["preHandler", { passErrors: true }],
  ["onSend", {}],
  ["onSend", { passErrors: true }],
])(
  "behind %s, with %j, an app sees at once that its client has gone [X23 A8 A30 A34]",
  async (hook, options) => {
    const logged: unknown[] = [];
    const handled: unknown[] = [];
    const fastify = Fastify();
    let arrived = (): void => {};
    const wait = (raw: NodeJS.EventEmitter): Promise<void> =>
      new Promise((resolve) => {
        raw.on("close", resolve);
        arrived();
      });
    fastify.addHook(hook, async (_request: unknown, reply: { raw: NodeJS.EventEmitter }) => wait(reply.raw));
    fastify.setErrorHandler((error) => void handled.push(error));
    const seen = new Promise<unknown[]>((resolve) => {
      const app: AsgiApp = async (scope, receive, send) => {
        if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
        const event = await receive();
        resolve([event.type, scope.signal.aborted]);
        await send({ type: "http.response.start", status: 200 });
        await send({ type: "http.response.body", body: "late" });
      };
      fastify.register(toFastify(app, { ...options, log: (...line) => logged.push(line) }));
    });
    const socket = connect(await listen(fastify), "127.0.0.1");
    arrived = () => socket.destroy();
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    expect(await seen).toEqual(["http.disconnect", true]);
    await new Promise((resolve) => setImmediate(resolve));
    expect([logged, handled]).toEqual([[], []]);
  },
);
