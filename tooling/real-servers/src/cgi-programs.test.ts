// CGI programs of other languages behind our server, over real sockets: Perl, PHP, Go.

import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cgiDirectory, fromCgi } from "@tsgi/cgi";
import { mount, type AsgiApp, type Log } from "@tsgi/core";
import { serveNode } from "@tsgi/node";
import type { RunningServer } from "@tsgi/process";
import { describeUnless, describeWith, findProgram, pathOf } from "./programs.ts";

const SOURCES = fileURLToPath(new URL("cgi-programs", import.meta.url));
const PHP = ["php-cgi8.2", "php-cgi"].find((name) => findProgram(name) !== null) ?? "php-cgi";

const place = realpathSync(mkdtempSync(join(tmpdir(), "tsgi-programs-")));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A copy of a program, which may be executed. */
function program(name: string): string {
  mkdirSync(join(place, "bin"), { recursive: true });
  const path = join(place, "bin", name);
  copyFileSync(join(SOURCES, name), path);
  chmodSync(path, 0o755);
  return path;
}

interface Programs {
  readonly name: string;
  readonly needs: readonly string[];
  /** The app, to be mounted at `/app`. */
  readonly app: (log: Log) => AsgiApp | Promise<AsgiApp>;
  /** Whether it is PHP, which reads the whole body, and the form in it, before the script begins. */
  readonly isPhp?: boolean;
}

const PROGRAMS: readonly Programs[] = [
  { name: "Perl", needs: ["perl"], app: () => fromCgi(program("app.pl")) },
  {
    name: "PHP by php-cgi",
    needs: [PHP],
    isPhp: true,
    app: () => fromCgi(pathOf(PHP), { scriptFilename: program("app.php"), directory: join(place, "bin") }),
  },
  {
    name: "PHP in a directory",
    needs: [PHP],
    isPhp: true,
    app(log) {
      program("app.php");
      const directory = cgiDirectory(join(place, "bin"), { interpreters: { ".php": pathOf(PHP) }, log });
      // `/app/upload` is `/app.php/upload` of the directory.
      return (scope, receive, send) => {
        if (scope.type !== "http") return directory(scope, receive, send);
        const target = `/app.php${scope.path.slice("/app".length)}`;
        return directory({ ...scope, path: target, raw_path: target, root_path: "" }, receive, send);
      };
    },
  },
  {
    name: "Go",
    needs: ["go"],
    async app() {
      const binary = join(place, "go-app");
      const env = { PATH: process.env["PATH"], HOME: place, GO111MODULE: "off", GOTOOLCHAIN: "local" };
      await promisify(execFile)(pathOf("go"), ["build", "-o", binary, join(SOURCES, "app.go")], { env });
      return fromCgi(binary);
    },
  },
];

