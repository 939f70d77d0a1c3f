// Step 3: the last routes are Fastify's, and Express is gone.

import { PassThrough } from "node:stream";
import multipart from "@fastify/multipart";
import statics from "@fastify/static";
import Fastify from "fastify";
import { MAX_BYTES, Refused, guestbook } from "../guestbook/guestbook.ts";
import { errorAnswer, frontPage } from "../guestbook/pages.ts";
import { files, host, port, secret } from "../guestbook/settings.ts";
import { readSigned, signed } from "./signed-cookie.ts";

const server = Fastify({ bodyLimit: MAX_BYTES });

await server.register(statics, { root: files, wildcard: false });
await server.register(multipart, { limits: { fileSize: MAX_BYTES } });
server.addContentTypeParser(
  "application/x-www-form-urlencoded",
  { parseAs: "string" },
  (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
);

server.get("/", (request, reply) => {
  const visitor = readSigned(request.headers.cookie, "guest", secret);
  reply.type("text/html; charset=utf-8").send(frontPage(guestbook, visitor));
});

server.post("/sign-in", (request, reply) => {
  const name = guestbook.nameIn(request.body);
  reply.header("set-cookie", signed("guest", name, secret)).redirect("/", 303);
});

server.post("/entries", (request, reply) => {
  guestbook.sign(readSigned(request.headers.cookie, "guest", secret), request.body);
  reply.redirect("/", 303);
});

server.post("/picture", async (request, reply) => {
  const picture = await request.file();
  guestbook.hang(picture?.mimetype, await picture?.toBuffer());
  return reply.redirect("/", 303);
});

server.get("/picture", (_request, reply) => {
  const { type, bytes } = guestbook.picture;
  reply.type(type).header("x-content-type-options", "nosniff").send(bytes);
});

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

server.get("/broken", () => {
  throw new Error("the secret reason");
});

server.setNotFoundHandler(() => {
  throw new Refused(404, "There is no such page.");
});

server.setErrorHandler((error, request, reply) => {
  const { status, type, body } = errorAnswer(error, request.url);
  reply.code(status).type(type).send(body);
});

console.log(`The guestbook is at ${await server.listen({ host, port })}`);
