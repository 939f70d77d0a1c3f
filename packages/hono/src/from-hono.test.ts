// A Hono app on our servers: its URL, its env and execution context, its errors, what it sends itself.

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { getConnInfo } from "@hono/node-server/conninfo";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { describe, expect, test } from "vitest";
import { mount, type AsgiApp } from "@tsgi/core";
import { toFetch } from "@tsgi/fetch";
import { createTestClient } from "@tsgi/testing";
import { scopeApp } from "./fixtures/apps.ts";
import { GLOBALS, ask, listen, listenOwn } from "./fixtures/servers.ts";
import { fromHono } from "./from-hono.ts";
import { toHono } from "./to-hono.ts";

interface NodeEnv {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse; KEY?: string };
}

describe("its request", () => {
  const shown = new Hono().all("*", (c) =>
    c.json([c.req.method, c.req.url, c.req.path, c.req.header("x-a") ?? null]),
  );

  test("has the method, the whole URL and the fields that were sent [X7 X1]", async () => {
    const port = await listenOwn(fromHono(shown));
    const { body } = await ask(port, { method: "PATCH", path: "/a%2Fb?c=%20", headers: { "x-a": "1" } });
    expect(JSON.parse(body)).toEqual(["PATCH", `http://127.0.0.1:${port}/a%2Fb?c=%20`, "/a%2Fb", "1"]);
  });

  test("is below the mount prefix, as in Hono's own mount [X7 X6]", async () => {
    const response = await createTestClient(mount("/legacy", fromHono(shown))).get("/legacy/a?b");
    expect((response.json() as unknown[])[1]).toBe("http://localhost/a?b");
  });

  test("has the whole path for routes that have the prefix, if the option says so [X7]", async () => {
    const response = await createTestClient(mount("/legacy", fromHono(shown, { mountedUrl: "full" }))).get(
      "/legacy/a",
    );
    expect((response.json() as unknown[])[1]).toBe("http://localhost/legacy/a");
  });

  test.each(["good.com@evil.com", "good.com/evil", "good.com#", "good.com?"])(
    "is never one to another authority: the Host %s is refused [S7]",
    async (host) => {
      const called: string[] = [];
      const hono = new Hono().all("*", (c) => c.text(String(called.push(c.req.url))));
      const { status } = await createTestClient(fromHono(hono), { raiseAppErrors: false }).get("/", {
        headers: { host },
      });
      expect([status, called]).toEqual([400, []]);
    },
  );
});

describe("its env", () => {
  const keys = new Hono().get("/", (c) => c.json(Object.keys(c.env as object).toSorted()));

  test("has incoming and outgoing on a Node server, as on @hono/node-server [X7]", async () => {
    const hono = new Hono<NodeEnv>().get("/", (c) => {
      c.env.outgoing.setHeader("x-by-hand", "1");
      return c.json([c.env.incoming.url, getConnInfo(c).remote.address]);
    });
    const { body, all } = await ask(await listenOwn(fromHono(hono)), { path: "/?a" });
    expect([JSON.parse(body), all("x-by-hand")]).toEqual([["/?a", "127.0.0.1"], ["1"]]);
  });

  test("has what the option makes, beside them [A12]", async () => {
    const app = fromHono(keys, { env: (scope) => ({ KEY: scope.method }) });
    expect((await ask(await listenOwn(app))).body).toBe('["KEY","incoming","outgoing"]');
    expect((await createTestClient(app).get("/")).json()).toEqual(["KEY"]);
  });

  test("is empty where the server has none [A12]", async () => {
    expect((await createTestClient(fromHono(keys)).get("/")).json()).toEqual([]);
  });

  test("is the platform's on a fetch server, and so is the execution context [A12]", async () => {
    const env = { KEY: "value" };
    const waited: unknown[] = [];
    const executionContext = {
      waitUntil: (promise: unknown) => void waited.push(promise),
      passThroughOnException() {},
    };
    const hono = new Hono<{ Bindings: { KEY: string } }>().get("/", (c) => {
      c.executionCtx.waitUntil(Promise.resolve("later"));
      return c.text(String(c.env === env));
    });
    const response = await toFetch(fromHono(hono))(new Request("http://localhost/"), env, executionContext);
    expect([await response.text(), await Promise.all(waited)]).toEqual([
      "true",
      expect.arrayContaining(["later"]),
    ]);
  });

  test("waitUntil holds the app, and not the client [A12]", async () => {
    let finish = (): void => {};
    const hono = new Hono().get("/", (c) => {
      c.executionCtx.waitUntil(new Promise<void>((resolve) => (finish = resolve)));
      return c.text("sent");
    });
    const exchange = createTestClient(fromHono(hono)).open("GET", "/", { body: null });
    expect(new TextDecoder().decode((await exchange.read()) ?? undefined)).toBe("sent");
    let over = false;
    const done = exchange.done.then(() => (over = true));
    expect([await exchange.read(), over]).toEqual([null, false]);
    finish();
    await done;
  });
});

