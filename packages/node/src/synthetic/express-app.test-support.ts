// An Express app with what its guide documents: routing, answers, files, sessions, body parsing, uploads, error pages.
// Source: https://expressjs.com/en/5x/api.html. Both sides of a comparison run this one.

import { readFile } from "node:fs/promises";
import { Readable, pipeline } from "node:stream";
import { fileURLToPath } from "node:url";
import compression from "compression";
import cookieParser from "cookie-parser";
import cookieSession from "cookie-session";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import session from "express-session";
import morgan from "morgan";
import multer from "multer";

const FILES = fileURLToPath(new URL("./express-files/", import.meta.url));

declare module "express-session" {
  interface SessionData {
    views: number;
  }
}

/** Makes the app; `journal` gets its access log. */
export function expressApp(journal: string[]): Express {
  const app = express();
  app.set("trust proxy", "loopback");
  app.set("views", FILES);
  app.engine("tpl", (path, options, done) => {
    readFile(path, "utf8").then(
      (text) => done(null, text.replaceAll("{{name}}", String((options as { name?: unknown }).name))),
      done,
    );
  });
  app.set("view engine", "tpl");
  app.use(
    morgan(":method :url HTTP/:http-version :status :res[content-length] :remote-addr", {
      stream: { write: (line: string) => journal.push(line.trim()) },
    }),
  );
  app.use("/zip", compression({ threshold: 0 }));
  app.use(cookieParser("secret"));
  answers(app);
  requests(app);
  routing(app);
  files(app);
  bodies(app);
  sessions(app);
  streams(app);
  failures(app);
  return app;
}

function answers(app: Express): void {
  app.get("/text", (_req, res) => void res.send("text"));
  app.get("/html", (_req, res) => void res.type("html").send("<p>caf\u00e9"));
  app.get("/bytes", (_req, res) => void res.send(Buffer.from([0, 128, 255])));
  app.get("/json", (_req, res) => void res.json({ a: 1, b: [null, true], c: "\u00e9<>&" }));
  app.get("/jsonp", (_req, res) => void res.jsonp({ a: 1 }));
  app.get("/status", (_req, res) => void res.sendStatus(418));
  app.get("/created", (_req, res) => void res.status(201).location("/made/1").end());
  app.get("/redirect", (_req, res) => res.redirect("/else\u00e9where?a=b"));
  app.get("/redirect/301", (_req, res) => res.redirect(301, "http://other.test/"));
  app.get("/cookies", (req, res) => {
    res.cookie("plain", "v alue", { path: "/x", httpOnly: true, sameSite: "lax" });
    res.cookie("signed", "s", { signed: true });
    res.cookie("object", { a: 1 });
    res.clearCookie("gone");
    res.json({ got: req.cookies as unknown, signed: req.signedCookies as unknown });
  });
  app.get(
    "/format",
    (_req, res) =>
      void res.format({
        text: () => res.send("text"),
        html: () => res.send("<b>"),
        json: () => res.json(["json"]),
      }),
  );
  app.get("/headers", (_req, res) => {
    res.set({ "X-One": "1", "x-two": "2" });
    res.append("Link", ["<a>", "<b>"]).append("Warning", "199");
    res.links({ next: "/2", last: "/9" }).vary("Accept").attachment("caf\u00e9.txt");
    res.removeHeader("X-Powered-By");
    res.send("x");
  });
  app.get("/fresh", (req, res) => {
    res.set("ETag", '"same"');
    res.set("X-Fresh", String(req.fresh));
    res.send("content");
  });
  app.get("/view", (_req, res) => res.render("view", { name: "Ada" }));
  app.get("/no-view", (_req, res) => res.render("missing"));
  app.get("/null", (_req, res) => void res.send(null));
  app.get("/204", (_req, res) => void res.status(204).send("ignored"));
  app.get("/304", (_req, res) => void res.status(304).send("ignored"));
  app.get("/205", (_req, res) => void res.status(205).send("ignored"));
  app.get("/long", (_req, res) => void res.send("long ".repeat(50_000)));
  app.get("/zip/json", (_req, res) => void res.json(Array.from({ length: 500 }, (_, i) => i)));
  app.get("/zip/stream", (_req, res) => {
    res.type("text");
    res.write("one ".repeat(100));
    (res as unknown as { flush(): void }).flush();
    res.end("two ".repeat(100));
  });
}

function requests(app: Express): void {
  app.all("/echo", (req, res) => {
    res.json({
      method: req.method,
      url: req.url,
      originalUrl: req.originalUrl,
      baseUrl: req.baseUrl,
      path: req.path,
      query: req.query,
      protocol: req.protocol,
      secure: req.secure,
      hostname: req.hostname,
      host: req.host,
      subdomains: req.subdomains,
      xhr: req.xhr,
      ip: req.ip,
      ips: req.ips,
      httpVersion: req.httpVersion,
      accepts: [req.accepts("json", "html"), req.acceptsEncodings(), req.acceptsLanguages()],
      is: req.is("json"),
      range: req.range(100),
      headers: req.headers,
      rawHeaders: req.rawHeaders,
      complete: req.complete,
    });
  });
}

