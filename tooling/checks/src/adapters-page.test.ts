// The adapters that docs/adapters.md shows: taken out of the page, and run over real sockets.

import { once } from "node:events";
import { connect, type AddressInfo, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi, type MockInstance } from "vitest";
import type { AsgiApp, Send } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { examplesFolder } from "./examples-folder.js";

const { examples, remove } = examplesFolder(["docs/adapters.md"]);
afterAll(remove);
const { serveTiny } = await imported<{ serveTiny: (app: AsgiApp) => Server }>("tiny-server.ts");
const { fromLambda } = await imported<{ fromLambda: (lambda: object) => AsgiApp }>("from-lambda.ts");

const GET = "GET /caf%C3%A9?q=1 HTTP/1.1\r\nHost: x\r\n\r\n";

describe("the host adapter of the page", () => {
  test("answers a GET with the app's head and body", async () => {
    const socket = await clientOf(async (scope, _receive, send) => {
      await reply(send, scope.type === "http" ? scope.path : "");
    });
    socket.write(GET);
    const [head, body] = (await text(socket)).split("\r\n\r\n");
    expect(head).toMatch(
      /^HTTP\/1\.1 200 OK\r\nconnection: close\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 6\r\n/,
    );
    expect(body).toBe("/café");
  });

  test("gives the app a POST body in the pieces in which it comes", async () => {
    const pieces: string[] = [];
    const socket = await clientOf(async (_scope, receive, send) => {
      for (let more = true; more;) {
        const event = await receive();
        if (event.type !== "http.request") return;
        pieces.push(Buffer.from(event.body).toString());
        more = event.more_body;
        if (more) socket.write("def");
      }
      await reply(send, pieces.join("|"));
    });
    socket.write("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
    expect(await text(socket)).toMatch(/\r\n\r\nabc\|def$/);
  });

  test("answers 500 and tells nothing if the app throws before its body", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => logged.mockRestore());
    const socket = await clientOf(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200 });
      throw new Error("secret");
    });
    socket.write(GET);
    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 500 Internal Server Error\r\n.*\r\n\r\nInternal Server Error$/s,
    );
    expect(logged.mock.calls).toEqual([
      ["error", '"The app failed at GET \\"/café\\""', expect.objectContaining({ message: "secret" })],
    ]);
  });

  test("cuts the response if the app throws after a piece of its body", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => logged.mockRestore());
    const socket = await clientOf(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: "piece", more_body: true });
      await once(socket, "data");
      throw new Error("secret");
    });
    socket.write(GET);
    expect(await text(socket)).toMatch(/\r\n\r\n5\r\npiece\r\n$/);
    expect(logged).toHaveBeenCalledOnce();
  });

  test("tells the app that its client has gone", async () => {
    let ended!: (seen: unknown) => void;
    const seen = new Promise((resolve) => (ended = resolve));
    const socket = await clientOf(async (scope, receive) => {
      if (scope.type !== "http") return;
      const { signal } = scope;
      const events = [(await receive()).type];
      socket.destroy();
      events.push((await receive()).type);
      ended([...events, signal.aborted]);
    });
    socket.write(GET);
    expect(await seen).toEqual(["http.request", "http.disconnect", true]);
  });

  test("refuses what is not HTTP without calling the app", async () => {
    const app = vi.fn<AsgiApp>();
    const socket = await clientOf(app);
    socket.write("GET / HTTP/1.1\r\nHost : x\r\n\r\n");
    expect(await text(socket)).toBe("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    expect(app).not.toHaveBeenCalled();
  });
});

describe("the guest adapter of the page", () => {
  test("gives a Lambda function its event, and sends what it returns", async () => {
    const client = createTestClient(
      fromLambda(async (event: object) => ({
        statusCode: 201,
        headers: { "x-b": "2" },
        body: JSON.stringify(event),
      })),
    );
    const response = await client.post("/a?b=c", { headers: { "x-a": "1" }, body: "é" });
    expect([response.status, response.header("x-b")]).toEqual([201, "2"]);
    expect(response.json()).toMatchObject({
      rawPath: "/a",
      rawQueryString: "b=c",
      headers: { "x-a": "1" },
      requestContext: { http: { method: "POST" } },
      body: "w6k=",
    });
  });

  test("turns an error of the function into a 500", async () => {
    const lambda = async (): Promise<never> => {
      throw new Error("secret");
    };
    const client = createTestClient(fromLambda(lambda), { raiseAppErrors: false });
    const response = await client.get("/");
    expect([response.status, response.text()]).toEqual([500, "Internal Server Error"]);
  });

  test("refuses a body that is too long for the function", async () => {
    const lambda = vi.fn();
    const response = await createTestClient(fromLambda(lambda)).post("/", {
      body: new Uint8Array(6 * 1024 * 1024 + 1),
    });
    expect(response.status).toBe(413);
    expect(lambda).not.toHaveBeenCalled();
  });
});

describe("the test of the page", async () => {
  let logged: MockInstance;
  beforeAll(() => {
    logged = vi.spyOn(console, "error").mockReturnValue();
  });
  afterAll(() => logged.mockRestore());
  await imported("tiny.test.ts");
});

async function imported<Module>(name: string): Promise<Module> {
  return import(/* @vite-ignore */ examples.find((example) => example.name === name)?.file ?? name);
}

async function listening(app: AsgiApp): Promise<Server> {
  const server = serveTiny(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function clientOf(app: AsgiApp): Promise<Socket> {
  const server = await listening(app);
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1" });
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  await once(socket, "connect");
  return socket;
}

async function reply(send: Send, body: string): Promise<void> {
  const headers: [string, string][] = [
    ["x-a", "1"],
    ["x-a", "2"],
  ];
  await send({ type: "http.response.start", status: 200, headers });
  await send({ type: "http.response.body", body });
}
