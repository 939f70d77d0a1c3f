// CGI programs on a real server: connections that are reset, HTTP/2, a graceful end; and a server process that just ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveNode, type ServeOptions } from "@tsgi/node";
import { bundled, type Bundle } from "./fixtures/bundle.ts";
import { fromCgi, type FromCgiOptions } from "./from-cgi.ts";
import { isAlive, scriptDirectory, whenGone } from "./scripts.test-support.ts";

const scripts = scriptDirectory();
const HEAD = 'printf "Content-Type: text/plain\\n\\n"';
/** Tells its process id and that of a descendant, and writes without end. */
const ENDLESS = scripts.script(
  "endless",
  `sleep 1000 >/dev/null 2>&1 & ${HEAD}; echo "$$ $!."; cat /dev/zero`,
);
const WAITS = scripts.script("waits", `sleep 1000 >/dev/null 2>&1 & ${HEAD}; echo "$$ $!."; wait`);

async function serve(
  file: string,
  options: FromCgiOptions = {},
  serveOptions: ServeOptions = {},
): Promise<{ port: number; logged: string[]; close: () => Promise<unknown> }> {
  const logged: string[] = [];
  const server = await serveNode(fromCgi(file, options), {
    port: 0,
    shutdownTimeout: 0,
    log: (level, message) => logged.push(`${level}: ${message}`),
    ...serveOptions,
  });
  return { port: server.address?.[1] ?? 0, logged, close: () => server.close() };
}

/** Asks, reads until the process ids have come, and no further. */
async function pidsFrom(port: number): Promise<{ socket: Socket; pids: number[] }> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  let text = "";
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += chunk.toString("latin1");
    const found = /(\d+) (\d+)\./.exec(text);
    if (found === null) continue;
    socket.pause();
    return { socket, pids: [Number(found[1]), Number(found[2])] };
  }
}

describe("on serveNode", () => {
  test("a connection that is reset ends the program, which was held up [CH22 CH24 S28]", async () => {
    const server = await serve(ENDLESS);
    const { socket, pids } = await pidsFrom(server.port);
    expect(pids.map(isAlive)).toEqual([true, true]);
    socket.resetAndDestroy();
    for (const pid of pids) await whenGone(pid);
    await server.close();
  });

  test("a connection that is closed ends a program that says nothing [CH24 S28]", async () => {
    const server = await serve(WAITS);
    const { socket, pids } = await pidsFrom(server.port);
    socket.destroy();
    for (const pid of pids) await whenGone(pid);
    expect(server.logged).toEqual([]);
    await server.close();
  });

  test("a server that closes waits for a program as long as it may, then ends it [CH31 S28]", async () => {
    const server = await serve(WAITS, {}, { shutdownTimeout: 50 });
    const { socket, pids } = await pidsFrom(server.port);
    await server.close();
    for (const pid of pids) await whenGone(pid);
    socket.destroy();
  });

  test("a body of HTTP/2, which has no length, is counted [CH9]", async () => {
    const count = scripts.script(
      "count",
      `n=$(wc -c); ${HEAD}; printf "%s %s %s" "$CONTENT_LENGTH" $n "$SERVER_PROTOCOL"`,
    );
    const server = await serve(count, {}, { http2: "h2c" });
    const client = connectHttp2(`http://127.0.0.1:${server.port}`);
    const stream = client.request({ ":method": "POST", ":path": "/" });
    stream.write("x".repeat(50_000));
    stream.end("y".repeat(50_000));
    let text = "";
    stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    await once(stream, "end");
    expect(text).toBe("100000 100000 HTTP/2.0");
    client.close();
    await server.close();
  });

  test("a connection goes on after a program that has read nothing of its body [CH12]", async () => {
    const ignores = scripts.script("ignores", 'printf "Content-Type: a/b\\nContent-Length: 2\\n\\nok"');
    const server = await serve(ignores);
    const socket = connect(server.port, "127.0.0.1").setEncoding("latin1");
    let text = "";
    socket.on("data", (chunk: string) => (text += chunk));
    const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}`;
    socket.write(post + post + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    await once(socket, "close");
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    await server.close();
  });
});

describe("a process that ends in the middle of a request", () => {
  let host: Bundle;
  beforeAll(async () => {
    host = await bundled("host-program.ts");
  });
  afterAll(() => host.remove());

  test.each(["exit", "throw"])("by %s takes its programs with it [S28]", async (end) => {
    const child = spawn(process.execPath, [host.path, WAITS, end], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    await once(child, "close");
    const pids = /(\d+) (\d+)\./.exec(text)?.slice(1).map(Number) ?? [];
    expect(pids).toHaveLength(2);
    for (const pid of pids) await whenGone(pid);
  });
});
