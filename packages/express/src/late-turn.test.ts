// An app behind a middleware that has to wait, as one that loads a session has: its client may have gone by then.

import { connect } from "node:net";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { VERSIONS, listen } from "./fixtures/servers.ts";
import { toExpress, type ToExpressOptions } from "./to-express.ts";

describe.each(VERSIONS)("%s calls an app whose client has gone", (_version, express) => {
  test.each<ToExpressOptions>([{ passErrors: false }, { passErrors: true }])(
    "and the app sees that at once, with %j [X23 A8 A30 A34 A70]",
    async (options) => {
      const logged: unknown[] = [];
      const handled: unknown[] = [];
      let arrived = (): void => {};
      const seen = new Promise<unknown[]>((resolve) => {
        const app: AsgiApp = async (scope, receive, send) => {
          if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
          const event = await receive();
          resolve([event.type, scope.signal.aborted]);
          await send({ type: "http.response.start", status: 200 });
          await send({ type: "http.response.body", body: "late" });
        };
        const server = express();
        server.use((_req, res, next) => {
          res.on("close", () => next());
          arrived();
        });
        server.use(toExpress(app, { ...options, log: (...line) => logged.push(line) }));
        server.use(
          (error: unknown, _req: unknown, _res: unknown, _next: unknown) => void handled.push(error),
        );
        void listen(server).then((port) => {
          const socket = connect(port, "127.0.0.1");
          arrived = () => socket.destroy();
          socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
        });
      });
      expect(await seen).toEqual(["http.disconnect", true]);
      await new Promise((resolve) => setImmediate(resolve));
      expect([logged, handled]).toEqual([[], []]);
    },
  );
});
