// Express through the synthetic pair, compared with Express on node:http: status, fields and body of every answer.
// Source: https://expressjs.com/en/5x/api.html; the running Express and Node, as the oracle.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { fromNode } from "../from-node.ts";
import type { Log } from "../request-settings.ts";
import { toNode } from "../to-node.ts";
import {
  Http1Side,
  Http2Side,
  overHttp2,
  type Answer,
  type Ask,
  type Side,
} from "./express-sides.test-support.ts";

/** A middleware that does nothing: the app behind it gets no native pair. */
const behind =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

const logged: unknown[] = [];
const log: Log = (_level, _message, error) => void logged.push(error);

const native = new Http1Side((app) => app);
const synthetic = new Http1Side((app) => toNode(behind(fromNode(app)), { log }));
const http2 = new Http2Side((app) => toNode(fromNode(app), { log }));
const sides = [native, synthetic, http2];

beforeAll(() => Promise.all(sides.map((side) => side.start())));
afterAll(() => Promise.all(sides.map((side) => side.stop())));

/** Asks all sides; over HTTP/2 the request itself is another, so an app that tells it is asked on HTTP/1 only. */
async function same(ask: Ask): Promise<Answer> {
  const expected = await native.ask(ask);
  expect(await synthetic.ask(ask)).toEqual(expected);
  const answer = await http2.ask(ask);
  if (!ask.path.startsWith("/echo")) expect(overHttp2(answer)).toEqual(overHttp2(expected));
  return expected;
}

const GETS: [path: string, status: number][] = [
  ["/text", 200],
  ["/html", 200],
  ["/bytes", 200],
  ["/json", 200],
  ["/jsonp?callback=cb", 200],
  ["/jsonp", 200],
  ["/status", 418],
  ["/created", 201],
  ["/redirect", 302],
  ["/redirect/301", 301],
  ["/cookies", 200],
  ["/format", 200],
  ["/headers", 200],
  ["/fresh", 200],
  ["/view", 200],
  ["/no-view", 500],
  ["/null", 200],
  ["/204", 204],
  ["/304", 304],
  ["/205", 205],
  ["/long", 200],
  ["/zip/json", 200],
  ["/zip/stream", 200],
  ["/echo?a=1&b[]=2&c%5Bd%5D=%C3%A9", 200],
  ["/users/7", 200],
  ["/users/caf%C3%A9%2Fx", 200],
  ["/users/%zz", 400],
  ["/users/bad", 500],
  ["/files/a/b/c", 200],
  ["/maybe", 200],
  ["/maybe/1", 200],
  ["/regexgex", 200],
  ["/regex", 200],
  ["/either", 200],
  ["/or", 200],
  ["/route", 200],
  ["/nested/1", 200],
  ["/nested/1/deep/2?x", 200],
  ["/sub/inside", 200],
  ["/chain", 200],
  ["/static/digits.txt", 200],
  ["/static/digits", 200],
  ["/static/", 200],
  ["/static", 301],
  ["/static/folder", 301],
  ["/static/folder/a%20b.txt", 200],
  ["/static/../secret", 404],
  ["/static/%2e%2e/x", 404],
  ["/static/none", 404],
  ["/file", 200],
  ["/download", 200],
  ["/file/missing", 404],
  ["/stream", 200],
  ["/stream/pipeline", 200],
  ["/events", 200],
  ["/throws", 500],
  ["/rejects", 409],
  ["/next", 422],
  ["/handled", 500],
  ["/missing", 404],
  ["/missing/<script>?a=<b>", 404],
  ["//text", 404],
  ["/text/", 200],
  ["/TEXT", 200],
  ["/a/../text", 404],
];

describe("Express answers the same", () => {
  test.each(GETS)("GET %s: %i [X7]", async (path, status) => {
    expect((await same({ path })).status).toBe(status);
  });

  test.each(GETS)("HEAD %s [A47]", async (path) => {
    const answer = await same({ method: "HEAD", path });
    expect(answer.body).toBe("");
  });

  test.each(["/text", "/route", "/users/7", "/nested/1", "/missing", "/static/digits.txt"])(
    "OPTIONS %s [X1]",
    async (path) => {
      await same({ method: "OPTIONS", path });
    },
  );

  test.each([
    { Range: "bytes=2-5" },
    { Range: "bytes=-3" },
    { Range: "bytes=5-" },
    { Range: "bytes=90-99" },
    { Range: "bytes=0-1,4-5" },
    { Range: "lines=1-2" },
    { "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT" },
    { "If-None-Match": "*" },
    { "If-Match": '"no"' },
    { "If-Unmodified-Since": "Fri, 01 Jan 2010 00:00:00 GMT" },
    { "If-Range": '"no"', Range: "bytes=0-3" },
  ] as Record<string, string>[])("a file under the condition %j [A54]", async (headers) => {
    await same({ path: "/file", headers });
    await same({ path: "/static/digits.txt", headers });
    await same({ path: "/download", headers, method: "HEAD" });
  });

  test("a file twice, the second time by its ETag", async () => {
    const { headers } = await same({ path: "/file" });
    const etag = headers[headers.indexOf("ETag") + 1] as string;
    expect((await same({ path: "/file", headers: { "If-None-Match": etag } })).status).toBe(304);
  });

  test.each([
    { Accept: "application/json" },
    { Accept: "text/html;q=0.9, text/plain;q=0.1" },
    { Accept: "image/png" },
    { "If-None-Match": '"same"' },
    { "Cache-Control": "no-cache", "If-None-Match": '"same"' },
    { "Accept-Encoding": "gzip, deflate" },
    { Cookie: "a=1; b=%C3%A9; c=j%3A%7B%22x%22%3A1%7D; s=s%3Ax.bad" },
    {
      "X-Forwarded-For": "203.0.113.9, 198.51.100.2",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "front.test",
    },
    { "X-Requested-With": "XMLHttpRequest", "Accept-Language": "de, en;q=0.5", Range: "bytes=1-2" },
  ] as Record<string, string>[])("to the fields %j [X18]", async (headers) => {
    for (const path of ["/echo", "/format", "/fresh", "/json", "/cookies", "/zip/json"])
      await same({ path, headers });
  });
});

