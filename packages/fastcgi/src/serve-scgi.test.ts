// serveScgi, as a web server sees it: octets in, octets out, over a real socket.
// Source: SCGI, https://python.ca/scgi/protocol.txt

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { ClientDisconnected, wsgi, type AsgiApp, type HttpScope } from "@tsgi/core";
import { gate, gates, keptLog, textAnswer, textApp } from "./raw-client.test-support.ts";
import { serveScgi, type ScgiOptions, type ScgiServer } from "./serve-scgi.ts";

const hello = textApp(() => "hello");
const HELLO = textAnswer("hello");

/** The body of the request, as text. */
const echo: AsgiApp = async (_scope, receive, send) => {
  let body = "";
  for (;;) {
    const event = await receive();
    if (event.type !== "http.request") throw new ClientDisconnected();
    body += Buffer.from(event.body).toString("latin1");
    if (!event.more_body) break;
  }
  await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
  await send({ type: "http.response.body", body });
};

async function serverOf(app: AsgiApp, options: ScgiOptions = {}): Promise<ScgiServer> {
  const listens = "path" in options ? {} : { port: 0 };
  const server = await serveScgi(app, {
    lifespan: "off",
    log: () => {},
    lingerTimeout: 50,
    ...listens,
    ...options,
  });
  onTestFinished(async () => void (await server.close()));
  return server;
}

/** A web server's connection. */
class Client {
  readonly socket: Socket;
  said = "";
  /** How the connection ended: by an end, or by a reset. */
  readonly ended: Promise<"end" | "reset">;
  #heard = (): void => {};

  constructor({ address }: ScgiServer) {
    const [host, port] = address as [string, number | null];
    this.socket = connect({ ...(port === null ? { path: host } : { host, port }), allowHalfOpen: true });
    this.socket.setEncoding("latin1").on("data", (text: string) => {
      this.said += text;
      this.#heard();
    });
    this.ended = new Promise((resolve) => {
      this.socket.on("end", () => resolve("end")).on("error", () => resolve("reset"));
    });
    onTestFinished(() => void this.socket.destroy());
  }

  send(octets: string): void {
    this.socket.write(octets, "latin1");
  }

