// fromFastCgi on real servers with upstreams that are not PHP: libfcgi's fcgiwrap with a script and with git, Go's own library, and
// our own server in the roles it has.

import { createHash, randomBytes } from "node:crypto";
import { execFile } from "node:child_process";
import { chownSync, readdirSync, writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mount, wsgi, type AsgiApp } from "@tsgi/core";
import { fastCgiAuthorizer, fromFastCgi, serveFastCgi, type FromFastCgiOptions } from "@tsgi/fastcgi";
import { serveNode } from "@tsgi/node";
import { HOSTS } from "./framework-hosts.ts";
import { GIT_BACKEND, expectWork, makeGitRepository } from "./git-repository.ts";
import { makePlace, type Place } from "./place.ts";
import { describeWith, pathOf } from "./programs.ts";
import { startProgram, type RunningProgram } from "./running-program.ts";

interface Asked {
  readonly status: number;
  readonly head: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Asks once, of a server that is there for this one question. */
async function ask(
  app: AsgiApp,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: string | Buffer | null = null,
): Promise<Asked> {
  const server = await serveNode(app, { port: 0, shutdownTimeout: 1_000, log: () => {} });
  try {
    return await new Promise((resolve, reject) => {
      const port = server.address?.[1] ?? 0;
      const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece)).on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, head: response.headers, body: Buffer.concat(pieces) }),
        );
      });
      asked.on("error", reject).end(body ?? undefined);
    });
  } finally {
    await server.close();
  }
}

function startFcgiwrap(place: Place, workers: number): Promise<RunningProgram> {
  const path = place.path("fcgiwrap.sock");
  const args = ["-f", "-c", String(workers), "-s", `unix:${path}`];
  return startProgram({ place, program: "fcgiwrap", args, accepts: [{ path }] });
}

describeWith(["fcgiwrap"], "fcgiwrap", () => {
  let place: Place;
  let fcgiwrap: RunningProgram;
  let script: string;

  beforeAll(async () => {
    place = makePlace();
    script = place.write(
      "script.sh",
      `#!/bin/sh
case "$PATH_INFO" in
  /env) printf 'Content-Type: text/plain\\r\\n\\r\\n'; env ;;
  /moved) printf 'Location: http://example.org/\\r\\n\\r\\n' ;;
  /bad) echo 'no head'; exit 3 ;;
  /err) echo 'a complaint' >&2; printf 'Status: 500\\r\\n\\r\\n' ;;
  *) body=$(cat | wc -c); printf 'Content-Type: text/plain\\r\\n\\r\\n%s' "$REQUEST_METHOD $CONTENT_LENGTH $body" ;;
esac
`,
      0o755,
    );
    fcgiwrap = await startFcgiwrap(place, 1);
  });
  afterAll(async () => {
    await fcgiwrap?.stop();
    place.remove();
  });

  const app = (options: FromFastCgiOptions = {}): AsgiApp =>
    fromFastCgi(
      { path: place.path("fcgiwrap.sock") },
      { params: { SCRIPT_FILENAME: script }, log: () => {}, ...options },
    );

  test("runs a script, with its body [FC10 FC26]", async () => {
    const { status, body } = await ask(app(), "POST", "/", {}, randomBytes(300_000));
    expect([status, `${body}`]).toEqual([200, "POST 300000 300000"]);
  });

  test("gives a script what it is told, and no more [FC7 S1]", async () => {
    const { body } = await ask(app(), "GET", "/env?a", { proxy: "http://evil", "x-own": "o" });
    const env = Object.fromEntries(
      `${body}`
        .trim()
        .split("\n")
        .map((line) => line.split(/=(.*)/s)),
    );
    expect(env).toMatchObject({ HTTP_X_OWN: "o", PATH_INFO: "/env", QUERY_STRING: "a", SCRIPT_NAME: "" });
    expect(env).not.toHaveProperty("HTTP_PROXY");
  });

  test("redirects, errors and nonsense are seen for what they are [FC14 FC16 FC17]", async () => {
    const moved = await ask(app(), "GET", "/moved");
    expect([moved.status, moved.head["location"]]).toEqual([302, "http://example.org/"]);
    expect((await ask(app(), "GET", "/bad")).status).toBe(502);
    const lines: string[] = [];
    const log = (_level: string, message: string): void => void lines.push(message);
    expect((await ask(app({ log }), "GET", "/err")).status).toBe(500);
    expect(lines.join("\n")).toContain("a complaint");
  });

  test.each<[string, FromFastCgiOptions]>([
    ["with a connection for each", {}],
    ["with connections kept, though it has one process only", { keepAlive: true }],
    ["asked whether it multiplexes, which it does not answer", { multiplex: "ask", askTimeout: 50 }],
  ])("serves many at once %s [FC4 FC5 FC19]", async (_, options) => {
    const server = await serveNode(app(options), { port: 0, log: () => {} });
    try {
      const url = `http://127.0.0.1:${server.address?.[1] ?? 0}/`;
      const answers = await Promise.all(
        Array.from({ length: 10 }, async (__, i) => {
          const response = await fetch(url, { method: "PUT", body: "x".repeat(i * 100 + 1) });
          return `${response.status} ${await response.text()}`;
        }),
      );
      expect(answers).toEqual(Array.from({ length: 10 }, (__, i) => `200 PUT ${i * 100 + 1} ${i * 100 + 1}`));
    } finally {
      await server.close();
    }
  });
});