describe("a response that the app has sent itself", () => {
  test("is all there is: nothing is added, and nothing logged [S26]", async () => {
    const logged: string[] = [];
    const hono = new Hono<NodeEnv>().get("/", (c) => {
      c.env.outgoing.writeHead(202, { "x-own": "1" });
      // The rest comes after Hono has returned.
      setImmediate(() => c.env.outgoing.end("by hand"));
      return RESPONSE_ALREADY_SENT;
    });
    const port = await listenOwn(fromHono(hono), { log: (_level, message) => void logged.push(message) });
    const { status, body, all } = await ask(port);
    expect([status, body, all("x-own"), logged]).toEqual([202, "by hand", ["1"], []]);
  });
});

describe("its errors", () => {
  const failing = new Hono()
    .get("/throws", () => {
      throw new Error("secret");
    })
    .get("/rejects", async () => {
      await Promise.resolve();
      throw new HTTPException(418, { message: "short and stout" });
    })
    .get("/text", () => {
      // oxlint-disable-next-line typescript/only-throw-error -- what Hono does not handle
      throw "secret";
    });

  test("go to its own onError [S20]", async () => {
    const hono = new Hono().get("/", () => {
      throw new Error("known");
    });
    hono.onError((error, c) => c.text(`handled: ${error.message}`, 503));
    const { status, body } = await ask(await listenOwn(fromHono(hono)));
    expect([status, body]).toEqual([503, "handled: known"]);
  });

  test("are answered as Hono does without one; HTTPException by its own response [S20]", async () => {
    const { error } = console;
    console.error = (): void => {};
    try {
      const port = await listenOwn(fromHono(failing));
      const [thrown, rejected] = [
        await ask(port, { path: "/throws" }),
        await ask(port, { path: "/rejects" }),
      ];
      expect([thrown.status, thrown.body]).toEqual([500, "Internal Server Error"]);
      expect([rejected.status, rejected.body]).toEqual([418, "short and stout"]);
    } finally {
      console.error = error;
    }
  });

  test("that are none become a clean 500, and a line in the log [S20 A45]", async () => {
    const logged: unknown[] = [];
    const port = await listenOwn(fromHono(failing), {
      log: (_level, _message, error) => void logged.push(error),
    });
    const { status, body } = await ask(port, { path: "/text" });
    expect([status, body, logged]).toEqual([500, "Internal Server Error", ["secret"]]);
  });
});

test("a portable app within it takes part as any handler: the server's request stays the server's [X7]", async () => {
  const hono = new Hono().all("/in/*", toHono(scopeApp));
  const { body } = await ask(await listenOwn(fromHono(hono)), { path: "/in/a" });
  const { path, client, extensions } = JSON.parse(body) as {
    path: string;
    client: string[];
    extensions: string[];
  };
  expect([path, client[0], extensions.includes("http.response.trailers")]).toEqual([
    "/in/a",
    "127.0.0.1",
    false,
  ]);
});

test.each(GLOBALS)(
  "within a Hono app on @hono/node-server it answers in its own time, with %s [X22]",
  async (globals) => {
    const slow: AsgiApp = async (_scope, receive, send) => {
      await receive();
      await send({ type: "http.response.start", status: 201 });
      await send({ type: "http.response.body", body: "done" });
    };
    const inner = new Hono().all("*", toHono(slow));
    const port = await listen(new Hono().all("*", toHono(fromHono(inner))), globals);
    const { status, body } = await ask(port, { method: "POST", body: "wanted" });
    expect([status, body]).toEqual([201, "done"]);
  },
);

test("a response that is cut on HTTP/1.0 ends with a reset, since a clean end would look complete [A44 A45]", async () => {
  let fail = (): void => {};
  const cut: AsgiApp = async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: "begun", more_body: true });
    await new Promise<void>((resolve) => (fail = resolve));
    throw new Error("the app fails");
  };
  const port = await listenOwn(fromHono(new Hono().all("*", toHono(cut, { log: () => {} }))), {
    log: () => {},
  });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.0\r\n\r\n");
  await once(socket, "data");
  fail();
  await expect(once(socket, "close")).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("behind a middleware of ours it is served just so, without Node's objects [X7]", async () => {
  const hono = new Hono().get("/", (c) => c.json(Object.keys(c.env as object)));
  const app = fromHono(hono);
  const plain: AsgiApp = (scope, receive, send) => app(scope, receive, send);
  expect((await ask(await listenOwn(plain))).body).toBe("[]");
});

test("what is no Hono app is refused, and so is an option that nobody reads [S8]", () => {
  expect(() => fromHono({} as never)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  expect(() => fromHono(new Hono(), { envs: 1 } as never)).toThrow('did you mean "env"?');
});
