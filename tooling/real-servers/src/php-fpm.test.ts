// A PHP application behind fromFastCgi on serveNode: PHP-FPM by unix socket and TCP, with connections kept or not, and php-cgi.

import { request as ask, type IncomingHttpHeaders } from "node:http";
import { randomBytes, createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import express from "express";
import { mount, type AsgiApp } from "@tsgi/core";
import { fromExpress } from "@tsgi/express";
import { fromFastCgi, type FromFastCgiOptions } from "@tsgi/fastcgi";
import { serveNode } from "@tsgi/node";
import { HOSTS, startHost } from "./framework-hosts.ts";
import { startPhpCgi, startPhpFpm, type PhpRunOptions, type RunningPhp } from "./php.ts";
import { makePlace, type Place } from "./place.ts";
import { describeWith } from "./programs.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** A list goes out in chunks, without a length. */
  readonly body?: string | Buffer | readonly (string | Buffer)[];
}

/** A server with a PHP behind it. */
interface Served {
  readonly port: number;
  readonly logged: string[];
  /** A cookie jar of one cookie, as it were: what PHP set last is sent. */
  ask(path: string, ask?: Ask): Promise<Answer>;
  close(): Promise<unknown>;
}

async function serve(app: AsgiApp, logged: string[] = []): Promise<Served> {
  const log = (_level: string, message: string): void => void logged.push(message);
  const server = await serveNode(app, { port: 0, log, shutdownTimeout: 1_000 });
  const port = server.address?.[1] ?? 0;
  return { port, logged, ask: (path, request) => asked(port, path, request), close: () => server.close() };
}

function asked(
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = ask({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }),
      );
    });
    request.on("error", reject);
    if (Array.isArray(body)) {
      for (const piece of body) request.write(piece);
      request.end();
    } else {
      request.end(body as string | Buffer | undefined);
    }
  });
}

const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

const RUNS: readonly [
  name: string,
  program: string,
  start: (options: PhpRunOptions) => Promise<RunningPhp>,
  by: "unix" | "tcp",
  options: FromFastCgiOptions,
][] = [
  ["PHP-FPM on a unix socket", "php-fpm8.2", startPhpFpm, "unix", {}],
  [
    "PHP-FPM by TCP, with connections kept",
    "php-fpm8.2",
    startPhpFpm,
    "tcp",
    { keepAlive: true, maxIdle: 2 },
  ],
  ["PHP-FPM asked whether it multiplexes", "php-fpm8.2", startPhpFpm, "tcp", { multiplex: "ask" }],
  ["php-cgi by TCP", "php-cgi8.2", startPhpCgi, "tcp", {}],
  [
    "php-cgi on a unix socket, with connections kept",
    "php-cgi8.2",
    startPhpCgi,
    "unix",
    { keepAlive: true, maxIdle: 2 },
  ],
];

