import { expect, test } from "vitest";
import type { AsgiApp } from "./app.ts";
import { EmbeddedLifespan, type StartupEnded } from "./embedded-lifespan.ts";
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

/** What an adapter is told of the end of a startup. */
function watched(): { ended: StartupEnded; told: [app: AsgiApp, state: object | null][] } {
  const told: [AsgiApp, object | null][] = [];
  return { ended: (app, state) => void told.push([app, state]), told };
}

test("the first request starts the app, and waits; so does every request until then [A88]", async () => {
  const { app, asked, open } = starting();
  const { ended, told } = watched();
  const embedded = new EmbeddedLifespan(app, {}, ended);
  expect(embedded.ready).toBe(false);
  const requests = [embedded.startup(), embedded.startup()];
  expect([embedded.ready, told]).toEqual([false, []]);
  open();
  await Promise.all(requests);
  expect(embedded.ready).toBe(true);
  expect(told).toEqual([[app, { answer: 42 }]]);
  expect(asked).toEqual(["lifespan.startup"]);
});

test("a startup by hand is the one requests wait for, and its lifespan can be shut down [A88 A82]", async () => {
  const { app, asked, open } = starting();
  const { ended, told } = watched();
  const embedded = new EmbeddedLifespan(app, {}, ended);
  const lifespan = embedded.start();
  expect(embedded.start({ startupTimeout: 1 })).toBe(lifespan);
  const request = embedded.startup();
  open();
  await request;
  expect(told).toEqual([[app, { answer: 42 }]]);
  await (await lifespan).shutdown();
  expect(asked).toEqual(["lifespan.startup", "lifespan.shutdown"]);
});

test.each([{ mode: "off" as const }, { state: { answer: 41 } }])(
  "with %j requests wait for nothing; a startup by hand is run all the same [A88]",
  async (options) => {
    const { app, open } = starting();
    const { ended, told } = watched();
    const embedded = new EmbeddedLifespan(app, options, ended);
    expect(embedded.ready).toBe(true);
    open();
    await embedded.start();
    expect(told).toEqual([[app, { answer: 42 }]]);
  },
);

test("a startup that failed is thrown for every request, in the app's words [A80 A88]", async () => {
  const { app, asked, open } = starting("no database");
  const { ended, told } = watched();
  const embedded = new EmbeddedLifespan(app, {}, ended);
  const first = embedded.startup();
  open();
  await first;
  await embedded.startup();
  expect([embedded.ready, told.length]).toEqual([true, 1]);
  const [broken, state] = told[0] as [AsgiApp, object | null];
  expect(state).toBeNull();
  expect(() =>
    broken(
      {} as never,
      async () => ({}) as never,
      async () => {},
    ),
  ).toThrow("no database");
  await expect(embedded.start()).rejects.toThrow("no database");
  expect(asked).toEqual(["lifespan.startup"]);
});

test("an app without a lifespan is served as it is, with the state that was given [A81 A88]", async () => {
  const app: AsgiApp = (scope) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
  };
  const { ended, told } = watched();
  const state = { pool: "given" };
  await new EmbeddedLifespan(app, { mode: "auto", state }, ended).startup();
  expect(told).toEqual([[app, state]]);
});

test("a mode that is none is refused at once [A88]", () => {
  const { app } = starting();
  expect(() => new EmbeddedLifespan(app, { mode: "of" as never }, () => {})).toThrow('"auto", "on" or "off"');
});
