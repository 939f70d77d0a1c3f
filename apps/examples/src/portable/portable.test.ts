// One app, the same on every server.

import { describe, expect, test } from "vitest";
import { run } from "../running.test-support.ts";

/** Sends a request, and gives the whole text of the answer. */
type Ask = (path: string, init?: RequestInit) => Promise<string>;

/** What holds on every server; `below` is where the app is mounted, and `greeting` shows whether its lifespan ran. */
async function expectTheApp(ask: Ask, below: string, greeting: string): Promise<void> {
  expect(await ask("/there%20and/back")).toMatch(
    new RegExp(`^(${greeting}) from /there and/back below ${below || "nothing"}\n$`),
  );
  expect(await ask("/", { method: "POST", body: "ünïcode and all" })).toBe("ÜNÏCODE AND ALL");
  expect(await ask("/words/of", { method: "POST", body: "one two\n\nthree\n" })).toBe(
    `${below}/words/of\n2\n0\n1\n`,
  );
}

describe("the portable app", () => {
  test.each([
    ["node.ts", "", "Good day"],
    ["express.ts", "/portable", "Good day"],
    ["fastify.ts", "/portable", "Good day"],
    ["hono.ts", "/portable", "Good day"],
  ])("does the same on %s", async (file, below, greeting) => {
    const running = await run(`portable/${file}`);
    try {
      const ask: Ask = async (path, init) => (await fetch(running.url + below + path, init)).text();
      await expectTheApp(ask, below, greeting);
      if (below !== "") expect(await (await fetch(`${running.url}/own`)).text()).toMatch(/^\w+'s own\n$/);
    } finally {
      await running.stop();
    }
  });

  test.each(["node.ts", "express.ts", "fastify.ts"])("is put away when %s ends", async (file) => {
    const running = await run(`portable/${file}`);
    expect(await running.stop()).toBe(0);
    expect(running.output()).toContain("The app was put away");
  });

  test("does the same where servers speak fetch", async () => {
    const { default: entry } = await import("./fetch.ts");
    const ask: Ask = async (path, init) =>
      (await entry.fetch(new Request(`http://site.example${path}`, init))).text();
    await expectTheApp(ask, "", "Good day");
  });
});
