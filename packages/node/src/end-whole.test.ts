// A response that ends by endWhole beside one that ends by Node's own end(): on the wire, in its events, in what it says of
// itself, and in what becomes of its connection. From Node 24 on the two are one.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecure } from "node:https";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { endWhole } from "./end-whole.ts";
import { SERVER } from "./fixtures/certificates.ts";
import { portOf } from "./fixtures/hosts.ts";
import { rawClient, rawTlsClient, statuses, type RawClient } from "./fixtures/raw-client.ts";
import { expectNoStrays, turns } from "./fixtures/strays.ts";

type End = (res: ServerResponse, body: string) => void;

const WAYS: Record<"ours" | "theirs", End> = {
  ours: (res, body) => endWhole(res, body, "latin1"),
  theirs: (res, body) => void res.end(body, "latin1"),
};

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

expectNoStrays();

interface Setting {
  readonly secure?: boolean;
  readonly maxRequestsPerSocket?: number;
  readonly requestTimeout?: number;
  /** What is done with a response before its head is written, and between that and its end. */
  readonly before?: (req: IncomingMessage, res: ServerResponse) => void;
  readonly between?: (req: IncomingMessage, res: ServerResponse) => void;
  readonly fields?: readonly string[];
  readonly body?: string;
}

interface Served {
  readonly port: number;
  readonly server: Server;
  readonly events: string[];
}

const EVENTS = ["prefinish", "finish", "close", "error", "drain"];

/** What a response says of itself. */
function stateOf(res: ServerResponse): string {
  const { writableEnded, writableFinished, headersSent, destroyed, closed, socket, writableLength } = res;
  return JSON.stringify({
    writableEnded,
    writableFinished,
    headersSent,
    destroyed,
    closed,
    socket: socket !== null,
    waits: writableLength > 0,
  });
}

async function serve(end: End, setting: Setting): Promise<Served> {
  const events: string[] = [];
  const { body = "hello", fields = [], maxRequestsPerSocket = 0, requestTimeout = 10_000 } = setting;
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    for (const event of EVENTS) {
      res.on(event, () => events.push(`${req.url} ${event} ${stateOf(res)}`));
    }
    setting.before?.(req, res);
    res.writeHead(200, ["content-length", String(body.length), ...fields]);
    setting.between?.(req, res);
    end(res, body);
    events.push(`${req.url} ended ${stateOf(res)}`);
  };
  const times = { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval: 10 };
  const server =
    setting.secure === true ? createSecure({ ...SERVER, ...times }, listener) : createServer(times, listener);
  server.maxRequestsPerSocket = maxRequestsPerSocket;
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { port: portOf(server), server, events };
}

/** Everything there is to see of a way to end, the clock aside. */
async function observe(
  way: End,
  setting: Setting,
  talk: (client: RawClient) => unknown,
): Promise<{ wire: string; events: string[] }> {
  const { port, events } = await serve(way, setting);
  const client = setting.secure === true ? await rawTlsClient(port) : await rawClient(port);
  await talk(client);
  const wire = (await client.ended).replaceAll(/Date: .*\r\n/g, "Date: now\r\n");
  await turns();
  return { wire, events };
}

const get = (path: string, more = "", version = "1.1"): string =>
  `GET ${path} HTTP/${version}\r\nHost: a\r\n${more}\r\n`;
const CLOSE = "Connection: close\r\n";
const sending = (request: string) => (client: RawClient) => void client.send(request);

