// serveCgi as a process: what it inherits, what it does not let go of, and how it ends.
// Sources: RFC 3875 §3.4, §6.4; what nginx with fcgiwrap, Apache and lighttpd give a program.

import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Socket, createConnection, createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { bundled, type Bundle } from "./fixtures/bundle.ts";
import { CgiProcess, answerOf, endChildren, runCgi, type Start } from "./fixtures/cgi-process.ts";

let bundle: Bundle;
let directory: string;
beforeAll(async () => {
  bundle = await bundled("serve-cgi-program.ts");
  directory = mkdtempSync(join(tmpdir(), "tsgi-cgi-"));
});
afterAll(() => {
  bundle.remove();
  rmSync(directory, { recursive: true, force: true });
});
afterEach(endChildren);

function begin(app: string, start: Partial<Start> = {}): CgiProcess {
  return new CgiProcess({ program: bundle.path, app, ...start });
}

const SIZE = 3 * 1024 * 1024;
const POST = { REQUEST_METHOD: "POST" };

/** A pipe as a shell makes it: node itself only makes socket pairs. */
function pipe(name: string): { read: number; write: number } {
  const path = join(directory, name);
  spawnSync("mkfifo", [path]);
  const both = openSync(path, constants.O_RDWR);
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = openSync(path, constants.O_WRONLY);
  closeSync(both);
  return { read, write };
}

describe.skipIf(process.platform === "win32")("what is inherited", () => {
  test.each(["large", "sync large"])("%s: a pipe that is read late loses nothing [C23 C27]", async (app) => {
    const { read, write } = pipe(`late ${app}`);
    const running = begin(app, { stdio: ["ignore", write, "pipe"] });
    closeSync(write);
    if (app === "large") await running.says("waits at");
    running.read(new Socket({ fd: read, readable: true, writable: false }));
    const outcome = await running.end();
    await running.sends("cdef").catch(() => {});
    expect(outcome).toMatchObject({ code: 0, signal: null });
    expect(answerOf({ ...outcome, output: running.output }).body).toHaveLength(SIZE);
  });

  test.each(["large", "sync large", "echo", "sync echo"])(
    "%s: one socket for both directions, as mod_cgid has it, blocking or not [C23 C27]",
    async (app) => {
      for (const TEST_FDS of ["", "nonblocking"]) {
        const body = "b".repeat(app.endsWith("echo") ? SIZE : 300_000);
        const server = createServer({ pauseOnConnect: true }).listen(join(directory, `${app}${TEST_FDS}`));
        await once(server, "listening");
        const accepted = once(server, "connection") as Promise<[Socket]>;
        const client = createConnection(server.address() as unknown as string).setEncoding("latin1");
        const [socket] = await accepted;
        const running = begin(app, {
          stdio: [socket, socket, "pipe"],
          env: { ...POST, CONTENT_LENGTH: String(body.length), TEST_FDS },
        });
        socket.destroy();
        let output = "";
        client.on("data", (text) => (output += String(text)));
        client.write(body);
        await once(client, "end");
        client.destroy();
        server.close();
        const outcome = await running.end();
        expect(outcome).toMatchObject({ code: 0, signal: null });
        expect(answerOf({ ...outcome, output }).body).toHaveLength(SIZE);
      }
    },
  );

  test.each(["echo", "sync echo"])("%s: a file as stdin and a file as stdout [C6 C19]", async (app) => {
    const [input, output] = [join(directory, `${app} in`), join(directory, `${app} out`)];
    writeFileSync(input, `${"f".repeat(SIZE)}beyond`);
    const fds = [openSync(input, "r"), openSync(output, "w")] as const;
    const running = begin(app, {
      stdio: [...fds, "pipe"],
      env: { ...POST, CONTENT_LENGTH: String(SIZE) },
    });
    for (const fd of fds) closeSync(fd);
    const outcome = await running.end();
    expect(outcome.code).toBe(0);
    expect(answerOf({ ...outcome, output: readFileSync(output, "latin1") }).body).toBe("f".repeat(SIZE));
  });

  test.each(["hello", "sync hello"])(
    "%s: the exit status tells that the web server had gone before the response was written [C23]",
    async (app) => {
      const { read, write } = pipe(`gone ${app}`);
      closeSync(read);
      const running = begin(app, { stdio: ["ignore", write, "pipe"] });
      closeSync(write);
      expect(await running.end()).toMatchObject({ code: 1, signal: null });
    },
  );

  test.each(["hello", "sync hello"])("%s: /dev/null as stdin, as lighttpd gives it [C5]", async (app) => {
    const running = begin(app, { stdio: ["ignore", "pipe", "pipe"], env: { CONTENT_LENGTH: "0" } });
    expect(answerOf(await running.read().end()).body).toContain("hello from");
  });

  test.each(["events", "sync echo"])("%s: a closed stdin is a body that breaks off [C7]", async (app) => {
    const outcome = await runCgi({
      program: bundle.path,
      app,
      env: { ...POST, CONTENT_LENGTH: "5" },
      shell: 'exec "$@" <&-',
    });
    if (app === "events") expect(outcome).toMatchObject({ code: 1, output: "" });
    else expect(outcome.output).toContain("Status: 400");
  });
});

