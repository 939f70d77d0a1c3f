// A fetch handler as a portable app, over a real server and in memory.

import { expect, test } from "vitest";
import { createTestClient } from "@tsgi/testing";
import { FastResponse } from "./fast-response.ts";
import { fromFetch } from "./from-fetch.ts";

test("a handler gets a Request, and its Response is sent [A35 A39]", async () => {
  const app = fromFetch(async (request) => {
    const body = await request.text();
    return new Response(`${request.method} ${request.url} ${request.headers.get("x-one")} ${body}`, {
      status: 201,
    });
  });
  const response = await createTestClient(app).post("/a?b", {
    body: "text",
    headers: { host: "h", "x-one": "1" },
  });
  expect([response.status, response.text()]).toEqual([201, "POST http://h/a?b 1 text"]);
  expect(response.headers).toEqual([
    ["content-type", "text/plain;charset=UTF-8"],
    ["content-length", String("POST http://h/a?b 1 text".length)],
  ]);
});

test("a FastResponse is sent like a standard one [A35]", async () => {
  const answers = [Response, FastResponse].map((ResponseOf) =>
    createTestClient(
      fromFetch(
        () =>
          new ResponseOf("text", {
            status: 404,
            headers: [
              ["set-cookie", "a"],
              ["set-cookie", "b"],
            ],
          }),
      ),
    ).get("/"),
  );
  const [standard, fast] = await Promise.all(answers);
  expect(fast?.status).toBe(404);
  expect(new Set(fast?.headers.map(String))).toEqual(new Set(standard?.headers.map(String)));
});

test("the Request is taken for a real one [A19]", async () => {
  const app = fromFetch(async (request) => {
    const copy = new Request(request.clone(), { headers: { "x-two": "2" } });
    const again = new Request(request);
    return new Response(
      JSON.stringify([
        request instanceof Request,
        await copy.text(),
        await again.text(),
        copy.headers.get("x-two"),
      ]),
    );
  });
  const response = await createTestClient(app).post("/", { body: "body" });
  expect(JSON.parse(response.text())).toEqual([true, "body", "body", "2"]);
});