for (const [title, program, start, by, options] of RUNS) {
  describeWith([program], title, () => {
    let place: Place;
    let php: RunningPhp;
    let served: Served;

    beforeAll(async () => {
      place = makePlace();
      php = await start({ place, by });
      served = await serve(fromFastCgi(php.target, { ...options, php: { root: php.root } }));
    });
    afterAll(async () => {
      await served?.close();
      await php?.stop();
      place.remove();
    });

    test("a page, and one that is not there [FC7 FC17]", async () => {
      const page = await served.ask("/");
      expect([page.status, page.headers["content-type"], `${page.body}`]).toEqual([
        200,
        "text/plain; charset=utf-8",
        "front page",
      ]);
      const none = await served.ask("/none");
      expect([none.status, `${none.body}`]).toEqual([404, "no such page"]);
      expect(none.headers).not.toHaveProperty("status");
    });

    test("a session, which lives in its cookie [FC9]", async () => {
      const first = await served.ask("/session");
      const [cookie = ""] = first.headers["set-cookie"]?.[0]?.split(";") ?? [];
      expect(`${first.body}`).toBe("1");
      for (const visit of ["2", "3"]) {
        expect(`${(await served.ask("/session", { headers: { cookie } })).body}`).toBe(visit);
      }
      expect(`${(await served.ask("/session")).body}`).toBe("1");
    });

    test("a form, and the redirect after it [FC10 FC17]", async () => {
      const away = await served.ask("/home");
      expect([away.status, away.headers["location"]]).toEqual([302, "/login"]);
      const [cookie = ""] = away.headers["set-cookie"]?.[0]?.split(";") ?? [];
      const headers = { cookie, "content-type": "application/x-www-form-urlencoded" };
      const login = await served.ask("/login", { method: "POST", headers, body: "user=J%C3%B6rg" });
      expect([login.status, login.headers["location"]]).toEqual([303, "/home"]);
      expect(`${(await served.ask("/home", { headers: { cookie } })).body}`).toBe("Hello Jörg");
    });

    test("two cookies out, and two in [FC9 FC12]", async () => {
      const { headers, body } = await served.ask("/cookies", { headers: { cookie: "x=1; y=2" } });
      expect(JSON.parse(`${body}`)).toEqual({ x: "1", y: "2" });
      expect(headers["set-cookie"]).toHaveLength(2);
    });

    test("an upload of a form with files [FC10]", async () => {
      const file = randomBytes(3_000_000);
      const part = (fields: string, content: string | Buffer): Buffer =>
        Buffer.concat([
          Buffer.from(`--edge\r\nContent-Disposition: form-data; ${fields}\r\n\r\n`),
          Buffer.from(content),
          Buffer.from("\r\n"),
        ]);
      const parts = [
        part('name="title"', "A picture"),
        part('name="picture"; filename="a b.png"\r\nContent-Type: image/png', file),
        part('name="note"; filename="note.txt"\r\nContent-Type: text/plain', "short"),
        Buffer.from("--edge--\r\n"),
      ];
      const expected = {
        fields: { title: "A picture" },
        files: {
          picture: ["a b.png", "image/png", file.length, md5(file)],
          note: ["note.txt", "text/plain", 5, md5(Buffer.from("short"))],
        },
      };
      const headers = { "content-type": "multipart/form-data; boundary=edge" };
      const whole = await served.ask("/upload", { method: "POST", headers, body: Buffer.concat(parts) });
      expect(JSON.parse(`${whole.body}`)).toEqual(expected);
      const chunked = await served.ask("/upload", { method: "POST", headers, body: parts });
      expect(JSON.parse(`${chunked.body}`)).toEqual(expected);
    });

    test("a body with a length, and one in chunks, which has one then [FC10]", async () => {
      const body = randomBytes(1_000_000);
      for (const sent of [body, [body.subarray(0, 10), body.subarray(10)]]) {
        const { body: said } = await served.ask("/body", { method: "PUT", body: sent });
        expect(JSON.parse(`${said}`)).toEqual(["PUT", "1000000", 1_000_000, md5(body)]);
      }
      const { body: none } = await served.ask("/body");
      expect(JSON.parse(`${none}`)).toEqual(["GET", null, 0, md5(Buffer.alloc(0))]);
    });

    test("a body that the script does not read [FC11 FC19]", async () => {
      for (let i = 0; i < 3; i += 1) {
        const { status, body } = await served.ask("/unread", { method: "POST", body: randomBytes(500_000) });
        expect([status, `${body}`]).toEqual([200, "not read"]);
      }
    });

    test("events, each as it is sent [FC22]", async () => {
      const files = ["one", "two", "three"].map((file) => `${file}-${randomBytes(4).toString("hex")}`);
      const path = `/events?folder=${place.folder}&after=${files.join(",")}`;
      const seen: string[] = [];
      await new Promise<void>((resolve, reject) => {
        const request = ask({ host: "127.0.0.1", port: served.port, path, agent: false }, (response) => {
          response.setEncoding("utf8");
          // The next is sent only when this one has come.
          response.on("data", (piece: string) => {
            seen.push(piece);
            place.write(files[seen.length] ?? "over", "");
          });
          response.on("end", resolve).on("error", reject);
        });
        request.on("error", reject).end();
        place.write(files[0] as string, "");
      });
      expect(seen).toEqual(["data: 0\n\n", "data: 1\n\n", "data: 2\n\n"]);
    });

    test("a client that goes away within them: the script is ended [FC20]", async () => {
      const file = `begin-${randomBytes(4).toString("hex")}`;
      place.write(file, "");
      for (let i = 0; i < 12; i += 1) {
        // More than there are processes: none may be left waiting for a file that never comes.
        const path = `/events?folder=${place.folder}&after=${file},${file},never`;
        await new Promise<void>((resolve, reject) => {
          const request = ask({ host: "127.0.0.1", port: served.port, path, agent: false }, (response) => {
            response.once("data", () => {
              request.destroy();
              place.write("never", "");
              resolve();
            });
          });
          request.on("error", reject).end();
        });
      }
      expect(`${(await served.ask("/")).body}`).toBe("front page");
    });

    test("5 MiB of output, and the head of it alone [FC18 FC22]", async () => {
      const { body } = await served.ask("/big");
      expect([body.length, body.subarray(-16).toString()]).toEqual([5 * 1024 * 1024, "0123456789abcdef"]);
      const head = await served.ask("/big", { method: "HEAD" });
      expect([head.status, head.body.length, head.headers["content-type"]]).toEqual([
        200,
        0,
        "application/octet-stream",
      ]);
    });

    test("204 and 304 [FC18]", async () => {
      expect((await served.ask("/nothing")).status).toBe(204);
      const first = await served.ask("/cached");
      expect([first.status, first.headers["etag"]]).toEqual([200, '"one"']);
      const again = await served.ask("/cached", { headers: { "if-none-match": '"one"' } });
      expect([again.status, again.body.length]).toEqual([304, 0]);
    });

    test("errors go to the log, and not to the client [FC16 S20]", async () => {
      served.logged.length = 0;
      const fatal = await served.ask("/fatal");
      expect([fatal.status, `${fatal.body}`]).toEqual([500, ""]);
      expect(served.logged.join("\n")).toContain("Call to undefined function call_to_nothing()");
      const warned = await served.ask("/warning");
      expect(`${warned.body}`).toBe("with a warning");
      expect(served.logged.join("\n")).toContain("a warning of the application");
    });

    test("an exit with a status is an answer [FC14]", async () => {
      expect((await served.ask("/exit")).status).toBe(200);
      expect(`${(await served.ask("/")).body}`).toBe("front page");
    });

    test("what PHP is told [FC7 FC9 S1 S2]", async () => {
      const headers = { "x-own": "o", proxy: "http://evil", x_under: "u", authorization: "Basic eDp5" };
      const { body } = await served.ask("/server?a=b%20c", { headers });
      const server = JSON.parse(`${body}`) as Record<string, string>;
      expect(server).toMatchObject({
        DOCUMENT_ROOT: php.root,
        GATEWAY_INTERFACE: "CGI/1.1",
        HTTP_HOST: `127.0.0.1:${served.port}`,
        HTTP_X_OWN: "o",
        PHP_SELF: "/index.php",
        QUERY_STRING: "a=b%20c",
        REMOTE_ADDR: "127.0.0.1",
        REQUEST_URI: "/server?a=b%20c",
        SCRIPT_FILENAME: `${php.root}/index.php`,
        SCRIPT_NAME: "/index.php",
        SERVER_NAME: "127.0.0.1",
        SERVER_PORT: `${served.port}`,
        SERVER_PROTOCOL: "HTTP/1.1",
      });
      for (const name of ["HTTP_PROXY", "HTTP_X_UNDER", "HTTP_AUTHORIZATION", "PATH_INFO", "PHP_AUTH_USER"]) {
        expect(server).not.toHaveProperty(name);
      }
    });

    test("a script by its name, with PATH_INFO [FC8]", async () => {
      const { body } = await served.ask("/script.php/a%20b/c.php?d");
      expect(JSON.parse(`${body}`)).toEqual({
        SCRIPT_NAME: "/script.php",
        SCRIPT_FILENAME: `${php.root}/script.php`,
        PATH_INFO: "/a b/c.php",
        PATH_TRANSLATED: `${php.root}/a b/c.php`,
        PHP_SELF: "/script.php/a b/c.php",
        DOCUMENT_ROOT: php.root,
        REQUEST_URI: "/script.php/a%20b/c.php?d",
        QUERY_STRING: "d",
      });
    });

    test("a directory, with its slash and without [FC8]", async () => {
      expect(`${(await served.ask("/admin/")).body}`).toBe("admin");
      const moved = await served.ask("/admin?a=b");
      expect([moved.status, moved.headers["location"]]).toEqual([308, "/admin/?a=b"]);
      const other = await served.ask("//admin");
      expect([other.status, other.headers["location"]]).toEqual([308, "/admin/"]);
    });

    test("no source is shown, and no other file run [S15 S16]", async () => {
      for (const path of [
        "/style.css",
        "/style.css/x.php",
        "/../etc/passwd",
        "/script.php%0a",
        "/script.php%00.css",
      ]) {
        const { status, body } = await served.ask(path);
        expect([path, status]).toEqual([path, 404]);
        expect(`${body}`).not.toContain("color");
      }
      expect((await served.ask("/index.php%0aX")).status).toBe(404);
    });

    test("many at once, more than PHP has processes [FC21]", async () => {
      const paths = Array.from(
        { length: 60 },
        (_, i) => ["/", "/cookies", "/session", "/none", "/fatal"][i % 5] as string,
      );
      const statuses = await Promise.all(paths.map(async (path) => (await served.ask(path)).status));
      expect(statuses).toEqual(paths.map((path) => (path === "/none" ? 404 : path === "/fatal" ? 500 : 200)));
    });

    test("the cgi.fix_pathinfo of PHP's default does not make a script of a picture [S16]", async () => {
      const { status, body } = await served.ask("/style.css/index.php");
      expect([status, `${body}`]).toEqual([404, "no such page"]);
    });
  });
}

