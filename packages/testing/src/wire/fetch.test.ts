// The wire to a fetch handler: what a client sees of a Response, and a handler of a Request.

import { expect, test } from "vitest";
import { fetchWire } from "./fetch.ts";
import type { WireExchange, WireRequest } from "./wire.ts";

const GET: WireRequest = { method: "GET", target: "/", headers: [], body: null };

async function exchangeWith(
  fetch: (request: Request) => Response | Promise<Response>,
  request: WireRequest = GET,
): Promise<WireExchange> {
  return (await fetchWire({ fetch, origin: "https://example.org" }).open()).request(request);
}

test("a handler sees method, URL, headers and body as they were sent", async () => {
  const seen: unknown[] = [];
  const exchange = await exchangeWith(
    async (request) => {
      seen.push(request.method, request.url, request.headers.get("x-one"), await request.text());
      return new Response();
    },
    { method: "POST", target: "/a%2Fb?c", headers: [["X-One", "1"]], body: "unknown" },
  );
  await exchange.write(new TextEncoder().encode("some "));
  await exchange.write(new TextEncoder().encode("text"));
  await exchange.end();
  await exchange.head();
  expect(seen).toEqual(["POST", "https://example.org/a%2Fb?c", "1", "some text"]);
});

test("a response is a head, pieces and an end", async () => {
  const exchange = await exchangeWith(() => new Response("text", { status: 201, headers: { "x-one": "1" } }));
  const head = await exchange.head();
  expect([head.status, head.framing]).toEqual([201, "stream"]);
  expect(head.headers).toContainEqual(["x-one", "1"]);
  expect(new TextDecoder().decode((await exchange.read()) ?? undefined)).toBe("text");
  expect(await exchange.read()).toBeNull();
});

test("a response without a body has none to read", async () => {
  const exchange = await exchangeWith(() => new Response(null, { status: 204 }));
  expect((await exchange.head()).framing).toBe("none");
  expect(await exchange.read()).toBeNull();
});

test("a body that breaks off, or is not as long as it says, is no whole one", async () => {
  const broken = await exchangeWith(
    () => new Response(new ReadableStream({ start: (c) => c.error(new Error("x")) })),
  );
  await broken.head();
  await expect(broken.read()).rejects.toMatchObject({ kind: "cut" });
  const short = await exchangeWith(() => new Response("text", { headers: { "content-length": "5" } }));
  expect((await short.head()).framing).toBe("length");
  await short.read();
  await expect(short.read()).rejects.toMatchObject({ kind: "cut" });
  const long = await exchangeWith(() => new Response("text", { headers: { "content-length": "3" } }));
  await long.head();
  await expect(long.read()).rejects.toMatchObject({ kind: "surplus" });
});

test("a handler that is rejected gives no response", async () => {
  const exchange = await exchangeWith(() => Promise.reject(new Error("x")));
  await expect(exchange.head()).rejects.toMatchObject({ kind: "closed" });
});

test("a handler that does not read holds its client up, until it has answered", async () => {
  let answer!: (response: Response) => void;
  const exchange = await exchangeWith(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
    { ...GET, method: "POST", body: "unknown" },
  );
  let written = false;
  const all = exchange.write(new Uint8Array(200_000)).then(() => (written = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBe(false);
  answer(new Response(null));
  await exchange.head();
  await all;
  expect(written).toBe(true);
});

test("a reset aborts the request, cuts its body and cancels the response", async () => {
  const told: string[] = [];
  const exchange = await exchangeWith(
    (request) => {
      request.signal.addEventListener("abort", () => told.push("aborted"));
      request.text().catch(() => told.push("cut"));
      return new Response(new ReadableStream({ cancel: () => void told.push("cancelled") }));
    },
    { ...GET, method: "POST", body: 10 },
  );
  await exchange.head();
  exchange.reset();
  await new Promise((resolve) => setImmediate(resolve));
  expect(told.toSorted()).toEqual(["aborted", "cancelled", "cut"]);
});
