// The Request a fetch handler gets: a real one to every check, on every kind of runtime, and nothing read unasked.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { type HttpScope, type ReceiveEvent } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { fromFetch } from "./from-fetch.ts";
import { LazyRequest } from "./lazy-request.ts";
import { makeRequest } from "./make-request.ts";
import { RealRequest } from "./real-request.ts";

const decoder = new TextDecoder();

/** Gives these pieces, and counts how often it is asked. */
function pieces(...texts: string[]): { receive: () => Promise<ReceiveEvent>; asked: () => number } {
  let at = 0;
  return {
    receive: () => {
      const body = new TextEncoder().encode(texts[at] ?? "");
      at += 1;
      return Promise.resolve({ type: "http.request", body, more_body: at < texts.length });
    },
    asked: () => at,
  };
}

function scopeOf(changes: Partial<HttpScope> = {}): HttpScope {
  const controller = new AbortController();
  return {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method: "POST",
    scheme: "http",
    path: "/path",
    raw_path: "/path",
    query_string: "q=1",
    root_path: "",
    headers: [
      ["host", "example.org"],
      ["content-type", "text/plain;charset=utf-8"],
      ["transfer-encoding", "chunked"],
      ["x-one", "1"],
      ["x-one", "2"],
      ["cookie", "a=1"],
      ["cookie", "b=2"],
    ],
    client: null,
    server: null,
    state: null,
    extensions: {},
    rawHeaders: null,
    signal: controller.signal,
    ...changes,
  };
}

const URL_OF_ALL = "http://example.org/path?q=1";
const symbols = Object.getOwnPropertySymbols(new Request("http://localhost/")).length > 0;
type Make = (scope: HttpScope, receive: () => Promise<ReceiveEvent>, url?: string) => Request;
const makes: [string, Make][] = [
  [
    "the Request this runtime can have",
    (scope, receive, url = URL_OF_ALL) => makeRequest(scope, receive, url),
  ],
  [
    "a Request that is real from the start",
    (scope, receive, url = URL_OF_ALL) => new RealRequest(scope, receive, url),
  ],
];

test("where a Request keeps its insides under symbols it is made when it is looked into", () => {
  const request = makeRequest(scopeOf(), pieces("").receive, URL_OF_ALL);
  expect(LazyRequest.scopeOf(request) !== null).toBe(symbols);
});

