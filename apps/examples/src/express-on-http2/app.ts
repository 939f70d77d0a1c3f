// An Express app as anybody has one. Nothing in it knows of HTTP/2.

import { pipeline } from "node:stream";
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

app.get("/lines", (req, res) => {
  res.type("text/plain");
  pipeline(lines(Number(req.query["count"] ?? Infinity)), res, (error) => {
    console.log(error ? "the reader has left" : "all lines are out");
  });
});

function* lines(count: number): Generator<string> {
  for (let line = 1; line <= count; line += 1) yield `line ${line}\n`;
}
