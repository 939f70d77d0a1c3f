// The authorizer middleware: what it asks, who gets through with which variables, and that nobody gets through without a yes.

import { describe, expect, test } from "vitest";
import {
  wsgi,
  type AsgiApp,
  type HttpScope,
  type ReceiveEvent,
  type SendEvent,
  type WebSocketScope,
} from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { fastCgiAuthorizer, type FastCgiAuthorizerOptions } from "./authorizer.ts";
import { AUTHORIZER } from "./constants.ts";
import { fromFastCgi } from "./from-fastcgi.ts";
import { rawRecord } from "./record.test-support.ts";
import { scriptedUpstream, type ReadRequest, type Script } from "./scripted-upstream.test-support.ts";
import { serveForTest } from "./raw-client.test-support.ts";

/** Tells which variables it finds. */
const app: AsgiApp = async (scope, receive, send) => {
  if (scope.type !== "http") throw new Error("Only http");
  const event = await receive();
  const body = event.type === "http.request" ? Buffer.from(event.body).toString() : "";
  const env = (scope.extensions["cgi"] as { env: Record<string, string> } | undefined)?.env ?? {};
  await send({ type: "http.response.start", status: 200, headers: [["content-type", "application/json"]] });
  await send({ type: "http.response.body", body: JSON.stringify({ env, body, path: scope.path }) });
};

/** An authorizer that answers each request so. */
async function answering(head: string, body = ""): Promise<ReturnType<typeof scriptedUpstream>> {
  return scriptedUpstream(async (connection) => {
    await connection.request();
    await connection.answer(body, head);
    connection.close();
  });
}

async function guarded(
  script: Script | { readonly head: string; readonly body?: string },
  inner: AsgiApp = app,
  options: FastCgiAuthorizerOptions = {},
): Promise<ReturnType<typeof createTestClient>> {
  const { target } =
    typeof script === "function" ? await scriptedUpstream(script) : await answering(script.head, script.body);
  const quiet = { log: () => {}, ...options };
  return createTestClient(fastCgiAuthorizer(target, quiet)(inner), { raiseAppErrors: false, rootPath: "/m" });
}

describe("what is asked", () => {
  test("all of the request but its split path and its body [FC24]", async () => {
    let read: ReadRequest | null = null;
    const client = await guarded(async (connection) => {
      read = await connection.request();
      await connection.answer("", "Status: 200\r\n");
      connection.close();
    });
    const headers = { authorization: "Basic eDp5", "content-type": "text/plain" };
    const response = await client.post("/m/a%20b?c", { headers, body: "the body" });
    const { role, params, body } = read as unknown as ReadRequest;
    expect([role, body]).toEqual([AUTHORIZER, ""]);
    expect(params).toMatchObject({
      HTTP_AUTHORIZATION: "Basic eDp5",
      QUERY_STRING: "c",
      REMOTE_ADDR: "127.0.0.1",
      REQUEST_METHOD: "POST",
      REQUEST_URI: "/m/a%20b?c",
    });
    for (const name of ["SCRIPT_NAME", "PATH_INFO", "PATH_TRANSLATED", "CONTENT_LENGTH", "CONTENT_TYPE"]) {
      expect(params).not.toHaveProperty(name);
    }
    // The body is the app's.
    expect(response.json()).toMatchObject({ body: "the body", path: "/m/a b" });
  });
});

