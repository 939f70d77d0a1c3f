// The Express app under HTTP/2: asked by node:http2, and by node:https as a client without HTTP/2.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { get } from "node:https";
import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, type Running } from "../running.test-support.ts";

const certificate = (name: string): string =>
  fileURLToPath(new URL(`../../../../packages/node/src/fixtures/${name}.pem`, import.meta.url));
const ca = readFileSync(certificate("ca-cert"));

let running: Running;
let session: ClientHttp2Session;

beforeAll(async () => {
  running = await run("express-on-http2/server.ts", {
    TLS_KEY: certificate("server-key"),
    TLS_CERT: certificate("server-cert"),
  });
  session = connect(running.url, { ca });
  await once(session, "connect");
});

afterAll(async () => {
  session.close();
  expect(await running.stop()).toBe(0);
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

async function ask(path: string, headers: IncomingHttpHeaders = {}, body = ""): Promise<Answer> {
  const method = body === "" ? "GET" : "POST";
  const stream = session.request(
    { ":path": path, ":method": method, ...headers },
    { endStream: body === "" },
  );
  if (body !== "") stream.end(body);
  const [answer] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status": number }];
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  return { status: answer[":status"], headers: answer, text };
}

test("Express knows the scheme and the host of a request", async () => {
  const { status, headers, text } = await ask("/");
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(headers["x-powered-by"]).toBe("Express");
  expect(headers.connection).toBeUndefined();
  expect(text).toMatch(/<p>https \d\.\d at /);
  expect(text).toContain(new URL(running.url).host);
});

test("many requests share one connection, each with its own body", async () => {
  const sums = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      ask("/sum", { "content-type": "application/json" }, JSON.stringify({ numbers: [index, 1000] })),
    ),
  );
  expect(sums.map(({ text }) => JSON.parse(text))).toEqual(
    Array.from({ length: 50 }, (_, index) => ({ sum: index + 1000 })),
  );
});

test("a file is sent whole, in part, and not at all when it is known", async () => {
  const whole = await ask("/style.css");
  expect(whole.headers["content-type"]).toBe("text/css; charset=utf-8");
  expect(whole.text).toContain("system-ui");
  const part = await ask("/style.css", { range: "bytes=0-3" });
  expect([part.status, part.text]).toEqual([206, "body"]);
  const known = await ask("/style.css", { "if-none-match": String(whole.headers.etag) });
  expect([known.status, known.text]).toEqual([304, ""]);
});

test("a stream ends when it is over", async () => {
  const { text } = await ask("/lines?count=3");
  expect(text).toBe("line 1\nline 2\nline 3\n");
  await running.until("all lines are out");
});

test("a reader that leaves an endless stream is known to have left, and the others stay", async () => {
  const stream = session.request({ ":path": "/lines" });
  await once(stream, "data");
  stream.close();
  await running.until("the reader has left");
  expect((await ask("/nothing")).status).toBe(404);
});

test("a client without HTTP/2 is served, too", async () => {
  const [answer] = (await once(get(running.url, { ca, agent: false }), "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) text += chunk;
  expect(answer.httpVersion).toBe("1.1");
  expect(text).toContain("<p>https 1.1 at ");
});
