// An Express app on our servers, compared with the very app on a server of its own: status, fields in their order, body.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GatewayError, mount, type AsgiApp } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import type { Request, Response } from "express";
import { scopeApp } from "./fixtures/apps.ts";
import { guestApp } from "./fixtures/guest-app.ts";
import {
  VERSIONS,
  ask,
  fieldsOf,
  listen,
  rawExchange,
  serveOurs,
  type Answer,
  type Ask,
} from "./fixtures/servers.ts";
import { fromExpress } from "./from-express.ts";
import { toExpress } from "./to-express.ts";

const behind =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

/** The frames of a stack differ: where the app is called from. */
function withoutFrames(answer: Answer): Omit<Answer, "bytes"> {
  const { bytes: _, ...rest } = answer;
  const page = answer.headers.includes("Content-Security-Policy");
  const headers = rest.headers.map((value, i) =>
    page && rest.headers[i - 1] === "Content-Length" ? "(varies)" : value,
  );
  return { ...rest, headers, body: rest.body.replaceAll(/(?:<br>| )*&nbsp; &nbsp;at [^<]*/g, "") };
}

const ASKS: [what: string, ask: Ask, status: number][] = [
  ["text", { path: "/text" }, 200],
  ["text by HEAD", { method: "HEAD", path: "/text" }, 200],
  ["JSON", { path: "/json" }, 200],
  ["bytes", { path: "/bytes" }, 200],
  ["a view", { path: "/view" }, 200],
  ["a view that is missing", { path: "/view/missing" }, 500],
  ["a file", { path: "/file" }, 200],
  ["a range of a file", { path: "/file", headers: { Range: "bytes=2-5" } }, 206],
  ["a file that is missing", { path: "/file/missing" }, 404],
  ["a redirect", { path: "/redirect" }, 302],
  ["cookies", { path: "/cookies" }, 200],
  ["status 204", { path: "/status/204" }, 204],
  ["status 700", { path: "/status/700" }, 700],
  ["status 999", { path: "/status/999" }, 999],
  ["a stream", { path: "/stream" }, 200],
  ["an upload", { method: "POST", path: "/echo", body: Buffer.alloc(200_000, "abc") }, 200],
  ["an upload in chunks", { method: "POST", path: "/echo", body: "x".repeat(100_000), chunked: true }, 200],
  ["TRACE", { method: "TRACE", path: "/trace" }, 200],
  ["PROPFIND", { method: "PROPFIND", path: "/trace" }, 200],
  ["a parameter", { path: "/users/caf%C3%A9%2Fx?a=1&b=%20" }, 200],
  ["a double encoding", { path: "/users/%252F%25" }, 200],
  ["an escape that is none", { path: "/users/%zz" }, 400],
  ["dot segments", { path: "/users/../text" }, 404],
  ["slashes", { path: "//text" }, 404],
  ["a router with parameters", { path: "/nested/1/deep/2" }, 200],
  ["an app in the app", { path: "/sub/inside/7?q" }, 200],
  ["what is behind an app in the app", { path: "/sub/else" }, 200],
  ["OPTIONS of a route", { method: "OPTIONS", path: "/route" }, 200],
  ["a method a route has not", { method: "DELETE", path: "/route" }, 404],
  ["nothing", { path: "/nothing/<script>?<b>" }, 404],
  ["nothing, by POST with a body", { method: "POST", path: "/nothing", body: "x".repeat(50_000) }, 404],
  ["an error", { path: "/throws" }, 500],
  ["an error with a status", { path: "/next" }, 422],
  ["an error that is handled", { path: "/handled" }, 503],
  ["an error half-way", { path: "/half" }, 200],
  [
    "proxies it trusts",
    {
      path: "/users/1",
      headers: {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "front.test",
      },
    },
    200,
  ],
];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(["test", "production"])("NODE_ENV=%s", (env) => {
  // Express reads it as an app is made; in "test" it logs no errors.
  beforeEach(() => {
    vi.stubEnv("NODE_ENV", env);
    vi.spyOn(console, "error").mockImplementation(() => {});
  });

  describe.each(VERSIONS)("%s", (_version, express) => {
    test.each(ASKS)(
      "answers %s as on a server of its own, over either pair [X7]",
      async (_what, asked, status) => {
        const expected = await ask(await listen(guestApp(express)), asked);
        const own = withoutFrames(expected);
        expect(own.status).toBe(status);
        const app = fromExpress(guestApp(express));
        expect(withoutFrames(await ask(await serveOurs(app), asked))).toEqual(own);
        expect(withoutFrames(await ask(await serveOurs(behind(app)), asked))).toEqual(own);
      },
    );

    test("keeps an error's text from the client in production, as Express does [S20]", async () => {
      const port = await serveOurs(fromExpress(guestApp(express)));
      const { body } = await ask(port, { path: "/throws" });
      expect(body.includes("secret")).toBe(env === "test");
    });
  });
});

