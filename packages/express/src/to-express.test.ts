import { describe, expect, test } from "vitest";
import { GatewayError, type AsgiApp } from "@tsgi/core";
import { answering, environApp, scopeApp } from "./fixtures/apps.ts";
import { VERSIONS, ask, fieldsOf, listen, rawExchange } from "./fixtures/servers.ts";
import { toExpress } from "./to-express.ts";

interface Seen {
  readonly root_path: string;
  readonly path: string;
  readonly raw_path: string;
  readonly query_string: string;
}

describe.each(VERSIONS)("an app in %s", (version, express) => {
  const wildcard = version === "Express 4" ? "/files/*" : "/files/*rest";

  async function seen(mount: (app: ReturnType<typeof express>) => void, path: string): Promise<Seen> {
    const server = express();
    mount(server);
    const { status, body } = await ask(await listen(server), { path });
    expect(status).toBe(200);
    const { root_path, path: decoded, raw_path, query_string } = JSON.parse(body) as Seen;
    return { root_path, path: decoded, raw_path, query_string };
  }

  test.each([
    ["/", "", "/", "/", ""],
    ["/a/b?c=d%20e", "", "/a/b", "/a/b", "c=d%20e"],
    ["/a%2Fb/%252e/caf%C3%A9", "", "/a/b/%2e/caf\u00e9", "/a%2Fb/%252e/caf%C3%A9", ""],
    ["/a/../b/./c", "", "/a/../b/./c", "/a/../b/./c", ""],
    ["//a///b/", "", "//a///b/", "//a///b/", ""],
    ["/?a?b", "", "/", "/", "a?b"],
  ])(
    "at the root sees %s as it was sent [X1 X6]",
    async (target, root_path, path, raw_path, query_string) => {
      const mount = (server: ReturnType<typeof express>): void => void server.use(toExpress(scopeApp));
      expect(await seen(mount, target)).toEqual({ root_path, path, raw_path, query_string });
    },
  );

  test.each([
    ["/mnt", "/mnt", "/mnt", "/mnt"],
    ["/mnt/", "/mnt", "/mnt/", "/mnt/"],
    ["/mnt/a%2Fb/%252e", "/mnt", "/mnt/a/b/%2e", "/mnt/a%2Fb/%252e"],
    ["/mnt/a/../b", "/mnt", "/mnt/a/../b", "/mnt/a/../b"],
    ["/mnt//a", "/mnt", "/mnt//a", "/mnt//a"],
    ["/MNT/a", "/MNT", "/MNT/a", "/MNT/a"],
  ])("at a mount path sees %s below it [X6]", async (target, root_path, path, raw_path) => {
    const mount = (server: ReturnType<typeof express>): void => void server.use("/mnt", toExpress(scopeApp));
    expect(await seen(mount, `${target}?q=1`)).toEqual({ root_path, path, raw_path, query_string: "q=1" });
  });

  test("at a mount path with a parameter is mounted at what was asked for [X6]", async () => {
    const mount = (server: ReturnType<typeof express>): void =>
      void server.use("/of/:tenant", toExpress(scopeApp));
    expect(await seen(mount, "/of/caf%C3%A9/x%20y")).toEqual({
      root_path: "/of/caf\u00e9",
      path: "/of/caf\u00e9/x y",
      raw_path: "/of/caf%C3%A9/x%20y",
      query_string: "",
    });
  });

  test("in routers and apps nested four deep is mounted at all their paths together [X6]", async () => {
    const mount = (server: ReturnType<typeof express>): void => {
      const inner = express.Router().use("/d", toExpress(scopeApp));
      const sub = express().use("/c", inner);
      const outer = express.Router().use("/b", sub);
      server.use("/a", outer);
    };
    expect(await seen(mount, "/a/b/c/d/e%2Ff?g")).toEqual({
      root_path: "/a/b/c/d",
      path: "/a/b/c/d/e/f",
      raw_path: "/a/b/c/d/e%2Ff",
      query_string: "g",
    });
  });

  test("as a route handler has the whole path, and no mount [X6]", async () => {
    const mount = (server: ReturnType<typeof express>): void =>
      void server.all(wildcard, toExpress(scopeApp));
    expect(await seen(mount, "/files/a%20b?c")).toEqual({
      root_path: "",
      path: "/files/a b",
      raw_path: "/files/a%20b",
      query_string: "c",
    });
  });

  test("as a route handler of a router is mounted where the router is [X6]", async () => {
    const mount = (server: ReturnType<typeof express>): void =>
      void server.use("/r", express.Router().get("/one", toExpress(scopeApp)));
    expect(await seen(mount, "/r/one")).toEqual({
      root_path: "/r",
      path: "/r/one",
      raw_path: "/r/one",
      query_string: "",
    });
  });

  test("behind a rewritten url sees what the rewrite made of it [X6]", async () => {
    const mount = (server: ReturnType<typeof express>): void => {
      server.use((req, _res, next) => {
        req.url = "/mnt/new?x";
        next();
      });
      server.use("/mnt", toExpress(scopeApp));
    };
    expect(await seen(mount, "/old")).toEqual({
      root_path: "/mnt",
      path: "/mnt/new",
      raw_path: "/mnt/new",
      query_string: "x",
    });
  });

  test("with a rootPath of its own has it in front of the mount [X6]", async () => {
    const mount = (server: ReturnType<typeof express>): void =>
      void server.use("/mnt", toExpress(scopeApp, { rootPath: "/front" }));
    expect(await seen(mount, "/mnt/a")).toMatchObject({ root_path: "/front/mnt", path: "/front/mnt/a" });
  });

  test("a sync app has its mount in SCRIPT_NAME, the rest in PATH_INFO [X6 W5 W6]", async () => {
    const server = express().use("/mnt", toExpress(environApp));
    expect((await ask(await listen(server), { path: "/mnt/a/b?c" })).body).toBe("/mnt|/a/b|c");
    expect((await ask(await listen(server), { path: "/mnt" })).body).toBe("/mnt||");
  });

  test.each(["TRACE", "OPTIONS", "PROPFIND", "QUERY", "M-SEARCH", "DELETE"])(
    "gets %s at a mount path as it is [X1]",
    async (method) => {
      const server = express().use("/mnt", toExpress(scopeApp));
      const { status, body } = await ask(await listen(server), { method, path: "/mnt/x" });
      expect([status, (JSON.parse(body) as { method: string }).method]).toEqual([200, method]);
    },
  );

  test("gets OPTIONS * at the root [X1]", async () => {
    const port = await listen(express().use(toExpress(scopeApp)));
    const answer = await rawExchange(port, "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(answer).toContain('"path":"*"');
  });

  test.each([204, 299, 304, 404, 418, 599, 600, 799, 999])("answers with status %i [X20]", async (status) => {
    const server = express().use("/mnt", toExpress(answering(status, [["x-app", "1"]])));
    const answer = await ask(await listen(server), { path: "/mnt/x" });
    expect([answer.status, fieldsOf(answer, "x-app")]).toEqual([status, ["1"]]);
    expect(answer.body).toBe(status === 204 || status === 304 ? "" : "body");
  });

  test("answers HEAD with the head of GET [A47]", async () => {
    const port = await listen(express().use(toExpress(answering(200, [["content-length", "4"]]))));
    const [head, get] = [await ask(port, { method: "HEAD" }), await ask(port)];
    expect([head.headers, head.body, get.body]).toEqual([get.headers, "", "body"]);
  });

  test("its 404 is an answer: what comes behind it in Express is not asked [X31]", async () => {
    const server = express()
      .use("/mnt", toExpress(answering(404, [], "not mine")))
      .use((_req, res) => void res.send("behind"));
    const { status, body } = await ask(await listen(server), { path: "/mnt/x" });
    expect([status, body]).toEqual([404, "not mine"]);
  });

  test("what Express leaves to nobody is Express's own 404 [X31]", async () => {
    const server = express().use("/mnt", toExpress(scopeApp));
    const { status, body } = await ask(await listen(server), { path: "/else" });
    expect([status, body]).toEqual([404, expect.stringContaining("Cannot GET /else")]);
  });

  test("keeps what Express and middleware set before it; cookies add up, others it replaces [A42 X17]", async () => {
    const server = express();
    server.use((_req, res, next) => {
      res.cookie("a", "1").cookie("b", "2");
      res.set({ "X-Front": "front", "X-Both": "front", "Cache-Control": "no-store" });
      next();
    });
    server.use(
      toExpress(
        answering(200, [
          ["set-cookie", "c=3; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
          ["set-cookie", "d=4"],
          ["x-both", "app"],
          ["x-list", "1"],
          ["x-list", "2"],
        ]),
      ),
    );
    const answer = await ask(await listen(server));
    expect(fieldsOf(answer, "set-cookie")).toEqual([
      "a=1; Path=/",
      "b=2; Path=/",
      "c=3; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
      "d=4",
    ]);
    expect(fieldsOf(answer, "x-both")).toEqual(["app"]);
    expect(fieldsOf(answer, "x-front")).toEqual(["front"]);
    expect(fieldsOf(answer, "x-list")).toEqual(["1", "2"]);
    expect(fieldsOf(answer, "x-powered-by")).toEqual(["Express"]);
    expect(fieldsOf(answer, "cache-control")).toEqual(["no-store"]);
  });

  test("two cookies leave as two fields, with nothing set before [X17]", async () => {
    const server = express().disable("x-powered-by");
    server.use(
      toExpress(
        answering(200, [
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ]),
      ),
    );
    expect(fieldsOf(await ask(await listen(server)), "set-cookie")).toEqual(["a=1", "b=2"]);
  });

  test("shares its connection with Express's own routes [A46]", async () => {
    const server = express()
      .use("/mnt", toExpress(scopeApp))
      .get("/own", (_req, res) => void res.send("own"));
    const received = await rawExchange(
      await listen(server),
      "GET /mnt/a HTTP/1.1\r\nHost: a\r\n\r\n" +
        "GET /own HTTP/1.1\r\nHost: a\r\n\r\n" +
        "GET /mnt/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    expect(received.match(/"path":"[^"]*"|own$|own(?=HTTP)/g)).toEqual([
      '"path":"/mnt/a"',
      "own",
      '"path":"/mnt/b"',
    ]);
  });
});

describe("options", () => {
  test.each([
    ["an app that is no function", (): unknown => toExpress(null as unknown as AsgiApp)],
    ["an unknown option", (): unknown => toExpress(scopeApp, { passError: true } as object)],
    ["a prefix without a slash", (): unknown => toExpress(scopeApp, { rootPath: "x" })],
  ])("%s is refused [S8]", (_what, make) => {
    expect(make).toThrow(GatewayError);
    expect(make).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  });
});