  async until(text: string): Promise<void> {
    while (!this.said.includes(text)) await new Promise<void>((resolve) => (this.#heard = resolve));
  }

  /** Everything, once the server has sent its end. */
  async all(): Promise<string> {
    expect(await this.ended).toBe("end");
    return this.said;
  }
}

const GET = {
  REQUEST_METHOD: "GET",
  REQUEST_URI: "/",
  PATH_INFO: "/",
  SERVER_PROTOCOL: "HTTP/1.1",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
};

function variables(length: number, more: Record<string, string> = {}): string {
  const all = { CONTENT_LENGTH: String(length), SCGI: "1", ...GET, ...more };
  return Object.entries(all)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join("");
}

function request(body: string = "", more: Record<string, string> = {}, length: number = body.length): string {
  const octets = variables(length, { ...(body === "" ? {} : { REQUEST_METHOD: "POST" }), ...more });
  return `${octets.length}:${octets},${body}`;
}

async function ask(app: AsgiApp, octets: string, options: ScgiOptions = {}): Promise<string> {
  const client = new Client(await serverOf(app, options));
  client.send(octets);
  return client.all();
}

describe("a request", () => {
  test("is answered as a CGI program answers, and the end of the connection is the end [C9]", async () => {
    expect(await ask(hello, request())).toBe(HELLO);
  });

  test("is the same octet by octet", async () => {
    const client = new Client(await serverOf(echo));
    client.socket.setNoDelay(true);
    for (const octet of request("all of it")) client.send(octet);
    expect(await client.all()).toBe(textAnswer("all of it"));
  });

  test("gives a scope with the variables under extensions.cgi, and no PATH_INFO is decoded twice [C37 C29]", async () => {
    let found: HttpScope | null = null;
    const app = textApp((scope) => ((found = scope as HttpScope), "hello"));
    const more = {
      REQUEST_URI: "/app/a%2525b?x=1",
      SCRIPT_NAME: "/app",
      PATH_INFO: "/a%25b",
      QUERY_STRING: "x=1",
      HTTP_X: "y",
    };
    await ask(app, request("", more));
    expect(found).toMatchObject({
      type: "http",
      path: "/app/a%25b",
      root_path: "/app",
      headers: [
        ["content-length", "0"],
        ["x", "y"],
      ],
    });
    expect((found as unknown as HttpScope).extensions).toMatchObject({
      cgi: { env: { SCGI: "1", HTTP_X: "y" } },
    });
  });

  test("is served by a sync app, with its body [W25]", async () => {
    const app = wsgi((environ, startResponse) => {
      const body = environ["wsgi.input"].read();
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      return [Buffer.concat([Buffer.from(`${String(environ["SCGI"])} `), body])];
    });
    expect(await ask(app, request("body"))).toContain("\r\n\r\n1 body");
  });

  test("has no octet beyond CONTENT_LENGTH in its body", async () => {
    expect(await ask(echo, `${request("abc")}defghi`)).toBe(textAnswer("abc"));
  });

  test("of a web server that half-closes behind it is answered", async () => {
    const { app, open } = gates();
    const client = new Client(await serverOf(app));
    client.socket.end(request(), "latin1");
    await client.until("S");
    await open("/");
    expect(await client.all()).toBe(textAnswer("/"));
  });

  test("whose variables are no request is a 400", async () => {
    expect(await ask(hello, request("", { REQUEST_METHOD: "G T" }))).toMatch(/^Status: 400 /);
    expect(await ask(hello, request("", { CONTENT_LENGTH: "1x" }))).toMatch(/^Status: 400 /);
  });

  test("whose length nobody knows ends where the web server does", async () => {
    const client = new Client(await serverOf(echo));
    client.socket.end(request("abc", { CONTENT_LENGTH: "-1" }), "latin1");
    expect(await client.all()).toBe(textAnswer("abc"));
  });

  test("whose body ends too early is a 400, and its app sees a disconnect and no end of the body [F35]", async () => {
    const types: string[] = [];
    const seen = gate();
    const app: AsgiApp = async (_scope, receive) => {
      for (let event = await receive(); ; event = await receive()) {
        types.push(event.type === "http.request" ? `more_body ${event.more_body}` : event.type);
        if (event.type !== "http.request") break;
      }
      seen.open();
    };
    const client = new Client(await serverOf(app));
    client.socket.end(request("abc", {}, 4), "latin1");
    expect(await client.all()).toMatch(/^Status: 400 /);
    await seen.promise;
    expect(types).toEqual(["more_body true", "http.disconnect"]);
  });
});

describe("what is no request", () => {
  test.each(["GET / HTTP/1.1\r\n\r\n", "0:,", "\x01\x01\0\x01", "3:a\0b,", "5:a\0b\0c,"])(
    "%j is a 400, with a line in the log",
    async (octets) => {
      const kept = keptLog();
      expect(await ask(hello, octets, { log: kept.log })).toMatch(/^Status: 400 Bad Request\r\n/);
      expect(kept.lines).toHaveLength(1);
    },
  );

  test("breaks off after any octet, and leaves nothing behind [S13]", async () => {
    const kept = keptLog();
    const server = await serverOf(echo, { log: kept.log, shutdownTimeout: 5_000 });
    const whole = request("abc");
    for (let length = 0; length < whole.length; length += 1) {
      const client = new Client(server);
      client.socket.end(whole.slice(0, length), "latin1");
      await client.ended;
    }
    expect(kept.lines).toEqual([]);
    expect(await server.close()).toMatchObject({ clean: true, cut: 0 });
  });
});

describe("limits", () => {
  const size = variables(0).length;

  test("a header of maxParamsSize is served, and a longer one is a 431 [S10]", async () => {
    expect(await ask(hello, request(), { maxParamsSize: size })).toBe(HELLO);
    expect(await ask(hello, request(), { maxParamsSize: size - 1 })).toMatch(/^Status: 431 /);
  });

  test("maxParams variables are served, and one more is a 431", async () => {
    expect(await ask(hello, request(), { maxParams: 8 })).toBe(HELLO);
    expect(await ask(hello, request(), { maxParams: 7 })).toMatch(/^Status: 431 /);
  });

  test("a body of maxBodySize is served, and a longer one is a 413, announced or not", async () => {
    expect(await ask(echo, request("abc"), { maxBodySize: 3 })).toBe(textAnswer("abc"));
    expect(await ask(echo, request("abc", {}), { maxBodySize: 2 })).toMatch(/^Status: 413 /);
    expect(await ask(echo, request("abc", { CONTENT_LENGTH: "-1" }), { maxBodySize: 2 })).toMatch(
      /^Status: 413 /,
    );
  });

  test("a header that does not end is a 408 after headersTimeout, and a silent connection is closed", async () => {
    expect(await ask(hello, request().slice(0, 40), { headersTimeout: 20 })).toMatch(/^Status: 408 /);
    expect(await ask(hello, "", { headersTimeout: 20 })).toBe("");
  });

  test("a body that does not end is a 408 after requestTimeout, and one that has ended gives its app all the time", async () => {
    expect(await ask(echo, request("abc", {}, 4), { requestTimeout: 20 })).toMatch(/^Status: 408 /);
    const slow = textApp(() => new Promise((resolve) => setTimeout(resolve, 60, "hello")));
    expect(await ask(slow, request("abc"), { requestTimeout: 20 })).toBe(HELLO);
  });

  test("options of FastCGI alone are refused", async () => {
    const refused = expect.objectContaining({ code: "TSGI_ERR_OPTION" });
    await expect(serveScgi(hello, { port: 0, multiplexing: true } as ScgiOptions)).rejects.toEqual(refused);
    await expect(serveScgi(hello, { port: 0, maxParams: -1 })).rejects.toEqual(refused);
  });

  test("whoever is none of webServerAddresses is closed without an answer [F58]", async () => {
    const client = new Client(await serverOf(hello, { webServerAddresses: ["10.0.0.1"] }));
    client.send(request());
    await client.ended;
    expect(client.said).toBe("");
  });

  test("an address for everybody is warned of [S12]", async () => {
    const kept = keptLog();
    await serverOf(hello, { host: "0.0.0.0", log: kept.log });
    expect(kept.lines).toEqual([expect.stringMatching(/^warn: SCGI listens on 0\.0\.0\.0 for everybody/)]);
  });
});

describe("back-pressure", () => {
  test("a web server that does not read has the app wait [F48]", async () => {
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024, "x");
    const blocked = gate();
    const app: AsgiApp = async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      for (; sent < 512; sent += 1) {
        const done = send({ type: "http.response.body", body: piece, more_body: sent < 511 });
        if (!(await Promise.race([done.then(() => true), turn()]))) blocked.open();
        await done;
      }
    };
    const client = new Client(await serverOf(app));
    client.socket.pause();
    client.send(request());
    await blocked.promise;
    expect(sent).toBeLessThan(512);
    client.socket.resume();
    expect((await client.all()).endsWith("x".repeat(1024))).toBe(true);
    expect(client.said.length).toBeGreaterThan(512 * piece.length);
  });

  test("an app that does not read has the web server wait [F39]", async () => {
    const { promise, open } = gate();
    let size = 0;
    const app: AsgiApp = async (_scope, receive, send) => {
      await promise;
      for (;;) {
        const event = await receive();
        if (event.type !== "http.request") throw new ClientDisconnected();
        size += event.body.length;
        if (!event.more_body) break;
      }
      await send({ type: "http.response.start", status: 204 });
      await send({ type: "http.response.body" });
    };
    const length = 32 * 1024 * 1024;
    const client = new Client(await serverOf(app, { bodyBuffer: 1024 }));
    client.send(request("", { REQUEST_METHOD: "POST" }, length));
    client.socket.write(Buffer.alloc(length));
    // What the kernel takes is far less than all of it.
    await turn();
    expect(client.socket.writableLength).toBeGreaterThan(length / 4);
    open();
    expect(await client.all()).toMatch(/^Status: 204 /);
    expect(size).toBe(length);
  });
});

