// The extensions that the test client offers, and the event streams that it reads.

import { expect, test } from "vitest";
import { answering } from "./client/apps.test-support.ts";
import { lintAsgi } from "./lint-asgi.ts";
import { createTestClient } from "./test-client.ts";

test("interim responses come as they are sent, ahead of the head [A51]", async () => {
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({ type: "http.response.early_hint", links: ["</a.css>; rel=preload"] });
    await send({ type: "tsgi.informational", status: 102 });
    await answering("x")(_scope, _receive, send);
  });
  const told: number[] = [];
  const client = createTestClient(app);
  const response = await client.get("/", { onInformational: ({ status }) => told.push(status) });
  expect(told).toEqual([103, 102]);
  expect(response.informational.map(({ status, headers }) => [status, headers])).toEqual([
    [103, [["link", "</a.css>; rel=preload"]]],
    [102, []],
  ]);
  const exchange = client.open("GET", "/");
  expect([(await exchange.nextHead()).status, (await exchange.nextHead()).status]).toEqual([103, 102]);
  expect([(await exchange.nextHead()).status, (await exchange.nextHead()).status]).toEqual([200, 200]);
  expect((await createTestClient(app, { httpVersion: "1.0" }).get("/")).informational).toEqual([]);
});

test("trailers come after the body, where the client asks for them [A52]", async () => {
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, trailers: true });
    await send({ type: "http.response.body", body: "x" });
    await send({ type: "http.response.trailers", headers: [["x-sum", "1"]] });
  });
  const asked = await createTestClient(app).get("/", { headers: { te: "trailers" } });
  expect(asked.trailers).toEqual([["x-sum", "1"]]);
  expect((await createTestClient(app).get("/")).trailers).toBeNull();
});

test("facts for the test are kept, and offered by nobody else [A57]", async () => {
  const app = lintAsgi(async (...call) => {
    await call[2]({ type: "http.response.debug", info: { template: "a.html" } });
    await answering("x")(...call);
  });
  expect((await createTestClient(app).get("/")).debug).toEqual([{ template: "a.html" }]);
  await expect(createTestClient(app, { extensions: {} }).get("/")).rejects.toMatchObject({ rule: "A13" });
});

test("files are offered where the test opens them [A12 A54]", async () => {
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.pathsend", path: "/srv/file" });
  });
  const file = new TextEncoder().encode("of the file");
  let position = 0;
  const client = createTestClient(app, {
    openFile: async (path) => {
      expect(path).toBe("/srv/file");
      return {
        read: async (size) => file.subarray(position, (position += size)),
        close: async () => {},
      };
    },
  });
  expect((await client.get("/")).text()).toBe("of the file");
  await expect(createTestClient(app).get("/")).rejects.toMatchObject({ rule: "A13" });
});

test("server-sent events are read as they come, wherever the pieces end", async () => {
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({
      type: "http.response.start",
      status: 200,
      headers: [["content-type", "text/event-stream"]],
    });
    for (const body of [
      "\uFEFFretry: 10\nid: 1\nda",
      "ta: one\r",
      "\n: note\r\ndata: two\n\nevent: tick\r\rdata\n",
      "\nid\ndata:x",
    ]) {
      await send({ type: "http.response.body", body, more_body: true });
    }
    await send({ type: "http.response.body", body: "\n\ndata: never ended" });
  });
  const events: unknown[] = [];
  for await (const event of createTestClient(app).open("GET", "/").serverSentEvents()) events.push(event);
  expect(events).toEqual([
    { type: "message", data: "one\ntwo", lastEventId: "1", retry: 10 },
    { type: "message", data: "", lastEventId: "1", retry: 10 },
    { type: "message", data: "x", lastEventId: "", retry: 10 },
  ]);
});
