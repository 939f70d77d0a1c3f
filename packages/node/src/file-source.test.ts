// Files on their way to a client: which can be sent, from where, and what is left open.

import { execFileSync } from "node:child_process";
import { closeSync, existsSync, fstatSync, openSync } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readlink, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AsgiApp, SendEvent } from "@tsgi/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFile } from "./file-source.ts";
import { HOSTS } from "./fixtures/hosts.ts";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { gate } from "./fixtures/running.ts";
import { expectNoStrays } from "./fixtures/strays.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };
const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

let directory = "";
let hello = "";
let big = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tsgi-files-"));
  hello = join(directory, "hello");
  big = join(directory, "big");
  await writeFile(hello, "hello world");
  await writeFile(big, "");
  await truncate(big, 1024 ** 4);
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

expectNoStrays();

/** An app that sends these events, and waits for each. */
function sending(...events: SendEvent[]): AsgiApp {
  return async (scope, _receive, send) => {
    if (scope.type !== "http") return;
    for (const event of events) await send(event);
  };
}

describe("opening", () => {
  test("a regular file, also by a symlink, gives its bytes [A54]", async () => {
    const link = join(directory, "link");
    await symlink(hello, link);
    for (const path of [hello, link]) {
      const source = await openFile(path);
      expect(Buffer.from(await source.read(100, null)).toString()).toBe("hello world");
      expect(await source.read(100, null)).toHaveLength(0);
      await source.close();
    }
  });

  test("a relative path is refused [A54 S15]", async () => {
    await expect(openFile("hello")).rejects.toMatchObject({ code: "TSGI_ERR_FILE" });
  });

  test("what is no regular file is refused, and not held open [A54 S15]", async () => {
    const deep = join(directory, "directory");
    await mkdir(deep);
    const before = openSync(hello, "r");
    closeSync(before);
    for (const path of [deep, "/dev/null", "/dev/zero"]) {
      await expect(openFile(path)).rejects.toMatchObject({ code: "TSGI_ERR_FILE" });
    }
    const after = openSync(hello, "r");
    closeSync(after);
    expect(after).toBe(before);
  });

  test("a named pipe nobody writes to is refused at once: it would hold a thread for ever [A54 S10]", async () => {
    const pipe = join(directory, "pipe");
    execFileSync("mkfifo", [pipe]);
    await expect(openFile(pipe)).rejects.toMatchObject({ code: "TSGI_ERR_FILE" });
  });

  test("a socket is refused [A54]", async () => {
    const path = join(directory, "socket");
    const server = createServer().listen(path);
    await once(server, "listening");
    await expect(openFile(path)).rejects.toThrow();
    server.close();
  });

  test.each([-1, 2 ** 31, 1.5, Number.NaN])(
    "descriptor %s is an error of the read, not of the process [A55]",
    async (fd) => {
      const source = await openFile(fd);
      await expect(source.read(1, null)).rejects.toThrow();
      await source.close();
    },
  );
});

describe.each(HOSTS)("%s", (_name, start) => {
  test("a piece of an open file comes from its place, and the file stays open [A55]", async () => {
    const handle = await open(hello);
    const zerocopy = { type: "http.response.zerocopysend", file: handle, more_body: true } as const;
    const { port } = await start(
      sending(
        START,
        { ...zerocopy, offset: 6, count: 5 },
        { type: "http.response.body", body: "|", more_body: true },
        { ...zerocopy, count: 2 },
        { ...zerocopy, count: 3 },
        { ...zerocopy, offset: 0, count: 1, file: handle.fd },
        { ...zerocopy, count: 0 },
        { ...zerocopy, offset: 100 },
        { ...zerocopy, more_body: false },
      ),
    );
    const received = await rawExchange(port, GET);
    const body = received.slice(received.indexOf("\r\n\r\n") + 4);
    expect(body.replaceAll(/[0-9a-f]+\r\n(.*?)\r\n/gs, "$1")).toBe("world|helloh world");
    expect(fstatSync(handle.fd).isFile()).toBe(true);
    await handle.close();
  });

  test("a count beyond the end of the file: what Content-Length still owes cuts the response [A55 A40]", async () => {
    const handle = await open(hello);
    const { port, logged } = await start(
      sending(
        { ...START, headers: [["content-length", "20"]] },
        {
          type: "http.response.zerocopysend",
          file: handle,
          offset: 0,
          count: 20,
        },
      ),
    );
    expect(await rawExchange(port, GET)).toMatch(/\r\n\r\nhello world$/);
    expect(logged).toHaveLength(1);
    await handle.close();
  });

  test("a file that is missing, a directory, or a pipe is a 500 that tells nothing [A54 S20]", async () => {
    const pipe = join(directory, `pipe-${_name}`);
    execFileSync("mkfifo", [pipe]);
    for (const path of [join(directory, "none"), directory, pipe, "/dev/zero", "hello"]) {
      const { port, logged } = await start(sending(START, { type: "http.response.pathsend", path }));
      const received = await rawExchange(port, GET);
      expect(statuses(received)).toEqual([500]);
      expect(received).not.toContain(directory);
      expect(logged).toHaveLength(1);
    }
  });

  test("HEAD of a huge file reads nothing of it [A47 A54]", async () => {
    const { port } = await start(
      sending(
        { ...START, headers: [["content-length", String(1024 ** 4)]] },
        {
          type: "http.response.pathsend",
          path: big,
        },
      ),
    );
    const received = await rawExchange(port, GET.replace("GET", "HEAD"));
    expect(statuses(received)).toEqual([200]);
    expect(received).toMatch(/content-length: 1099511627776\r\n/);
  });

  test("a client that stops to read, and then leaves, has the file closed [A54 A8 A50]", async () => {
    const over = gate<unknown>();
    const { port, logged } = await start(async (scope, _receive, send) => {
      if (scope.type !== "http") return;
      await send(START);
      over.open(await send({ type: "http.response.pathsend", path: big }).catch((error: unknown) => error));
    });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(GET);
    await once(socket, "readable");
    socket.resetAndDestroy();
    expect(await over.passed).toMatchObject({ code: "ECONNRESET" });
    expect(logged).toEqual([]);
    await closed(big);
  });

  test("an app that throws while a file is on its way: the response is cut, the file closed [A45 A54]", async () => {
    const word = gate();
    const { port, logged } = await start(async (scope, _receive, send) => {
      if (scope.type !== "http") return;
      await send(START);
      void send({ type: "http.response.pathsend", path: big });
      await word.passed;
      throw new Error("late");
    });
    const client = await rawClient(port);
    client.socket.once("data", () => word.open());
    client.send(GET);
    const received = await client.ended;
    expect(received).not.toContain("\r\n0\r\n\r\n");
    expect(logged).toHaveLength(1);
    await closed(big);
  });
});

/** Resolves when this process has a file no longer open; at once where the system does not tell. */
async function closed(path: string): Promise<void> {
  const FDS = "/proc/self/fd";
  if (!existsSync(FDS)) return;
  const isOpen = async (): Promise<boolean> => {
    const links = (await readdir(FDS)).map((fd) => readlink(join(FDS, fd)).catch(() => ""));
    return (await Promise.all(links)).includes(path);
  };
  while (await isOpen());
}