describe.each(VERSIONS)("%s", (_version, express) => {
  test("answers 304 to its own ETag, over either pair [X7]", async () => {
    const app = fromExpress(guestApp(express));
    for (const port of [await serveOurs(app), await serveOurs(behind(app))]) {
      for (const path of ["/text", "/json", "/file"]) {
        const [etag = ""] = fieldsOf(await ask(port, { path }), "etag");
        const again = await ask(port, { path, headers: { "If-None-Match": etag } });
        expect([path, again.status, again.body]).toEqual([path, 304, ""]);
      }
    }
  });

  test.each([
    ["the native pair", (app: AsgiApp): AsgiApp => app],
    ["the synthetic pair", behind],
  ])("below a mount sees it as its baseUrl, over %s [X6 X7]", async (_pair, wrap) => {
    const app = mount("/the mount", wrap(fromExpress(guestApp(express))));
    const { body } = await ask(await serveOurs(app), { path: "/the%20mount/nested/1/deep/2%2F3?q" });
    expect(JSON.parse(body)).toMatchObject({
      baseUrl: "/the%20mount/nested/1",
      url: "/deep/2%2F3?q",
      originalUrl: "/the%20mount/nested/1/deep/2%2F3?q",
      params: { a: "1", b: "2/3" },
    });
  });

  test("answers 404 with Express's page, not an empty 200, on every host [X31]", async () => {
    const response = await createTestClient(fromExpress(express())).get("/nothing");
    expect([response.status, response.text()]).toEqual([404, expect.stringContaining("Cannot GET /nothing")]);
  });

  test("goes through the app in front of it, Express in Express, by the host's own pair [X7]", async () => {
    const inner = express();
    inner.get("/x", (req, res) => {
      // oxlint-disable-next-line no-underscore-dangle -- only a real socket has one
      const native = (req.socket as unknown as { _handle?: unknown })._handle != null;
      res.json([native, req.url, req.originalUrl, req.baseUrl, req.app === inner]);
    });
    const outer = express().use("/out", toExpress(fromExpress(inner)));
    const { body } = await ask(await listen(outer), { path: "/out/x?q" });
    expect(JSON.parse(body)).toEqual([true, "/x?q", "/out/x?q", "/out", true]);
  });

  test("mounts a portable app, which is then served by our server [X6]", async () => {
    const app = fromExpress(express().use("/mnt", toExpress(scopeApp)));
    for (const port of [await serveOurs(app), await serveOurs(behind(app))]) {
      const { body } = await ask(port, { path: "/mnt/a%2Fb" });
      expect(JSON.parse(body)).toMatchObject({ root_path: "/mnt", path: "/mnt/a/b", raw_path: "/mnt/a%2Fb" });
    }
  });

  test("serves requests that are pipelined in their order [A46]", async () => {
    const port = await serveOurs(fromExpress(guestApp(express)));
    const get = (path: string, last = ""): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${last}\r\n`;
    const received = await rawExchange(
      port,
      get("/text") + get("/json") + get("/status/201", "Connection: close\r\n"),
    );
    expect(Array.from(received.matchAll(/HTTP\/1\.1 (\d+)/g), (match) => match[1])).toEqual([
      "200",
      "200",
      "201",
    ]);
  });

  test("with a limit on bodies still counts those that have no length [S8]", async () => {
    const port = await serveOurs(fromExpress(guestApp(express)), { maxBodySize: 4, log: () => {} });
    const upload: Ask = { method: "POST", path: "/echo", chunked: true };
    expect((await ask(port, { ...upload, body: "1234" })).body).toBe("1234");
    expect((await ask(port, { ...upload, body: "12345" })).status).toBe(413);
  });

  test("has no lifespan, which no server minds [X28]", async () => {
    const port = await serveOurs(fromExpress(guestApp(express)), { lifespan: "auto" });
    expect((await ask(port, { path: "/text" })).status).toBe(200);
  });
});

describe.each(VERSIONS)("a router of %s", (_version, express) => {
  const secret = new Error("secret");
  const router = express.Router();
  router.get("/here", (req, res: Response) => void res.end(`${req.method} ${req.url}`));
  router.get("/fails", (_req: Request, _res, next) => next(secret));
  router.get("/throws", () => {
    throw secret;
  });
  router.get("/forbidden", (_req, _res, next) => next(Object.assign(new Error("secret"), { status: 403 })));
  router.get("/half", (_req, res, next) => {
    res.write("half");
    next(secret);
  });
  router.get("/leaves", (_req, _res, next) => next("router"));

  test.each([
    ["/here?x", 200, "GET /here?x"],
    ["/missing", 404, "Not Found"],
    ["/leaves", 404, "Not Found"],
    ["/forbidden", 403, "Forbidden"],
    ["/%zz/..", 404, "Not Found"],
  ])("answers %s with %i, over either pair [X7 X31]", async (path, status, body) => {
    const app = fromExpress(router);
    for (const port of [await serveOurs(app), await serveOurs(behind(app))]) {
      const answer = await ask(port, { path });
      expect([answer.status, answer.body]).toEqual([status, body]);
    }
  });

  test.each([
    ["/fails", 500],
    ["/throws", 500],
    ["/half", 200],
  ])("fails %s with %i, without a word of the error, and logs it [A45 S20]", async (path, status) => {
    for (const wrap of [(app: AsgiApp): AsgiApp => app, behind]) {
      const logged: unknown[] = [];
      const log = (_level: string, _message: string, error: unknown): void => void logged.push(error);
      const answer = await ask(await serveOurs(wrap(fromExpress(router)), { log }), { path });
      expect([answer.status, answer.body.includes("secret"), logged]).toEqual([status, false, [secret]]);
      expect(answer.complete).toBe(status === 500);
    }
  });
});

describe("options", () => {
  test.each([
    ["nothing", (): unknown => fromExpress(null as never)],
    ["an unknown option", (): unknown => fromExpress(() => {}, { linger: 1 } as object)],
    ["a time that is none", (): unknown => fromExpress(() => {}, { lingerTimeout: -1 })],
  ])("%s is refused [S8]", (_what, make) => {
    expect(make).toThrow(GatewayError);
    expect(make).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  });
});
