// What becomes of an error of the app, and where it is told.

import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import Fastify, { type FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import { wsgi, type AsgiApp } from "@tsgi/core";
import { httpApp } from "./fixtures/apps.ts";
import { CA, SERVER } from "./fixtures/certificates.ts";
import { ask, fieldsOf, listen } from "./fixtures/servers.ts";
import { toFastify } from "./to-fastify.ts";
import type { ToFastifyOptions } from "./to-fastify-options.ts";

interface Line {
  readonly level: number;
  readonly reqId?: string;
  readonly msg: string;
  readonly err?: { readonly message: string };
}

/** A server whose log lines, but for those of each request, are kept. */
function logging(lines: Line[]): FastifyInstance {
  return Fastify({
    logger: {
      level: "warn",
      stream: { write: (line: string) => void lines.push(JSON.parse(line) as Line) },
    },
  });
}

const failing: AsgiApp = httpApp(() => {
  throw new Error("secret of the app");
});

const failingAfterStart: AsgiApp = httpApp(async (_scope, _receive, send) => {
  await send({ type: "http.response.start", status: 200, headers: [["x-own", "1"]] });
  throw new Error("secret of the app");
});

const failingLate: AsgiApp = httpApp(async (_scope, _receive, send) => {
  await send({ type: "http.response.start", status: 200, headers: [] });
  await send({ type: "http.response.body", body: "some", more_body: true });
  throw new Error("secret of the app");
});

const failingSync: AsgiApp = wsgi(() => {
  throw new Error("secret of the app");
});

test.each([
  ["throws", failing],
  ["throws after its head", failingAfterStart],
  ["is sync and throws", failingSync],
])(
  "an app that %s is answered 500 without a word of it, and the request's logger has it [A45 A36]",
  async (_what, app) => {
    const lines: Line[] = [];
    const fastify = logging(lines);
    fastify.register(toFastify(app), { prefix: "/mnt" });
    const answer = await ask(await listen(fastify), { path: "/mnt/a" });
    expect([answer.status, answer.body, fieldsOf(answer, "x-own")]).toEqual([
      500,
      "Internal Server Error",
      [],
    ]);
    expect(lines).toMatchObject([{ level: 50, reqId: "req-1", err: { message: "secret of the app" } }]);
    expect(lines[0]?.msg).toContain("/mnt/a");
  },
);

test("an app that fails in the middle has its response cut, and the request's logger has it [A45]", async () => {
  const lines: Line[] = [];
  const fastify = logging(lines);
  fastify.register(toFastify(failingLate), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect([answer.status, answer.body, answer.complete]).toEqual([200, "some", false]);
  expect(lines).toMatchObject([{ level: 50, reqId: "req-1", err: { message: "secret of the app" } }]);
});

test("a log of one's own is told instead of Fastify's", async () => {
  const lines: Line[] = [];
  const own: unknown[] = [];
  const fastify = logging(lines);
  fastify.register(toFastify(failing, { log: (level, _message, error) => void own.push([level, error]) }));
  await ask(await listen(fastify));
  expect(own).toEqual([["error", new Error("secret of the app")]]);
  expect(lines).toEqual([]);
});

async function passed(
  app: AsgiApp,
  options: ToFastifyOptions = {},
): Promise<{ answer: string; errors: unknown[] }> {
  const errors: unknown[] = [];
  const lines: Line[] = [];
  const fastify = logging(lines);
  fastify.addHook("onError", async (_request, _reply, error) => void errors.push(error.message));
  fastify.setErrorHandler((error, request, reply) =>
    reply.code(418).send(`${request.url}: ${(error as Error).message}`),
  );
  fastify.register(toFastify(app, { passErrors: true, ...options }), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), {
    method: "POST",
    path: "/mnt",
    body: "x".repeat(100_000),
  });
  expect(lines).toEqual([]);
  return { answer: `${answer.status} ${answer.body}`, errors };
}

test.each([
  ["throws", failing],
  ["throws after its head", failingAfterStart],
  ["is sync and throws", failingSync],
  [
    "has read some of the body",
    httpApp(async (_scope, receive) => {
      await receive();
      throw new Error("secret of the app");
    }),
  ],
])("with passErrors an app that %s is answered by Fastify's error handler [X30]", async (_what, app) => {
  expect(await passed(app)).toEqual({
    answer: "418 /mnt: secret of the app",
    errors: ["secret of the app"],
  });
});

test("with passErrors what is no error is given to the error handler as the cause of one [X30]", async () => {
  const thrown = httpApp(() => {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- apps may
    throw "a string";
  });
  expect((await passed(thrown)).answer).toBe("418 /mnt: The app threw what is no error");
});

test("with passErrors an app that fails in the middle still has its response cut [X30 A45]", async () => {
  const lines: Line[] = [];
  const fastify = logging(lines);
  fastify.register(toFastify(failingLate, { passErrors: true }), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect([answer.status, answer.complete]).toEqual([200, false]);
  expect(lines).toMatchObject([{ err: { message: "secret of the app" } }]);
});

test("with passErrors a connection serves on after an error, whatever was left of the body [A46]", async () => {
  const { http1Wire } = await import("@tsgi/testing");
  const app = httpApp(async (_scope, receive) => {
    await receive();
    throw new Error("secret of the app");
  });
  const fastify = logging([]);
  fastify.setErrorHandler((_error, _request, reply) => reply.code(418).send("handled"));
  fastify.register(toFastify(app, { passErrors: true }), { prefix: "/mnt" });
  const connection = await http1Wire({ port: await listen(fastify) }).open();
  for (let times = 0; times < 2; times += 1) {
    const exchange = connection.request({ method: "POST", target: "/mnt", headers: [], body: 200_000 });
    const sending = exchange.write(new Uint8Array(200_000));
    expect((await exchange.head()).status).toBe(418);
    await sending;
    while ((await exchange.read()) !== null);
  }
  connection.reset();
});

test.each([
  [true, 418, "handled: secret of the app"],
  [false, 500, "Internal Server Error"],
])(
  "over HTTP/2 with passErrors %o it is answered %i, and told to the request's logger or nobody [X30]",
  async (passErrors, status, text) => {
    const lines: Line[] = [];
    const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
    const fastify = Fastify({ http2: true, https: SERVER, logger: { level: "warn", stream } });
    fastify.setErrorHandler((error, _request, reply) =>
      reply.code(418).send(`handled: ${(error as Error).message}`),
    );
    fastify.register(toFastify(failing, { passErrors }), { prefix: "/mnt" });
    const port = await listen(fastify as unknown as FastifyInstance);
    const session = connectHttp2(`https://localhost:${port}`, { ca: CA });
    const request = session.request({ ":path": "/mnt", ":method": "POST" });
    request.end("a body nobody reads");
    const [headers] = (await once(request, "response")) as [Record<string, unknown>];
    let body = "";
    for await (const piece of request) body += String(piece);
    expect([headers[":status"], body]).toEqual([status, text]);
    expect(lines.map(({ reqId, err }) => [reqId, err?.message])).toEqual(
      passErrors ? [] : [["req-1", "secret of the app"]],
    );
    session.close();
    await once(session, "close");
  },
);
