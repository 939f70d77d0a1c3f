import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { encodeHead } from "./http1-connection.ts";
import { http1Wire } from "./http1.ts";
import type { WireConnection } from "./wire.ts";

let server: Server | null = null;

afterEach(() => {
  server?.close();
});

/** A connection to a server that does this with every connection. */
async function connectTo(serve: (socket: Socket) => void): Promise<WireConnection> {
  const listening = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return http1Wire({ port: (listening.address() as AddressInfo).port }).open();
}

/** Answers each time something arrives. */
function answering(...answers: string[]): (socket: Socket) => void {
  return (socket) => {
    socket.on("data", () => socket.write(answers.shift() ?? "", "latin1"));
    socket.on("end", () => socket.end());
  };
}

const REQUEST = { method: "GET", target: "/", headers: [], body: null } as const;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

test("a head goes out as it was asked for, with Host and the framing added", () => {
  const head = { method: "POST", target: "/caf\xc3\xa9?q", headers: [["X-A", "1"]], body: 5 } as const;
  expect(encodeHead(head, "a:1")).toBe(
    "POST /caf\xc3\xa9?q HTTP/1.1\r\nHost: a:1\r\nX-A: 1\r\nContent-Length: 5\r\n\r\n",
  );
});

test("a Host of the case's own is not doubled, and an unknown length is chunked", () => {
  const head = { ...REQUEST, headers: [["host", "b"]], body: "unknown" } as const;
  expect(encodeHead(head, "a:1")).toBe("GET / HTTP/1.1\r\nhost: b\r\nTransfer-Encoding: chunked\r\n\r\n");
});

test("a body of unknown length is written in chunks", async () => {
  let received = "";
  let arrived = (): void => {};
  const all = new Promise<void>((resolve) => (arrived = resolve));
  const connection = await connectTo((socket) => {
    socket.on("data", (bytes: Buffer) => {
      received += bytes.toString("latin1");
      if (received.endsWith("0\r\n\r\n")) arrived();
    });
  });
  const exchange = connection.request({ ...REQUEST, body: "unknown" });
  await exchange.write(Buffer.from("0123456789ab"));
  await exchange.end();
  await all;
  expect(received.slice(received.indexOf("\r\n\r\n") + 4)).toBe("c\r\n0123456789ab\r\n0\r\n\r\n");
  connection.reset();
});

test("octets that belong to no response are found at the end", async () => {
  const connection = await connectTo(answering(`${OK}HTTP/1.1 200 OK\r\n`));
  const exchange = connection.request(REQUEST);
  await exchange.head();
  while ((await exchange.read()) !== null);
  await expect(connection.finish()).rejects.toMatchObject({ name: "WireError", kind: "surplus" });
});

test("a connection that carried whole responses ends well", async () => {
  const connection = await connectTo(answering(OK, OK));
  for (let i = 0; i < 2; i += 1) {
    const exchange = connection.request(REQUEST);
    expect((await exchange.head()).status).toBe(200);
    while ((await exchange.read()) !== null);
  }
  await expect(connection.finish()).resolves.toBeUndefined();
});

test("a reset reaches the server as a reset, with no end before it", async () => {
  const seen: string[] = [];
  let closed = (): void => {};
  const over = new Promise<void>((resolve) => (closed = resolve));
  const connection = await connectTo((socket) => {
    socket.resume();
    socket.on("end", () => seen.push("end"));
    socket.on("error", (error: NodeJS.ErrnoException) => seen.push(String(error.code)));
    socket.on("close", () => closed());
  });
  connection.reset();
  await over;
  expect(seen).toEqual(["ECONNRESET"]);
});

test("what is not asked for is not read: a server that sends on is held back", async () => {
  let blocked = (): void => {};
  const full = new Promise<void>((resolve) => (blocked = resolve));
  const connection = await connectTo((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const fill = (): void => {
        for (let i = 0; i < 2000; i += 1) if (!socket.write(Buffer.alloc(65_536))) return blocked();
      };
      fill();
    });
  });
  const exchange = connection.request(REQUEST);
  await exchange.head();
  await full;
  expect((await exchange.read())?.byteLength).toBeGreaterThan(0);
  connection.reset();
});
