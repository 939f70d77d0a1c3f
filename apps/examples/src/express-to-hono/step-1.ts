// Step 1: Hono is the server. The whole Express app is mounted in it, unchanged.

import { serve } from "@hono/node-server";
import { fromExpress } from "@tsgi/express";
import { toHono } from "@tsgi/hono";
import { Hono } from "hono";
import { host, port } from "../guestbook/settings.ts";
import { app } from "../guestbook/express-app.ts";

const site = new Hono();

site.all("*", toHono(fromExpress(app)));

serve({ fetch: site.fetch, hostname: host, port }, (address) => {
  console.log(`The guestbook is at http://${host}:${address.port}`);
});
