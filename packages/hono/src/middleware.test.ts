// The middleware people use, on both sides: in a Hono app that we serve, compared with @hono/node-server, and in front of ours.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { jwt, sign } from "hono/jwt";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE, streamText } from "hono/streaming";
import { afterAll, describe, expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { fieldsApp, textApp } from "./fixtures/apps.ts";
import { GLOBALS, ask, listen, listenOwn, type Answer, type Question } from "./fixtures/servers.ts";
import { fromHono } from "./from-hono.ts";
import { toHono } from "./to-hono.ts";

const SECRET = "a secret of a test, which is long enough";
const LONG = "a line that is repeated\n".repeat(200);
const token = await sign({ sub: "ada" }, SECRET, "HS256");

const files = mkdtempSync(join(tmpdir(), "tsgi-hono-"));
writeFileSync(join(files, "page.html"), "<p>a page</p>");
writeFileSync(join(files, "long.txt"), LONG);
afterAll(() => rmSync(files, { recursive: true }));

function site(): Hono {
  const hono = new Hono();
  hono.use("/api/*", cors({ origin: "https://a.example", credentials: true, exposeHeaders: ["x-a"] }));
  hono.use("/secure/*", secureHeaders());
  hono.use("/packed/*", compress());
  hono.use("/tagged/*", etag());
  hono.use("/members/*", jwt({ secret: SECRET, alg: "HS256" }));
  hono.get("/api/data", (c) => c.json({ data: [1, 2, 3] }));
  hono.get("/secure/page", (c) => c.html("<p>secure</p>"));
  hono.get("/packed/text", (c) => c.text(LONG));
  hono.get("/tagged/text", (c) => c.text("tagged"));
  hono.get("/members/me", (c) => c.json(c.get("jwtPayload" as never)));
  hono.get("/events", (c) =>
    streamSSE(c, async (stream) => {
      for (const data of ["one", "two", "three"]) await stream.writeSSE({ data, id: data });
    }),
  );
  hono.get("/text", (c) =>
    streamText(c, async (stream) => {
      await stream.write("first ");
      await stream.write("second");
    }),
  );
  hono.get("/cookies", (c) => {
    c.header("set-cookie", "a=1; Path=/");
    c.header("set-cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT", { append: true });
    return c.body(null, 204);
  });
  hono.get("/redirect", (c) => c.redirect("/elsewhere"));
  hono.use(
    "/files/*",
    serveStatic({ root: files, rewriteRequestPath: (path) => path.replace("/files", "") }),
  );
  return hono;
}

const QUESTIONS: [says: string, question: Question][] = [
  ["cors", { path: "/api/data", headers: { origin: "https://a.example" } }],
  [
    "a preflight",
    {
      method: "OPTIONS",
      path: "/api/data",
      headers: { origin: "https://a.example", "access-control-request-method": "PUT" },
    },
  ],
  ["cors for a stranger", { path: "/api/data", headers: { origin: "https://b.example" } }],
  ["secure-headers", { path: "/secure/page" }],
  ["compress, with gzip", { path: "/packed/text", headers: { "accept-encoding": "gzip" } }],
  ["compress, with nothing", { path: "/packed/text" }],
  ["compress and HEAD", { method: "HEAD", path: "/packed/text", headers: { "accept-encoding": "gzip" } }],
  ["etag", { path: "/tagged/text" }],
  [
    "etag, not modified",
    { path: "/tagged/text", headers: { "if-none-match": '"e2f2a6a5fcb8ed0f0f2f2e7a6a9f1cc1aa7f32a9"' } },
  ],
  ["jwt without a token", { path: "/members/me" }],
  ["jwt with a wrong token", { path: "/members/me", headers: { authorization: "Bearer a.b.c" } }],
  ["jwt", { path: "/members/me", headers: { authorization: `Bearer ${token}` } }],
  ["streamSSE", { path: "/events" }],
  ["streamText", { path: "/text" }],
  ["cookies", { path: "/cookies" }],
  ["a redirect", { path: "/redirect" }],
  ["serve-static", { path: "/files/page.html" }],
  ["serve-static and HEAD", { method: "HEAD", path: "/files/page.html" }],
  ["serve-static, a range", { path: "/files/long.txt", headers: { range: "bytes=2-8" } }],
  ["serve-static, no such file", { path: "/files/none" }],
  ["serve-static, a file above", { path: "/files/%2e%2e%2fetc/passwd" }],
  ["no route", { path: "/none" }],
];

describe("a Hono app that serveNode serves answers as on @hono/node-server:", () => {
  test.each(QUESTIONS)("%s [A42 X17]", async (_says, question) => {
    const same = { ...question, headers: { host: "site.example", ...question.headers } };
    const [theirs, ours] = await Promise.all([
      listen(site(), "standard classes").then((port) => ask(port, same)),
      listenOwn(fromHono(site())).then((port) => ask(port, same)),
    ]);
    expect(shown(ours)).toEqual(shown(theirs));
  });
});

/** What of a response is the app's: not how it is framed, nor what the server adds. */
function shown(answer: Answer): object {
  const own = answer.fields.filter(
    ([name]) => !["date", "connection", "keep-alive", "content-length", "transfer-encoding"].includes(name),
  );
  return { status: answer.status, fields: own.toSorted(), body: unpacked(answer) };
}

function unpacked({ octets, all }: Answer): string {
  const [encoding] = all("content-encoding");
  if (octets.length === 0 || encoding === undefined) return octets.toString();
  return (encoding === "br" ? brotliDecompressSync(octets) : gunzipSync(octets)).toString();
}

describe.each(GLOBALS)("in front of a portable app, on @hono/node-server with %s:", (globals) => {
  test("cors adds its fields, and the app's Vary stays [A42]", async () => {
    const hono = new Hono()
      .use(cors({ origin: "https://a.example" }))
      .all("*", toHono(fieldsApp(["vary", "Accept"])));
    const { all, body } = await ask(await listen(hono, globals), {
      headers: { origin: "https://a.example" },
    });
    expect([body, all("access-control-allow-origin"), all("vary").join(", ").split(", ").toSorted()]).toEqual(
      ["portable", ["https://a.example"], ["Accept", "Origin"]],
    );
  });

  test("compress packs what the app sends [A42]", async () => {
    const hono = new Hono().use(compress()).all("*", toHono(textApp(() => LONG)));
    const answer = await ask(await listen(hono, globals), { headers: { "accept-encoding": "gzip" } });
    expect([answer.all("content-encoding"), unpacked(answer), answer.octets.length < 1000]).toEqual([
      ["gzip"],
      LONG,
      true,
    ]);
  });

  test("compress leaves events alone [S25]", async () => {
    const events: AsgiApp = async (_scope, _receive, send) => {
      await send({
        type: "http.response.start",
        status: 200,
        headers: [["content-type", "text/event-stream"]],
      });
      for (const data of ["one", "two"]) {
        await send({ type: "http.response.body", body: `data: ${data}\n\n`, more_body: true });
      }
      await send({ type: "http.response.body" });
    };
    const hono = new Hono().use(compress()).all("*", toHono(events));
    const { body, all } = await ask(await listen(hono, globals), { headers: { "accept-encoding": "gzip" } });
    expect([body, all("content-encoding")]).toEqual(["data: one\n\ndata: two\n\n", []]);
  });

  test("jwt lets nobody pass without a token, and the app sees whose it is [A12]", async () => {
    const app = textApp((scope) => {
      const { context } = scope.extensions["tsgi.hono"] as {
        context: { var: { jwtPayload: { sub: string } } };
      };
      return context.var.jwtPayload.sub;
    });
    const hono = new Hono().use(jwt({ secret: SECRET, alg: "HS256" })).all("*", toHono(app));
    const port = await listen(hono, globals);
    const allowed = await ask(port, { headers: { authorization: `Bearer ${token}` } });
    expect([(await ask(port)).status, allowed.status, allowed.body]).toEqual([401, 200, "ada"]);
  });

  test("secure-headers and etag come after it, and are in the response [A42]", async () => {
    const hono = new Hono()
      .use(secureHeaders())
      .use(etag())
      .all("*", toHono(fieldsApp(["content-length", "8"])));
    const port = await listen(hono, globals);
    const { all, body } = await ask(port);
    const [tag = ""] = all("etag");
    expect([body, all("x-frame-options"), tag === ""]).toEqual(["portable", ["SAMEORIGIN"], false]);
    expect((await ask(port, { headers: { "if-none-match": tag } })).status).toBe(304);
  });

  test("serve-static has its files, and the app the rest [X31]", async () => {
    const hono = new Hono().use(serveStatic({ root: files })).all("*", toHono(fieldsApp()));
    const port = await listen(hono, globals);
    const [page, rest] = [await ask(port, { path: "/page.html" }), await ask(port, { path: "/rest" })];
    expect([page.body, rest.body]).toEqual(["<p>a page</p>", "portable"]);
  });
});
