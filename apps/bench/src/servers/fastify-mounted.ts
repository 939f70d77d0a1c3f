// Our async app, mounted by toFastify in a Fastify instance that listens by itself: the same work as the fastify column's
// own handlers do.
import { toFastify } from "@tsgi/fastify";
import createFastify from "fastify";
import { asyncApps } from "../async-apps.ts";
import type { Serve } from "../column.ts";

export const serve: Serve = async (endpoint) => {
  const app = asyncApps[endpoint];
  if (app === undefined) return null;
  // The apps have no lifespan, and answer requests only.
  const fastify = createFastify();
  fastify.register(toFastify(app, { lifespan: "off" }), { prefix: `/${endpoint}` });
  return Number(new URL(await fastify.listen({ host: "127.0.0.1", port: 0 })).port);
};