describe("the request body is out of the way before the answer leaves", () => {
  test.each(["large", "sync large"])(
    "%s: a web server that reads nothing before it has written all is served [C6 C23]",
    async (app) => {
      const body = "b".repeat(8 * 1024 * 1024);
      const running = begin(app, { env: { ...POST, CONTENT_LENGTH: String(body.length) }, body: null });
      await new Promise<void>((resolve, reject) => {
        running.stdin.end(body, (error?: Error | null) => (error ? reject(error) : resolve()));
      });
      const outcome = await running.read().end();
      expect(outcome.code).toBe(0);
      expect(answerOf(outcome).body).toHaveLength(SIZE);
    },
  );

  test.each([
    ["is no request", { SERVER_PROTOCOL: "FOO" }, "hello", "Status: 400"],
    ["cannot be served, as the app does not start", {}, "unborn", "Status: 500"],
    ["is refused by the bridge", { CONTENT_LENGTH: "100000000" }, "sync hello", "Status: 413"],
  ])("that of a request that %s, too [C6 C3]", async (_what, env, app, status) => {
    const body = "b".repeat(2 * 1024 * 1024);
    const running = begin(app, { env: { ...POST, CONTENT_LENGTH: String(body.length), ...env }, body: null });
    await new Promise<void>((resolve, reject) => {
      running.stdin.end(body, (error?: Error | null) => (error ? reject(error) : resolve()));
    });
    expect((await running.read().end()).output).toContain(status);
  });

  test("an answer does not wait for ever: after drainTimeout it leaves all the same [C6 S9]", async () => {
    const env = { ...POST, CONTENT_LENGTH: "10" };
    const running = begin("hello", { env, body: null, options: { drainTimeout: 50 } }).read();
    running.stdin.write("half");
    await running.sends("hello from");
    const outcome = await running.end();
    // The thread that still reads can not be got rid of in another way.
    expect(outcome).toMatchObject({ code: null, signal: "SIGKILL", errors: "" });
  });

  test.each([3, 4])("no more than drainLimit is thrown away: %i bytes of 4 [C6 S8]", async (drainLimit) => {
    const env = { ...POST, CONTENT_LENGTH: "4" };
    const running = begin("hello", { env, body: null, options: { drainLimit } }).read();
    running.stdin.write("abcd");
    expect((await running.end()).output).toContain("hello from");
  });

  test.each(["events", "sync echo"])(
    "%s: what is read ahead reaches the app as far as readAhead goes [C6 S8]",
    async (app) => {
      for (const readAhead of [0, 1, 70_000, 1_000_000]) {
        const body = "a".repeat(200_000);
        const env = { ...POST, CONTENT_LENGTH: String(body.length) };
        const outcome = await runCgi({ program: bundle.path, app, env, body, options: { readAhead } });
        expect(outcome.code).toBe(0);
      }
    },
  );
});

