import { expect, test } from "vitest";
import type { AsgiApp } from "./app.ts";
import { EmbeddedLifespan } from "./embedded-lifespan.ts";
import { UnsupportedScopeError } from "./errors.ts";

/** An app whose startup ends when told, and what was asked of it. */
function starting(failure: string | null = null): { app: AsgiApp; asked: string[]; open: () => void } {
  const asked: string[] = [];
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type !== "lifespan") return;
    for (;;) {
      const { type } = await receive();
      asked.push(type);
      if (type === "lifespan.shutdown") return send({ type: "lifespan.shutdown.complete" });
      await opened;
      if (failure !== null) return send({ type: "lifespan.startup.failed", message: failure });
      Object.assign(scope.state as object, { answer: 42 });
      await send({ type: "lifespan.startup.complete" });
    }
  };
  return { app, asked, open };
}

test("the first request starts the app, and waits; so does every request until then [A88]", async () => {
  const { app, asked, open } = starting();
  const embedded = new EmbeddedLifespan(app);
  expect(embedded.serving).toBeNull();
  const requests = [embedded.ready(), embedded.ready()];
  expect(embedded.state).toBeNull();
  open();
  expect(await Promise.all(requests)).toEqual([app, app]);
  expect(embedded.serving).toBe(app);
  expect(embedded.state).toEqual({ answer: 42 });
  expect(asked).toEqual(["lifespan.startup"]);
});

test("a startup by hand is the one requests wait for, and its lifespan can be shut down [A88 A82]", async () => {
  const { app, asked, open } = starting();
  const embedded = new EmbeddedLifespan(app, { mode: "off" });
  // Without a startup requests are served at once.
  expect(embedded.serving).toBe(app);
  const lifespan = embedded.start();
  expect(embedded.start({ startupTimeout: 1 })).toBe(lifespan);
  open();
  await (await lifespan).shutdown();
  expect(asked).toEqual(["lifespan.startup", "lifespan.shutdown"]);
});

test("a startup that failed is thrown for every request, in the app's words [A80 A88]", async () => {
  const { app, asked, open } = starting("no database");
  const embedded = new EmbeddedLifespan(app);
  const first = embedded.ready();
  open();
  const broken = await first;
  expect(() =>
    broken(
      {} as never,
      async () => ({}) as never,
      async () => {},
    ),
  ).toThrow("no database");
  expect(await embedded.ready()).toBe(broken);
  await expect(embedded.start()).rejects.toThrow("no database");
  expect(asked).toEqual(["lifespan.startup"]);
});

test("an app without a lifespan is served as it is [A81 A88]", async () => {
  const app: AsgiApp = (scope) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
  };
  const embedded = new EmbeddedLifespan(app);
  expect(await embedded.ready()).toBe(app);
  expect(embedded.state).toBeNull();
});
