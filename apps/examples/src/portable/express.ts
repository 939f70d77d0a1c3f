// The portable app in an Express app, beside its own routes.

import type { AddressInfo } from "node:net";
import { toExpress } from "@tsgi/express";
import express from "express";
import { app } from "./app.ts";

const portable = toExpress(app);
const site = express();
site.get("/own", (_req, res) => void res.send("Express's own\n"));
site.use("/portable", portable);

const { shutdown } = await portable.lifespan();
const server = site.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  console.log(`The app is at http://127.0.0.1:${(server.address() as AddressInfo).port}/portable`);
});
process.once("SIGTERM", () => server.close(() => void shutdown()));
