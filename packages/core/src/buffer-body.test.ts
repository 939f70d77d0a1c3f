// bufferBody: a middleware reads the body, and the app reads it again.

import { expect, test } from "vitest";
import type { AsgiApp, Receive } from "./app.ts";
import { BodyTruncated, bufferBody } from "./buffer-body.ts";
import { latin1Decode, utf8Encode } from "./bytes.ts";
import { ClientDisconnected } from "./errors.ts";
import type { ReceiveEvent } from "./events.ts";
import { MemoryTransport, scopeOf, type MemoryTransportOptions } from "./memory-transport.test-support.ts";
import { serve } from "./transport.ts";

const NO_HEADERS = { headers: [] };

function receiveOf(...events: ReceiveEvent[]): Receive & { calls: number } {
  const receive = Object.assign(
    () => {
      receive.calls += 1;
      return Promise.resolve(events.shift() ?? ({ type: "http.disconnect" } as const));
    },
    { calls: 0 },
  );
  return receive;
}

function piece(text: string, more_body: boolean): ReceiveEvent {
  return { type: "http.request", body: utf8Encode(text), more_body };
}

test("the body is one array, and is replayed as one event before what the server says next [A11 A27]", async () => {
  const receive = receiveOf(piece("ab", true), piece("", true), piece("cd", true), piece("", false));
  const replayable = await bufferBody(NO_HEADERS, receive, 4);
  expect(latin1Decode(replayable.body)).toBe("abcd");
  expect(await replayable.receive()).toEqual({
    type: "http.request",
    body: replayable.body,
    more_body: false,
  });
  expect(await replayable.receive()).toEqual({ type: "http.disconnect" });
  expect(receive.calls).toBe(5);
});

test("no body is an empty one [A27]", async () => {
  const { body, receive } = await bufferBody(NO_HEADERS, receiveOf(piece("", false)), 0);
  expect(body.length).toBe(0);
  expect(await receive()).toMatchObject({ more_body: false });
});

test("a body of the limit is taken, and one byte more refused [S8]", async () => {
  const pieces = [piece("ab", true), piece("cd", false)];
  expect((await bufferBody(NO_HEADERS, receiveOf(...pieces), 4)).body.length).toBe(4);
  await expect(bufferBody(NO_HEADERS, receiveOf(...pieces), 3)).rejects.toMatchObject({
    code: "TSGI_ERR_BODY_TOO_LARGE",
  });
});

test("a Content-Length beyond the limit is refused before anything is read [S8]", async () => {
  const receive = receiveOf(piece("abcd", false));
  const scope = { headers: [["content-length", "4"]] as const };
  await expect(bufferBody(scope, receive, 3)).rejects.toMatchObject({ code: "TSGI_ERR_BODY_TOO_LARGE" });
  expect(receive.calls).toBe(0);
});

test("a client that goes away in the middle is told as such, and is no mistake of the app [A8 A31]", async () => {
  const truncated = bufferBody(NO_HEADERS, receiveOf(piece("ab", true)), 10);
  await expect(truncated).rejects.toBeInstanceOf(BodyTruncated);
  await expect(truncated).rejects.toBeInstanceOf(ClientDisconnected);
  await expect(truncated).rejects.toMatchObject({ code: "TSGI_ERR_BODY_TRUNCATED" });
});

function throughMiddleware(body: MemoryTransportOptions["body"]): MemoryTransport {
  const transport = new MemoryTransport(body === undefined ? {} : { body });
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type !== "http") return;
    const replayable = await bufferBody(scope, receive, 100);
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: replayable.body });
  };
  serve(app, scopeOf({ method: "POST" }), transport);
  return transport;
}

test("on a server it reads what the client sends, and a lost client is not logged [A10 A31]", async () => {
  const whole = throughMiddleware(["ab", "cd"]);
  await whole.detached;
  expect(whole.text()).toBe("abcd");
  const lost = throughMiddleware(["ab", null]);
  await lost.detached;
  expect([lost.logs, lost.head]).toEqual([[], null]);
});
