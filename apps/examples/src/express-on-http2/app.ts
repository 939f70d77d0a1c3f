// An Express app as anybody has one. Nothing in it knows of HTTP/2.

import { fileURLToPath } from "node:url";
import express, { type Express } from "express";

const STYLE = fileURLToPath(new URL("../../public/style.css", import.meta.url));

export const app: Express = express();

app.use(express.json());

app.get("/", (req, res) => {
  res.send(`<!doctype html><title>Express</title><p>${req.protocol} ${req.httpVersion} at ${req.host}`);
});

app.get("/style.css", (_req, res) => {
  res.sendFile(STYLE);
});

app.post("/sum", (req, res) => {
  const { numbers } = req.body as { numbers: number[] };
  res.json({ sum: numbers.reduce((sum, number) => sum + number, 0) });
});

app.get("/lines", async (req, res) => {
  res.type("text/plain");
  res.on("close", () => console.log(res.writableFinished ? "all lines are out" : "the reader has left"));
  for (let line = 1; !res.closed && line !== Number(req.query["count"] ?? Infinity) + 1; line += 1) {
    if (!res.write(`line ${line}\n`))
      await new Promise((resolve) => res.once("drain", resolve).once("close", resolve));
  }
  res.end();
});
