// Middleware people use, in front of a mounted app and inside a guest; compared with the very app on a server of its own.

import { createGunzip, gunzipSync } from "node:zlib";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import compression from "compression";
import type { RequestHandler } from "express";
import session from "express-session";
import { answering } from "./fixtures/apps.ts";
import { middlewareApp } from "./fixtures/middleware-apps.ts";
import { VERSIONS, ask, fieldsOf, listen, serveOurs, type Answer, type Ask } from "./fixtures/servers.ts";
import { fromExpress } from "./from-express.ts";
import { toExpress } from "./to-express.ts";

// Cookies of sessions and logins tell when they were made.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 9, 21) }));
afterEach(() => void vi.useRealTimers());

const behind =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

const BODY = "a line of text\n".repeat(200);

const handler: RequestHandler = (_req, res) => {
  res.writeHead(200, [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["X-Own", "1"],
    ["Set-Cookie", "own=1"],
  ] as never);
  res.end(BODY);
};

/** The same without losing the cookies that were set before, as `writeHead` does. */
const native: RequestHandler = (_req, res) => {
  res.set({ "Content-Type": "text/plain; charset=utf-8", "X-Own": "1" }).append("Set-Cookie", "own=1");
  res.end(BODY);
};

const portable = answering(
  200,
  [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["X-Own", "1"],
    ["Set-Cookie", "own=1"],
  ],
  BODY,
);

