// inject has the shape of light-my-request: what it sends, what it gives, and how a chain starts.

import { expect, test } from "vitest";
import type { AsgiApp, HttpScope } from "@tsgi/core";
import { lintAsgi } from "./lint-asgi.ts";
import { inject } from "./inject.ts";
import type { InjectOptions } from "./client/inject-request.ts";

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly client: string | undefined;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Answers with what it sees of the request. */
const mirror: AsgiApp = lintAsgi(async (scope, receive, send) => {
  const { method, raw_path, query_string, headers, client } = scope as HttpScope;
  let body = "";
  const decoder = new TextDecoder();
  for (;;) {
    const event = await receive();
    if (event.type !== "http.request") return;
    body += decoder.decode(event.body, { stream: true });
    if (!event.more_body) break;
  }
  const seen: Seen = {
    method,
    target: query_string === "" ? (raw_path as string) : `${raw_path}?${query_string}`,
    client: client?.[0],
    headers: Object.fromEntries(headers),
    body,
  };
  await send({ type: "http.response.start", status: 200, headers: [["content-type", "application/json"]] });
  await send({ type: "http.response.body", body: JSON.stringify(seen) });
});

// What light-my-request 6.8.1 makes of each: measured, but for its user-agent, which is left out.
const DEFAULT: Seen = {
  method: "GET",
  target: "/",
  client: "127.0.0.1",
  headers: { host: "localhost:80" },
  body: "",
};

const REQUESTS: [what: string, options: string | InjectOptions, seen: Partial<Seen>][] = [
  ["a path", "/a?b=1", { target: "/a?b=1" }],
  [
    "a whole URL",
    "http://example.org:8080/a?b=1",
    { target: "/a?b=1", headers: { host: "example.org:8080" } },
  ],
  ["nothing but a path in options", { url: "/a" }, { target: "/a" }],
  ["path in place of url", { path: "/a" }, { target: "/a" }],
  ["the parts of a URL", { url: { pathname: "/a", query: { b: "1" } } }, { target: "/a?b=1" }],
  ["a method in lower case", { method: "post", url: "/" }, { method: "POST" }],
  ["an authority", { url: "/", authority: "example.org" }, { headers: { host: "example.org" } }],
  ["a host header", { url: "/", headers: { host: "example.org" } }, { headers: { host: "example.org" } }],
  [
    "headers",
    { url: "/", headers: { "X-One": "1", "x-two": 2 } },
    { headers: { host: "localhost:80", "x-one": "1", "x-two": "2" } },
  ],
  ["a query as text", { url: "/a?b=1&c=1", query: "b=2&b=3" }, { target: "/a?c=1&b=2&b=3" }],
  [
    "a query as an object",
    { url: "/a?b=1&c=1", query: { b: ["2", "3"], d: "x y" } },
    { target: "/a?c=1&b=2&b=3&d=x+y" },
  ],
  [
    "numbers and booleans in a query",
    { url: "/a", query: { b: 2, c: true, d: [3, "4"] } },
    { target: "/a?b=2&c=true&d=3&d=4" },
  ],
  [
    "cookies",
    { url: "/", cookies: { a: "1", b: "x y" } },
    { headers: { host: "localhost:80", cookie: "a=1; b=x%20y" } },
  ],
  [
    "cookies added to a header",
    { url: "/", headers: { cookie: "z=0" }, cookies: { a: "1" } },
    { headers: { host: "localhost:80", cookie: "z=0; a=1" } },
  ],
  [
    "cookies with a path",
    { url: "/a/b", cookies: { a: { value: "1", path: "/a" }, b: { value: "2", path: "/b" } } },
    { target: "/a/b", headers: { host: "localhost:80", cookie: "a=1" } },
  ],
  [
    "cookies of a response",
    { url: "/", cookies: [{ name: "a", value: "1" }] },
    { headers: { host: "localhost:80", cookie: "a=1" } },
  ],
  ["another address", { url: "/", remoteAddress: "10.0.0.1" }, { client: "10.0.0.1" }],
  [
    "text",
    { method: "POST", url: "/", payload: "téxt" },
    { method: "POST", headers: { host: "localhost:80", "content-length": "5" }, body: "téxt" },
  ],
  [
    "text as body",
    { method: "POST", url: "/", body: "text" },
    { method: "POST", headers: { host: "localhost:80", "content-length": "4" }, body: "text" },
  ],
  [
    "bytes",
    { method: "POST", url: "/", payload: Buffer.from("bytes") },
    { method: "POST", headers: { host: "localhost:80", "content-length": "5" }, body: "bytes" },
  ],
  [
    "an object",
    { method: "POST", url: "/", payload: { a: ["é"] } },
    {
      method: "POST",
      headers: { host: "localhost:80", "content-type": "application/json", "content-length": "12" },
      body: '{"a":["é"]}',
    },
  ],
  [
    "an object with its own type",
    { method: "POST", url: "/", payload: {}, headers: { "content-type": "application/x" } },
    {
      method: "POST",
      headers: { host: "localhost:80", "content-type": "application/x", "content-length": "2" },
      body: "{}",
    },
  ],
];

test.each(REQUESTS)(
  "a request with %s is the one that light-my-request makes",
  async (_what, options, seen) => {
    const response = await inject(mirror, options);
    expect(response.json()).toEqual({ ...DEFAULT, ...seen });
  },
);