describe("with 200", () => {
  test("the app is told each Variable-NAME, and nothing else of the answer [FC24]", async () => {
    const lines = [
      "Status: 200 OK",
      "Variable-REMOTE_USER: ann",
      "variable-Auth-Level: 2",
      "Variable-: x",
      "X-Own: y",
    ];
    const client = await guarded({ head: `${lines.join("\r\n")}\r\n`, body: "not for the client" });
    const response = await client.get("/m/");
    expect(response.json()).toMatchObject({ env: { REMOTE_USER: "ann", "Auth-Level": "2" } });
    expect(Object.keys((response.json() as { env: object }).env)).toHaveLength(2);
    expect(response.header("x-own")).toBe(null);
    expect(response.header("variable-remote_user")).toBe(null);
  });

  test("a sync app finds them in its environ, and an upstream is told the user [FC24 X27]", async () => {
    const head =
      "Status: 200\r\nVariable-REMOTE_USER: ann\r\nVariable-AUTH_TYPE: Basic\r\nVariable-LEVEL: 2\r\n";
    const sync = wsgi((environ, startResponse) => {
      startResponse("200 OK", []);
      return [[environ["REMOTE_USER"], environ["AUTH_TYPE"], environ["LEVEL"]].join()];
    });
    expect((await (await guarded({ head }, sync)).get("/m/")).text()).toBe("ann,Basic,2");

    const { target } = await scriptedUpstream(async (connection) => {
      const { params } = await connection.request();
      await connection.answer(`${params["REMOTE_USER"]},${params["AUTH_TYPE"]}`);
      connection.close();
    });
    expect((await (await guarded({ head }, fromFastCgi(target))).get("/m/")).text()).toBe("ann,Basic");
  });

  test("a name that looks like something else is only a name [FC24 S3]", async () => {
    const client = await guarded({
      head: "Status: 200\r\nVariable-__proto__: p\r\nVariable-constructor: c\r\n",
    });
    const response = await client.get("/m/");
    expect(response.text()).toContain('"__proto__":"p"');
    expect(({} as { p?: unknown }).p).toBe(undefined);
  });
});

describe("with anything else", () => {
  test.each([
    ["a refusal", "Status: 401 No\r\nWWW-Authenticate: Basic\r\nVariable-X: y\r\n", 401],
    ["a redirect", "Location: http://example.org/login\r\n", 302],
    ["another success", "Status: 204\r\n", 204],
  ])("%s is the client's [FC24]", async (_, head, status) => {
    let called = false;
    const client = await guarded({ head, body: "said so" }, () => {
      called = true;
    });
    const response = await client.get("/m/");
    expect([response.status, called]).toEqual([status, false]);
    if (status === 401) expect([response.reason, response.text()]).toEqual(["No", "said so"]);
  });

  test.each<[string, Script, number]>([
    ["one that hangs up", (connection) => connection.close(), 502],
    [
      "one that says yes and breaks off",
      async (connection) => {
        await connection.request();
        await connection.stdout("Status: 200\r\nVariable-A: b\r\n\r\n");
        await new Promise((resolve) => setImmediate(resolve));
        connection.close();
      },
      502,
    ],
    [
      "one that says yes and then talks nonsense",
      async (connection) => {
        await connection.request();
        await connection.write(rawRecord(6, 1, "Status: 200\r\n\r\nbody"), "nonsense");
      },
      502,
    ],
    [
      "one that does not know the role",
      async (connection) => {
        await connection.request();
        await connection.end(0, 3);
      },
      502,
    ],
    [
      "one that has too much to do",
      async (connection) => {
        await connection.request();
        await connection.end(0, 2);
      },
      503,
    ],
  ])("%s lets nobody through [FC24]", async (_, script, status) => {
    let called = false;
    const client = await guarded(script, () => {
      called = true;
    });
    const response = await client.get("/m/");
    expect([response.status, called]).toEqual([status, false]);
  });

  test("one that is not there lets nobody through [FC24 FC23]", async () => {
    let called = false;
    const inner: AsgiApp = () => {
      called = true;
    };
    const middleware = fastCgiAuthorizer({ path: "/nowhere/authorizer.sock" }, { log: () => {} });
    const response = await createTestClient(middleware(inner)).get("/");
    expect([response.status, response.text(), called]).toEqual([502, "Bad Gateway", false]);
  });

  test("a request that cannot be told is not let through [FC24 S24]", async () => {
    const client = await guarded({ head: "Status: 200\r\n" });
    expect((await client.request("TRACE", "/m/")).status).toBe(501);
    expect((await client.get("/m/%00")).status).toBe(404);
  });
});

