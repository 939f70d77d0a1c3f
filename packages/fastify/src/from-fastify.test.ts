// A Fastify instance on each kind of host, and the very same listening by itself: what a client sees is compared.

import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveNode, toNode } from "@tsgi/node";
import { everything } from "./fixtures/everything.ts";
import { QUESTIONS } from "./fixtures/questions.ts";
import { ask, type Answer } from "./fixtures/servers.ts";
import { fromFastify } from "./from-fastify.ts";
import { toFastify } from "./to-fastify.ts";

interface Running {
  readonly port: number;
  readonly close: () => PromiseLike<unknown>;
}

async function listening(fastify: FastifyInstance): Promise<Running> {
  const url = await fastify.listen({ port: 0, host: "127.0.0.1" });
  return { port: Number(new URL(url).port), close: () => fastify.close() };
}

async function served(behind: boolean): Promise<Running> {
  const app = fromFastify(everything());
  const { address, close } = await serveNode(
    behind ? (scope, receive, send) => app(scope, receive, send) : app,
    { port: 0, shutdownTimeout: 0, log: () => {} },
  );
  return { port: address?.[1] ?? 0, close };
}

const HOSTS: Readonly<Record<string, () => Promise<Running>>> = {
  serveNode: () => served(false),
  "serveNode, behind a middleware": () => served(true),
  async "toNode, without a lifespan"() {
    const fastify = everything();
    const server = createServer(toNode(fromFastify(fastify), { log: () => {} }));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const close = async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await fastify.close();
    };
    return { port: (server.address() as AddressInfo).port, close };
  },
  async "Fastify, at the root"() {
    const outer = Fastify({ forceCloseConnections: true });
    // What the guest has routes for, the host has not by itself.
    outer.addHttpMethod("PROPFIND", { hasBody: true });
    outer.register(toFastify(fromFastify(everything()), { log: () => {} }));
    return await listening(outer);
  },
};

let alone: Running;
const expected = new Map<string, Answer>();

beforeAll(async () => {
  alone = await listening(everything());
  for (const [about, question] of QUESTIONS) expected.set(about, await ask(alone.port, question));
});

afterAll(async () => {
  await alone.close();
});

test("the questions are answered by the instance itself in all the ways there are", () => {
  const statuses = [...new Set([...expected.values()].map(({ status }) => status))];
  expect(statuses.toSorted((a, b) => a - b)).toEqual([
    200, 201, 204, 206, 301, 304, 400, 404, 406, 413, 415, 416, 418, 500, 799,
  ]);
});

describe.each(Object.entries(HOSTS))("on %s", (name, start) => {
  let host: Running;

  beforeAll(async () => {
    host = await start();
  });

  afterAll(async () => {
    await host.close();
  });

  test.each(QUESTIONS)("%s is answered as by its own listen [X7 X22 X24 X25]", async (about, question) => {
    const answer = await ask(host.port, question);
    const wanted = expected.get(about);
    // The router of the host reads the path before the guest's does.
    if (name.startsWith("Fastify") && about === "a path that decodes to nothing") {
      expect(answer.body).toBe(wanted?.body);
      return;
    }
    // @fastify/cors says Content-Length: 0 with its 204. Where there is no native response, that is taken out (RFC 9110 §8.6).
    if (name.includes("middleware") && about === "a CORS preflight") {
      const headers = wanted?.headers.filter((_, i, all) => all[i - (i % 2)] !== "content-length");
      expect(answer).toEqual({ ...wanted, headers });
      return;
    }
    expect(answer).toEqual(wanted);
  });
});
