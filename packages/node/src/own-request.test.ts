import { Socket, connect } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp, type Receive } from "@tsgi/core";
import { OwnRequest } from "./own-request.ts";
import { serveNode } from "./serve.ts";

/** Runs an app on a server of ours, and a raw client against it. */
async function against(app: AsgiApp, client: (socket: Socket) => Promise<void>): Promise<void> {
  const server = await serveNode(app, { port: 0, shutdownTimeout: 0, lifespan: "off" });
  const socket = connect(server.address?.[1] ?? 0, "127.0.0.1");
  try {
    await client(socket);
  } finally {
    socket.destroy();
    await server.close();
  }
}

async function bodyOf(receive: Receive): Promise<number> {
  let length = 0;
  for (;;) {
    const event = await receive();
    if (event.type !== "http.request") return -1;
    length += event.body.length;
    if (!event.more_body) return length;
  }
}

const app: AsgiApp = async (scope, receive, send) => {
  if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
  const length = scope.path === "/unread" ? 0 : await bodyOf(receive);
  await send({ type: "http.response.start", status: 200 });
  await send({ type: "http.response.body", body: `${scope.path} ${length};` });
};

/** Reads until the answers so far end like this. */
async function until(socket: Socket, end: string): Promise<string> {
  let text = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.endsWith(end)) return text;
  }
  throw new Error(`The connection ended after ${JSON.stringify(text)}`);
}

describe("a request of our own server", () => {
  test.each([0, 1, 65_535, 65_536, 65_537, 3_000_000])(
    "gives a body of %i bytes whole, by length and in chunks, and then serves the next [A28 A46]",
    async (length) => {
      const body = "x".repeat(length);
      await against(app, async (socket) => {
        socket.write(`POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${body}`);
        await until(socket, `/length ${length};`);
        const chunk = length === 0 ? "" : `${length.toString(16)}\r\n${body}\r\n`;
        socket.write(
          `POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`,
        );
        await until(socket, `/chunks ${length};`);
      });
    },
  );

  test("is paused while nobody reads: little more than the high-water mark is taken [A29 S10]", async () => {
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let paused!: (bytes: number) => void;
    const stalled = new Promise<number>((resolve) => {
      paused = resolve;
    });
    const size = 32 * 1024 * 1024;
    const server = await serveNode(
      async (scope, receive, send) => {
        await gate;
        await app(scope, receive, send);
      },
      { port: 0, shutdownTimeout: 0, lifespan: "off" },
    );
    server.server.on("connection", (socket: Socket) => {
      const pause = socket.pause.bind(socket);
      socket.pause = () => {
        paused(socket.bytesRead);
        return pause();
      };
    });
    const socket = connect(server.address?.[1] ?? 0, "127.0.0.1");
    socket.write(`POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
    socket.write(Buffer.alloc(size));
    expect(await stalled).toBeLessThan(256 * 1024);
    go();
    await until(socket, `/late ${size};`);
    socket.destroy();
    await server.close();
  });

  test("leaves a body nobody reads to be thrown away, and serves the next [A49 W29]", async () => {
    await against(app, async (socket) => {
      socket.write(
        `POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}`,
      );
      await until(socket, "/unread 0;");
      socket.write("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
      await until(socket, "/next 0;");
    });
  });

  test("that is cut off is a disconnect, and brings nothing down [A31 A10]", async () => {
    let length: number | undefined;
    let ended!: () => void;
    const done = new Promise<void>((resolve) => {
      ended = resolve;
    });
    await against(
      async (_scope, receive) => {
        length = await bodyOf(receive);
        ended();
      },
      async (socket) => {
        socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
        await once(socket, "connect");
        socket.end();
        await done;
      },
    );
    expect(length).toBe(-1);
  });

  test("that nobody claims is the stream it always was", async () => {
    const request = new OwnRequest(new Socket());
    request.push(Buffer.from("ab"));
    request.push(null);
    const pieces: string[] = [];
    for await (const piece of request) pieces.push(String(piece));
    expect(pieces).toEqual(["ab"]);
    expect(request.readableEnded).toBe(true);
  });
});