describe("a WebSocket", () => {
  const scope = {
    type: "websocket",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    scheme: "wss",
    path: "/chat",
    raw_path: "/chat",
    query_string: "",
    root_path: "",
    headers: [["host", "example.org"]],
    rawHeaders: null,
    client: null,
    server: null,
    state: null,
    subprotocols: [],
    signal: new AbortController().signal,
  } as const;

  async function connect(
    head: string,
    extensions: object,
  ): Promise<readonly [called: unknown, sent: SendEvent[]]> {
    const { target } = await answering(head, "no");
    const sent: SendEvent[] = [];
    let called: unknown = null;
    const inner: AsgiApp = (own) => {
      called = ((own as HttpScope).extensions["cgi"] as { env: object }).env;
    };
    const receive = async (): Promise<ReceiveEvent> => ({ type: "websocket.connect" });
    const send = async (event: SendEvent): Promise<void> => void sent.push(event);
    const whole = { ...scope, extensions } as unknown as WebSocketScope;
    await fastCgiAuthorizer(target)(inner)(whole, receive, send);
    return [called, sent];
  }

  test("is asked about like a request [FC24]", async () => {
    expect(await connect("Status: 200\r\nVariable-A: b\r\n", {})).toEqual([{ A: "b" }, []]);
  });

  test("is refused with the whole answer, or closed where that cannot be [FC24]", async () => {
    const [called, sent] = await connect("Status: 403\r\nX-A: b\r\n", { "websocket.http.response": {} });
    expect(called).toBe(null);
    expect(sent.map(({ type }) => type)).toEqual([
      "websocket.http.response.start",
      "websocket.http.response.body",
    ]);
    expect(sent[0]).toMatchObject({ status: 403 });
    const [otherCalled, closed] = await connect("Status: 403\r\n", {});
    expect([otherCalled, closed]).toEqual([null, [{ type: "websocket.close" }]]);
  });
});

describe("with our own server in the authorizer role", () => {
  test("it says who the client is [FC24 F40]", async () => {
    const authorizer: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") throw new Error("Only http");
      const known = scope.headers.some(([name, value]) => name === "authorization" && value === "Basic eDp5");
      const fields: [string, string][] = known
        ? [["variable-remote_user", "x"]]
        : [["www-authenticate", "Basic"]];
      await send({ type: "http.response.start", status: known ? 200 : 401, headers: fields });
      await send({ type: "http.response.body", body: known ? "" : `No entry to ${scope.path}` });
    };
    const server = await serveForTest(() => {}, { authorizer });
    const [host, port] = server.address as [string, number];
    const client = createTestClient(fastCgiAuthorizer({ host, port }, { keepAlive: true })(app));
    const response = await client.get("/a", { headers: { authorization: "Basic eDp5" } });
    expect(response.json()).toMatchObject({ env: { remote_user: "x" } });
    const refused = await client.get("/a");
    expect([refused.status, refused.text()]).toEqual([401, "No entry to /a"]);
  });
});

test("the lifespan is that of the app, and closes the connections [FC24]", async () => {
  const { target, connections } = await scriptedUpstream(async (connection) => {
    for (;;) {
      await connection.request();
      await connection.answer("", "Status: 200\r\n");
    }
  });
  const events: string[] = [];
  const inner: AsgiApp = async (scope, receive, send) => {
    if (scope.type !== "lifespan") return app(scope, receive, send);
    events.push((await receive()).type);
    await send({ type: "lifespan.startup.complete" });
    events.push((await receive()).type);
    await send({ type: "lifespan.shutdown.complete" });
  };
  const guard = fastCgiAuthorizer(target, { keepAlive: true });
  const client = await createTestClient(guard(inner), { lifespan: "on" }).start();
  await client.get("/");
  await client.stop();
  await connections[0]?.closed;
  expect(events).toEqual(["lifespan.startup", "lifespan.shutdown"]);
});

test("an option that concerns paths or bodies is none of an authorizer's", () => {
  const wrong = expect.objectContaining({ code: "TSGI_ERR_OPTION" });
  expect(() => fastCgiAuthorizer("127.0.0.1:1", { php: { root: "/" } } as object)).toThrow(wrong);
  expect(() => fastCgiAuthorizer("127.0.0.1:1", { maxBodySize: 1 } as object)).toThrow(wrong);
  expect(() => fastCgiAuthorizer("nowhere", {})).toThrow(wrong);
});
