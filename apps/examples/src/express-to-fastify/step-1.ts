// Step 1: Fastify is the server. The whole Express app is mounted in it, unchanged.

import { fromExpress } from "@tsgi/express";
import { toFastify } from "@tsgi/fastify";
import Fastify from "fastify";
import { host, port } from "../guestbook/settings.ts";
import { app } from "../guestbook/express-app.ts";

const server = Fastify();

await server.register(toFastify(fromExpress(app)));

console.log(`The guestbook is at ${await server.listen({ host, port })}`);
