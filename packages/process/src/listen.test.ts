import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkWhere, listen, type ListenWhere, type Listening } from "./listen.ts";

const servers: Server[] = [];
let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsgi-"));
});
afterEach(async () => {
  for (const open of servers.splice(0)) await close(open);
  rmSync(directory, { recursive: true });
});

function server(): Server {
  const made = createServer((socket) => socket.on("error", () => {}).end("hello"));
  servers.push(made);
  return made;
}

async function close(open: Server): Promise<void> {
  if (open.listening) await new Promise((resolve) => open.close(resolve));
}

function listening(where: ListenWhere): Promise<Listening> {
  return listen(server(), where);
}

async function greeting(path: string): Promise<string> {
  const socket = connect(path).setEncoding("latin1");
  let text = "";
  socket.on("data", (chunk: string) => (text += chunk));
  await once(socket, "end");
  socket.destroy();
  return text;
}

/** A socket file that nobody listens on, as a killed process leaves it. */
async function staleSocket(path: string): Promise<void> {
  const killed = createServer().listen(`${path}.bound`);
  await once(killed, "listening");
  renameSync(`${path}.bound`, path);
  await close(killed);
}

const refusal = (message: RegExp | string): unknown =>
  expect.objectContaining({ code: "TSGI_ERR_LISTEN", message: expect.stringMatching(message) });

test("only this machine is served unless a host is given", async () => {
  const { address } = await listening({ port: 0 });
  expect(address).toEqual(["127.0.0.1", expect.any(Number)]);
});

test("a port that is taken is refused, with the system's error as the cause", async () => {
  const { address } = await listening({ port: 0 });
  const port = address?.[1] as number;
  const error: unknown = await listening({ port }).catch((reason: unknown) => reason);
  expect(error).toEqual(refusal(`Cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`));
  expect(error).toMatchObject({ cause: { code: "EADDRINUSE" } });
});

test.each([
  { port: 0, path: "x" },
  { path: "x", fd: 3 },
  { fd: 3, systemd: true },
  { port: 80, systemd: "web" },
])("%j names two places, and is refused", async (where) => {
  await expect(listening(where)).rejects.toMatchObject({ code: "TSGI_ERR_OPTION" });
});

test.each([
  [{ port: -1 }, "port is a whole number from 0 to 65535, not -1"],
  [{ port: 65_536 }, "port is a whole number from 0 to 65535, not 65536"],
  [{ port: 1.5 }, "port is a whole number from 0 to 65535, not 1.5"],
  [{ port: "80" as unknown as number }, 'port is a whole number from 0 to 65535, not "80"'],
  [{ path: "x", mode: 0o1000 }, "mode is a whole number from 0 to 511, not 512"],
  [{ fd: -1 }, "fd is a whole number from 0 to 2147483647, not -1"],
  [{ port: 0, backlog: 0 }, "backlog is a whole number from 1 to 2147483647, not 0"],
  [{ port: 0, backlog: 2 ** 31 }, "backlog is a whole number from 1 to 2147483647, not 2147483648"],
])("%j is refused in words", async (where, message) => {
  await expect(listening(where)).rejects.toMatchObject({ code: "TSGI_ERR_OPTION", message });
});

test("the numbers at the edge are taken", () => {
  for (const where of [
    { port: 0 },
    { port: 65_535 },
    { backlog: 1 },
    { path: "x", mode: 0o777 },
    { fd: 0 },
  ]) {
    expect(() => checkWhere(where)).not.toThrow();
  }
});

test("a descriptor that is no listening socket is refused", async () => {
  await expect(listening({ fd: 1_000_000 })).rejects.toEqual(refusal("descriptor 1000000"));
});

test("without a socket from systemd nothing is listened on", async () => {
  await expect(listening({ systemd: true })).rejects.toEqual(refusal("systemd has passed no socket"));
});

