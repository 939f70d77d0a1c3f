// Malformed and hostile requests, byte by byte, against a real server: an error and a closed connection, and nothing else.

import { latin1Decode, type AsgiApp, type HttpReceiveEvent } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { gate, pathApp, start } from "./fixtures/running.ts";

const NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
// Which of the two it is, is for the version of Node's parser to say.
const CODING = [400, 501];
const HEAD = "POST / HTTP/1.1\r\nHost: a\r\n";

describe("one answer, a closed connection, and no app", () => {
  test.each<[what: string, bytes: string, status: number | readonly number[]]>([
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\r\n\r\n", 400],
    ["a line of garbage", "hello\r\n\r\n", 400],
    ["two lines of it", "GET\r\nHost: a\r\n\r\n", 400],
    ["a target without a slash", "GET foo/bar HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["a target that is an authority", "GET host:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["* for anything but OPTIONS", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["two spaces around *", "GET  *  HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["a target with a space", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["a target with a control character", "GET /a\x01b HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["CONNECT", "CONNECT host:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501],
    ["CONNECT of a path", "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", 501],
    ["no version, which is HTTP/0.9", "GET /\r\nHost: a\r\n\r\n", 505],
    ["HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505],
    ["HTTP/0.99", "GET / HTTP/0.99\r\nHost: a\r\n\r\n", 400],
    ["HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 400],
    ["HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505],
    ["HTTP/111", "GET / HTTP/111\r\nHost: a\r\n\r\n", 400],
    ["http/1.1 in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400],
    ["a method with an octet above 0x7F", "G\xc9T / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["a method of lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["a name with an octet above 0x7F", "GET / HTTP/1.1\r\nHost: a\r\nX-\xe9: 1\r\n\r\n", 400],
    ["a space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n", 400],
    ["a space before the first name", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400],
    ["a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400],
    ["a line without a colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400],
    ["no name before the colon", "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n", 400],
    ["a bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r2\r\n\r\n", 400],
    ["a NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\x002\r\n\r\n", 400],
    ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
    ["two Hosts of different case", "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", 400],
    ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400],
    ["a Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400],
    ["a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400],
    ["a Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400],
    ["two lengths", `${HEAD}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, 400],
    ["two different lengths", `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 400],
    ["a list of lengths", `${HEAD}Content-Length: 5, 5\r\n\r\nhello`, 400],
    ["a length with a sign", `${HEAD}Content-Length: +5\r\n\r\nhello`, 400],
    ["a negative length", `${HEAD}Content-Length: -0\r\n\r\n`, 400],
    ["a length with an underscore", `${HEAD}Content-Length: 0_1\r\n\r\nh`, 400],
    ["a length in hexadecimal", `${HEAD}Content-Length: 0x5\r\n\r\nhello`, 400],
    ["a length that is too long a number", `${HEAD}Content-Length: 99999999999999999999\r\n\r\n`, 400],
    ["an empty length", `${HEAD}Content-Length: \r\n\r\n`, 400],
    ["a length and a coding", `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ["a coding and a length", `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`, 400],
    ["identity before chunked", `${HEAD}Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n`, CODING],
    ["chunked before identity", `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, CODING],
    ["a coding nobody knows", `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, CODING],
    ["chunked twice", `${HEAD}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, CODING],
    [
      "two lines of codings",
      `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      CODING,
    ],
    ["a coding with a vertical tab", `${HEAD}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`, CODING],
    ["a coding that is none", `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, CODING],
    ["a coding on HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
    [
      "an expectation nobody knows",
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: the-best\r\n\r\n",
      417,
    ],
  ])("%s [A26 S5 S6 S7]", async (_, bytes, status) => {
    const { app, seen } = pathApp();
    const { port } = await start(app);
    const received = await rawExchange(port, bytes + NEXT);
    expect(statuses(received)).toEqual([expect.toBeOneOf([status].flat())]);
    expect(received).toMatch(/\r\nConnection: close\r\n/i);
    expect(seen).toEqual([]);
  });
});

/** An app that reads the whole body, tells how that ended, and answers. */
function readingApp(): { readonly app: AsgiApp; readonly seen: Promise<string> } {
  const { passed: seen, open: see } = gate<string>();
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type !== "http") return;
    let body = "";
    for (;;) {
      const event = (await receive()) as HttpReceiveEvent;
      if (event.type === "http.disconnect") {
        see(`${scope.path} disconnect`);
        return;
      }
      body += latin1Decode(event.body);
      if (!event.more_body) break;
    }
    see(`${scope.path} ${body}`);
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body });
  };
  return { app, seen };
}

describe("a body that is none", () => {
  test.each<[what: string, body: string]>([
    ["a chunk size with a sign", "+5\r\nhello\r\n0\r\n\r\n"],
    ["a negative chunk size", "-5\r\nhello\r\n0\r\n\r\n"],
    ["a chunk size with an underscore", "0_5\r\nhello\r\n0\r\n\r\n"],
    ["a chunk size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n"],
    ["a chunk size before a blank", "5 \r\nhello\r\n0\r\n\r\n"],
    ["a chunk size after a blank", " 5\r\nhello\r\n0\r\n\r\n"],
    ["a chunk size that is too long a number", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"],
    ["no chunk size", ";ext=1\r\nhello\r\n0\r\n\r\n"],
    ["an empty line for a chunk size", "\r\nhello\r\n0\r\n\r\n"],
    ["a chunk longer than its size", "4\r\nhello\r\n0\r\n\r\n"],
    ["a chunk whose end is a bare LF", "5\r\nhello\n0\r\n\r\n"],
    ["a chunk size ended by a bare LF", "5\nhello\r\n0\r\n\r\n"],
    ["a trailer without a colon", "0\r\nX\r\n\r\n"],
    ["a trailer with a space before the colon", "0\r\nX : 1\r\n\r\n"],
    ["an endless chunk extension", `5;${"x".repeat(20_000)}\r\nhello\r\n0\r\n\r\n`],
  ])("%s: one error, and nothing of what follows is a request [S5 S6]", async (_, body) => {
    const { app, seen } = readingApp();
    const { port, logged } = await start(app);
    const received = await rawExchange(port, `${HEAD}Transfer-Encoding: chunked\r\n\r\n${body}${NEXT}`);
    expect(statuses(received)).toEqual([expect.toBeOneOf([400, 413])]);
    expect(await seen).toBe("/ disconnect");
    expect(logged).toEqual([]);
  });

  test("in a request that has its answer already, it gets no second one [S5 S6]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app);
    const client = await rawClient(port);
    client.send(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    await client.until("\r\n\r\n/");
    client.send(`XYZ\r\n${NEXT}`);
    expect(statuses(await client.ended)).toEqual([200]);
    expect(seen).toEqual(["POST /"]);
  });

  test("in a request whose answer has begun, it cuts the answer [S5 S6]", async () => {
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type !== "http") return;
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: "begun", more_body: true });
      await receive();
      await receive();
    };
    const { port } = await start(app);
    const client = await rawClient(port);
    client.send(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    await client.until("begun");
    client.send(`XYZ\r\n${NEXT}`);
    const received = await client.ended;
    expect(statuses(received)).toEqual([200]);
    expect(received).not.toContain("\r\n0\r\n\r\n");
  });

  test("behind requests that are still being answered, its error waits for them [S5 A46]", async () => {
    const first = gate();
    const second = gate();
    const { app: answer } = pathApp();
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type === "http" && scope.path === "/first") await first.passed;
      await answer(scope, receive, send);
      if (scope.type === "http" && scope.path === "/second") second.open();
    };
    const { port } = await start(app);
    const client = await rawClient(port);
    client.send(
      "GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n",
    );
    await second.passed;
    first.open();
    const received = await client.ended;
    expect(statuses(received)).toEqual([200, 200, 400]);
    expect(received).toMatch(/\/first.*\/second.*Bad Request/s);
  });

  test("a refused request behind others is refused in its turn, and is the last [S7 A46]", async () => {
    const first = gate();
    const { app: answer, seen } = pathApp();
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type === "http" && scope.path === "/first") await first.passed;
      await answer(scope, receive, send);
    };
    const { port } = await start(app);
    const client = await rawClient(port);
    client.send(
      "GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + NEXT,
    );
    first.open();
    expect(statuses(await client.ended)).toEqual([200, 400]);
    expect(seen).toEqual(["GET /first"]);
  });

  test("CONNECT behind another request is refused in its turn [X3]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app);
    const received = await rawExchange(
      port,
      "GET /first HTTP/1.1\r\nHost: a\r\n\r\nCONNECT h:1 HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT,
    );
    expect(statuses(received)).toEqual([200, 501]);
    expect(seen).toEqual(["GET /first"]);
  });

  test("a client that half-closes in the middle of a body is refused, and its app sees it leave [A31 S6]", async () => {
    const { app, seen } = readingApp();
    const { port } = await start(app);
    const client = await rawClient(port);
    client.send(`${HEAD}Content-Length: 10\r\n\r\nhello`);
    client.socket.end();
    const received = await client.ended;
    expect(await seen).toBe("/ disconnect");
    expect(statuses(received)).toEqual([400]);
  });
});

describe("what is good is served", () => {
  test.each<[what: string, bytes: string, path: string]>([
    ["HTTP/1.0 without a Host", "GET /old HTTP/1.0\r\n\r\n", "/old"],
    ["the absolute form", "GET http://b/p?q HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "/p"],
    ["an empty Host", "GET /empty HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "/empty"],
    [
      "empty lines before the request",
      "\r\n\r\nGET /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "/late",
    ],
    [
      "Upgrade, which is passed over",
      "GET /up HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n",
      "/up",
    ],
    [
      "an upgrade to h2c, which is passed over",
      "GET /up HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
      "/up",
    ],
  ])("%s [S5 S7 X3]", async (_, bytes, path) => {
    const { app, seen } = pathApp();
    const { port } = await start(app);
    const received = await rawExchange(port, bytes);
    expect(statuses(received)).toEqual([200]);
    expect(seen).toEqual([`GET ${path}`]);
  });

  test("HTTP/1.0 is answered so that it can read it, connection by connection [S5]", async () => {
    const { app } = pathApp();
    const { port } = await start(app);
    const received = await rawExchange(port, "GET / HTTP/1.0\r\n\r\nGET /more HTTP/1.0\r\n\r\n");
    expect(statuses(received)).toEqual([200]);
    expect(received).not.toContain("Transfer-Encoding");
  });

  test("a head in pieces of one byte is one head [A26]", async () => {
    const { app } = pathApp();
    const { port } = await start(app);
    const client = await rawClient(port);
    client.socket.setNoDelay(true);
    for (const byte of "GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") {
      client.send(byte);
      await new Promise(setImmediate);
    }
    expect(await client.ended).toMatch(/\r\n\r\n\/slow$/);
  });
});