/** Long enough for all that is on its way: a hundred turns of the event loop. */
async function turn(): Promise<false> {
  for (let i = 0; i < 100; i += 1) await new Promise((resolve) => setImmediate(resolve));
  return false;
}

let goOn = gate();

beforeEach(() => {
  goOn = gate();
});

/** Sends a piece, waits until it has arrived, and then fails in its way. */
function broken(
  how: (send: Parameters<AsgiApp>[2]) => Promise<void>,
  headers: [string, string][] = [],
): AsgiApp {
  return async (_scope, _receive, send) => {
    await send({
      type: "http.response.start",
      status: 200,
      headers: [["content-type", "text/plain"], ...headers],
    });
    await send({ type: "http.response.body", body: "part", more_body: true });
    await goOn.promise;
    await how(send);
  };
}

describe("a response that is not whole", () => {
  test.each([
    [
      "throws",
      broken(async () => {
        throw new Error("on purpose");
      }),
    ],
    ["returns", broken(async () => {})],
    [
      "ends below its Content-Length",
      broken((send) => send({ type: "http.response.body", body: "" }), [["content-length", "9"]]),
    ],
  ])("of an app that %s is reset on TCP, so that the web server can tell [F50]", async (_how, app) => {
    const client = new Client(await serverOf(app));
    client.send(request());
    // libuv takes a reset that comes together with octets for an end.
    await client.until("part");
    goOn.open();
    expect(await client.ended).toBe("reset");
  });

  test("because its app threw before the head is a 500, without a word of what was thrown [S20]", async () => {
    const said = await ask(async () => {
      throw new Error("secret");
    }, request());
    expect(said).toMatch(/^Status: 500 /);
    expect(said).not.toContain("secret");
  });
});