describe("Express reads the same", () => {
  const json = { "Content-Type": "application/json" };
  const POSTS: Record<string, Ask> = {
    json: { path: "/body/json", headers: json, body: '{"a":[1,{"b":"\u00e9"}]}' },
    "json in chunks": { path: "/body/json", headers: json, body: '{"a":1}', chunked: true },
    "json that is none": { path: "/body/json", headers: json, body: '{"a":' },
    "json over the limit": { path: "/body/json", headers: json, body: JSON.stringify("x".repeat(2000)) },
    "json over the limit, in chunks": {
      path: "/body/json",
      headers: json,
      body: "x".repeat(200_000),
      chunked: true,
    },
    "json in another charset": {
      path: "/body/json",
      headers: { "Content-Type": "application/json; charset=utf-16" },
      body: Buffer.from('{"a":1}', "utf16le"),
    },
    "json of an unknown coding": {
      path: "/body/json",
      headers: { ...json, "Content-Encoding": "odd" },
      body: "{}",
    },
    "no body for json": { path: "/body/json", headers: json },
    "a form": {
      path: "/body/form",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "a=1&b[c]=2&b[d][]=3&e=%C3%A9+f",
    },
    text: {
      path: "/body/text",
      headers: { "Content-Type": "text/plain; charset=latin1" },
      body: Buffer.from([0x63, 0xe9]),
    },
    "raw bytes": { path: "/body/raw", headers: { "Content-Type": "x/y" }, body: Buffer.alloc(60_000, 0xfe) },
    "a body nobody reads": { path: "/body/ignored", body: "x".repeat(100_000) },
    "a body piped back": { path: "/body/echo", body: "y".repeat(300_000) },
    "a body piped back, in chunks": { path: "/body/echo", body: "z".repeat(300_000), chunked: true },
    "a body for a route that is none": { path: "/missing", body: "x".repeat(50_000) },
  };
  test.each(Object.keys(POSTS))("%s [X21]", async (name) => {
    await same({ method: "POST", ...(POSTS[name] as Ask) });
  });

  const part = (head: string, body: string): string =>
    `--X\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  test.each([1000, 99_000, 200_000])("an upload of %i bytes [X21]", async (size) => {
    const body =
      part('name="title"', "A title") +
      part('name="files"; filename="a.bin"\r\nContent-Type: application/x-a', "\x00\x01ab".repeat(size / 4)) +
      part('name="files"; filename="b.txt"', "b") +
      "--X--\r\n";
    const headers = { "Content-Type": "multipart/form-data; boundary=X" };
    const { status } = await same({ method: "POST", path: "/body/upload", headers, body });
    expect(status).toBe(size > 100_000 ? 500 : 200);
  });

  test.each(["/session", "/cookie-session"])("the session of %s, three times [X7]", async (path) => {
    let cookie = "";
    for (let round = 1; round <= 3; round += 1) {
      const answer = await same(cookie === "" ? { path } : { path, headers: { Cookie: cookie } });
      expect(answer.body).toContain(String(round));
      const set = answer.headers.filter((_, i) => answer.headers[i - 1]?.toLowerCase() === "set-cookie");
      if (set.length > 0) cookie = set.map((line) => line.split(";", 1)[0]).join("; ");
    }
    await same({ path: "/session/end", headers: { Cookie: cookie } });
  });

  test("an answer that fails half-way is cut [A45]", async () => {
    const answer = await same({ path: "/half" });
    expect([answer.body, answer.complete]).toEqual(["half", false]);
    expect(logged).toEqual([]);
  });

  test("the access logs are the same", () => {
    expect(native.journal.length).toBeGreaterThan(100);
    const lines = ({ journal }: Side, but = "nothing"): string[] =>
      // A page with a stack is as long as the stack.
      journal.filter((line) => !line.includes(but)).map((line) => line.replace(/ ([45]\d\d) \d+ /, " $1 … "));
    expect(lines(synthetic)).toEqual(lines(native));
    expect(lines(http2, "/echo")).toEqual(lines(native, "/echo"));
  });
});
