// Request bodies in temporary files.

import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { wsgi, type Spool, type SpoolFactory } from "@tsgi/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HOSTS } from "./fixtures/hosts.ts";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { fileSpool } from "@tsgi/process";
import { toNode } from "./to-node.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsgi-spool-test-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** What a descriptor of this process is open on; `""` if it is closed by now. */
function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

test("an unknown option is refused [S8]", () => {
  expect(() => fileSpool({ dir: directory } as object)).toThrow('Unknown option "dir"');
});

test("what was written can be read from any position, again and again [W24]", async () => {
  const spool = fileSpool({ directory }).open();
  await spool.write(bytes("hello "));
  await spool.write(bytes("world"));
  const reader = await spool.finish();
  expect(reader.readSync(5, 0)).toEqual(bytes("hello"));
  expect(reader.readSync(100, 6)).toEqual(bytes("world"));
  expect(reader.readSync(5, 0)).toEqual(bytes("hello"));
  expect(reader.readSync(5, 11)).toEqual(bytes(""));
  await spool.close();
});

test("what was read is a plain Uint8Array that is not written to again [W21 S27]", async () => {
  const spool = fileSpool({ directory }).open();
  await spool.write(bytes("aabb"));
  const reader = await spool.finish();
  const first = reader.readSync(2, 0);
  reader.readSync(2, 2);
  expect(first).toEqual(bytes("aa"));
  expect(first.constructor).toBe(Uint8Array);
  await spool.close();
});

test("the file has no name while it is used, and nothing stays behind [W24]", async () => {
  const spool = fileSpool({ directory }).open();
  await spool.write(bytes("secret"));
  expect(readdirSync(directory)).toEqual([]);
  const reader = await spool.finish();
  expect(reader.readSync(6, 0)).toEqual(bytes("secret"));
  await spool.close();
  expect(readdirSync(directory)).toEqual([]);
});

// Where /proc shows what a file without a name looks like.
test.runIf(process.platform === "linux")("nobody but this user may read the file [W24]", async () => {
  const spool = fileSpool({ directory }).open();
  await spool.write(bytes("x"));
  const open = readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).startsWith(directory));
  expect(open.map((fd) => statSync(`/proc/self/fd/${fd}`).mode & 0o777)).toEqual([0o600]);
  await spool.close();
  expect(readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).startsWith(directory))).toEqual([]);
});

test("a spool that nothing was written to is empty, and makes no file [W24]", async () => {
  const spool = fileSpool({ directory: join(directory, "missing") }).open();
  const reader = await spool.finish();
  expect(reader.readSync(5, 0)).toEqual(bytes(""));
  await spool.close();
});

test("a closed spool is not read any more: its descriptor may be another file's by now [W24]", async () => {
  const spool = fileSpool({ directory }).open();
  await spool.write(bytes("abc"));
  const reader = await spool.finish();
  await spool.close();
  expect(() => reader.readSync(3, 0)).toThrow(expect.objectContaining({ code: "TSGI_ERR_FILE" }));
});

test("a directory that cannot be written to is the error of the system, and close() still works [W24]", async () => {
  const spool = fileSpool({ directory: join(directory, "missing") }).open();
  await expect(spool.write(bytes("abc"))).rejects.toMatchObject({ code: "ENOENT" });
  await expect(spool.close()).resolves.toBeUndefined();
});

test("a sync app on a server reads a large body line by line from the spool [W23 W24 W25]", async () => {
  const app = wsgi(
    (environ, startResponse) => {
      let lines = 0;
      let size = 0;
      for (const line of environ["wsgi.input"]) {
        lines += 1;
        size += line.length;
      }
      startResponse("200 OK", []);
      return [`${lines} ${size} ${environ.CONTENT_LENGTH}`];
    },
    { spool: fileSpool({ directory }), memoryLimit: 1000 },
  );
  const server = createServer(toNode(app)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const answer = new Promise<string>((resolve, reject) => {
      const outgoing = request({ port, host: "127.0.0.1", method: "POST" }, (incoming) => {
        text(incoming).then(resolve, reject);
      });
      outgoing.on("error", reject);
      for (let i = 0; i < 50; i += 1) outgoing.write(`${"x".repeat(9_999)}\n`);
      outgoing.end();
    });
    expect(await answer).toBe("50 500000 500000");
    expect(readdirSync(directory)).toEqual([]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

/** Spools that tell when they were written to, and when they are closed. */
class WatchedSpools implements SpoolFactory {
  readonly #inner = fileSpool({ directory });
  readonly #waiting: (() => void)[] = [];
  opened = 0;
  written = 0;
  closed = 0;

  open(): Spool {
    const spool = this.#inner.open();
    this.opened += 1;
    return {
      write: async (chunk) => {
        await spool.write(chunk);
        this.written += 1;
        this.#tell();
      },
      finish: () => spool.finish(),
      close: async () => {
        await spool.close();
        this.closed += 1;
        this.#tell();
      },
    };
  }

  /** Resolves when this holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const CHUNK = `3e8\r\n${"c".repeat(1000)}\r\n`;
const post = (fields: string, body: string, path = "/"): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n\r\n${body}`;

// Where /proc shows what is open.
describe.runIf(process.platform === "linux").each(HOSTS)("%s", (_name, start) => {
  test("no descriptor is left open: whatever the app does, and whenever the client leaves [W24 W43 S26]", async () => {
    const spools = new WatchedSpools();
    const app = wsgi(
      (environ, startResponse) => {
        if (environ.PATH_INFO === "/throws") throw new Error("in the app");
        startResponse("200 OK", []);
        return [String(environ["wsgi.input"].read().length)];
      },
      { spool: spools, memoryLimit: 100, maxBodySize: 3000 },
    );
    const { port, logged } = await start(app);
    const answers: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      answers.push(await rawExchange(port, post("Content-Length: 1000", "c".repeat(1000))));
      answers.push(await rawExchange(port, post("Content-Length: 1000", "c".repeat(1000), "/throws")));
      answers.push(
        await rawExchange(port, post("Transfer-Encoding: chunked", `${CHUNK.repeat(4)}0\r\n\r\n`)),
      );
      const { written } = spools;
      const leaving = await rawClient(port);
      leaving.send(post("Transfer-Encoding: chunked", CHUNK.repeat(2)));
      await spools.until(() => spools.written > written);
      leaving.destroy();
    }
    await spools.until(() => spools.closed === spools.opened);
    expect(answers.map((answer) => statuses(answer)[0])).toEqual(
      Array.from({ length: 20 }, () => [200, 500, 413]).flat(),
    );
    expect(spools.opened).toBe(80);
    expect(logged).toHaveLength(20);
    expect(readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).startsWith(directory))).toEqual([]);
  });
});
