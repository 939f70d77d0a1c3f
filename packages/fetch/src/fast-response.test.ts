// FastResponse beside the standard Response: an app must not be able to tell, but by what it costs.

import { describe, expect, test } from "vitest";
import { FastResponse, fastParts, standardResponse } from "./fast-response.ts";

const bodies: [string, () => BodyInit | null][] = [
  ["nothing", () => null],
  ["a string", () => "text"],
  ["bytes", () => new Uint8Array([116, 101])],
  ["a Blob", () => new Blob(["blob"], { type: "a/b" })],
  ["URLSearchParams", () => new URLSearchParams("a=1")],
  ["a stream", () => new Blob(["stream"]).stream()],
];

describe.each(bodies)("of %s", (_name, body) => {
  test("it looks like a standard one", async () => {
    const init: ResponseInit = { status: 203, statusText: "Fine", headers: { "X-One": " 1 ", "x-two": "2" } };
    const fast = new FastResponse(body(), init);
    const standard = new Response(body(), init);
    expect(fast).toBeInstanceOf(Response);
    expect(fast).toBeInstanceOf(FastResponse);
    for (const name of ["status", "statusText", "ok", "type", "url", "redirected", "bodyUsed"] as const) {
      expect([name, fast[name]]).toEqual([name, standard[name]]);
    }
    expect([...fast.headers]).toEqual([...standard.headers]);
    expect(fast.headers).toBe(fast.headers);
    expect(fast.body === null).toBe(standard.body === null);
    expect(fast.body).toBe(fast.body);
    expect(Object.prototype.toString.call(fast)).toBe("[object Response]");
    expect(await fast.text()).toBe(await standard.text());
    expect(fast.bodyUsed).toBe(standard.bodyUsed);
  });

  test("it reads in every form, and once", async () => {
    const whole = await new Response(body()).text();
    const fresh = (): Response => new FastResponse(body());
    expect(new TextDecoder().decode(await fresh().arrayBuffer())).toBe(whole);
    expect(new TextDecoder().decode(await fresh().bytes())).toBe(whole);
    expect(await (await fresh().blob()).text()).toBe(whole);
    const copied = fresh();
    const copy = copied.clone();
    expect([await copied.text(), await copy.text()]).toEqual([whole, whole]);
    if (whole === "") return;
    await expect(copied.text()).rejects.toThrow(TypeError);
    expect(() => copied.clone()).toThrow(TypeError);
  });

  test("it can be wrapped in a standard one", async () => {
    const fast = new FastResponse(body(), { headers: { "x-one": "1" } });
    const wrapped = new Response(fast.body, fast);
    expect([wrapped.headers.get("x-one"), await wrapped.text()]).toEqual([
      "1",
      await new Response(body()).text(),
    ]);
  });

  test("a standard one can be had of it, with what was changed [A42]", async () => {
    const fast = new FastResponse(body(), { status: 201 });
    fast.headers.append("set-cookie", "a=1");
    fast.headers.append("set-cookie", "b=2");
    const standard = standardResponse(fast);
    expect([standard.status, standard.headers.getSetCookie()]).toEqual([201, ["a=1", "b=2"]]);
    expect(standard.headers.get("content-type")).toBe(new Response(body()).headers.get("content-type"));
    expect(await standard.text()).toBe(await new Response(body()).text());
  });
});

test("what is refused by the standard one is refused [A35 A37]", () => {
  const wrong: [BodyInit | null, ResponseInit, typeof TypeError | typeof RangeError][] = [
    [null, { status: 199 }, RangeError],
    [null, { status: 600 }, RangeError],
    [null, { status: 200.5 }, RangeError],
    ["body", { status: 204 }, TypeError],
    ["", { status: 304 }, TypeError],
    [null, { statusText: "two\nlines" }, TypeError],
    [null, { headers: { "a b": "1" } }, TypeError],
    [null, { headers: { a: "1\r\nb: 2" } }, TypeError],
    [null, { headers: { a: "\u0100" } }, TypeError],
    [null, { headers: [["a", "1", "2"]] as unknown as [string, string][] }, TypeError],
    [null, { headers: [["a"]] as unknown as [string, string][] }, TypeError],
  ];
  for (const [body, init, type] of wrong) {
    expect(() => new FastResponse(body, init)).toThrow(type);
    if (init.status !== 200.5) expect(() => new Response(body, init)).toThrow(type);
  }
});

test("headers of every shape are taken, and copied", () => {
  const object: Record<string, string> = { "x-one": "1" };
  const fast = new FastResponse(null, { headers: object });
  object["x-one"] = "changed";
  expect(fast.headers.get("x-one")).toBe("1");
  const list = new FastResponse(null, {
    headers: [
      ["x-one", "1"],
      ["x-one", "2"],
    ],
  });
  expect(list.headers.get("x-one")).toBe("1, 2");
  expect(new FastResponse(null, { headers: new Headers({ "x-one": "1" }) }).headers.get("x-one")).toBe("1");
  expect(new FastResponse("t", { headers: { "Content-Type": "a/b" } }).headers.get("content-type")).toBe(
    "a/b",
  );
});

test("json, redirect and error are there", async () => {
  const json = FastResponse.json({ a: 1 }, { status: 201 });
  expect([json.status, json.headers.get("content-type"), await json.json()]).toEqual([
    201,
    "application/json",
    { a: 1 },
  ]);
  expect(FastResponse.json({}, { headers: { "content-type": "a/b" } }).headers.get("content-type")).toBe(
    "a/b",
  );
  expect(() => FastResponse.json(undefined)).toThrow(TypeError);
  const redirect = FastResponse.redirect("http://a/b");
  expect([redirect.status, redirect.headers.get("location")]).toEqual([302, "http://a/b"]);
  expect([FastResponse.error().type, FastResponse.error().status]).toEqual(["error", 0]);
});

test("until it is looked into there is no standard one", () => {
  const fast = new FastResponse("text", { headers: { "X-One": "1" } });
  expect(fastParts(fast)).toEqual({
    status: 200,
    statusText: "",
    fields: [
      ["X-One", "1"],
      ["content-type", "text/plain;charset=UTF-8"],
    ],
    body: "text",
  });
  fast.headers.set("x-one", "2");
  expect(fastParts(fast)?.fields).toContainEqual(["x-one", "2"]);
  void fast.body;
  expect(fastParts(fast)?.body).toBeUndefined();
  expect(fastParts(new Response("text"))).toBeNull();
});

test("it can be extended, and nothing of the platform is changed", () => {
  class Own extends FastResponse {
    get own(): boolean {
      return true;
    }
  }
  const own = new Own("text", { status: 201 });
  expect([own.own, own.status, own instanceof Response, own instanceof FastResponse]).toEqual([
    true,
    201,
    true,
    true,
  ]);
  expect(new Response("") instanceof FastResponse).toBe(false);
  expect(Object.getOwnPropertyNames(Response.prototype)).not.toContain("own");
  expect(Response.name).toBe("Response");
});
