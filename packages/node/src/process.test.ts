// Servers as real processes: what they inherit, and what their exit status is.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { rawClient, rawExchange } from "./fixtures/raw-client.ts";
import type { ServeOptions } from "./serve-options.ts";

const PROGRAM = fileURLToPath(new URL("fixtures/process-server.ts", import.meta.url));
const LOADER = new URL("../../../apps/bench/source-loader.mjs", import.meta.url).href;
const NODE = [process.execPath, "--import", LOADER, "--conditions=@tsgi/source", PROGRAM];

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

class Running {
  readonly child: ChildProcess;
  output = "";
  #heard: () => void = () => {};

  constructor(child: ChildProcess) {
    this.child = child;
    children.push(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.#heard();
      });
    }
    child.on("exit", () => this.#heard());
  }

  async until(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`Ended without ${text}: ${this.output}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async port(): Promise<number> {
    await this.until("\n");
    return Number(/,(\d+)\]/.exec(this.output)?.[1]);
  }

  async exit(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, "exit");
    return this.child.exitCode;
  }
}

function run(options: ServeOptions, fd: number | "ignore" = "ignore", shell: string = 'exec "$@"'): Running {
  return new Running(
    spawn("/bin/sh", ["-c", shell, "sh", ...NODE, JSON.stringify(options)], {
      env: { PATH: process.env["PATH"] ?? "" },
      stdio: ["ignore", "pipe", "pipe", fd],
    }),
  );
}

/** A listening socket to pass on, and its port. */
async function socketToPass(): Promise<{ server: Server; fd: number; port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // oxlint-disable-next-line no-underscore-dangle
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  return { server, fd, port: (server.address() as AddressInfo).port };
}

describe.skipIf(process.platform === "win32")("a process", () => {
  test("ends with 0 on SIGTERM, its lifespan shut down [A82]", async () => {
    const running = run({ port: 0 });
    await running.until("ready");
    running.child.kill("SIGTERM");
    expect(await running.exit()).toBe(0);
    expect(running.output).toContain("shutdown");
  });

  test("ends with 1 if a request had to be cut [A82]", async () => {
    const running = run({ port: 0, shutdownTimeout: 20 });
    const client = await rawClient(await running.port());
    client.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    await running.until("never");
    running.child.kill("SIGINT");
    expect(await running.exit()).toBe(1);
    expect(running.output).toContain("shutdown");
    expect(running.output).toContain("The grace period of 20 ms is over");
  });

  test("ends with 1 at once on a second signal [A82]", async () => {
    const running = run({ port: 0 });
    const client = await rawClient(await running.port());
    client.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    await running.until("never");
    running.child.kill("SIGTERM");
    // It is told apart from the first once the first is known to have come: nothing listens any more.
    await refused(await running.port());
    running.child.kill("SIGTERM");
    expect(await running.exit()).toBe(1);
    expect(running.output).not.toContain("shutdown");
  });

  test("serves on a socket it inherits", async () => {
    const passed = await socketToPass();
    const running = run({ fd: 3 }, passed.fd);
    await running.until("ready");
    passed.server.close();
    expect(running.output).toContain(`ready ["127.0.0.1",${passed.port}]`);
    expect(await rawExchange(passed.port, "GET / HTTP/1.0\r\n\r\n")).toMatch(/from nobody$/);
  });

  test("serves on a socket systemd passes, and no child of it will", async () => {
    const passed = await socketToPass();
    const running = run({ systemd: true }, passed.fd, 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"');
    await running.until("ready");
    passed.server.close();
    expect(await rawExchange(passed.port, "GET / HTTP/1.0\r\n\r\n")).toMatch(/from nobody$/);
  });

  test("that can not be served from says why, and ends with a status that is not 0", async () => {
    const running = run({ systemd: true });
    expect(await running.exit()).toBe(1);
    expect(running.output).toContain("systemd has passed no socket");
  });
});

async function refused(port: number): Promise<void> {
  for (;;) {
    const client = await rawClient(port).catch(() => null);
    if (client === null) return;
    client.destroy();
  }
}