describeWith(["fcgiwrap", "git", GIT_BACKEND], "git http-backend in fcgiwrap", () => {
  test.each(Object.keys(HOSTS))("is cloned from and pushed to behind %s [FC10 FC11 FC22]", async (name) => {
    const place = makePlace();
    const repository = await makeGitRepository();
    // The repository is that of the user fcgiwrap runs as, and git is told that this is fine.
    writeFileSync(join(dirname(repository.root), ".gitconfig"), "[safe]\n\tdirectory = *\n");
    const { uid, gid } = place.user;
    if (uid !== undefined && gid !== undefined) {
      const all = readdirSync(dirname(repository.root), { recursive: true }).map(String);
      for (const path of ["", ...all]) chownSync(join(dirname(repository.root), path), uid, gid);
    }
    const fcgiwrap = await startFcgiwrap(place, 2);
    const target = { path: place.path("fcgiwrap.sock") };
    const params = { ...repository.env, SCRIPT_FILENAME: GIT_BACKEND };
    try {
      await expectWork(repository, name, (log) => fromFastCgi(target, { params, log }));
    } finally {
      await fcgiwrap.stop();
      repository.remove();
      place.remove();
    }
  });
});

describeWith(["go"], "Go's net/http/fcgi", () => {
  let place: Place;
  let program: RunningProgram;
  const sources = fileURLToPath(new URL("./fastcgi-programs", import.meta.url));

  beforeAll(async () => {
    place = makePlace();
    const binary = place.path("app");
    const env = { ...place.env, GOPATH: place.path("go"), GOCACHE: place.path("cache"), GOFLAGS: "-mod=mod" };
    await promisify(execFile)(pathOf("go"), ["build", "-o", binary, join(sources, "app.go")], { env });
    const path = place.path("go.sock");
    program = await startProgram({ place, program: binary, args: [path], accepts: [{ path }] });
  }, 60_000);
  afterAll(async () => {
    await program?.stop();
    place.remove();
  });

  const WAYS: readonly [string, FromFastCgiOptions][] = [
    ["a connection for each request", {}],
    ["connections kept", { keepAlive: true }],
    ["multiplexed, as it says of itself", { multiplex: "ask" }],
    ["multiplexed", { multiplex: true }],
  ];
  test.each(WAYS)("%s [FC4 FC6 FC10 FC12 FC19]", async (_, options) => {
    const app = fromFastCgi({ path: place.path("go.sock") }, options);
    const bytes = randomBytes(500_000);
    const md5 = createHash("md5").update(bytes).digest("hex");
    for (let i = 0; i < 3; i += 1) {
      const { body } = await ask(app, "POST", "/body", {}, bytes);
      expect(`${body}`).toBe(`POST 500000 500000 ${md5}`);
    }
    const { body: env } = await ask(app, "GET", "/env?a=b", { host: "example.org", "x-own": "o" });
    expect(`${env}`).toMatch(/^example\.org \/env\?a=b o 127\.0\.0\.1:\d+$/);
    const moved = await ask(app, "GET", "/moved");
    expect([moved.status, moved.head["location"], moved.head["set-cookie"]]).toEqual([
      303,
      "/env",
      ["a=1", "b=2"],
    ]);
    const { body: echoed } = await ask(app, "PUT", "/echo", {}, bytes);
    expect(echoed.equals(bytes)).toBe(true);
    expect((await ask(app, "GET", "/big")).body).toHaveLength(5 << 20);
    const head = await ask(app, "HEAD", "/big");
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect((await ask(app, "GET", "/nothing")).status).toBe(404);
  });
});

describeWith([], "serveFastCgi", () => {
  const hello: AsgiApp = async (scope, _receive, send) => {
    if (scope.type !== "http") throw new Error("Only http");
    await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
    await send({ type: "http.response.body", body: `hello ${scope.path}` });
  };
  const sync = wsgi((environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return [`${environ.SCRIPT_NAME}|${environ.PATH_INFO}|${environ["REMOTE_USER"]}`];
  });
  const gatekeeper: AsgiApp = async (scope, _receive, send) => {
    if (scope.type !== "http") throw new Error("Only http");
    const known = scope.headers.some(([name]) => name === "authorization");
    const fields: [string, string][] = known ? [["Variable-REMOTE_USER", "ann"]] : [];
    await send({ type: "http.response.start", status: known ? 200 : 403, headers: fields });
    await send({ type: "http.response.body" });
  };

  const WAYS: readonly [string, FromFastCgiOptions][] = [
    ["a connection for each request", {}],
    ["connections kept", { keepAlive: true }],
    ["multiplexed, as it says of itself", { multiplex: "ask" }],
    ["multiplexed", { multiplex: true }],
  ];
  test.each(WAYS)("as a responder and an authorizer, %s [FC4 FC19 FC24]", async (_, options) => {
    const life = { port: 0, lifespan: "off", shutdownTimeout: 0, log: () => {} } as const;
    const server = await serveFastCgi(mount("/sync", sync, hello), { ...life, authorizer: gatekeeper });
    const [host, port] = server.address as [string, number];
    const target = { host, port };
    const guard = fastCgiAuthorizer(target, { ...options, log: () => {} });
    const app = mount("/in", guard(fromFastCgi(target, options)), fromFastCgi(target, options));
    try {
      expect(`${(await ask(app, "GET", "/a%20b")).body}`).toBe("hello /a b");
      expect(`${(await ask(app, "GET", "/sync/x")).body}`).toBe("/sync|/x|undefined");
      expect((await ask(app, "GET", "/in/x")).status).toBe(403);
      const inside = await ask(app, "GET", "/in/x", { authorization: "Basic eDp5" });
      expect(`${inside.body}`).toBe("hello /in/x");
    } finally {
      await server.close();
    }
  });
});
