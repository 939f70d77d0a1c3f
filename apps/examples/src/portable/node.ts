// The portable app on node:http.

import { serveNode } from "@tsgi/node";
import { app } from "./app.ts";

const server = await serveNode(app, { port: Number(process.env["PORT"] ?? 3000), signals: true });
console.log(`The app is at ${server.url}`);
