// Fastify, with a response schema and without logging, as its documentation advises for speed.
import { Readable } from "node:stream";
import createFastify, { type FastifyInstance } from "fastify";
import { HELLO, PIECE, PIECES, receiptFromOrder, type Order } from "../bodies.ts";
import type { Serve } from "../column.ts";

const RECEIPT_SCHEMA = {
  type: "object",
  properties: { id: { type: "integer" }, lines: { type: "integer" }, total: { type: "number" } },
} as const;

const endpoints: Record<string, (app: FastifyInstance) => unknown> = {
  hello: (app) => app.get("/hello", (_request, reply) => reply.send(HELLO)),

  json: (app) =>
    app.post<{ Body: Order }>("/json", { schema: { response: { 200: RECEIPT_SCHEMA } } }, (request, reply) =>
      reply.send(receiptFromOrder(request.body)),
    ),

  stream: (app) =>
    app.get("/stream", (_request, reply) => {
      let sent = 0;
      const body = new Readable({
        read() {
          sent += 1;
          this.push(sent > PIECES ? null : PIECE);
        },
      });
      return reply.type("application/octet-stream").send(body);
    }),

  upload(app) {
    app.addContentTypeParser("application/octet-stream", (_request, body, done) => done(null, body));
    app.post<{ Body: Readable }>("/upload", (request, reply) => {
      let length = 0;
      request.body.on("data", (chunk: Buffer) => {
        length += chunk.length;
      });
      request.body.on("end", () => {
        void reply.send(String(length));
      });
    });
  },
};

/** The instance of one endpoint; null for an endpoint there is none of. */
export function fastifyApp(endpoint: string): FastifyInstance | null {
  const add = endpoints[endpoint];
  if (add === undefined) return null;
  const app = createFastify();
  add(app);
  return app;
}

export const serve: Serve = async (endpoint) => {
  const app = fastifyApp(endpoint);
  return app === null ? null : Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
};
