// What fromFastCgi sends to an upstream: records, variables, body.

import { expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { createTestClient, type TestClientOptions, type TestRequest } from "@tsgi/testing";
import { BEGIN_REQUEST, PARAMS, RESPONDER, STDIN } from "./constants.ts";
import { fromFastCgi } from "./from-fastcgi.ts";
import {
  clientOf,
  deferred,
  echo,
  scriptedUpstream,
  type ReadRequest,
} from "./scripted-upstream.test-support.ts";
import type { FromFastCgiOptions } from "./from-fastcgi-options.ts";

/** Sends one request, and gives it as the upstream has read it. */
async function sent(
  method: string,
  target: string,
  request: TestRequest = {},
  options: FromFastCgiOptions = {},
  client: TestClientOptions = {},
): Promise<ReadRequest> {
  let read: ReadRequest | null = null;
  const upstream = await scriptedUpstream(async (connection) => {
    read = await connection.request();
    await connection.answer("");
    connection.close();
  });
  const response = await clientOf(upstream.target, options, client).request(method, target, request);
  expect(response.status).toBe(200);
  return read as unknown as ReadRequest;
}

test("the records of a request go out in the one order that all upstreams take [FC1 FC3]", async () => {
  const { target, connections } = await scriptedUpstream(echo);
  const response = await clientOf(target).post("/a?b=c", { body: "the body" });
  expect([response.status, response.text()]).toEqual([200, "POST the body"]);
  expect(connections[0]?.records.map(({ type, id, content }) => [type, id, content === ""])).toEqual([
    [BEGIN_REQUEST, 1, false],
    [PARAMS, 1, false],
    [PARAMS, 1, true],
    [STDIN, 1, false],
    [STDIN, 1, true],
  ]);
});

test("a request says who asks for what [FC7]", async () => {
  const { role, flags, params, body } = await sent("GET", "/a%20b/c?d=e%20f", { headers: { "x-y": "z" } });
  expect([role, flags, body]).toEqual([RESPONDER, 0, ""]);
  expect(params).toMatchObject({
    GATEWAY_INTERFACE: "CGI/1.1",
    HTTP_X_Y: "z",
    PATH_INFO: "/a b/c",
    QUERY_STRING: "d=e%20f",
    REDIRECT_STATUS: "200",
    REMOTE_ADDR: "127.0.0.1",
    REQUEST_METHOD: "GET",
    REQUEST_URI: "/a%20b/c?d=e%20f",
    SCRIPT_NAME: "",
    SERVER_NAME: "localhost",
    SERVER_PORT: "80",
    SERVER_PROTOCOL: "HTTP/1.1",
  });
  expect(params).not.toHaveProperty("CONTENT_LENGTH");
  expect(params).not.toHaveProperty("HTTPS");
});

test("HTTPS, HTTP/2 and a mount prefix are told [FC7 X9]", async () => {
  const client = { scheme: "https", httpVersion: "2", rootPath: "/m" } as const;
  const { params } = await sent("GET", "/m/x", {}, {}, client);
  expect(params).toMatchObject({
    HTTPS: "on",
    SERVER_PROTOCOL: "HTTP/2.0",
    SCRIPT_NAME: "/m",
    PATH_INFO: "/x",
  });
});

test("an empty PATH_INFO is not sent [FC7 S16]", async () => {
  const { params } = await sent("GET", "/m", {}, {}, { rootPath: "/m" });
  expect(params["SCRIPT_NAME"]).toBe("/m");
  expect(params).not.toHaveProperty("PATH_INFO");
});

test("what is no header of the upstream's stays behind [FC9 S1 S2 S23]", async () => {
  const headers: [string, string][] = [
    ["proxy", "http://evil"],
    ["x_under", "u"],
    ["connection", "x-named, keep-alive"],
    ["x-named", "n"],
    ["te", "trailers"],
    ["authorization", "Basic eDp5"],
    ["cookie", "a=1"],
    ["cookie", "b=2"],
    ["x-twice", "1"],
    ["x-twice", "2"],
  ];
  const { params } = await sent("GET", "/", { headers });
  const http = Object.keys(params).filter((name) => name.startsWith("HTTP_"));
  expect(http.toSorted()).toEqual(["HTTP_COOKIE", "HTTP_HOST", "HTTP_X_TWICE"]);
  expect([params["HTTP_COOKIE"], params["HTTP_X_TWICE"]]).toEqual(["a=1; b=2", "1, 2"]);
});

test("passAuthorization lets passwords through [FC9 S20]", async () => {
  const request = { headers: { authorization: "Basic eDp5" } };
  const { params } = await sent("GET", "/", request, { passAuthorization: true });
  expect(params["HTTP_AUTHORIZATION"]).toBe("Basic eDp5");
});

test("HTTP_HOST is sent for a client that names no host, too [FC9]", async () => {
  const { target } = await scriptedUpstream(async (connection) => {
    const { params } = await connection.request();
    await connection.answer(params["HTTP_HOST"] ?? "none");
    connection.close();
  });
  const app = fromFastCgi(target);
  // The test client's own host field is taken out on the way.
  const hostless: AsgiApp = (scope, receive, send) =>
    app(scope.type === "http" ? { ...scope, headers: [] } : scope, receive, send);
  const bodies: string[] = [];
  const servers: [string, number][] = [
    ["example.org", 8080],
    ["::1", 8080],
    ["example.org", 80],
  ];
  for (const server of servers) {
    const response = await createTestClient(hostless, { server }).get("/");
    bodies.push(response.text());
  }
  expect(bodies).toEqual(["example.org:8080", "[::1]:8080", "example.org"]);
});

test("params are added, and win [FC7]", async () => {
  const params = { SCRIPT_FILENAME: "/srv/é.cgi", QUERY_STRING: "none" };
  expect((await sent("GET", "/?a", {}, { params })).params).toMatchObject({
    SCRIPT_FILENAME: "/srv/\xc3\xa9.cgi",
    QUERY_STRING: "none",
  });
  const asked = await sent("GET", "/x", {}, { params: (scope) => ({ TENANT: scope.path }) });
  expect(asked.params["TENANT"]).toBe("/x");
});

test("no pair is cut between two records, however many there are [FC2]", async () => {
  const headers: [string, string][] = [];
  for (let i = 0; i < 40; i += 1) headers.push([`x-long-${i}`, `${i}-`.repeat(2_000)]);
  const { target, connections } = await scriptedUpstream(echo);
  const response = await clientOf(target).get("/", { headers });
  expect(response.status).toBe(200);
  const sizes = connections[0]?.records
    .filter(({ type }) => type === PARAMS)
    .map(({ content }) => content.length);
  expect(sizes?.length).toBeGreaterThan(3);
  for (const size of sizes ?? []) expect(size).toBeLessThanOrEqual(65_528);
});

test("a variable that fits in no record is answered 431 [FC2]", async () => {
  const { target, connections } = await scriptedUpstream(echo);
  // Its lengths take 1 and 4 bytes, its name 6.
  const fits = clientOf(target, { params: { LENGTH: "v".repeat(65_528 - 5 - 6) } });
  expect((await fits.get("/")).status).toBe(200);
  const tooLong = clientOf(target, { params: { LENGTH: "v".repeat(65_528 - 5 - 6 + 1) } });
  expect((await tooLong.get("/")).status).toBe(431);
  expect(connections).toHaveLength(1);
});

test.each(["TRACE", "CONNECT"])("%s is not passed on [S24]", async (method) => {
  const { target, connections } = await scriptedUpstream(echo);
  expect((await clientOf(target).request(method, "/")).status).toBe(501);
  expect(connections).toHaveLength(0);
});

test("dot segments are refused, or kept; an encoded slash is one, or refused [S15]", async () => {
  const { target } = await scriptedUpstream(async (connection) => {
    const { params } = await connection.request();
    await connection.answer(params["PATH_INFO"] ?? "");
    connection.close();
  });
  const statuses = async (options: FromFastCgiOptions, path: string): Promise<string> => {
    const response = await clientOf(target, options).get(path);
    return `${response.status} ${response.text()}`;
  };
  expect(await statuses({}, "/a/%2e%2e/b")).toBe("404 Not Found");
  expect(await statuses({ dotSegments: "keep" }, "/a/%2e%2e/b")).toBe("200 /a/../b");
  expect(await statuses({}, "/a%2Fb")).toBe("200 /a/b");
  expect(await statuses({ encodedSlashes: "refuse" }, "/a%2Fb")).toBe("404 Not Found");
  expect(await statuses({}, "/a%00b")).toBe("404 Not Found");
});

test("PATH_TRANSLATED is the document root and PATH_INFO [FC7]", async () => {
  const { params } = await sent("GET", "/a", {}, { documentRoot: "/srv" });
  expect(params).toMatchObject({ DOCUMENT_ROOT: "/srv", PATH_TRANSLATED: "/srv/a" });
});

test("a body with a length is passed on as it comes [FC10 FC11]", async () => {
  const first = deferred<string>();
  const { target } = await scriptedUpstream(async (connection) => {
    const { params } = await connection.head();
    const piece = await connection.record();
    first.resolve(piece.content);
    await connection.answer(`${params["CONTENT_LENGTH"]} ${piece.content}${await connection.stdin()}`);
    connection.close();
  });
  const exchange = clientOf(target).open("POST", "/", { headers: { "content-length": "11" } });
  await exchange.sendBody("hello ");
  // The upstream has it before the client has sent the rest.
  expect(await first.promise).toBe("hello ");
  await exchange.sendBody("world");
  exchange.endBody();
  expect((await exchange.response()).text()).toBe("11 hello world");
});

test("a body without a length is read to its end first, so that its length is right [FC10]", async () => {
  const { target, connections } = await scriptedUpstream(async (connection) => {
    const { params, body } = await connection.request();
    await connection.answer(`${params["CONTENT_LENGTH"]} ${body}`);
    connection.close();
  });
  const exchange = clientOf(target).open("POST", "/");
  await exchange.sendBody("hello ");
  expect(connections).toHaveLength(0);
  await exchange.sendBody("world");
  exchange.endBody();
  expect((await exchange.response()).text()).toBe("11 hello world");
});

test("a long body without a length is kept in a file, and is the same afterwards [FC10]", async () => {
  const piece = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7) % 251);
  const body = Array.from({ length: 20 }, () => piece);
  const whole = Buffer.concat(body).toString("latin1");
  const read = await sent("POST", "/", { body }, { memoryLimit: 100_000 });
  expect(read.params["CONTENT_LENGTH"]).toBe("1000000");
  expect(read.body === whole).toBe(true);
});

