// No global is ever patched: what the platform has is the same before this package is loaded and after it has served.

import { expect, test } from "vitest";

/** The objects of the platform that this package builds on, with all their properties. */
function platform(): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const name of [
    "Request",
    "Response",
    "Headers",
    "AbortSignal",
    "ReadableStream",
    "URL",
    "fetch",
  ] as const) {
    const value = globalThis[name] as unknown as { readonly prototype?: object };
    found.set(name, value);
    for (const [of, object] of [
      [name, value],
      [`${name}.prototype`, value.prototype],
    ] as const) {
      if (object === undefined) continue;
      found.set(`${of} below`, Object.getPrototypeOf(object));
      const properties = Object.getOwnPropertyDescriptors(object) as Record<PropertyKey, PropertyDescriptor>;
      for (const key of Reflect.ownKeys(properties)) {
        const { value: data, get, set } = properties[key] as PropertyDescriptor;
        found.set(`${of} ${String(key)}`, data ?? get ?? set);
      }
    }
  }
  return found;
}

test("the platform's own classes stay as they are", async () => {
  const before = platform();
  const { FastResponse, fromFetch, toFetch } = await import("./index.ts");
  const { createTestClient } = await import("@tsgi/testing");
  const app = fromFetch(async (request) => {
    const copy = new Request(request.clone());
    return new FastResponse(`${await copy.text()}${await request.text()}`);
  });
  expect((await createTestClient(app).post("/", { body: "a" })).text()).toBe("aa");
  const middle = toFetch((scope, receive, send) => app(scope, receive, send));
  const answer = await middle(new Request("http://localhost/", { method: "POST", body: "b" }));
  expect(await answer.text()).toBe("bb");
  const after = platform();
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [name, value] of before) expect([name, after.get(name) === value]).toEqual([name, true]);
});
