// The response that stands for one that is sent: it is of the class that Response is when @hono/node-server looks at it.

import { Hono } from "hono";
import { expect, test } from "vitest";
import { fieldsApp } from "./fixtures/apps.ts";
import { ask, listen } from "./fixtures/servers.ts";
import { toHono } from "./to-hono.ts";

test("a server that puts its own class in the place of Response may start after another has answered [A47]", async () => {
  const hono = new Hono().all("*", toHono(fieldsApp(["content-length", "8"])));
  const own = Response;
  const first = await listen(hono, "standard classes");
  expect([(await ask(first)).body, Response === own]).toEqual(["portable", true]);
  const second = await listen(hono, "light classes");
  expect(Response === own).toBe(false);
  for (const port of [second, first]) {
    const [whole, head] = [await ask(port), await ask(port, { method: "HEAD" })];
    expect([whole.status, whole.body, head.status, head.body]).toEqual([200, "portable", 200, ""]);
  }
});