for (const { name, needs, app, isPhp } of PROGRAMS) {
  describeWith(needs, name, () => {
    let server: RunningServer;
    let logged: string[] = [];
    beforeAll(async () => {
      const log: Log = (level, message) => logged.push(`${level}: ${message}`);
      server = await serveNode(mount("/app", await app(log)), { port: 0, shutdownTimeout: 0, log });
    });
    afterAll(async () => {
      // Nothing but what a test has asked for.
      expect(logged).toEqual([]);
      await server.close();
    });
    const at = (path: string): string => `http://127.0.0.1:${server.address?.[1]}/app${path}`;

    test("gets bodies of many sizes, with and without a length [CH9 CH12]", async () => {
      for (const length of [1, 1_000, 100_000, 3_000_000]) {
        const body = Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);
        const sum = body.reduce((total, octet) => total + octet, 0);
        const headers = { "content-type": "application/x-test" };
        const expected = `PUT ${length} ${sum} application/x-test`;
        const whole = await fetch(at("/upload"), { method: "PUT", body, headers });
        expect(await whole.text()).toBe(expected);
        const stream = new Blob([body]).stream();
        const pieces = await fetch(at("/upload"), {
          method: "PUT",
          body: stream,
          headers,
          duplex: "half",
        } as RequestInit);
        expect(await pieces.text()).toBe(expected);
      }
    });

    if (isPhp === true)
      test("gets forms with files [CH12]", async () => {
        const form = new FormData();
        form.set("name", "Änn");
        form.set("file", new File([new Uint8Array(200_000).fill(2)], "bytes.bin"));
        const response = await fetch(at("/upload"), { method: "POST", body: form });
        expect(await response.text()).toBe("Änn bytes.bin 200000 400000");
      });

    test("redirects, with its cookies apart [CH19 CH20 X17]", async () => {
      const response = await fetch(at("/redirect"), { redirect: "manual" });
      expect(response.status).toBe(303);
      expect(response.headers.get("location")).toMatch(/\/there$/);
      expect(response.headers.getSetCookie()).toHaveLength(2);
    });

    test("gives 10 MB, and nothing to HEAD [CH21 CH22]", async () => {
      const body = await (await fetch(at("/large"))).arrayBuffer();
      expect(body.byteLength).toBe(160 * 65_536);
      const head = await fetch(at("/large"), { method: "HEAD" });
      expect(head.status).toBe(200);
      expect((await head.arrayBuffer()).byteLength).toBe(0);
    });

    test("answers 304 where the client has it, and a length where not [CH20 CH21]", async () => {
      const fresh = await fetch(at("/cached"));
      expect(fresh.headers.get("content-length")).toBe("5");
      expect(await fresh.text()).toBe("fresh");
      const cached = await fetch(at("/cached"), { headers: { "if-none-match": '"v1"' } });
      expect([cached.status, await cached.text(), cached.headers.get("etag")]).toEqual([304, "", '"v1"']);
    });

    if (isPhp === true)
      test("streams: each event is there before the next is made [CH22]", async () => {
        const gate = mkdtempSync(join(place, "gate-"));
        const exchange = request(at("/gated"), { headers: { "x-gate": gate } }).end();
        writeFileSync(join(gate, "a"), "");
        const response = await new Promise<IncomingMessage>((resolve) => exchange.once("response", resolve));
        response.setEncoding("utf8");
        const pieces = response[Symbol.asyncIterator]() as AsyncIterator<string>;
        for (const event of ["a", "b", "c"]) {
          writeFileSync(join(gate, event), "");
          expect(await textOf(pieces, 9)).toBe(`data: ${event}\n\n`);
        }
        expect((await pieces.next()).done).toBe(true);
      });

    if (isPhp !== true)
      test("streams both ways: each event is there before the next is asked for [CH12 CH22]", async () => {
        const exchange = request(at("/events"), { method: "POST", headers: { "content-length": "6" } });
        const answered = new Promise<IncomingMessage>((resolve) => exchange.once("response", resolve));
        exchange.write("a\n");
        const response = await answered;
        response.setEncoding("utf8");
        const pieces = response[Symbol.asyncIterator]() as AsyncIterator<string>;
        expect(await textOf(pieces, 9)).toBe("data: a\n\n");
        exchange.write("b\n");
        expect(await textOf(pieces, 9)).toBe("data: b\n\n");
        exchange.end("c\n");
        expect(await textOf(pieces, 9)).toBe("data: c\n\n");
        expect((await pieces.next()).done).toBe(true);
      });

    test("says 404 itself, with the query it was given [CH2]", async () => {
      const response = await fetch(at("/no%20way?-s"));
      expect(response.status).toBe(404);
      expect(await response.text()).toBe("no such thing: /no way?-s");
    });

    test("fails with a 500, and its reason is for the log [CH14 CH23 CH26]", async () => {
      logged = [];
      const response = await fetch(at("/die"));
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain("reason");
      while (!logged.join("\n").includes("with a reason"))
        await new Promise((resolve) => setImmediate(resolve));
      logged = [];
    });
  });
}

/** This much text of a stream. */
async function textOf(pieces: AsyncIterator<string>, length: number): Promise<string> {
  let text = "";
  while (text.length < length) text += ((await pieces.next()).value as string | undefined) ?? "(end)";
  return text;
}

describeUnless(
  process.platform === "linux" ? null : "only Linux tells what a process has written",
  "a slow client",
  () => {
    const SIZE = 100_000_000;

    test("holds the program up, and memory stays flat [CH22 S10]", async () => {
      const app = fromCgi("/bin/sh", {
        args: ["-c", `printf "Content-Type: application/octet-stream\\n\\n"; exec head -c ${SIZE} /dev/zero`],
      });
      const server = await serveNode(app, { port: 0, shutdownTimeout: 0 });
      try {
        const { exchange, response } = await get(`http://127.0.0.1:${server.address?.[1]}/`);
        const pid = await childCalled("head");
        // Until the program stands still: all buffers on the way are full.
        let written = -1;
        for (let now = writtenBy(pid); now !== written; now = writtenBy(pid)) {
          written = now;
          for (let turn = 0; turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        }
        expect(written).toBeGreaterThan(0);
        expect(written).toBeLessThan(32_000_000);
        let size = 0;
        let most = 0;
        const before = process.memoryUsage().rss;
        for await (const piece of response) {
          size += (piece as Uint8Array).byteLength;
          most = Math.max(most, process.memoryUsage.rss());
        }
        expect(size).toBe(SIZE);
        expect(most - before).toBeLessThan(50_000_000);
        exchange.destroy();
      } finally {
        await server.close();
      }
    }, 60_000);
  },
);

async function get(url: string): Promise<{ exchange: ClientRequest; response: IncomingMessage }> {
  const exchange = request(url).end();
  const response = await new Promise<IncomingMessage>((resolve) => exchange.once("response", resolve));
  return { exchange, response };
}

/** The child of this process with this name. */
async function childCalled(name: string): Promise<number> {
  for (;;) {
    for (const task of readdirSync("/proc/self/task")) {
      for (const pid of readFileSync(`/proc/self/task/${task}/children`, "latin1")
        .trim()
        .split(" ")
        .filter(Boolean)) {
        if (readFileSync(`/proc/${pid}/comm`, "latin1").trim() === name) return Number(pid);
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many bytes a process has written so far. */
function writtenBy(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]);
}