describe("streaming", () => {
  test.skipIf(process.platform === "win32")("each piece leaves before the app goes on [C22]", async () => {
    const running = begin("steps").read();
    await running.sends("\r\n\r\none");
    running.child.kill("SIGUSR2");
    await running.sends("onetwo");
    running.child.kill("SIGUSR2");
    expect(answerOf(await running.end()).body).toBe("onetwothree");
  });

  test("an app waits while the web server does not read [C23]", async () => {
    const running = begin("large");
    await running.says("waits at");
    const outcome = await running.read().end();
    expect(outcome.code).toBe(0);
    expect(answerOf(outcome).body).toHaveLength(SIZE);
  });

  test.each(["endless", "sync endless"])(
    "%s: a web server that goes away ends the app, quickly and without a stack [C23]",
    async (app) => {
      const running = begin(app);
      running.stdout.once("data", () => running.stdout.destroy());
      const outcome = await running.end();
      expect(outcome.code).toBe(1);
      expect(outcome.errors).toBe(app === "endless" ? "aborted\n" : "closed\n");
    },
  );
});

describe("what is printed", () => {
  test("goes to stderr, and the response stays clean [C25]", async () => {
    const outcome = await begin("prints").read().end();
    expect(answerOf(outcome).body).toBe("clean");
    for (const text of ["logged something", "informed", "written"]) expect(outcome.errors).toContain(text);
  });

  test("wsgi.errors goes to stderr [C25 W27]", async () => {
    const running = begin("sync after").read();
    await running.says("an error line");
    expect(running.errors).toMatch(/^tsgi error: an error line/);
  });
});

describe.skipIf(process.platform === "win32")("the end", () => {
  test("comes with the response, though timers run [C27]", async () => {
    const outcome = await begin("lingering").read().end();
    expect(outcome).toMatchObject({ code: 0, signal: null });
    expect(answerOf(outcome).body).toBe("done");
  });

  test.each(["background", "sync after"])(
    "%s: the web server has the whole response while the app goes on, and the process ends after that [C27]",
    async (app) => {
      const running = begin(app).read();
      await once(running.stdout, "end");
      expect(running.output).toContain("done");
      expect(running.child.exitCode).toBeNull();
      running.child.kill("SIGUSR2");
      const outcome = await running.end();
      expect(outcome.code).toBe(0);
      expect(outcome.errors).toContain(app === "background" ? "worked on" : "after the response");
    },
  );

  test("SIGTERM aborts an async app, which may come to an end [C24]", async () => {
    const running = begin("waiting").read();
    await running.says("ready");
    running.child.kill("SIGTERM");
    const outcome = await running.end();
    expect(outcome).toMatchObject({ code: 1, output: "" });
    expect(outcome.errors).toContain("aborted: ClientDisconnected");
    expect(outcome.errors).toContain("disconnected");
  });

  test("SIGTERM ends an app that does not listen, after shutdownTimeout [C24]", async () => {
    const running = begin("deaf", { options: { shutdownTimeout: 20 } }).read();
    await running.says("ready");
    running.child.kill("SIGTERM");
    expect(await running.end()).toMatchObject({ code: 1, output: "" });
  });

  test("a second SIGTERM does not wait for that [C24]", async () => {
    const running = begin("waiting", { options: { shutdownTimeout: 1_000_000 } }).read();
    await running.says("ready");
    running.child.kill("SIGTERM");
    await running.says("disconnected");
    running.child.kill("SIGTERM");
    expect((await running.end()).code).toBe(1);
  });

  test("SIGTERM ends a sync app at once [C24]", async () => {
    const running = begin("sync deaf").read();
    await running.says("ready");
    running.child.kill("SIGTERM");
    expect(await running.end()).toMatchObject({ code: null, signal: "SIGTERM", output: "" });
  });

  test("an app that waits for what cannot come is a 500, and not an empty answer [C26]", async () => {
    const outcome = await begin("stalled").read().end();
    expect(answerOf(outcome).fields[0]).toBe("Status: 500 Internal Server Error");
    expect(outcome.errors).toContain("The app waits for something that cannot come");
    expect(outcome.code).toBe(0);
  });
});