test("form data goes as multipart, and parameters as a form", async () => {
  const data = new FormData();
  data.append("a", "1");
  const form = await inject(mirror, { method: "POST", url: "/", payload: data });
  expect(form.json<Seen>().headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
  expect(form.json<Seen>().body).toContain('name="a"');
  const parameters = await inject(mirror, {
    method: "POST",
    url: "/",
    payload: new URLSearchParams({ a: "x y" }),
  });
  expect(parameters.json<Seen>()).toMatchObject({
    headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
    body: "a=x+y",
  });
});

test("a body may come in pieces, and one that is no body is refused", async () => {
  async function* pieces(): AsyncGenerator<string> {
    yield "a";
    yield "b";
  }
  const sent = await inject(mirror, { method: "POST", url: "/", payload: pieces() });
  expect(sent.json<Seen>()).toMatchObject({ body: "ab", headers: { "transfer-encoding": "chunked" } });
  await expect(inject(mirror, { method: "POST", url: "/", payload: Symbol("x") })).rejects.toMatchObject({
    code: "TSGI_ERR_OPTION",
  });
});

const answer: AsgiApp = async (_scope, _receive, send) => {
  await send({
    type: "http.response.start",
    status: 201,
    reason: "Made",
    trailers: true,
    headers: [
      ["X-One", "1"],
      ["set-cookie", "a=x%20y; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax; Domain=example.org"],
      ["set-cookie", "b=%zz; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Odd"],
    ],
  });
  await send({ type: "http.response.body", body: '{"a":"é"}' });
  await send({ type: "http.response.trailers", headers: [["x-sum", "1"]] });
};

test("a response has the properties of light-my-request's", async () => {
  const response = await inject(answer, { url: "/", headers: { te: "trailers" } });
  expect(response.statusCode).toBe(201);
  expect(response.statusMessage).toBe("Made");
  expect(response.headers["x-one"]).toBe("1");
  expect(response.headers["set-cookie"]).toHaveLength(2);
  expect(response.rawPayload).toEqual(Buffer.from('{"a":"é"}'));
  expect([response.payload, response.body]).toEqual(['{"a":"é"}', '{"a":"é"}']);
  expect(response.json()).toEqual({ a: "é" });
  expect(response.trailers).toEqual({ "x-sum": "1" });
  expect(response.cookies).toEqual([
    {
      name: "a",
      value: "x y",
      path: "/",
      maxAge: 60,
      secure: true,
      httpOnly: true,
      sameSite: "Lax",
      domain: "example.org",
    },
    { name: "b", value: "%zz", expires: new Date(0) },
  ]);
  expect(await new Response(response.stream()).json()).toEqual({ a: "é" });
});

test("a chain is put together, and starts by itself or by end()", async () => {
  const posted = await inject(mirror)
    .post("/a")
    .headers({ "x-one": "1" })
    .query({ b: "2" })
    .payload({ c: 3 })
    .cookies({ d: "4" })
    .end();
  expect(posted.json<Seen>()).toMatchObject({
    method: "POST",
    target: "/a?b=2",
    headers: { "x-one": "1", cookie: "d=4", "content-type": "application/json" },
    body: '{"c":3}',
  });
  for (const method of ["get", "head", "post", "put", "patch", "delete", "options", "trace"] as const) {
    let seen = "";
    const app: AsgiApp = async (scope, receive, send) => {
      seen = (scope as HttpScope).method;
      await mirror(scope, receive, send);
    };
    expect((await inject(app)[method]("/")).statusCode).toBe(200);
    expect(seen).toBe(method.toUpperCase());
  }
  expect((await inject(mirror).post("/").body("text")).json<Seen>().body).toBe("text");
});

test("a chain starts once, though nobody awaits it", async () => {
  let calls = 0;
  const app: AsgiApp = async (...call) => {
    calls += 1;
    await mirror(...call);
  };
  const chain = inject(app, "/");
  await Promise.resolve();
  await chain.end();
  await chain.finally(() => {});
  expect(calls).toBe(1);
});

test("what the app throws is a 500, and a response that is cut is an error [A45]", async () => {
  expect((await inject(() => Promise.reject(new Error("x")), "/")).statusCode).toBe(500);
  const cut: AsgiApp = async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: "half", more_body: true });
    throw new Error("x");
  };
  await expect(inject(cut, "/")).rejects.toMatchObject({ code: "TSGI_ERR_INCOMPLETE" });
});

test("a streamed response is given with its head, and given up by its signal or its stream", async () => {
  const outcome: string[] = [];
  const app: AsgiApp = async (_scope, receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: "one", more_body: true });
    await receive();
    outcome.push((await receive()).type);
  };
  const streamed = await inject(app, { url: "/", payloadAsStream: true });
  expect([streamed.statusCode, streamed.payload, streamed.rawPayload.length]).toEqual([200, "", 0]);
  expect(() => streamed.json()).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  const reader = streamed.stream().getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("one");
  await reader.cancel();
  const controller = new AbortController();
  await inject(app, { url: "/", payloadAsStream: true, signal: controller.signal });
  controller.abort();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  expect(outcome).toEqual(["http.disconnect", "http.disconnect"]);
  const whole = await inject(mirror, { url: "/", payloadAsStream: true });
  expect(await new Response(whole.stream()).json()).toMatchObject({ method: "GET" });
});
