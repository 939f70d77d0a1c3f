// HTTP/2 streams that a client resets without an error, as one that has seen enough does: nothing of them stays.

import { once } from "node:events";
import { connect, type ClientHttp2Stream, type ServerHttp2Stream } from "node:http2";
import type { AsgiApp } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { start } from "./fixtures/running.ts";

const BIG = "x".repeat(1_000_000);

const APPS: Record<string, AsgiApp> = {
  "while pieces are sent": async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    for (;;) await send({ type: "http.response.body", body: "x".repeat(1000), more_body: true });
  },
  "after the end was sent": async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: BIG });
  },
};

describe.each(Object.keys(APPS))("a stream that is reset with NO_ERROR %s", (name) => {
  test.each(["GET", "POST"])(
    "and %s is destroyed, and the server ends clean [S8 A70 A82]",
    async (method) => {
      const app: AsgiApp = async (scope, receive, send) => {
        if (scope.type === "lifespan") return;
        await APPS[name]?.(scope, receive, send);
      };
      const { server, port } = await start(app, { http2: "h2c", shutdownTimeout: 10_000 });
      const arrived = once(server.server, "stream") as Promise<[ServerHttp2Stream]>;
      const session = connect(`http://127.0.0.1:${port}`);
      const request: ClientHttp2Stream = session.request(
        { ":method": method, ":path": "/" },
        { endStream: method === "GET" },
      );
      if (method === "POST") request.write("the beginning of a body");
      await once(request, "data");
      const [stream] = await arrived;
      const closed = once(stream, "close");
      request.close();
      await closed;
      expect(stream.destroyed).toBe(true);
      session.close();
      expect(await server.close()).toMatchObject({ clean: true, cut: 0 });
    },
  );
});
