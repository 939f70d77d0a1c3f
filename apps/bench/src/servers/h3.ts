// H3 on its own Node server (srvx).
import { H3, readBody, serve as serveNode } from "h3";
import { HELLO, receiptFromOrder, type Order } from "../bodies.ts";
import { lengthOf, pieces } from "../fetch-endpoints.ts";
import type { Serve } from "../column.ts";

const endpoints: Record<string, (app: H3) => unknown> = {
  hello: (app) => app.get("/hello", () => HELLO),
  json: (app) =>
    app.post("/json", async (event) => receiptFromOrder((await readBody<Order>(event)) as Order)),
  stream: (app) =>
    app.get("/stream", (event) => {
      event.res.headers.set("content-type", "application/octet-stream");
      return pieces();
    }),
  upload: (app) => app.post("/upload", async (event) => String(await lengthOf(event.req.body))),
};

export const serve: Serve = async (endpoint) => {
  const add = endpoints[endpoint];
  if (add === undefined) return null;
  const app = new H3();
  add(app);
  const server = serveNode(app, { hostname: "127.0.0.1", port: 0, silent: true, gracefulShutdown: false });
  await server.ready();
  return Number(new URL(server.url ?? "").port);
};
