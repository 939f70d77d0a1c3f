// The portable app in a Fastify instance, beside its own routes.

import { toFastify } from "@tsgi/fastify";
import Fastify from "fastify";
import { app } from "./app.ts";

const server = Fastify();
server.get("/own", () => "Fastify's own\n");
await server.register(toFastify(app), { prefix: "/portable" });

process.once("SIGTERM", () => void server.close());
const url = await server.listen({ host: "127.0.0.1", port: Number(process.env["PORT"] ?? 3000) });
console.log(`The app is at ${url}/portable`);
