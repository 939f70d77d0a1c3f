// The Fastify instance of the fastify column, unchanged, as an app by fromFastify on our Node host.
import { fromFastify } from "@tsgi/fastify";
import type { Serve } from "../column.ts";
import { serveApp } from "../serve-app.ts";
import { fastifyApp } from "./fastify.ts";

export const serve: Serve = (endpoint) => {
  const app = fastifyApp(endpoint);
  return serveApp(app === null ? undefined : fromFastify(app));
};