describe.skipIf(process.platform === "win32")("a unix socket", () => {
  test("is bound with the permissions asked for, and served under its own name [S29]", async () => {
    const path = join(directory, "app.sock");
    const served = server();
    const { address } = await listen(served, { path, mode: 0o620 });
    expect(lstatSync(path).mode & 0o777).toBe(0o620);
    expect(address).toEqual([path, null]);
    expect(served.address()).toBe(path);
    expect(await greeting(path)).toBe("hello");
  });

  test("is for this user only by default", async () => {
    const path = join(directory, "app.sock");
    await listening({ path });
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
  });

  test("leaves the process's umask as it was", async () => {
    const before = process.umask();
    await listening({ path: join(directory, "app.sock") });
    expect(process.umask()).toBe(before);
  });

  test("that nobody listens on is replaced [S29]", async () => {
    const path = join(directory, "app.sock");
    await staleSocket(path);
    await listening({ path });
    expect(await greeting(path)).toBe("hello");
  });

  test("whose path is longer than an address can be is refused, the longest that can be is served", async () => {
    const longest = process.platform === "linux" ? 107 : 103;
    const path = join(directory, "x".repeat(longest - directory.length - 1));
    await listening({ path });
    expect(await greeting(path)).toBe("hello");
    await expect(listening({ path: `${path}y` })).rejects.toEqual(refusal(`at most ${longest} octets`));
  });

  test("with a short name in a directory whose path is long is served, and refused if no name can be beside it", async () => {
    const longest = process.platform === "linux" ? 107 : 103;
    const deep = (length: number): string => {
      const made = join(directory, "x".repeat(length - directory.length - 1));
      mkdirSync(made);
      return made;
    };
    const path = join(deep(longest - 6), "a");
    await listening({ path });
    expect(await greeting(path)).toBe("hello");
    const deeper = deep(longest - 5);
    await expect(listening({ path: join(deeper, "a") })).rejects.toEqual(
      refusal(`its directory at most ${longest - 6}`),
    );
    expect(readdirSync(deeper)).toEqual([]);
  });

  test.each([
    ["below a file", (file: string) => join(file, "app.sock")],
    ["in a directory below a file", (file: string) => join(file, "run", "app.sock")],
    ["with a NUL in it", (file: string) => `${file}\0.sock`],
  ])("%s is refused", async (_what, pathOf) => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    const path = pathOf(file);
    await expect(listening({ path })).rejects.toMatchObject({ code: "TSGI_ERR_LISTEN" });
  });

  test("in a directory that does not exist is refused in these words", async () => {
    const path = join(directory, "nowhere", "app.sock");
    await expect(listening({ path })).rejects.toEqual(refusal("app.sock: There is no such directory"));
  });

  test("that somebody listens on is left alone [S29]", async () => {
    const path = join(directory, "app.sock");
    await listening({ path });
    await expect(listening({ path })).rejects.toEqual(refusal("Somebody is listening there"));
    expect(await greeting(path)).toBe("hello");
  });

  test("never replaces a file [S29]", async () => {
    const path = join(directory, "app.sock");
    writeFileSync(path, "precious");
    await expect(listening({ path })).rejects.toEqual(refusal("not a socket"));
    expect(readFileSync(path, "utf8")).toBe("precious");
  });

  test("follows no symbolic link, not even to a stale socket [S29]", async () => {
    await staleSocket(join(directory, "stale"));
    symlinkSync(join(directory, "stale"), join(directory, "app.sock"));
    await expect(listening({ path: join(directory, "app.sock") })).rejects.toEqual(refusal("not a socket"));
    expect(existsSync(join(directory, "stale"))).toBe(true);
  });

  test("in a directory that is not there is refused", async () => {
    await expect(listening({ path: join(directory, "no", "app.sock") })).rejects.toEqual(refusal("app.sock"));
  });

  test("is removed on release [S29]", async () => {
    const path = join(directory, "app.sock");
    const { release } = await listening({ path });
    release();
    expect(existsSync(path)).toBe(false);
  });

  test("whose directory is no longer one on release is none of ours [S29]", async () => {
    const path = join(directory, "run", "app.sock");
    mkdirSync(join(directory, "run"));
    const { release } = await listening({ path });
    renameSync(join(directory, "run"), join(directory, "gone"));
    writeFileSync(join(directory, "run"), "");
    release();
    expect(readdirSync(directory)).toEqual(["gone", "run"]);
  });

  test("stays on release, and on close, if it is another's by then [S29]", async () => {
    const path = join(directory, "app.sock");
    const first = server();
    const { release } = await listen(first, { path });
    rmSync(path);
    await listening({ path });
    release();
    await close(first);
    expect(await greeting(path)).toBe("hello");
  });

  test("leaves no other file behind", async () => {
    const served = server();
    const { release } = await listen(served, { path: join(directory, "app.sock") });
    release();
    await close(served);
    expect(readdirSync(directory)).toEqual([]);
  });

  test.runIf(process.platform === "linux")("may be abstract: then there is no file [S29]", async () => {
    const path = `\0${directory}`;
    const { address, release } = await listening({ path });
    release();
    expect(address).toEqual([path, null]);
    expect(await greeting(path)).toBe("hello");
  });
});
