// The Hono app of the hono column, unchanged, as an app by fromHono on our Node host: with the standard Response.
import { fromHono } from "@tsgi/hono";
import type { Serve } from "../column.ts";
import { serveApp } from "../serve-app.ts";
import { honoApp } from "./hono.ts";

export const serve: Serve = (endpoint) => {
  const app = honoApp(endpoint);
  return serveApp(app === null ? undefined : fromHono(app));
};