describe("the lifespan", () => {
  test("is run around the request, and the web server does not wait for its end [X28 A82 A89]", async () => {
    const outcome = await begin("living").read().end();
    expect(JSON.parse(answerOf(outcome).body)).toEqual({ name: "shared" });
    expect(outcome).toMatchObject({ code: 0, errors: "shut down\n" });
  });

  test("that fails to start is a 500 with nothing of the error [C26 A89]", async () => {
    const body = "b".repeat(1_000_000);
    const outcome = await begin("unborn", { env: { ...POST, CONTENT_LENGTH: String(body.length) }, body })
      .read()
      .end();
    expect(answerOf(outcome).fields[0]).toBe("Status: 500 Internal Server Error");
    expect(outcome.output).not.toContain("database");
    expect(outcome.errors).toContain("no database");
    expect(outcome.code).toBe(0);
  });

  test("that takes too long to start is a 500 [C26 S9]", async () => {
    const outcome = await begin("slow", { options: { lifespanStartupTimeout: 20 } })
      .read()
      .end();
    expect(answerOf(outcome).fields[0]).toBe("Status: 500 Internal Server Error");
    expect(outcome.errors).toContain("The app's lifespan startup took over 20 ms");
    expect(outcome.code).toBe(0);
  });

  test("is left out if the option says so", async () => {
    const outcome = await begin("living", { options: { lifespan: "off" } })
      .read()
      .end();
    expect(answerOf(outcome).body).toBe("null");
  });
});

test("nothing that costs time is loaded, and nothing of the other direction [C1]", async () => {
  const { modules } = bundle;
  expect(modules.some((name) => name.endsWith("/cgi-output.ts"))).toBe(true);
  const others =
    /\/(?:from-cgi|script-run|script-response|child|head-parser)\.ts$|packages\/(?:process|node|fetch)\//;
  expect(modules.filter((name) => others.test(name))).toEqual([]);
  const program = readFileSync(bundle.path, "utf8");
  expect([...program.matchAll(/from "(node:[\w/]+)"/g)].map(([, name]) => name).sort()).toEqual([
    "node:fs",
    "node:timers/promises",
  ]);
});

test.each(["sync hello", "hello"])(
  "%s: no module of Node is loaded that a bare script does not load [C1]",
  async (app) => {
    const hook = join(directory, "list.cjs");
    writeFileSync(
      hook,
      `process.on("exit", () => require("node:fs").writeSync(2, process.moduleLoadList.filter((name) => /^NativeModule/.test(name)).join("\\n")));`,
    );
    const bare = join(directory, "bare.mjs");
    writeFileSync(bare, `import { writeSync } from "node:fs";\nwriteSync(1, "");\n`);
    const env = { NODE_OPTIONS: `--require=${hook}` };
    const loaded = async (program: string): Promise<string[]> =>
      (await runCgi({ program, app, env })).errors.split("\n").toSorted();
    const expected = await loaded(bare);
    expect(expected.length).toBeGreaterThan(10);
    // The program of these tests itself imports timers.
    const own = /^NativeModule (?:timers\/promises|internal\/timers\/promises)$/;
    expect((await loaded(bundle.path)).filter((name) => !own.test(name))).toEqual(
      expected.filter((name) => !own.test(name)),
    );
  },
);