describeWith(["php-fpm8.2"], "PHP-FPM", () => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
  });
  afterEach(() => place.remove());

  test("whose processes end after a few requests loses none of them [FC19]", async () => {
    const php = await startPhpFpm({ place, by: "unix", children: 2, maxRequests: 3 });
    const served = await serve(fromFastCgi(php.target, { keepAlive: true, php: { root: php.root } }));
    try {
      for (let i = 0; i < 40; i += 1) {
        const method = i % 2 === 0 ? "GET" : "POST";
        expect((await served.ask("/body", { method, body: method === "POST" ? "abc" : "" })).status).toBe(
          200,
        );
      }
    } finally {
      await served.close();
      await php.stop();
    }
  });

  test("with one process serves many clients, connections kept or not [FC19]", async () => {
    const php = await startPhpFpm({ place, by: "unix", children: 1 });
    try {
      for (const keepAlive of [false, true]) {
        const served = await serve(fromFastCgi(php.target, { keepAlive, php: { root: php.root } }));
        const answers = await Promise.all(Array.from({ length: 20 }, () => served.ask("/")));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
        await served.close();
      }
    } finally {
      await php.stop();
    }
  });

  test("goes on after its answer, which does not wait for that [FC18]", async () => {
    const php = await startPhpFpm({ place, by: "unix" });
    const served = await serve(fromFastCgi(php.target, { php: { root: php.root } }));
    try {
      expect(`${(await served.ask(`/after?file=${place.path("done")}`)).body}`).toBe("answered");
      while (!existsSync(place.path("done"))) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      await served.close();
      await php.stop();
    }
  });

  test("that is not there yet is answered 502, and found when it is [FC23]", async () => {
    const served = await serve(
      fromFastCgi({ path: place.path("php.sock") }, { php: { root: place.path("application") } }),
    );
    const php = await startPhpFpm({ place, by: "unix" });
    try {
      expect((await served.ask("/")).status).toBe(200);
      await php.stop();
      expect((await served.ask("/")).status).toBe(502);
    } finally {
      await served.close();
      await php.stop();
    }
  });

  test.each(Object.keys(HOSTS))(
    "is mounted in %s, with the files beside its scripts [FC7 X6 X7]",
    async (name) => {
      const php = await startPhpFpm({ place, by: "unix" });
      const files = fromExpress(express().use(express.static(php.root)));
      const app = fromFastCgi(php.target, { php: { root: php.root, files } });
      const host = await startHost(name, app, "/blog");
      try {
        const script = await asked(host.port, "/blog/script.php/a%20b?c");
        expect(JSON.parse(`${script.body}`)).toMatchObject({
          SCRIPT_NAME: "/blog/script.php",
          PATH_INFO: "/a b",
          PHP_SELF: "/blog/script.php/a b",
          REQUEST_URI: "/blog/script.php/a%20b?c",
        });
        const style = await asked(host.port, "/blog/style.css");
        expect([style.status, style.headers["content-type"]]).toEqual([200, "text/css; charset=utf-8"]);
        expect(`${style.body}`).toContain("color: black");
        const upload = await asked(host.port, "/blog/index.php", { method: "POST", body: ["in ", "chunks"] });
        expect(upload.status).toBe(404);
      } finally {
        await host.close();
        await php.stop();
      }
    },
  );

  test("below a mount prefix is told so [FC7]", async () => {
    const php = await startPhpFpm({ place, by: "unix" });
    const served = await serve(mount("/blog", fromFastCgi(php.target, { php: { root: php.root } })));
    try {
      const { body } = await served.ask("/blog/script.php/x");
      expect(JSON.parse(`${body}`)).toMatchObject({
        SCRIPT_NAME: "/blog/script.php",
        SCRIPT_FILENAME: `${php.root}/script.php`,
        PATH_INFO: "/x",
      });
      expect((await served.ask("/blog")).headers["location"]).toBe("/blog/");
      expect((await served.ask("/script.php")).status).toBe(404);
    } finally {
      await served.close();
      await php.stop();
    }
  });
});
