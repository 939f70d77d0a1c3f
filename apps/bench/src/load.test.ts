import { createServer, type RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { listening } from "./column.ts";
import { Load } from "./load.ts";
import { getRequest } from "./request-bytes.ts";

const EXCHANGE = { request: getRequest("/"), status: 200, body: Buffer.from("yes") };

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Opens connections to a server that answers so. */
async function loadOn(listener: RequestListener, connections: number): Promise<Load> {
  const server = createServer(listener);
  const load = new Load();
  cleanups.push(() => {
    load.close();
    server.close();
    server.closeAllConnections();
  });
  await load.open(await listening(server), EXCHANGE, connections);
  return load;
}

test("a run sends exactly as many requests as asked, after one for each connection", async () => {
  let requests = 0;
  const load = await loadOn((_req, res) => {
    requests += 1;
    res.end("yes");
  }, 3);
  expect(requests).toBe(3);
  expect(await load.run(100, 10_000)).toMatchObject({ requests: 100 });
  expect(requests).toBe(103);
  expect(await load.run(2, 10_000)).toMatchObject({ requests: 2 });
  expect(requests).toBe(105);
});

test("no connection has two requests under way", async () => {
  const busy = new Set<unknown>();
  let overlapped = false;
  const load = await loadOn((req, res) => {
    overlapped ||= busy.has(req.socket);
    busy.add(req.socket);
    setImmediate(() => {
      busy.delete(req.socket);
      res.end("yes");
    });
  }, 4);
  await load.run(50, 10_000);
  expect(overlapped).toBe(false);
});

test("requests go out as written, eight headers with a hello", async () => {
  let headers: string[] = [];
  await loadOn((req, res) => {
    headers = Object.keys(req.headers);
    res.end("yes");
  }, 1);
  expect(headers).toHaveLength(8);
});

test.each([
  [
    "another status",
    (n: number): [number, string] => [n > 2 ? 500 : 200, "yes"],
    "Status 500 instead of 200",
  ],
  ["another length", (n: number): [number, string] => [200, n > 2 ? "yess" : "yes"], "4 bytes instead of 3"],
])("a response with %s fails the run", async (_, answer, message) => {
  let requests = 0;
  const load = await loadOn((_req, res) => {
    requests += 1;
    const [status, body] = answer(requests);
    res.writeHead(status).end(body);
  }, 1);
  await expect(load.run(5, 10_000)).rejects.toThrow(message);
});

test("another body of the right length fails when the connection is opened", async () => {
  await expect(loadOn((_req, res) => res.end("no!"), 1)).rejects.toThrow(
    'An unexpected body of 3 bytes: "no!"',
  );
});

test("a server that closes a connection fails the run", async () => {
  let requests = 0;
  const load = await loadOn((req, res) => {
    requests += 1;
    if (requests > 1) req.socket.destroy();
    else res.end("yes");
  }, 1);
  await expect(load.run(5, 10_000)).rejects.toThrow(/closed|ECONNRESET/);
});

test("a server that does not answer fails the run when its time is up", async () => {
  let requests = 0;
  const load = await loadOn((_req, res) => {
    requests += 1;
    if (requests === 1) res.end("yes");
  }, 1);
  await expect(load.run(5, 1)).rejects.toThrow("0 of 5 requests answered within 1 ms");
});

test("an idle connection that the server has closed is not counted as open", async () => {
  const sockets: { destroy(): unknown }[] = [];
  const load = await loadOn((req, res) => {
    sockets.push(req.socket);
    res.end("yes");
  }, 2);
  expect(load.stillOpen).toBe(2);
  sockets[0]?.destroy();
  await expect(load.run(2, 10_000)).rejects.toThrow(/closed|ECONNRESET|EPIPE/);
  expect(load.stillOpen).toBe(1);
});
