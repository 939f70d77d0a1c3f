// Step 2: the JSON interface and the events are Fastify's own. What Fastify has no route for is still Express's.

import { PassThrough } from "node:stream";
import { fromExpress } from "@tsgi/express";
import { toFastify } from "@tsgi/fastify";
import Fastify from "fastify";
import { guestbook } from "../guestbook/guestbook.ts";
import { errorAnswer } from "../guestbook/pages.ts";
import { host, port } from "../guestbook/settings.ts";
import { app } from "../guestbook/express-rest.ts";

const server = Fastify();

server.get("/api/entries", () => guestbook.entries);

server.get<{ Params: { id: string } }>("/api/entries/:id", (request) => guestbook.find(request.params.id));

server.post("/api/entries", (request, reply) => {
  const entry = guestbook.write(request.body);
  reply.code(201).header("location", `/api/entries/${entry.id}`).send(entry);
});

server.get("/events", (_request, reply) => {
  const stream = new PassThrough();
  const leave = guestbook.join((event) => {
    if (!stream.write(event)) stream.destroy(); // too slow: an EventSource connects again
  });
  stream.on("close", leave);
  reply.type("text/event-stream").header("cache-control", "no-store").send(stream);
});

server.setErrorHandler((error, request, reply) => {
  const { status, type, body } = errorAnswer(error, request.url);
  reply.code(status).type(type).send(body);
});

await server.register(toFastify(fromExpress(app)));

console.log(`The guestbook is at ${await server.listen({ host, port })}`);
