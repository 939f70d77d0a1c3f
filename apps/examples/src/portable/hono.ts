// The portable app in a Hono app on Node, beside its own routes.

import { serve } from "@hono/node-server";
import { toHono } from "@tsgi/hono";
import { Hono } from "hono";
import { app } from "./app.ts";

const site = new Hono();
site.get("/own", (c) => c.text("Hono's own\n"));
site.mount("/portable", toHono(app));

serve({ fetch: site.fetch, hostname: "127.0.0.1", port: Number(process.env["PORT"] ?? 3000) }, ({ port }) => {
  console.log(`The app is at http://127.0.0.1:${port}/portable`);
});
