// What becomes of an app's errors in Express.

import { describe, expect, test } from "vitest";
import {
  ResponseAborted,
  UnsupportedScopeError,
  wsgi,
  type AsgiApp,
  type Receive,
  type Send,
} from "@tsgi/core";
import { fromNode } from "@tsgi/node";
import type { NextFunction, Request, Response } from "express";
import { VERSIONS, ask, listen, rawExchange } from "./fixtures/servers.ts";
import { toExpress, type ToExpressOptions } from "./to-express.ts";

const SECRET = "secret in /srv/app.ts";

const http =
  (run: (receive: Receive, send: Send) => Promise<void>): AsgiApp =>
  async (scope, receive, send) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    await run(receive, send);
  };

const APPS: Record<string, AsgiApp> = {
  "throws at once": (scope) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    throw new Error(SECRET);
  },
  "is rejected": http(() => Promise.reject(new Error(SECRET))),
  "throws after its start": http(async (_receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [["x-secret", SECRET]] });
    throw new Error(SECRET);
  }),
  "is a sync one that throws": wsgi(() => {
    throw new Error(SECRET);
  }),
};

describe.each(VERSIONS)("an app that fails in %s", (_version, express) => {
  interface Outcome {
    readonly status: number;
    readonly body: string;
    readonly complete: boolean;
    readonly handled: unknown[];
    readonly logged: unknown[];
  }

  async function outcome(app: AsgiApp, options: ToExpressOptions = {}, body = ""): Promise<Outcome> {
    const [handled, logged]: unknown[][] = [[], []];
    const server = express();
    server.use(toExpress(app, { log: (_level, _message, error) => logged?.push(error), ...options }));
    server.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
      handled?.push(error);
      req.resume();
      res.status(503).send("handled");
    });
    server.use((_req, res) => void res.send("behind"));
    const method = body === "" ? "GET" : "POST";
    const answer = await ask(await listen(server), { method, body });
    const { status, complete } = answer;
    return { status, body: answer.body, complete, handled: handled ?? [], logged: logged ?? [] };
  }

  test.each(Object.keys(APPS))("and %s is answered 500, and logged [A45 S20]", async (name) => {
    const { logged, ...rest } = await outcome(APPS[name] as AsgiApp);
    expect(rest).toEqual({ status: 500, body: "Internal Server Error", complete: true, handled: [] });
    expect(logged).toEqual([expect.objectContaining({ message: SECRET })]);
  });

  test.each(Object.keys(APPS))("and %s goes to Express's handler with passErrors [X30]", async (name) => {
    const { handled, ...rest } = await outcome(APPS[name] as AsgiApp, { passErrors: true });
    expect(rest).toEqual({ status: 503, body: "handled", complete: true, logged: [] });
    expect(handled).toEqual([expect.objectContaining({ message: SECRET })]);
  });

  test("after its first piece is cut in either case, and logged [A45 X30]", async () => {
    for (const passErrors of [false, true]) {
      const app = http(async (_receive, send) => {
        await send({ type: "http.response.start", status: 200 });
        await send({ type: "http.response.body", body: "part", more_body: true });
        throw new Error(SECRET);
      });
      const { handled, logged, ...rest } = await outcome(app, { passErrors });
      expect(rest).toEqual({ status: 200, body: "part", complete: false });
      expect([handled, logged]).toEqual([[], [expect.objectContaining({ message: SECRET })]]);
    }
  });

  test("by giving no answer goes to the handler with passErrors [A44 X30]", async () => {
    const { handled, status } = await outcome(
      http(async () => {}),
      { passErrors: true },
    );
    expect(status).toBe(503);
    expect(handled).toEqual([expect.objectContaining({ code: "TSGI_ERR_NO_RESPONSE" })]);
  });

  test.each([[undefined], [null], [""], [0], ["route"], ["router"]])(
    "by throwing %j is not taken for a plain next() [X30]",
    async (thrown) => {
      const { handled, status, body } = await outcome(
        http(() => Promise.reject(thrown)),
        { passErrors: true },
      );
      expect([status, body]).toEqual([503, "handled"]);
      expect(handled).toEqual([expect.objectContaining({ cause: thrown })]);
    },
  );

  test.each(["", "unread ".repeat(30_000)])(
    "half-way through the body leaves the rest to the handler [X30 A49]",
    async (rest) => {
      const app = http(async (receive) => {
        await receive();
        throw new Error(SECRET);
      });
      const { status, body } = await outcome(app, { passErrors: true }, `first ${rest}`);
      expect([status, body]).toEqual([503, "handled"]);
    },
  );

  test("and hangs up reaches no handler: the connection is cut [X30 A45]", async () => {
    let handled = 0;
    const server = express();
    server.use(
      toExpress(
        http(() => Promise.reject(new ResponseAborted())),
        { passErrors: true },
      ),
    );
    server.use((_error: unknown, _req: Request, res: Response, _next: NextFunction) => {
      handled += 1;
      res.end();
    });
    const port = await listen(server);
    expect(await rawExchange(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toBe("");
    expect(handled).toBe(0);
  });

  test("as a Node listener goes to the handler as well [X30]", async () => {
    const listener = fromNode(() => Promise.reject(new Error(SECRET)));
    const { handled, status } = await outcome(listener, { passErrors: true });
    expect([status, handled]).toEqual([503, [expect.objectContaining({ message: SECRET })]]);
  });

  test("after the handler has answered for it can do no more harm [X30 A8]", async () => {
    let late: unknown;
    const app = http(async (_receive, send) => {
      const failed = send({ type: "http.response.body", body: "too early" });
      await failed.catch(() => {});
      await Promise.reject(new Error(SECRET)).catch((error: unknown) => {
        late = error;
        throw error;
      });
    });
    const { status } = await outcome(app, { passErrors: true });
    expect([status, late]).toEqual([503, expect.any(Error)]);
  });
});
