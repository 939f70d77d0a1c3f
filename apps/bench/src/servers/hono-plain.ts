// Hono on @hono/node-server with the global Request and Response left alone.
import type { Serve } from "../column.ts";
import { serveHono } from "./hono.ts";

export const serve: Serve = (endpoint) => serveHono(endpoint, false);
