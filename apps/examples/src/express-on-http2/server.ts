// The Express app under HTTP/2, with HTTP/1.1 for clients that know nothing else.

import { readFileSync } from "node:fs";
import { fromExpress } from "@tsgi/express";
import { serveNode } from "@tsgi/node";
import { app } from "./app.ts";

const server = await serveNode(fromExpress(app), {
  port: Number(process.env["PORT"] ?? 3000),
  http2: true,
  tls: {
    key: readFileSync(process.env["TLS_KEY"] ?? "key.pem"),
    cert: readFileSync(process.env["TLS_CERT"] ?? "cert.pem"),
  },
  signals: true,
});
console.log(`The app is at ${server.url}`);