const WHERE: [name: string, options: ScgiOptions][] = [
  ["TCP", {}],
  ["a unix socket", { path: `\0tsgi-scgi-${process.pid}` }],
];

describe.each(WHERE)("a web server that goes away on %s", (_name, options) => {
  test.each(["an end", "a reset"])(
    "by %s while the app thinks gives http.disconnect, and nothing in the log [A36]",
    async (how) => {
      const kept = keptLog();
      const reached = gate();
      const told = gate();
      const app: AsgiApp = async (_scope, receive) => {
        await receive();
        reached.open();
        expect(await receive()).toEqual({ type: "http.disconnect" });
        told.open();
      };
      const client = new Client(await serverOf(app, { ...options, log: kept.log }));
      client.send(request());
      await reached.promise;
      if (how === "an end" || options.path !== undefined) client.socket.destroy();
      else client.socket.resetAndDestroy();
      await told.promise;
      expect(kept.lines).toEqual([]);
    },
  );

  test("within the response has send rejected", async () => {
    const told = gate();
    const app: AsgiApp = async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [] });
      try {
        for (;;) await send({ type: "http.response.body", body: "x".repeat(1000), more_body: true });
      } catch (error) {
        expect(error).toMatchObject({ code: "ECONNRESET" });
        told.open();
      }
    };
    const client = new Client(await serverOf(app, options));
    client.send(request());
    await client.until("xxx");
    client.socket.destroy();
    await told.promise;
  });
});

describe("the end of a server", () => {
  test("waits for the request at work, and closes at once what has none [F64]", async () => {
    const { app, open, reached } = gates();
    const server = await serverOf(app, { shutdownTimeout: 10_000 });
    const idle = new Client(server);
    await once(idle.socket, "connect");
    const busy = new Client(server);
    busy.send(request());
    await reached("/");
    const closed = server.close();
    expect(await idle.all()).toBe("");
    await open("/");
    expect(await busy.all()).toBe(textAnswer("/"));
    expect(await closed).toEqual({ clean: true, cut: 0, error: null });
  });

  test("cuts what is not done in time", async () => {
    const { app, reached } = gates();
    const server = await serverOf(app, { shutdownTimeout: 10 });
    const client = new Client(server);
    client.send(request());
    await reached("/");
    expect(await server.close()).toMatchObject({ clean: false, cut: 1 });
    expect(await client.ended).toBe("reset");
  });

  test("runs the app's lifespan around it, and its state is a request's [A45]", async () => {
    const events: string[] = [];
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type === "lifespan") {
        for (let event = await receive(); ; event = await receive()) {
          events.push(event.type);
          if (event.type === "lifespan.startup") {
            Object.assign(scope.state ?? {}, { word: "from the startup" });
            await send({ type: "lifespan.startup.complete" });
          } else {
            await send({ type: "lifespan.shutdown.complete" });
            return;
          }
        }
      }
      await textApp((found) => String(((found as HttpScope).state as { word?: string } | undefined)?.word))(
        scope,
        receive,
        send,
      );
    };
    const server = await serverOf(app, { lifespan: "on" });
    const client = new Client(server);
    client.send(request());
    expect(await client.all()).toBe(textAnswer("from the startup"));
    await server.close();
    expect(events).toEqual(["lifespan.startup", "lifespan.shutdown"]);
  });
});
