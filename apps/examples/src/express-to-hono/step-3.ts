// Step 3: the last routes are Hono's, and Express is gone.

import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { MAX_BYTES, Refused, guestbook } from "../guestbook/guestbook.ts";
import { errorAnswer, frontPage } from "../guestbook/pages.ts";
import { files, host, port, secret } from "../guestbook/settings.ts";
import { eventStream } from "./event-stream.ts";

const site = new Hono();

site.use(serveStatic({ root: files }));
site.use(bodyLimit({ maxSize: MAX_BYTES }));

site.get("/", async (c) => c.html(frontPage(guestbook, await visitorOf(c))));

site.post("/sign-in", async (c) => {
  const name = guestbook.nameIn(await c.req.parseBody());
  await setSignedCookie(c, "guest", name, secret, { path: "/", httpOnly: true, sameSite: "Lax" });
  return c.redirect("/", 303);
});

site.post("/entries", async (c) => {
  guestbook.sign(await visitorOf(c), await c.req.parseBody());
  return c.redirect("/", 303);
});

site.post("/picture", async (c) => {
  const { picture } = await c.req.parseBody();
  const file = picture instanceof File ? picture : null;
  guestbook.hang(file?.type, file === null ? undefined : new Uint8Array(await file.arrayBuffer()));
  return c.redirect("/", 303);
});

site.get("/picture", (c) => {
  const { type, bytes } = guestbook.picture;
  return c.body(bytes.slice(), 200, { "content-type": type, "x-content-type-options": "nosniff" });
});

site.get("/api/entries", (c) => c.json(guestbook.entries));

site.get("/api/entries/:id", (c) => c.json(guestbook.find(c.req.param("id"))));

site.post("/api/entries", async (c) => {
  const form: unknown = await c.req.json().catch(() => {
    throw new Refused(400, "That was not understood.");
  });
  const entry = guestbook.write(form);
  return c.json(entry, 201, { location: `/api/entries/${entry.id}` });
});

site.get("/events", (c) =>
  c.body(eventStream(guestbook), 200, { "content-type": "text/event-stream", "cache-control": "no-store" }),
);

site.get("/broken", () => {
  throw new Error("the secret reason");
});

site.notFound(() => {
  throw new Refused(404, "There is no such page.");
});

site.onError((error, c) => {
  const { status, type, body } = errorAnswer(error, c.req.path);
  return new Response(body, { status, headers: { "content-type": type } });
});

serve({ fetch: site.fetch, hostname: host, port }, (address) => {
  console.log(`The guestbook is at http://${host}:${address.port}`);
});

/** The name that a visitor has signed in with. */
async function visitorOf(c: Context): Promise<string | undefined> {
  return (await getSignedCookie(c, secret, "guest")) || undefined;
}
