// Where a process listens that web servers and process managers start, and how it ends.
// Source: FastCGI 1.0 §2.2, §7; requirements C1, F59 to F64.

import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectTo, getOf, keptLog, request, serveForTest, textApp } from "./raw-client.test-support.ts";
import { descriptorKind } from "./inherited-socket.ts";
import { listenWhere } from "./listen-where.ts";
import { serveFastCgi, type FastCgiServer } from "./serve-fastcgi.ts";
import type { FastCgiOptions } from "./serve-options.ts";

const PROGRAM = fileURLToPath(new URL("fixtures/process-server.ts", import.meta.url));
const LOADER = new URL("../../../apps/bench/source-loader.mjs", import.meta.url).href;
const hello = textApp(() => "hello");

interface HandleServer {
  readonly _handle: { readonly fd: number };
}

/** A process that says what it does on stderr. */
class Running {
  readonly child: ChildProcess;
  said = "";
  #heard = (): void => {};

  constructor(stdin: number | "pipe" | "ignore", options: object, env: Record<string, string> = {}) {
    const stdio: StdioOptions = [stdin, "pipe", "pipe"];
    const words = ["--import", LOADER, "--conditions=@tsgi/source", PROGRAM, JSON.stringify(options)];
    const { PATH = "" } = process.env;
    this.child = spawn(process.execPath, words, { stdio, env: { PATH, ...env } });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.said += text;
      this.#heard();
    });
    this.child.on("exit", () => this.#heard());
    onTestFinished(() => void this.child.kill("SIGKILL"));
  }

  async until(text: string): Promise<void> {
    while (!this.said.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`It ended without ${text}: ${this.said}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async status(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, "exit");
    return this.child.exitCode;
  }
}

/** A socket that listens, and which nobody accepts connections of here. */
async function listening(where: object): Promise<{ server: Server; fd: number; address: FastCgiServer }> {
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(where);
  await once(server, "listening");
  const { fd } = (server as unknown as HandleServer)["_handle"];
  const address = server.address() as AddressInfo | string;
  const named = typeof address === "string" ? [address, null] : [address.address, address.port];
  return { server, fd, address: { address: named } as unknown as FastCgiServer };
}

const FD0: [name: string, where: object][] = [
  ["TCP", { port: 0, host: "127.0.0.1" }],
  ["unix", { path: `\0tsgi-fastcgi-${process.pid}` }],
];

describe.each(FD0)("a process whose descriptor 0 is a %s socket that listens", (_name, where) => {
  test("serves there without any option, and ends by SIGUSR1 with 0 [F59 F64 C1]", async () => {
    const { server, fd, address } = await listening(where);
    // A web server may have left a request's variables in its own environment: a socket that listens says more.
    const running = new Running(fd, {}, { REQUEST_METHOD: "GET", GATEWAY_INTERFACE: "CGI/1.1" });
    await running.until("listens");
    server.close();
    const client = await connectTo(address);
    client.send(request(getOf("/")));
    expect((await client.answer()).stdout).toMatch(/FastCGI$/);
    running.child.kill("SIGUSR1");
    await client.ended;
    expect(await running.status()).toBe(0);
    expect(running.said).toMatch(/lifespan\.startup[^]*lifespan\.shutdown/);
  });
});

describe("a process", () => {
  test.each(["SIGTERM", "SIGINT", "SIGUSR1"] as const)(
    "ends by %s, with 1 if what is at work had to be cut [F64]",
    async (signal) => {
      const { server, fd, address } = await listening({ port: 0, host: "127.0.0.1" });
      const running = new Running(fd, { shutdownTimeout: 50 });
      await running.until("listens");
      server.close();
      const client = await connectTo(address);
      client.send(request(getOf("/slow")));
      await running.until("slow");
      running.child.kill(signal);
      await client.ended;
      expect(await running.status()).toBe(1);
    },
  );

  test("that nobody says where to listen says so, and ends with another status than 0 [F60]", async () => {
    const running = new Running("ignore", {});
    expect(await running.status()).toBe(1);
    expect(running.said).toMatch(/TSGI_ERR_LISTEN/);
    expect(running.said).not.toMatch(/lifespan/);
  });

  test("whose descriptor 0 is a socket that does not listen says so [F60]", async () => {
    const running = new Running("pipe", {});
    expect(await running.status()).toBe(1);
    expect(running.said).toMatch(/TSGI_ERR_LISTEN/);
  });

  test("that was started as a CGI program serves the one request [F59 C1]", async () => {
    const running = new Running(
      "ignore",
      {},
      {
        REQUEST_METHOD: "GET",
        GATEWAY_INTERFACE: "CGI/1.1",
        SERVER_PROTOCOL: "HTTP/1.1",
        PATH_INFO: "/",
      },
    );
    let stdout = "";
    running.child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    expect(await running.status()).toBe(0);
    expect(stdout).toMatch(/^Status: 200 OK\r\n[^]*\r\n\r\nCGI$/);
  });

  test("takes the socket of systemd, if that passed one [F63]", () => {
    const where = (env: Record<string, string>): unknown => listenWhere({}, env, () => "none");
    expect(where({ LISTEN_PID: String(process.pid), LISTEN_FDS: "1" })).toEqual({ systemd: true });
    expect(() => where({ LISTEN_PID: "1", LISTEN_FDS: "1" })).toThrow(
      expect.objectContaining({ code: "TSGI_ERR_LISTEN" }),
    );
  });

  test("serves on a socket systemd passes, without any option [F63]", async () => {
    const { fd, address, server } = await listening({ port: 0, host: "127.0.0.1" });
    // As systemd does it: the variables name the process that is to become the program.
    const words = ["--import", LOADER, "--conditions=@tsgi/source", PROGRAM];
    const script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"';
    const { PATH = "" } = process.env;
    const child = spawn("/bin/sh", ["-c", script, "sh", process.execPath, ...words], {
      stdio: ["ignore", "ignore", "pipe", fd],
      env: { PATH },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stderr as NodeJS.ReadableStream, "data");
    server.close();
    const client = await connectTo(address);
    client.send(request(getOf("/")));
    expect((await client.answer()).stdout).toMatch(/\r\n\r\nFastCGI$/);
  });

  test("whose standard error is closed serves, and logs nowhere [F60]", async () => {
    const { fd, address, server } = await listening({ port: 0, host: "127.0.0.1" });
    const words = ["--import", LOADER, "--conditions=@tsgi/source", PROGRAM].map((word) => `'${word}'`);
    const command = `exec '${process.execPath}' ${words.join(" ")} 1>&- 2>&-`;
    const { PATH = "" } = process.env;
    const child = spawn("/bin/sh", ["-c", command], { stdio: [fd, "ignore", "ignore"], env: { PATH } });
    onTestFinished(() => void child.kill("SIGKILL"));
    server.close();
    const client = await connectTo(address);
    client.send(request(getOf("/")));
    expect((await client.answer()).stdout).toMatch(/FastCGI$/);
    child.kill("SIGTERM");
    const [status] = (await once(child, "exit")) as [number | null];
    expect(status).toBe(0);
  });
});

test("a process that runs out of descriptors, or loses its web server, serves on [F65 S14]", async () => {
  const { fd, address, server } = await listening({ port: 0, host: "127.0.0.1" });
  const words = ["--import", LOADER, "--conditions=@tsgi/source", PROGRAM].map((word) => `'${word}'`);
  const command = `ulimit -n 64; exec '${process.execPath}' ${words.join(" ")}`;
  const { PATH = "" } = process.env;
  const child = spawn("/bin/sh", ["-c", command], { stdio: [fd, "ignore", "pipe"], env: { PATH } });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stderr as NonNullable<typeof child.stderr>, "data");
  server.close();
  const clients = await Promise.all(Array.from({ length: 100 }, () => connectTo(address)));
  for (const { socket } of clients) {
    socket.on("error", () => {});
    // What is written back to a socket that is reset would raise SIGPIPE in a program that does not ignore it.
    socket.write(request(getOf("/")), () => socket.resetAndDestroy());
  }
  await Promise.all(clients.map(({ ended }) => ended));
  const client = await connectTo(address);
  client.send(request(getOf("/")));
  expect((await client.answer()).stdout).toMatch(/FastCGI$/);
  expect(child.exitCode).toBeNull();
});

test("an error of accepting a connection is logged, and the next one is accepted [F65]", async () => {
  const { log, lines } = keptLog();
  const running = await serveForTest(hello, { log });
  running.server?.emit("error", Object.assign(new Error("accept ECONNABORTED"), { code: "ECONNABORTED" }));
  const client = await connectTo(running);
  client.send(request());
  expect((await client.answer()).stdout).toMatch(/hello$/);
  expect(lines).toEqual([expect.stringMatching(/ECONNABORTED/)]);
});

describe("where a server listens", () => {
  test.each<[FastCgiOptions, object]>([
    [{ address: "127.0.0.1:9000" }, { host: "127.0.0.1", port: 9000 }],
    [{ address: ":9000" }, { host: "127.0.0.1", port: 9000 }],
    [{ address: ":0" }, { host: "127.0.0.1", port: 0 }],
    [{ address: "[::1]:9000" }, { host: "::1", port: 9000 }],
    [{ address: "unix:/run/a.sock" }, { path: "/run/a.sock" }],
    [{ address: "unix:@a" }, { path: "\0a" }],
    [{ host: "::1" }, { port: 9000 }],
    [{ port: 0 }, { port: 0 }],
    [{ path: "/run/a.sock" }, {}],
    [{ fd: 3 }, {}],
    [{ systemd: "web" }, {}],
  ])("%j is understood [F61]", (options, where) => {
    expect(listenWhere(options, {}, () => "listening")).toEqual(where);
  });

  test.each<[FastCgiOptions]>([
    [{ address: "" }],
    [{ address: "9000" }],
    [{ address: "127.0.0.1:70000" }],
    [{ address: "127.0.0.1:9000", port: 1 }],
    [{ address: "unix:/a", path: "/b" }],
    [{ address: ":1", host: "::1" }],
    [{ address: ":1", fd: 0 }],
    [{ address: ":1", systemd: true }],
    [{ address: 9000 as unknown as string }],
    [{ port: 70_000 }],
    [{ port: 0, signals: "yes" as unknown as boolean }],
  ])("%j is refused [F61]", async (options) => {
    const wrong = expect.objectContaining({ code: "TSGI_ERR_OPTION" });
    await expect(serveFastCgi(hello, options)).rejects.toThrow(wrong);
  });

  test("what is no address is refused in words for a server [F61]", () => {
    expect(() => listenWhere({ address: "127.0.0.1" }, {}, () => "none")).toThrow(
      'address is "host:port" or "unix:/path", not "127.0.0.1"',
    );
  });

  test.each<[ReturnType<typeof descriptorKind>, Record<string, string>, unknown]>([
    ["listening", { REQUEST_METHOD: "GET" }, { fd: 0 }],
    ["listening", {}, { fd: 0 }],
    ["socket", {}, { fd: 0 }],
    ["socket", { REQUEST_METHOD: "GET" }, "cgi"],
    ["connected", { REQUEST_METHOD: "GET" }, "cgi"],
    ["none", { REQUEST_METHOD: "GET" }, "cgi"],
  ])("with descriptor 0 %s and the environment %j it is %j [F59 C1]", (kind, env, where) => {
    expect(listenWhere({}, env, () => kind)).toEqual(where);
  });

  test("a descriptor is known for what it is [F59]", async () => {
    for (const [, where] of FD0) {
      const { server, fd, address } = await listening(where);
      const accepted = once(server, "connection");
      const client = await connectTo(address);
      const [socket] = (await accepted) as [unknown];
      expect(descriptorKind(fd)).toBe("listening");
      expect(descriptorKind((client.socket as unknown as HandleServer)["_handle"].fd)).toBe("connected");
      expect(descriptorKind((socket as HandleServer)["_handle"].fd)).toBe("connected");
    }
    expect(descriptorKind(12_345)).toBe("none");
  });

  test.each<[FastCgiOptions, boolean]>([
    [{ host: "0.0.0.0", port: 0 }, true],
    [{ host: "0.0.0.0", port: 0, webServerAddresses: ["127.0.0.1"] }, false],
    [{ address: "0.0.0.0:0" }, true],
    [{ port: 0 }, false],
    [{ host: "127.0.0.2", port: 0 }, false],
    [{ host: "localhost", port: 0 }, false],
  ])("of %j, that it is open to everybody is said: %s [S12]", async (options, said) => {
    const { log, lines } = keptLog();
    await serveForTest(hello, { ...options, log });
    expect(lines.some((line) => line.includes("for everybody"))).toBe(said);
  });

  test("a web server that is not on the list is not read from, and told nothing [F62]", async () => {
    const { log, lines } = keptLog();
    const server = await serveForTest(hello, { webServerAddresses: ["192.0.2.1"], log });
    const client = await connectTo(server);
    client.socket.on("error", () => {});
    client.send(request());
    await client.ended;
    expect(client.records).toEqual([]);
    expect(lines).toEqual([expect.stringMatching(/127\.0\.0\.1/)]);
  });

  test("nobody on a unix socket is on a list, and who is on it is served [F62]", async () => {
    const { log, lines } = keptLog();
    const path = `\0tsgi-fastcgi-list-${process.pid}`;
    const unix = await serveForTest(hello, { path, webServerAddresses: ["127.0.0.1"], log });
    const client = await connectTo(unix);
    client.socket.on("error", () => {});
    await client.ended;
    expect(lines).toEqual([expect.stringMatching(/unix socket/)]);
    const tcp = await connectTo(await serveForTest(hello, { webServerAddresses: [" 127.0.0.1 "] }));
    tcp.send(request());
    expect((await tcp.answer()).stdout).toMatch(/hello$/);
  });

  test("so many connections are served, one more is closed; later ones are served again [F66 S14]", async () => {
    const server = await serveForTest(hello, { maxConnections: 2 });
    const [one, two] = [await connectTo(server), await connectTo(server)];
    for (const client of [one, two]) {
      client.send(request());
      await client.answer();
    }
    const three = await connectTo(server);
    three.socket.on("error", () => {});
    await three.ended;
    two.socket.end();
    await two.ended;
    await once(two.socket, "close");
    const four = await connectTo(server);
    four.send(request());
    expect((await four.answer()).stdout).toMatch(/hello$/);
  });
});

const WRONG: FastCgiOptions[] = [
  { maxConnections: 0 },
  { maxRequests: 0 },
  { maxRequestsPerConnection: 1.5 },
  { maxParamsSize: -1 },
  { maxParams: Number.NaN },
  { headersTimeout: -1 },
  { requestTimeout: 2 ** 31 },
  { maxBodySize: -1 },
  { bodyBuffer: 0 },
  { highWaterMark: 0 },
  { abortTimeout: Infinity },
  { keepAliveTimeout: 0.5 },
  { socketTimeout: -1 },
  { lingerTimeout: -1 },
  { maxDiscard: -1 },
  { webServerAddresses: [] },
  { scriptName: "app" },
  { shutdownTimeout: -1 },
  { authorizer: 1 as never },
  { filter: {} as never },
  { multiplexing: "no" as never },
  { stderr: "no" as never },
  { log: console as never },
  { maxConnection: 1 } as never,
];

test.each(WRONG)("%j is refused [S8]", async (options) => {
  const wrong = expect.objectContaining({ code: "TSGI_ERR_OPTION" });
  await expect(serveFastCgi(hello, { port: 0, ...options })).rejects.toThrow(wrong);
});