const part = (head: string, body: string): string =>
  `--X\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
const MULTIPART = { "Content-Type": "multipart/form-data; boundary=X" };
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const upload = (size: number): string =>
  part('name="title"', "A title") +
  part('name="files"; filename="a.bin"\r\nContent-Type: application/x-a', "ab".repeat(size / 2)) +
  "--X--\r\n";

const ASKS: [what: string, ask: Ask][] = [
  ["helmet", { path: "/helmet/x" }],
  ["cors", { path: "/cors", headers: { Origin: "http://other.test" } }],
  [
    "cors, asked first",
    {
      method: "OPTIONS",
      path: "/cors",
      headers: { Origin: "http://other.test", "Access-Control-Request-Method": "PUT" },
    },
  ],
  ["compression by gzip", { path: "/zip", headers: { "Accept-Encoding": "gzip" } }],
  ["compression by br", { path: "/zip", headers: { "Accept-Encoding": "br" } }],
  ["compression of HEAD", { method: "HEAD", path: "/zip", headers: { "Accept-Encoding": "gzip" } }],
  ["compression that is not asked for", { path: "/zip" }],
  ["cookie-parser", { path: "/cookies", headers: { Cookie: "a=1; b=%C3%A9; c=j%3A%7B%7D; s=s%3Ax.bad" } }],
  ["multer", { method: "POST", path: "/upload", headers: MULTIPART, body: upload(5_000) }],
  [
    "multer, in chunks",
    { method: "POST", path: "/upload", headers: MULTIPART, body: upload(500), chunked: true },
  ],
  ["multer over its limit", { method: "POST", path: "/upload", headers: MULTIPART, body: upload(20_000) }],
  ["passport without a login", { path: "/login" }],
  [
    "passport with a wrong password",
    { method: "POST", path: "/login", headers: FORM, body: "username=a&password=b" },
  ],
  ["nothing, which is 404", { path: "/nothing" }],
];

/** What a client goes by: fields by name in lower case, in any order but for one name's; the body uncoded. */
function essence(answer: Answer): unknown {
  const fields = new Map<string, string[]>();
  answer.headers.forEach((name, i) => {
    if (i % 2 === 1) return;
    const key = name.toLowerCase();
    // A portable app's length is told, where a native handler may leave it out.
    if (key !== "content-length") fields.set(key, [...(fields.get(key) ?? []), answer.headers[i + 1] ?? ""]);
  });
  const gzipped = fields.get("content-encoding")?.[0] === "gzip" && answer.bytes.length > 0;
  const body = gzipped ? gunzipSync(answer.bytes).toString() : answer.body;
  const { status, reason, complete } = answer;
  return { status, reason, complete, body, fields: [...fields].toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

/** What an app sends by events has no length where there can be no body (RFC 9110 §8.6); `cors` says 0. */
function throughEvents(answer: Answer): Answer {
  const at = answer.status === 204 ? answer.headers.indexOf("Content-Length") : -1;
  return at === -1 ? answer : { ...answer, headers: answer.headers.toSpliced(at, 2) };
}

/** Logs in, or opens a session, and comes back with its cookies. */
async function visits(port: number, first: Ask, again: Ask): Promise<Answer[]> {
  const one = await ask(port, first);
  const cookie = fieldsOf(one, "set-cookie").map((value) => value.split(";", 1)[0]);
  const headers = { ...again.headers, Cookie: cookie.join("; ") };
  return [one, await ask(port, { ...again, headers }), await ask(port, { ...again, headers })];
}

const VISITS: [what: string, first: Ask, again: Ask][] = [
  ["express-session", { path: "/session" }, { path: "/session" }],
  [
    "passport",
    { method: "POST", path: "/login", headers: FORM, body: "username=ann&password=right" },
    { path: "/login" },
  ],
];

describe.each(VERSIONS)("in front of an app mounted in %s", (_version, express) => {
  test.each(ASKS)("%s does what it does for a handler of Express [X7 X17 A42]", async (_what, asked) => {
    const [own, mounted] = [middlewareApp(express, native), middlewareApp(express, toExpress(portable))];
    const expected = await ask(await listen(own.app), asked);
    expect(essence(await ask(await listen(mounted.app), asked))).toEqual(essence(expected));
  });

  test.each(VISITS)("%s keeps its sessions [X7 X17]", async (_what, first, again) => {
    const [own, mounted] = [middlewareApp(express, native), middlewareApp(express, toExpress(portable))];
    const expected = await visits(await listen(own.app), first, again);
    const answers = await visits(await listen(mounted.app), first, again);
    expect(answers.map(essence)).toEqual(expected.map(essence));
    const told = answers.map((answer) => fieldsOf(answer, "x-views")[0] ?? fieldsOf(answer, "x-user")[0]);
    expect(told).toEqual(first.method === "POST" ? ["ann", "ann", "ann"] : ["1", "2", "3"]);
  });

  test("morgan logs status and length [A42]", async () => {
    const { app, journal } = middlewareApp(express, toExpress(portable));
    const port = await listen(app);
    await ask(port, { path: "/helmet/x?q" });
    expect(journal).toEqual([`GET /helmet/x?q 200 ${BODY.length} 127.0.0.1 HTTP/1.1`]);
  });

  test("compression gets the head although nothing else has touched it, cookies apart [X17]", async () => {
    const app = express()
      .disable("x-powered-by")
      .use(compression({ threshold: 0 }));
    const cookies = answering(
      200,
      [
        ["content-type", "text/plain"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ],
      BODY,
    );
    const answer = await ask(await listen(app.use(toExpress(cookies))), {
      headers: { "Accept-Encoding": "gzip" },
    });
    expect(fieldsOf(answer, "set-cookie")).toEqual(["a=1", "b=2"]);
    expect(gunzipSync(answer.bytes).toString()).toBe(BODY);
  });

  test("a session's cookie comes beside those of the app [X17]", async () => {
    const app = express().disable("x-powered-by");
    app.use(session({ secret: "s", resave: false, saveUninitialized: true }));
    const { headers } = await ask(
      await listen(
        app.use(
          toExpress(
            answering(200, [
              ["set-cookie", "a=1"],
              ["set-cookie", "b=2"],
            ]),
          ),
        ),
      ),
    );
    const cookies = headers.filter((_, i) => headers[i - 1]?.toLowerCase() === "set-cookie");
    expect(cookies).toEqual(["a=1", "b=2", expect.stringMatching(/^connect\.sid=/)]);
  });

  test("compression with back-pressure: a long response arrives whole [A50 X22]", async () => {
    const piece = Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 7_919 + (i >> 3) * 31) & 0xff));
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      for (let sent = 1; sent <= 64; sent += 1) {
        await send({ type: "http.response.body", body: piece, more_body: sent < 64 });
      }
    };
    const port = await listen(express().use(compression({ level: 0 }), toExpress(app)));
    const { bytes, complete } = await ask(port, { headers: { "Accept-Encoding": "gzip" } });
    expect(complete).toBe(true);
    expect(gunzipSync(bytes).equals(Buffer.concat(Array.from({ length: 64 }, () => piece)))).toBe(true);
  });

  test("a piece leaves through compression before the next is there [W41]", async () => {
    let go = (): void => {};
    const read = new Promise<void>((resolve) => {
      go = resolve;
    });
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      await send({ type: "http.response.body", body: "first ", more_body: true });
      await read;
      await send({ type: "http.response.body", body: "second" });
    };
    const port = await listen(express().use(compression({ threshold: 0 }), toExpress(app)));
    const sent = request({
      port,
      host: "127.0.0.1",
      agent: false,
      headers: { "Accept-Encoding": "gzip" },
    }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const text = response.pipe(createGunzip());
    const [first] = (await once(text, "data")) as [Buffer];
    go();
    const [second] = (await once(text, "data")) as [Buffer];
    expect([String(first), String(second)]).toEqual(["first ", "second"]);
  });
});

describe.each(VERSIONS)("inside a guest of %s", (_version, express) => {
  test.each(ASKS)("%s answers the same octets as on a server of its own [X7 X17]", async (_what, asked) => {
    for (const last of [native, handler]) {
      const expected = await ask(await listen(middlewareApp(express, last).app), asked);
      const guest = middlewareApp(express, last);
      const app = fromExpress(guest.app);
      expect(await ask(await serveOurs(app), asked)).toEqual(expected);
      const log = guest.journal.splice(0);
      expect(await ask(await serveOurs(behind(app)), asked)).toEqual(throughEvents(expected));
      expect(guest.journal).toEqual(log);
    }
  });

  test.each(VISITS)("%s keeps its sessions [X7 X17]", async (_what, first, again) => {
    const expected = await visits(await listen(middlewareApp(express, native).app), first, again);
    for (const wrap of [(app: AsgiApp): AsgiApp => app, behind]) {
      const port = await serveOurs(wrap(fromExpress(middlewareApp(express, native).app)));
      expect(await visits(port, first, again)).toEqual(expected);
    }
  });
});
