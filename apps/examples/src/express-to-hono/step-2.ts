// Step 2: the JSON interface and the events are Hono's own. What Hono has no route for is still Express's.

import { serve } from "@hono/node-server";
import { fromExpress } from "@tsgi/express";
import { toHono } from "@tsgi/hono";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { MAX_BYTES, Refused, guestbook } from "../guestbook/guestbook.ts";
import { errorAnswer } from "../guestbook/pages.ts";
import { host, port } from "../guestbook/settings.ts";
import { app } from "../guestbook/express-rest.ts";
import { eventStream } from "./event-stream.ts";

const site = new Hono();

site.get("/api/entries", (c) => c.json(guestbook.entries));

site.get("/api/entries/:id", (c) => c.json(guestbook.find(c.req.param("id"))));

site.post("/api/entries", bodyLimit({ maxSize: MAX_BYTES }), async (c) => {
  const form: unknown = await c.req.json().catch(() => {
    throw new Refused(400, "That was not understood.");
  });
  const entry = guestbook.write(form);
  return c.json(entry, 201, { location: `/api/entries/${entry.id}` });
});

site.get("/events", (c) =>
  c.body(eventStream(guestbook), 200, { "content-type": "text/event-stream", "cache-control": "no-store" }),
);

site.onError((error, c) => {
  const { status, type, body } = errorAnswer(error, c.req.path);
  return new Response(body, { status, headers: { "content-type": type } });
});

site.all("*", toHono(fromExpress(app)));

serve({ fetch: site.fetch, hostname: host, port }, (address) => {
  console.log(`The guestbook is at http://${host}:${address.port}`);
});
