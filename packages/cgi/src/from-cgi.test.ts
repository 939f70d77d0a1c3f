// What a CGI program is given, and what the client gets of it. The programs are real ones.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mount } from "@tsgi/core";
import { fromCgi, type FromCgiOptions } from "./from-cgi.ts";
import { clientOf, openFiles, scriptDirectory, whenClosed } from "./scripts.test-support.ts";

const scripts = scriptDirectory();

const PRINT_ENV = scripts.script("print-env", 'printf "Content-Type: text/plain\\n\\n"; /usr/bin/env -0');

/** The environment a program sees, by name. */
async function environment(
  target: string,
  options: FromCgiOptions = {},
  headers: [string, string][] = [],
  rootPath = "",
): Promise<Record<string, string>> {
  const response = await clientOf(fromCgi(PRINT_ENV, options), rootPath).get(target, { headers });
  expect(response.status).toBe(200);
  const entries = response.text().split("\0").filter(Boolean);
  return Object.fromEntries(
    entries.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

function script(name: string, text: string, options: FromCgiOptions = {}): ReturnType<typeof clientOf> {
  return clientOf(fromCgi(scripts.script(name, text), options));
}

describe("a program's environment", () => {
  beforeEach(() => {
    process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
    process.env["TSGI_TEST_INHERITED"] = "inherited";
  });
  afterEach(() => {
    delete process.env["AWS_SECRET_ACCESS_KEY"];
    delete process.env["TSGI_TEST_INHERITED"];
  });

  test("is made from scratch: these variables and no others [CH2 CH3 S20]", async () => {
    const env = await environment("/info/x?q=1");
    // What the shell adds itself, and what Node gives to every child when its tests are measured.
    for (const name of ["PWD", "OLDPWD", "SHLVL", "_", "NODE_V8_COVERAGE"]) delete env[name];
    expect(env).toEqual({
      PATH: "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
      GATEWAY_INTERFACE: "CGI/1.1",
      SERVER_SOFTWARE: "TSGI",
      SERVER_NAME: "localhost",
      SERVER_PORT: "80",
      SERVER_PROTOCOL: "HTTP/1.1",
      REQUEST_METHOD: "GET",
      REQUEST_URI: "/info/x?q=1",
      REQUEST_SCHEME: "http",
      SCRIPT_NAME: "",
      PATH_INFO: "/info/x",
      SCRIPT_FILENAME: PRINT_ENV,
      QUERY_STRING: "q=1",
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_HOST: "127.0.0.1",
      REMOTE_PORT: "50000",
      REDIRECT_STATUS: "200",
      HTTP_HOST: "localhost",
    });
  });

  test("inherits what is named, and nothing else [CH2]", async () => {
    const env = await environment("/", { inheritEnv: ["TSGI_TEST_INHERITED", "TSGI_TEST_MISSING"] });
    expect(env["TSGI_TEST_INHERITED"]).toBe("inherited");
    expect(env).not.toHaveProperty("AWS_SECRET_ACCESS_KEY");
    expect(env).not.toHaveProperty("TSGI_TEST_MISSING");
  });

  test("has what the options give, over all else, and once [CH3]", async () => {
    const env = await environment("/", {
      env: { REMOTE_ADDR: "given", PATH: "/nowhere:/usr/bin", UMLAUT: "ü", NEW: "a=b\nc" },
      inheritEnv: ["TSGI_TEST_INHERITED"],
      documentRoot: "/www",
      serverSoftware: "Ours/1.0",
    });
    expect(env).toMatchObject({
      REMOTE_ADDR: "given",
      PATH: "/nowhere:/usr/bin",
      NEW: "a=b\nc",
      UMLAUT: "ü",
      DOCUMENT_ROOT: "/www",
      PATH_TRANSLATED: "/www/",
      SERVER_SOFTWARE: "Ours/1.0",
    });
  });

  test("has the mount as SCRIPT_NAME, and an empty PATH_INFO there [CH5]", async () => {
    const app = mount("/bin/env", fromCgi(PRINT_ENV));
    for (const [target, pathInfo] of [
      ["/bin/env", ""],
      ["/bin/env/a%20b", "/a b"],
    ] as const) {
      const text = (await clientOf(app).get(target)).text();
      expect(text.split("\0")).toEqual(
        expect.arrayContaining(["SCRIPT_NAME=/bin/env", `PATH_INFO=${pathInfo}`]),
      );
    }
    expect((await clientOf(app).get("/bin/envx")).status).toBe(404);
  });

  test("has UTF-8 as UTF-8 in paths and headers [X4 X18]", async () => {
    const env = await environment("/caf%C3%A9", {}, [["x-name", "J\xc3\xbcrgen"]]);
    expect(env).toMatchObject({ PATH_INFO: "/café", HTTP_X_NAME: "Jürgen" });
  });

  test("cannot have other octets: such a path is 404 [CH6 S16]", async () => {
    const client = clientOf(fromCgi(PRINT_ENV));
    expect((await client.get("/caf%E9")).status).toBe(404);
    expect((await client.get("/caf%E9?x")).text()).toBe("Not Found");
  });

  test("is told credentials only if it may be [CH10 S20]", async () => {
    const headers: [string, string][] = [
      ["authorization", "Basic eA=="],
      ["proxy", "evil"],
      ["x_under", "evil"],
    ];
    expect(Object.keys(await environment("/", {}, headers))).not.toContain("HTTP_AUTHORIZATION");
    const env = await environment("/", { passAuthorization: true }, headers);
    expect(env["HTTP_AUTHORIZATION"]).toBe("Basic eA==");
    expect(Object.values(env)).not.toContain("evil");
  });

  test("a shell's function in a header stays text [S19]", async () => {
    const value = "() { :; }; echo vulnerable";
    expect((await environment("/", {}, [["x-a", value]]))["HTTP_X_A"]).toBe(value);
  });
});

describe("a program", () => {
  const ARGS = 'printf "Content-Type: text/plain\\n\\n"; pwd; echo "$0"; for a in "$@"; do echo "[$a]"; done';

  test("runs in its own directory, under its path, without arguments [CH1 CH30 S17]", async () => {
    const client = script("args", ARGS);
    for (const query of ["-s", "a+b", "-d+allow_url_include%3d1", "%2dv"]) {
      expect((await client.get(`/?${query}`)).text()).toBe(
        `${scripts.path}\n${join(scripts.path, "args")}\n`,
      );
    }
  });

  test("runs where the options say, with their arguments, which no shell reads [CH1 CH30]", async () => {
    const client = script("args", ARGS, { directory: "/", args: ["$HOME", "a b", "*"] });
    expect((await client.get("/?-s")).text()).toBe(`/\n${join(scripts.path, "args")}\n[$HOME]\n[a b]\n[*]\n`);
  });

  test("has its name in SCRIPT_FILENAME, or another's [CH2]", async () => {
    expect((await environment("/", { scriptFilename: "/srv/app.php" }))["SCRIPT_FILENAME"]).toBe(
      "/srv/app.php",
    );
  });

  test("gives status, reason, fields and body [CH16 CH20 CH22]", async () => {
    const client = script(
      "full",
      'printf "Status: 299 Odd\\nX-A: 1\\nSet-Cookie: a\\nSet-Cookie: b\\n\\nHello"',
    );
    const response = await client.get("/");
    expect(response).toMatchObject({ status: 299, reason: "Odd", complete: true });
    expect(response.headerValues("set-cookie")).toEqual(["a", "b"]);
    expect(response.text()).toBe("Hello");
  });

  test("answers HEAD without a body, and 204 and 304 as well [CH21]", async () => {
    const hello = script("head", 'printf "Content-Type: text/plain\\nContent-Length: 5\\n\\nHello"');
    const head = await hello.head("/");
    expect(head).toMatchObject({ status: 200, complete: true });
    expect(head.header("content-length")).toBe("5");
    expect(head.body).toHaveLength(0);
    for (const status of [204, 304]) {
      const response = await script(`no-body-${status}`, `printf "Status: ${status}\\n\\nHello"`).get("/");
      expect(response).toMatchObject({ status, complete: true });
      expect(response.body).toHaveLength(0);
    }
  });

  test("with a redirect sends the client there [CH17 CH19]", async () => {
    for (const [head, status] of [
      ["Location: http://example.com/", 302],
      ["Status: 307\\nLocation: /there", 307],
      ["Location: /there", 302],
    ] as const) {
      const response = await script("redirect", `printf "${head}\\n\\n"`).get("/");
      expect(response.status).toBe(status);
      expect(response.header("location")).not.toBeNull();
    }
  });

  test("that writes a whole HTTP response is read as one [CH29]", async () => {
    const text = 'printf "HTTP/1.0 202 Taken\\r\\nServer: x\\r\\nConnection: close\\r\\n\\r\\nHello"';
    for (const client of [script("nph-full", text), script("full-nph", text, { nph: true })]) {
      const response = await client.get("/");
      expect(response).toMatchObject({ status: 202, reason: "Taken", close: false });
      expect(response.text()).toBe("Hello");
    }
    expect((await script("nph-not", text, { nph: false }).get("/")).status).toBe(500);
  });

  test("may end badly after its answer: that is for the log [CH26]", async () => {
    for (const [name, end, told] of [
      ["exits", "exit 3", "exit status 3"],
      ["killed", "kill -KILL $$", "signal SIGKILL"],
    ] as const) {
      const response = await script(name, `printf "Content-Type: text/plain\\n\\nHello"; ${end}`).get("/");
      expect(response).toMatchObject({ status: 200, complete: true });
      expect(response.text()).toBe("Hello");
      expect(response.log.map((line) => line.message)).toEqual([
        `${join(scripts.path, name)}: ended with ${told}`,
      ]);
    }
  });

  test("may say something to the log, but not to the client [CH23 S30]", async () => {
    const text =
      'printf "one\\ntwo \\033[31mred\\n\\n" >&2; printf "Content-Type: text/plain\\n\\nHello"; printf "no end" >&2';
    const response = await script("stderr", text).get("/");
    expect(response.text()).toBe("Hello");
    const name = join(scripts.path, "stderr");
    expect(response.log).toMatchObject([
      { level: "warn", message: `${name}: one` },
      { level: "warn", message: `${name}: two \\x1b[31mred` },
      { level: "warn", message: `${name}: no end` },
    ]);
  });

  test("may say so much to the log, and no more [CH23 S8]", async () => {
    const text =
      'i=0; while [ $i -lt 2000 ]; do echo 0123456789 >&2; i=$((i+1)); done; printf "Status: 200\\n\\n"';
    const response = await script("stderr-flood", text, { maxStderr: 100 }).get("/");
    expect(response.status).toBe(200);
    const messages = response.log.map((line) => line.message);
    expect(messages).toHaveLength(11);
    expect(messages.at(-1)).toContain("more than 100 bytes");
  });
});

describe("a local redirect", () => {
  const where = scripts.script("where", 'printf "Location: /there?x=%s\\n\\n" "$QUERY_STRING"');

  test("is served by the app that was given, as a GET without a body [CH18]", async () => {
    const seen: unknown[] = [];
    const there = fromCgi(PRINT_ENV);
    const app = mount(
      "/cgi",
      fromCgi(where, {
        redirectTo: (scope, receive, send) => {
          if (scope.type === "http")
            seen.push(scope.method, scope.path, scope.query_string, scope.root_path, scope.client);
          return there(scope, receive, send);
        },
      }),
    );
    const response = await clientOf(app).post("/cgi?1", {
      body: "body",
      headers: { "x-a": "kept", cookie: "c=1" },
    });
    expect(response.status).toBe(200);
    expect(seen).toEqual(["GET", "/there", "x=1", "", ["127.0.0.1", 50_000]]);
    const env = response.text().split("\0");
    expect(env).toEqual(
      expect.arrayContaining([
        "HTTP_X_A=kept",
        "HTTP_COOKIE=c=1",
        "REQUEST_URI=/there?x=1",
        "QUERY_STRING=x=1",
      ]),
    );
    expect(env.filter((line) => line.startsWith("CONTENT_"))).toEqual([]);
  });

  test("may lead to another one, ten times and no more [CH18 S8]", async () => {
    const loop = scripts.script(
      "loop",
      'if [ "$QUERY_STRING" = "$HTTP_X_STOP" ]; then printf "Content-Type: text/plain\\n\\nend"; else printf "Location: /?%sx\\n\\n" "$QUERY_STRING"; fi',
    );
    const app = fromCgi(loop, { redirectTo: (...args) => app(...args) });
    const response = await clientOf(app).get("/?", { headers: { "x-stop": "x".repeat(10) } });
    expect(response.text()).toBe("end");
    const endless = await clientOf(app).get("/?", { headers: { "x-stop": "x".repeat(11) } });
    expect(endless.status).toBe(500);
    expect(endless.log[0]?.error).toMatchObject({ code: "TSGI_ERR_REDIRECTS" });
  });
});

describe("output that is no response", () => {
  test.each([
    ["nothing", "exit 0"],
    ["no-head", 'printf "\\nHello"'],
    ["no-type", 'printf "X-A: b\\n\\nHello"'],
    ["garbage", 'printf "Hello\\n\\n"'],
    ["half-a-head", 'printf "Content-Type: text/plain\\n"'],
    ["killed-before", "kill -SEGV $$"],
    ["binary", "head -c 1000 /dev/urandom | tr -d '\\n'"],
  ])("is a 500 without a word of it: %s [CH13 CH14 CH15 CH26 S20]", async (name, text) => {
    const response = await script(name, text).get("/");
    expect(response).toMatchObject({ status: 500, complete: true });
    expect(response.text()).toBe("Internal Server Error");
    expect(response.log[0]).toMatchObject({ level: "error" });
  });

  test("is a head that is too long, at the byte [CH13 S8]", async () => {
    // `Content-Type: text/plain`, the value of X, and three line ends: 28 bytes and the value.
    const text = 'printf "Content-Type: text/plain\\nX: %s\\n\\n" "$QUERY_STRING"';
    const length = "Content-Type: text/plain\nX: \n\n".length;
    for (const [maxHeadSize, status] of [
      [length + 100, 200],
      [length + 99, 500],
    ] as const) {
      const response = await script("long-head", text, { maxHeadSize }).get(`/?${"x".repeat(100)}`);
      expect(response.status).toBe(status);
    }
  });

  test("is a head of too many lines [CH13 S8]", async () => {
    const text = 'printf "Content-Type: a/b\\nA: 1\\nB: 2\\n\\n"';
    expect((await script("lines", text, { maxHeadLines: 3 }).get("/")).status).toBe(200);
    expect((await script("lines", text, { maxHeadLines: 2 }).get("/")).status).toBe(500);
  });
});

describe("Content-Length of a program", () => {
  test("is a limit for its body [CH20]", async () => {
    const response = await script("long", 'printf "Content-Type: a/b\\nContent-Length: 3\\n\\nabcdef"').get(
      "/",
    );
    expect(response).toMatchObject({ status: 200, complete: true });
    expect(response.text()).toBe("abc");
    expect(response.log[0]?.message).toContain("longer than Content-Length");
  });

  test("that is not reached cuts the response [CH20]", async () => {
    const response = await script("short", 'printf "Content-Type: a/b\\nContent-Length: 9\\n\\nabc"').get(
      "/",
    );
    expect(response).toMatchObject({ status: 200, complete: false });
  });
});

/** Makes a FIFO that may be executed, as far as its mode says. */
function fifo(path: string): string {
  if (!existsSync(path)) execFileSync("mkfifo", ["-m", "755", path]);
  return path;
}

describe("a program that cannot be started", () => {
  test.each([
    ["a file that is not there", () => join(scripts.path, "missing")],
    ["a file that may not be executed", () => scripts.file("plain", "#!/bin/sh\n")],
    ["a directory", () => scripts.path],
    [
      "a text without #!",
      () => scripts.file("no-shebang", 'echo "Content-Type: text/plain"; echo; id\n', 0o755),
    ],
    ["an empty file", () => scripts.file("empty", "", 0o755)],
    ["an interpreter that is not there", () => scripts.file("bad", "#!/no/such/interpreter\n", 0o755)],
    ["a path through a file", () => join(scripts.file("plain2", ""), "x")],
    ["a FIFO that nobody writes to", () => fifo(join(scripts.path, "fifo"))],
  ])("is a 500, and its path is for the log: %s [CH1 CH27 S20]", async (_what, path) => {
    const response = await clientOf(fromCgi(path())).get("/");
    expect(response.status).toBe(500);
    expect(response.text()).toBe("Internal Server Error");
    expect(response.log[0]?.message).toContain(path());
  });

  test("in a directory that is not there leaves nothing open [CH27]", async () => {
    const client = clientOf(fromCgi(PRINT_ENV, { directory: "/no/such/directory" }));
    expect((await client.get("/")).status).toBe(500);
    const before = openFiles();
    for (let i = 0; i < 20; i += 1) await client.get("/");
    await whenClosed(before);
  });

  test("because the headers are too long is a 431 [CH11]", async () => {
    const client = clientOf(fromCgi(PRINT_ENV));
    const headers = { "x-long": "x".repeat(200_000) };
    expect((await client.get("/", { headers })).status).toBe(431);
    expect((await client.get("/")).status).toBe(200);
  });
});

describe("a request that is for no program", () => {
  test.each([
    ["TRACE", "/", 501],
    ["CONNECT", "/", 501],
    ["GET", "/a%00b", 404],
    ["GET", "/a%2Fb", 404],
    ["GET", "/a/%2e%2e/b", 404],
    ["GET", "/a/../b", 404],
  ])("is refused: %s %s is %i [CH6 S15 S24]", async (method, target, status) => {
    const response = await clientOf(fromCgi(PRINT_ENV)).request(method, target);
    expect(response.status).toBe(status);
    expect(response.log).toEqual([]);
  });

  test("but what the options let through is not [CH6]", async () => {
    const env = await environment("/a%2Fb/../c", { encodedSlashes: "decode", dotSegments: "keep" });
    expect(env["PATH_INFO"]).toBe("/a/b/../c");
  });
});

describe("the options", () => {
  test.each<[string, unknown]>([
    ["headTimeout", -1],
    ["idleTimeout", Number.NaN],
    ["timeout", 2 ** 31],
    ["killGrace", Infinity],
    ["queueTimeout", "1"],
    ["maxChildren", 0],
    ["maxQueue", -1],
    ["maxBodySize", -1],
    ["maxUnsizedBody", -1],
    ["memoryLimit", -1],
    ["maxHeadSize", 0],
    ["maxHeadLines", 0],
    ["maxStderr", -1],
    ["encodedSlashes", "keep"],
    ["dotSegments", true],
    ["failedExit", true],
    ["env", { "A=B": "c" }],
    ["env", { A: "b\0" }],
    ["inheritEnv", "PATH"],
    ["redirectTo", "/"],
    ["log", "console"],
    ["args", "-c"],
    ["args", [1]],
    ["nph", "auto"],
    ["headTimeuot", 1],
  ])("that make no sense are refused: %s %j [S8]", (name, value) => {
    const options = { [name]: value } as FromCgiOptions;
    expect(() => fromCgi("/x", options)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  });

  test("have limits at their edges that make sense [S8]", () => {
    const least = {
      maxQueue: 0,
      maxUnsizedBody: 0,
      memoryLimit: 0,
      maxStderr: 0,
      killGrace: 0,
      maxChildren: 1,
    };
    expect(() => fromCgi("/x", { ...least, timeout: 2 ** 31 - 1, headTimeout: Infinity })).not.toThrow();
  });

  test.each(["", "a\0b", 7 as unknown as string])(
    "go with the path of a program: %j is none [CH1]",
    (path) => {
      expect(() => fromCgi(path)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
    },
  );
});