const TABLE: [what: string, setting: Setting, talk: (client: RawClient) => unknown][] = [
  ["one that the client ends", {}, sending(get("/1", CLOSE))],
  ["HTTP/1.0", {}, sending(get("/1", "", "1.0"))],
  [
    "HTTP/1.0 that is kept",
    {},
    sending(get("/1", "Connection: keep-alive\r\n", "1.0") + get("/2", "", "1.0")),
  ],
  [
    "kept",
    {},
    async (client: RawClient) => {
      await client.send(get("/1")).until("hello");
      await client.send(get("/2", CLOSE)).until("hello");
    },
  ],
  ["pipelined", {}, sending(get("/1") + get("/2") + get("/3", CLOSE))],
  ["over TLS", { secure: true }, sending(get("/1") + get("/2", CLOSE))],
  ["that closes by itself", { fields: ["connection", "close"] }, sending(get("/1") + get("/2"))],
  [
    "the last of a connection",
    { maxRequestsPerSocket: 2 },
    sending(get("/1") + get("/2") + get("/3", CLOSE)),
  ],
  [
    "after an interim response",
    { before: (_req, res) => res.writeEarlyHints({ link: "</a>; rel=preload" }) },
    sending(get("/1", CLOSE)),
  ],
  ["whose head has left", { between: (_req, res) => res.flushHeaders() }, sending(get("/1", CLOSE))],
  ["with fields of octets", { fields: ["x", "\xe9"] }, sending(get("/1", CLOSE))],
  ["with a body of octets", { body: "\xe9\xff" }, sending(get("/1", CLOSE))],
  ["with a long body", { body: "x".repeat(3_000_000) }, sending(get("/1") + get("/2", CLOSE))],
  ["whose socket is destroyed before", { between: (req) => req.socket.destroy() }, sending(get("/1"))],
  [
    "whose socket is ended before",
    { between: (req) => req.socket.end() },
    (client) => {
      client.send(get("/1"));
      client.socket.end();
    },
  ],
  [
    "before the request is there",
    {},
    async (client) => {
      await client.send(`POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n`).until("hello");
      client.send(`hello${get("/2", CLOSE)}`);
    },
  ],
  [
    "before the request is there, in chunks",
    {},
    async (client) => {
      await client.send(`POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`).until("hello");
      client.send(`5\r\nhello\r\n0\r\n\r\n${get("/2", CLOSE)}`);
    },
  ],
];

test.each(TABLE)("%s is the same in every respect [A36 A39 A46]", async (_what, setting, talk) => {
  const ours = await observe(WAYS.ours, setting, talk);
  const theirs = await observe(WAYS.theirs, setting, talk);
  expect(ours).toEqual(theirs);
  expect(theirs.events.length).toBeGreaterThan(0);
});

describe.each(Object.entries(WAYS))("a connection after %s", (_name, way) => {
  test("is idle: a server that closes lets it go [A46]", async () => {
    const { port, server } = await serve(way, {});
    const client = await rawClient(port);
    await client.send(get("/1")).until("hello");
    await turns();
    server.close();
    expect(statuses(await client.ended)).toEqual([200]);
  });

  test("has the time that kept connections have, and no more [A46 S9]", async () => {
    const { port, server } = await serve(way, {});
    server.keepAliveTimeout = 1;
    const client = await rawClient(port);
    expect(statuses(await client.send(get("/1")).ended)).toEqual([200]);
  });

  test("still has the time that requests have, while it uploads [S9]", async () => {
    const { port } = await serve(way, { requestTimeout: 50 });
    const client = await rawClient(port);
    const received = await client.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n").ended;
    expect(statuses(received)[0]).toBe(200);
  });

  test("keeps no listener, however many requests it had [S32]", async () => {
    const { port, server } = await serve(way, {});
    const connected = once(server, "connection");
    const client = await rawClient(port);
    const [socket] = (await connected) as [NodeJS.EventEmitter];
    const count = (): Record<string, number> =>
      Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
    await client.send(get("/1")).until("hello");
    await turns();
    const before = count();
    client.send(get("/x").repeat(999) + get("/last", CLOSE));
    expect(statuses(await client.ended)).toHaveLength(1_001);
    expect(Object.keys(before).length).toBeGreaterThan(0);
    for (const [name, listeners] of Object.entries(count())) {
      expect(listeners).toBeLessThanOrEqual(before[name] ?? 1);
    }
  });
});

// Node 20 and 22 take even a write that failed for the end of a response.
test("a connection that is reset while a response waits for its client: it has not finished, and closes [A8 X23]", async () => {
  let closed: Promise<unknown> | undefined;
  const { port, events } = await serve(WAYS.ours, {
    body: "x".repeat(30_000_000),
    before: (_req, res) => {
      closed = once(res, "close");
    },
  });
  const client = await rawClient(port);
  client.socket.once("data", () => client.socket.pause().resetAndDestroy());
  client.send(get("/1"));
  await client.ended;
  await closed;
  expect(events.map((event) => event.split(" ")[1])).toEqual(["prefinish", "ended", "close"]);
});
