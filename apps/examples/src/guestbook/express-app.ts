// The guestbook as it began: an Express app.

import express, { type ErrorRequestHandler, type Express } from "express";
import session from "express-session";
import multer from "multer";
import { MAX_BYTES, Refused, guestbook } from "./guestbook.ts";
import { errorAnswer, frontPage } from "./pages.ts";
import { files, secret } from "./settings.ts";

declare module "express-session" {
  interface SessionData {
    name: string;
  }
}

export const app: Express = express();

app.use(express.static(files));
app.use(session({ name: "guest", secret, resave: false, saveUninitialized: false }));
app.use(express.json({ limit: MAX_BYTES }));
app.use(express.urlencoded({ limit: MAX_BYTES }));
const upload = multer({ limits: { fileSize: MAX_BYTES } });

app.get("/", (req, res) => {
  res.send(frontPage(guestbook, req.session.name));
});

app.post("/sign-in", (req, res) => {
  req.session.name = guestbook.nameIn(req.body);
  res.redirect(303, "/");
});

app.post("/entries", (req, res) => {
  guestbook.sign(req.session.name, req.body);
  res.redirect(303, "/");
});

app.post("/picture", upload.single("picture"), (req, res) => {
  guestbook.hang(req.file?.mimetype, req.file?.buffer);
  res.redirect(303, "/");
});

app.get("/picture", (_req, res) => {
  const { type, bytes } = guestbook.picture;
  res.type(type).set("x-content-type-options", "nosniff").send(bytes);
});

app.get("/api/entries", (_req, res) => {
  res.json(guestbook.entries);
});

app.get("/api/entries/:id", (req, res) => {
  res.json(guestbook.find(req.params.id));
});

app.post("/api/entries", (req, res) => {
  const entry = guestbook.write(req.body);
  res.status(201).location(`/api/entries/${entry.id}`).json(entry);
});

app.get("/events", (_req, res) => {
  res.type("text/event-stream").set("cache-control", "no-store");
  const leave = guestbook.join((event) => {
    if (!res.write(event)) res.destroy(); // too slow: an EventSource connects again
  });
  res.on("close", leave);
});

app.get("/broken", () => {
  throw new Error("the secret reason");
});

app.use(() => {
  throw new Refused(404, "There is no such page.");
});

const onError: ErrorRequestHandler = (error, req, res, next) => {
  if (res.headersSent) {
    next(error);
    return;
  }
  const { status, type, body } = errorAnswer(error, req.path);
  res.status(status).type(type).send(body);
};
app.use(onError);
