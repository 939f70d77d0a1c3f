// A turn of the event loop, wherever this runs.

import { afterEach, expect, test, vi } from "vitest";
import { nextTurn } from "./wsgi-turn.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ["with setImmediate", true],
  ["without setImmediate, as in a browser", false],
])("%s, the callback runs after promises are settled, not at once [W41]", async (_where, has) => {
  if (!has) vi.stubGlobal("setImmediate", undefined);
  const order: string[] = [];
  const called = new Promise<void>((resolve) => {
    nextTurn(() => {
      order.push("turn");
      resolve();
    });
  });
  order.push("sync");
  await Promise.resolve().then(() => order.push("promise"));
  await called;
  expect(order).toEqual(["sync", "promise", "turn"]);
});