function routing(app: Express): void {
  app.param("id", (req, res, next, id: string) => {
    res.set("X-Param", id);
    if (id === "bad") next(new Error("bad id"));
    else next();
  });
  const tell = (req: Request, res: Response): void => {
    res.json({
      params: req.params,
      url: req.url,
      baseUrl: req.baseUrl,
      originalUrl: req.originalUrl,
      path: req.path,
    });
  };
  app.get("/users/:id", tell);
  app.get("/files/*rest", tell);
  app.get("/maybe{/:one}", tell);
  app.get(/^\/re(gex)+$/, tell);
  app.get(["/either", "/or"], tell);
  app.route("/route").get(tell).post(tell).put(tell);
  const router = express.Router({ mergeParams: true });
  router.use((req, res, next) => {
    res.set("X-Router", req.baseUrl);
    next();
  });
  router.get("/", tell);
  router.get("/deep/:b", tell);
  app.use("/nested/:a", router);
  const sub = express();
  sub.on("mount", (parent) => parent.set("mounted", true));
  sub.get(
    "/inside",
    (req, res) => void res.json([sub.mountpath, req.app === sub, app.get("mounted"), req.baseUrl]),
  );
  app.use("/sub", sub);
  app.get(
    "/chain",
    (_req, res, next) => {
      res.locals["chain"] = "one";
      next();
    },
    (_req, _res, next) => next("route"),
    () => {},
  );
  app.get("/chain", (_req, res) => void res.send(`${String(res.locals["chain"])} two`));
}

function files(app: Express): void {
  app.use("/static", express.static(FILES, { index: "index.html", extensions: ["txt"], maxAge: "1h" }));
  app.get("/file", (_req, res) => res.sendFile("digits.txt", { root: FILES }));
  app.get("/download", (_req, res) => res.download(`${FILES}digits.txt`, "d\u00efgits.txt"));
  app.get("/file/missing", (_req, res, next) => {
    res.sendFile("missing.txt", { root: FILES }, (error) => {
      if (error) next(error);
    });
  });
}

function bodies(app: Express): void {
  app.post(
    "/body/json",
    express.json({ limit: "1kb" }),
    (req, res) => void res.json({ got: req.body as unknown }),
  );
  app.post(
    "/body/form",
    express.urlencoded({ extended: true }),
    (req, res) => void res.json({ got: req.body as unknown }),
  );
  app.post("/body/text", express.text(), (req, res) => void res.send(`got ${String(req.body)}`));
  app.post("/body/raw", express.raw({ type: "*/*" }), (req, res) => void res.send(req.body));
  const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: 100_000 } });
  app.post("/body/upload", upload.array("files", 3), (req, res) => {
    const got = (req.files as Express.Multer.File[]).map(
      ({ fieldname, originalname, mimetype, size, buffer }) => [
        fieldname,
        originalname,
        mimetype,
        size,
        buffer.subarray(0, 8).toString("hex"),
      ],
    );
    res.json({ got, fields: req.body as unknown });
  });
  app.post("/body/ignored", (_req, res) => void res.send("not read"));
  app.post("/body/echo", (req, res) => void req.pipe(res));
}

function sessions(app: Express): void {
  let made = 0;
  const views = session({
    secret: "keyboard cat",
    resave: false,
    saveUninitialized: true,
    genid: () => `session-${(made += 1)}`,
  });
  app.get("/session", views, (req, res) => {
    req.session.views = (req.session.views ?? 0) + 1;
    res.json([req.session.views, req.sessionID]);
  });
  app.get("/session/end", views, (req, res, next) => {
    req.session.destroy((error) => {
      if (error) next(error);
      else res.send("ended");
    });
  });
  const inCookie = cookieSession({ name: "cs", keys: ["k1"] });
  app.get("/cookie-session", inCookie, (req, res) => {
    const stored = req.session as unknown as { n?: number };
    stored.n = (stored.n ?? 0) + 1;
    res.json(stored);
  });
}

function streams(app: Express): void {
  app.get("/stream", (_req, res) => {
    res.type("text");
    Readable.from(["one ", "two ", "three"]).pipe(res);
  });
  app.get("/stream/pipeline", (_req, res, next) => {
    pipeline(Readable.from([Buffer.alloc(70_000, 65), Buffer.alloc(70_000, 66)]), res, (error) => {
      if (error) next(error);
    });
  });
  app.get("/events", (_req, res) => {
    res.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    res.flushHeaders();
    res.write("data: 1\n\n");
    setImmediate(() => res.end("data: 2\n\n"));
  });
}

function failures(app: Express): void {
  app.get("/throws", () => {
    throw new Error("thrown");
  });
  app.get("/rejects", async () => {
    await Promise.resolve();
    throw Object.assign(new Error("rejected"), { status: 409, expose: true });
  });
  app.get("/next", (_req, _res, next) => next(Object.assign(new Error("passed on"), { statusCode: 422 })));
  app.get("/handled", (_req, _res, next) => next(new TypeError("to the handler")));
  app.get("/half", (_req, res, next) => {
    res.write("half");
    setImmediate(() => next(new Error("too late")));
  });
  app.use((error: Error, _req: Request, res: Response, next: NextFunction) => {
    if (error instanceof TypeError) res.status(500).json({ handled: error.message });
    else next(error);
  });
}
