// Connections that are read into one buffer.

import { once } from "node:events";
import { Socket, connect, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { PARAMS, UNKNOWN_TYPE } from "./constants.ts";
import { InPlaceServer, InPlaceSocket } from "./in-place-server.ts";
import {
  POST,
  begin,
  connectTo,
  gate,
  gates,
  getOf,
  pairsOf,
  params,
  request,
  serveForTest,
  stdin,
  textAnswer,
  textApp,
  type RawClient,
} from "./raw-client.test-support.ts";
import { rawRecord } from "./record.test-support.ts";
import type { FastCgiServer } from "./serve-fastcgi.ts";

/** What a server heard of one connection. */
interface Heard {
  readonly socket: Socket;
  readonly text: () => string;
  readonly buffers: Set<ArrayBufferLike>;
  until(text: string): Promise<void>;
}

interface Listening {
  readonly server: InPlaceServer;
  readonly connections: Heard[];
  open(): Promise<Socket>;
}

async function listening(): Promise<Listening> {
  const connections: Heard[] = [];
  const server = new InPlaceServer({ allowHalfOpen: true, highWaterMark: 1234 }, (socket) => {
    if (!(socket instanceof InPlaceSocket)) throw new Error("It is a socket like any other");
    let text = "";
    const waiting: (() => void)[] = [];
    const buffers = new Set<ArrayBufferLike>();
    socket.arrived = (bytes, length) => {
      text += bytes.toString("latin1", 0, length);
      buffers.add(bytes.buffer);
      for (const wake of waiting.splice(0)) wake();
    };
    connections.push({
      socket,
      text: () => text,
      buffers,
      async until(wanted) {
        const matches = (): boolean => text === wanted;
        while (!matches()) await new Promise<void>((resolve) => waiting.push(resolve));
      },
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => void server.close());
  return {
    server,
    connections,
    async open() {
      const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      onTestFinished(() => void client.destroy());
      const accepted = once(server, "connection");
      await once(client, "connect");
      await accepted;
      return client;
    },
  };
}

test("all connections are read into one buffer, and written to as ever [F70 S13]", async () => {
  const { connections, open } = await listening();
  const clients = [await open(), await open()];
  for (const [i, client] of clients.entries()) {
    client.write(`hello ${i}`);
    await connections[i]?.until(`hello ${i}`);
    connections[i]?.socket.write(`bye ${i}`);
    expect(String((await once(client, "data"))[0])).toBe(`bye ${i}`);
  }
  expect(new Set(connections.flatMap(({ buffers }) => [...buffers])).size).toBe(1);
});

test("it is the connection every listener gets, with its addresses and its own high-water mark [F62]", async () => {
  const { server, connections, open } = await listening();
  const seen: Socket[] = [];
  server.on("connection", (socket: Socket) => seen.push(socket));
  const client = await open();
  const socket = connections[0]?.socket as Socket;
  expect(seen).toEqual([socket]);
  expect([socket.remoteAddress, socket.remotePort]).toEqual(["127.0.0.1", client.localPort]);
  expect([socket.allowHalfOpen, socket.writableHighWaterMark]).toEqual([true, 1234]);
});

test("paused, it is read no further, and resumed it is [F37]", async () => {
  const { connections, open } = await listening();
  const client = await open();
  const heard = connections[0] as Heard;
  client.write("one");
  await heard.until("one");
  heard.socket.pause();
  // More than the network holds: it is not all taken as long as nobody reads.
  const rest = "x".repeat(16 * 1024 * 1024);
  const taken = gate();
  client.write(rest, "latin1", taken.open);
  const other = await open();
  other.write("two");
  await connections[1]?.until("two");
  expect([heard.text(), client.writableLength]).toEqual(["one", rest.length]);
  heard.socket.resume();
  await taken.promise;
  await heard.until(`one${rest}`);
});

test("its end is heard, and what is written then arrives [F57]", async () => {
  const { connections, open } = await listening();
  const client = await open();
  const socket = connections[0]?.socket as Socket;
  client.end("last");
  await once(socket, "end");
  expect(connections[0]?.text()).toBe("last");
  const closed = once(socket, "close");
  socket.end("answer");
  expect(String((await once(client, "data"))[0])).toBe("answer");
  await closed;
});

test("a reset is an error, and then a close [F50]", async () => {
  const { connections, open } = await listening();
  const client = await open();
  const socket = connections[0]?.socket as Socket;
  const failed = once(socket, "error");
  client.resetAndDestroy();
  expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
  if (!socket.closed) await once(socket, "close");
});

test("the server counts its connections, and closes after the last of them [F64]", async () => {
  const { server, connections, open } = await listening();
  const count = (): Promise<number> =>
    new Promise((resolve, reject) =>
      server.getConnections((error, found) => (error === null ? resolve(found) : reject(error))),
    );
  await open();
  await open();
  expect(await count()).toBe(2);
  connections[0]?.socket.destroy();
  await once(connections[0]?.socket as Socket, "close");
  expect(await count()).toBe(1);
  let closed = false;
  const over = new Promise<void>((resolve) => {
    server.close(() => {
      closed = true;
      resolve();
    });
  });
  expect(closed).toBe(false);
  connections[1]?.socket.destroy();
  await over;
});

test("a socket without a handle of this kind is passed on as it is [F62]", () => {
  const socket = new Socket();
  const seen: Socket[] = [];
  const server = new InPlaceServer({}, (found) => seen.push(found));
  server.emit("connection", socket);
  expect(seen).toEqual([socket]);
});

/** An app that answers with its path. */
const pathApp: AsgiApp = textApp((scope) => (scope.type === "http" ? scope.path : scope.type));

/** Waits until all is read that a connection has sent. */
async function allRead(client: RawClient): Promise<void> {
  const count = (): number => client.records.filter(({ type }) => type === UNKNOWN_TYPE).length;
  const before = count();
  client.send(rawRecord(99, 0));
  await client.until(() => count() > before);
}

/** Has all of the buffer overwritten, by another connection. */
async function overwrite(server: FastCgiServer): Promise<void> {
  const other = await connectTo(server);
  other.send(rawRecord(99, 0, "x".repeat(60_000)));
  await allRead(other);
}

test("parameters that come in two parts are not mixed with what another connection brings between [F25 S27]", async () => {
  const server = await serveForTest(pathApp);
  const client = await connectTo(server);
  const stream = pairsOf(getOf("/first"));
  client.send(begin(1), rawRecord(PARAMS, 1, stream.slice(0, 40)));
  await allRead(client);
  await overwrite(server);
  client.send(rawRecord(PARAMS, 1, stream.slice(40)), rawRecord(PARAMS, 1), stdin());
  expect((await client.answer()).stdout).toBe(textAnswer("/first"));
});

test("nor are those of a request that waits behind one of its id [F20 S27]", async () => {
  const { app, open, reached } = gates();
  const server = await serveForTest(app);
  const client = await connectTo(server);
  client.send(request(getOf("/first")), request(getOf("/second")));
  await reached("/first");
  await allRead(client);
  await overwrite(server);
  await open("/first");
  await open("/second");
  expect((await client.answer(1, 3)).stdout).toBe(textAnswer("/second"));
});

test.each([100, 5_000, 8_192, 65_535])(
  "long bodies in records of %i octets arrive as they were, all at once [S27 F37]",
  async (size) => {
    const length = 1024 * 1024;
    const octet = (i: number, at: number): number => (at * 31 + (at >> 8) + i) & 0xff;
    const app: AsgiApp = async (scope, receive, send) => {
      const parts: Uint8Array[] = [];
      for (let more = true; more;) {
        const event = (await receive()) as { body: Uint8Array; more_body: boolean };
        parts.push(event.body);
        more = event.more_body;
      }
      const i = Number((scope as { path: string }).path.slice(1));
      const body = Buffer.concat(parts);
      const isWhole = body.length === length && body.every((found, at) => found === octet(i, at));
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      await send({ type: "http.response.body", body: String(isWhole) });
    };
    const server = await serveForTest(app);
    const answers = [0, 1, 2].map(async (i) => {
      const client = await connectTo(server);
      const body = Uint8Array.from({ length }, (_, at) => octet(i, at));
      const records = [
        begin(),
        params({ ...getOf(`/${i}`), REQUEST_METHOD: "POST", CONTENT_LENGTH: String(length) }),
      ];
      for (let at = 0; at < length; at += size) records.push(stdin(body.subarray(at, at + size)));
      client.send(...records, stdin());
      return (await client.answer()).stdout;
    });
    expect(await Promise.all(answers)).toEqual([textAnswer("true"), textAnswer("true"), textAnswer("true")]);
  },
);

test.each(["before the app asks", "when the app waits for it"])(
  "a piece of a body that came %s stays what it was [S27]",
  async (when) => {
    const asks = gate();
    const asked = gate();
    const kept = gate();
    const goOn = gate();
    const app: AsgiApp = async (_scope, receive, send) => {
      await asks.promise;
      const wait = receive();
      asked.open();
      const event = (await wait) as { body: Uint8Array };
      kept.open();
      await goOn.promise;
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      await send({ type: "http.response.body", body: event.body });
    };
    const server = await serveForTest(app);
    const client = await connectTo(server);
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }));
    await allRead(client);
    if (when === "when the app waits for it") {
      asks.open();
      await asked.promise;
    }
    client.send(stdin("hello"), stdin());
    await allRead(client);
    await overwrite(server);
    asks.open();
    await kept.promise;
    await overwrite(server);
    goOn.open();
    expect((await client.answer()).stdout).toBe(textAnswer("hello"));
  },
);

test("an app that transfers a piece of its body takes nothing of another piece or request with it [S27 A31]", async () => {
  const size = 200_000;
  const goOn = gate();
  const app: AsgiApp = async (scope, receive, send) => {
    let length = 0;
    for (let more = true; more;) {
      const event = (await receive()) as { body: Uint8Array; more_body: boolean };
      length += event.body.length;
      expect(event.body.byteLength).toBe(event.body.buffer.byteLength);
      if (scope.type === "http" && scope.path === "/transfers") {
        structuredClone(event.body.buffer, { transfer: [event.body.buffer as ArrayBuffer] });
      } else await goOn.promise;
      more = event.more_body;
    }
    await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
    await send({ type: "http.response.body", body: String(length) });
  };
  const server = await serveForTest(app, { bodyBuffer: 10 * size });
  const client = await connectTo(server);
  const post = (path: string): Record<string, string> => ({
    ...getOf(path),
    REQUEST_METHOD: "POST",
    CONTENT_LENGTH: String(size),
  });
  client.send(begin(1), params(post("/transfers"), 1), begin(2), params(post("/keeps"), 2));
  for (let sent = 0; sent < size; sent += 8_000) {
    client.send(stdin("x".repeat(8_000), 1), stdin("y".repeat(8_000), 2));
  }
  client.send(stdin("", 1), stdin("", 2));
  expect((await client.answer(1)).stdout).toBe(textAnswer(String(size)));
  goOn.open();
  expect((await client.answer(2)).stdout).toBe(textAnswer(String(size)));
});