test("limits of bodies are kept to the byte [FC10 S8]", async () => {
  const { target } = await scriptedUpstream(echo);
  const status = async (options: FromFastCgiOptions, body: string | string[]): Promise<number> =>
    (await clientOf(target, options).post("/", { body })).status;
  expect(await status({ maxBodySize: 5 }, "12345")).toBe(200);
  expect(await status({ maxBodySize: 5 }, "123456")).toBe(413);
  expect(await status({ maxUnsizedBody: 5 }, ["123", "45"])).toBe(200);
  expect(await status({ maxUnsizedBody: 5 }, ["123", "456"])).toBe(413);
  expect(await status({ maxUnsizedBody: 0 }, ["1"])).toBe(411);
  expect(await status({ maxUnsizedBody: 0 }, [])).toBe(200);
});

test("a body that ends too soon ends with its connection, never with an end of STDIN [FC10]", async () => {
  const types: number[] = [];
  const begun = deferred<void>();
  const ended = deferred<void>();
  const { target } = await scriptedUpstream(async (connection) => {
    await connection.head();
    await connection.record();
    begun.resolve();
    await connection.closed;
    types.push(...connection.records.map(({ type, content }) => (content === "" ? -type : type)));
    ended.resolve();
  });
  const exchange = clientOf(target, { keepAlive: true }).open("POST", "/", {
    headers: { "content-length": "11" },
  });
  await exchange.sendBody("hello ");
  await begun.promise;
  exchange.disconnect();
  await ended.promise;
  expect(types).toEqual([BEGIN_REQUEST, PARAMS, -PARAMS, STDIN]);
});

test("a big body goes out in records of at most 64 KiB, padding included [FC3]", async () => {
  const body = "x".repeat(300_000);
  const { target, connections } = await scriptedUpstream(echo);
  const response = await clientOf(target).post("/", { body });
  expect(response.text() === `POST ${body}`).toBe(true);
  const sizes = connections[0]?.records
    .filter(({ type }) => type === STDIN)
    .map(({ content }) => content.length);
  expect(sizes).toEqual([65_528, 65_528, 65_528, 65_528, 300_000 - 4 * 65_528, 0]);
});

test("by a unix socket as by TCP [FC26]", async () => {
  const { target } = await scriptedUpstream(echo, "unix");
  expect((await clientOf(target).post("/", { body: "by unix" })).text()).toBe("POST by unix");
});
