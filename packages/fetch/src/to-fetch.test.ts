// A portable app as a fetch handler: what goes in, what comes out, and what happens when either side goes away.

import { expect, test } from "vitest";
import { GatewayError, wsgi, type AsgiApp, type HttpScope, type ReceiveEvent } from "@tsgi/core";
import { toFetch } from "./to-fetch.ts";

const text: AsgiApp = async (_scope, _receive, send) => {
  await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
  await send({ type: "http.response.body", body: "hello" });
};

test("a Request becomes a scope, and the response a Response [A2 A15 A16 A18 A19 A20 A22]", async () => {
  let seen: HttpScope | undefined;
  const handler = toFetch((scope, receive, send) => {
    seen = scope as HttpScope;
    return text(scope, receive, send);
  });
  const response = await handler(
    new Request("https://example.org/caf%C3%A9/%2F?a=1&b=%20", { headers: { "X-One": "1" } }),
  );
  expect(await response.text()).toBe("hello");
  expect([...response.headers]).toEqual([
    ["content-length", "5"],
    ["content-type", "text/plain"],
  ]);
  expect(seen).toMatchObject({
    type: "http",
    http_version: "1.1",
    method: "GET",
    scheme: "https",
    path: "/café//",
    raw_path: "/caf%C3%A9/%2F",
    query_string: "a=1&b=%20",
    root_path: "",
    headers: [
      ["host", "example.org"],
      ["x-one", "1"],
    ],
    client: null,
    server: null,
    state: null,
  });
});

test("a body is pulled, and given whole to a sync app [A27 A29 W21]", async () => {
  const app = wsgi((environ, startResponse) => {
    startResponse("201 Created", [["Content-Type", "text/plain"]]);
    return [environ["wsgi.input"].read()];
  });
  const response = await toFetch(app)(
    new Request("http://localhost/", { method: "POST", body: "some text" }),
  );
  expect([response.status, await response.text()]).toEqual([201, "some text"]);
});

test("the Response is there before the body is, and a reader that stops holds the app back [A50]", async () => {
  let sent = 0;
  const handler = toFetch(
    async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200 });
      for (;;) {
        await send({ type: "http.response.body", body: new Uint8Array(1024), more_body: true });
        sent += 1024;
      }
    },
    { highWaterMark: 4096 },
  );
  const response = await handler(new Request("http://localhost/"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toBeLessThanOrEqual(4096);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  expect((await reader.read()).value?.byteLength).toBe(1024);
  await reader.cancel();
});

test("cancelling the response is a disconnect, told once [A30 A8]", async () => {
  const events: ReceiveEvent[] = [];
  let failure: unknown;
  let over!: () => void;
  const done = new Promise<void>((resolve) => {
    over = resolve;
  });
  const handler = toFetch(async (scope, receive, send) => {
    (scope as HttpScope).signal.addEventListener("abort", () => events.push({ type: "http.disconnect" }));
    await send({ type: "http.response.start", status: 200 });
    try {
      for (;;) await send({ type: "http.response.body", body: new Uint8Array(40_000), more_body: true });
    } catch (error) {
      failure = error;
    }
    events.push(await receive());
    over();
  });
  const response = await handler(new Request("http://localhost/", { method: "POST", body: "unread" }));
  await response.body?.cancel();
  await done;
  expect((failure as GatewayError).code).toBe("ECONNRESET");
  expect(events).toEqual([{ type: "http.disconnect" }, { type: "http.disconnect" }]);
});