describe.each(makes)("%s", (_name, make) => {
  test("is one to instanceof, and has every property of one", () => {
    const request = make(scopeOf(), pieces("").receive);
    const standard = new Request(URL_OF_ALL, { method: "POST", body: "x" });
    expect(request instanceof Request).toBe(true);
    expect(Object.prototype.toString.call(request)).toBe("[object Request]");
    expect(request.constructor).toBe(Request);
    const names = [
      "cache",
      "credentials",
      "destination",
      "integrity",
      "keepalive",
      "mode",
      "redirect",
    ] as const;
    for (const name of [...names, "referrer", "referrerPolicy", "bodyUsed", "url", "method"] as const) {
      expect([name, request[name]]).toEqual([name, standard[name]]);
    }
    expect((request as { duplex?: string }).duplex).toBe((standard as { duplex?: string }).duplex);
    expect(request.signal).toBeInstanceOf(AbortSignal);
    expect(request.headers).toBeInstanceOf(Headers);
    expect(request.body).toBeInstanceOf(ReadableStream);
    expect(request.headers).toBe(request.headers);
    expect(request.body).toBe(request.body);
    expect(request.signal).toBe(request.signal);
  });

  test("has the headers as Headers joins them [A22 W12]", () => {
    const { headers } = make(scopeOf(), pieces("").receive);
    expect([...headers]).toEqual([
      ["content-type", "text/plain;charset=utf-8"],
      ["cookie", "a=1; b=2"],
      ["host", "example.org"],
      ["transfer-encoding", "chunked"],
      ["x-one", "1, 2"],
    ]);
  });

  test("reads nothing of the body unasked, and a piece for each read [A29]", async () => {
    const { receive, asked } = pieces("one", "two", "three");
    const request = make(scopeOf(), receive);
    expect(asked()).toBe(0);
    const reader = (request.body as ReadableStream<Uint8Array>).getReader();
    expect(asked()).toBe(0);
    expect(decoder.decode((await reader.read()).value)).toBe("one");
    expect(asked()).toBe(1);
    expect(decoder.decode((await reader.read()).value)).toBe("two");
    expect(asked()).toBe(2);
    expect(decoder.decode((await reader.read()).value)).toBe("three");
    expect((await reader.read()).done).toBe(true);
    expect(request.bodyUsed).toBe(true);
  });

  test("gives the body in every form, once", async () => {
    const body = '{"a":"\u00e9"}';
    const fresh = (): Request => make(scopeOf(), pieces(body.slice(0, 4), body.slice(4)).receive);
    expect(await fresh().text()).toBe(body);
    expect(await fresh().json()).toEqual({ a: "\u00e9" });
    expect(decoder.decode(await fresh().arrayBuffer())).toBe(body);
    const bytes = await fresh().bytes();
    expect([Object.getPrototypeOf(bytes) === Uint8Array.prototype, decoder.decode(bytes)]).toEqual([
      true,
      body,
    ]);
    const blob = await fresh().blob();
    expect([blob.type, await blob.text()]).toEqual(["text/plain;charset=utf-8", body]);
    const used = fresh();
    await used.text();
    expect(used.bodyUsed).toBe(true);
    await expect(used.text()).rejects.toThrow(TypeError);
    await expect(used.json()).rejects.toThrow(TypeError);
    expect(() => used.clone()).toThrow(TypeError);
    expect(() => new Request(used)).toThrow(TypeError);
  });

  test("leaves a byte order mark out of a text, as fetch does", async () => {
    expect(await make(scopeOf(), pieces("\ufeffa").receive).text()).toBe("a");
  });

  test("reads forms of both kinds", async () => {
    const typed = (type: string, body: string): Request => {
      const headers: HttpScope["headers"] = [
        ["content-type", type],
        ["content-length", String(body.length)],
      ];
      return make(scopeOf({ headers }), pieces(body).receive);
    };
    const urlencoded = await typed("application/x-www-form-urlencoded", "a=1&b=%20").formData();
    expect([...urlencoded]).toEqual([
      ["a", "1"],
      ["b", " "],
    ]);
    const part = '--x\r\ncontent-disposition: form-data; name="c"\r\n\r\n3\r\n--x--\r\n';
    expect([...(await typed("multipart/form-data; boundary=x", part).formData())]).toEqual([["c", "3"]]);
  });

  test("is taken by new Request, with all it has, and is used then", async () => {
    const request = make(scopeOf(), pieces("bo", "dy").receive);
    const copy = new Request(request);
    expect([copy.url, copy.method, copy.headers.get("x-one")]).toEqual([URL_OF_ALL, "POST", "1, 2"]);
    expect(await copy.text()).toBe("body");
    expect(request.bodyUsed).toBe(true);
    await expect(request.text()).rejects.toThrow(TypeError);
  });

  test("is taken by new Request with changes, and stays as it was", async () => {
    const request = make(scopeOf(), pieces("old").receive);
    const copy = new Request(request, { method: "PUT", headers: { "x-two": "2" }, body: "new" });
    expect([copy.method, copy.headers.get("x-one"), copy.headers.get("x-two")]).toEqual(["PUT", null, "2"]);
    expect(await copy.text()).toBe("new");
    expect([request.method, await request.text()]).toEqual(["POST", "old"]);
  });

  test("can be cloned, and both can be read", async () => {
    const request = make(scopeOf(), pieces("a", "b").receive);
    const copy = request.clone();
    expect([copy.url, copy.method, copy.headers.get("x-one")]).toEqual([URL_OF_ALL, "POST", "1, 2"]);
    expect(await Promise.all([copy.text(), request.text()])).toEqual(["ab", "ab"]);
  });

  test("shows changes of its headers to whoever copies it", () => {
    const request = make(scopeOf(), pieces("").receive);
    const { headers } = request;
    headers.set("x-one", "changed");
    expect(new Request(request.clone()).headers.get("x-one")).toBe("changed");
    headers.append("x-new", "later");
    expect(request.clone().headers.get("x-new")).toBe("later");
    expect(request.headers).toBe(headers);
  });

  test("has no body where a Request has none", async () => {
    for (const changes of [
      { method: "GET" },
      { method: "HEAD" },
      { headers: [["content-length", "0"]] as const },
      { headers: [] },
    ]) {
      const request = make(scopeOf(changes), pieces("never").receive);
      expect([request.body, request.bodyUsed, await request.text(), request.bodyUsed]).toEqual([
        null,
        false,
        "",
        false,
      ]);
    }
    expect(make(scopeOf({ headers: [], http_version: "2" }), pieces("").receive).body).not.toBeNull();
  });

  test("a body that was cut off is an error, never a short body [A31]", async () => {
    let asked = 0;
    const receive = (): Promise<ReceiveEvent> => {
      asked += 1;
      return Promise.resolve(
        asked === 1
          ? { type: "http.request", body: new Uint8Array(1), more_body: true }
          : { type: "http.disconnect" },
      );
    };
    await expect(make(scopeOf(), receive).text()).rejects.toMatchObject({ code: "ECONNRESET" });
    asked = 0;
    const reader = (make(scopeOf(), receive).body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await expect(reader.read()).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("tells whatever follows its signal that the client has gone [A34]", async () => {
    const controller = new AbortController();
    const reason = new Error("gone");
    const request = make(scopeOf({ method: "GET", signal: controller.signal }), pieces("").receive);
    const copy = new Request(request);
    const clone = request.clone();
    const changed = new Request(request, { headers: {} });
    let told = 0;
    request.signal.addEventListener("abort", () => (told += 1));
    controller.abort(reason);
    expect([request.signal.aborted, request.signal.reason, told]).toEqual([true, reason, 1]);
    expect([copy.signal.aborted, clone.signal.aborted, changed.signal.aborted]).toEqual([true, true, true]);
    expect(copy.signal.reason).toBe(reason);
    expect(new Request(request).signal.aborted).toBe(true);
  });

  test("can be fetched, with its headers and body, and is aborted with its client [A34]", async () => {
    const server = createServer((req, res) => {
      res.setHeader("x-one", req.headers["x-one"] ?? "");
      req.pipe(res);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const headers: HttpScope["headers"] = [
      ["content-length", "4"],
      ["x-one", "1"],
    ];
    try {
      const answer = await fetch(make(scopeOf({ headers }), pieces("se", "nt").receive, url));
      expect([answer.headers.get("x-one"), await answer.text()]).toEqual(["1", "sent"]);
      const controller = new AbortController();
      const { signal } = controller;
      const hanging = fetch(make(scopeOf({ headers, signal }), () => new Promise(() => {}), url));
      controller.abort(new Error("the client has gone"));
      await expect(hanging).rejects.toThrow("the client has gone");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

test("a Buffer of the server comes as a plain Uint8Array, whose methods are those of fetch [S27]", async () => {
  const seen: unknown[] = [];
  const app = fromFetch(async (request) => {
    for await (const piece of request.body as unknown as AsyncIterable<Uint8Array>) {
      seen.push(Object.getPrototypeOf(piece) === Uint8Array.prototype);
    }
    return new Response();
  });
  await createTestClient(app).post("/", { body: Buffer.from("text") });
  expect(seen).toEqual([true]);
});

test("what a handler does not touch is not made [A34]", async () => {
  let made = 0;
  const client = createTestClient(async (scope, receive, send) => {
    const http = scope as HttpScope;
    const watched = {
      ...http,
      get signal() {
        made += 1;
        return http.signal;
      },
    };
    made = 0;
    await fromFetch(() => new Response(null, { status: 204 }))(watched, receive, send);
  });
  await client.get("/");
  expect(made).toBe(symbols ? 0 : 1);
});
