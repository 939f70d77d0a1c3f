import { expect, test } from "vitest";
import type { AsgiApp } from "./app.ts";
import { GatewayError, UnsupportedScopeError } from "./errors.ts";
import { startLifespan } from "./lifespan.ts";
import { runLifespans } from "./lifespan-group.ts";
import type { LifespanScope } from "./scope.ts";

/** An app that answers lifespans by means of others. */
function group(...apps: AsgiApp[]): AsgiApp {
  return (scope, receive, send) => runLifespans(apps, scope as LifespanScope, receive, send);
}

type Failing = "startup" | "serving" | "shutdown" | "never";

/** Notes its steps, and throws at one of them. */
function member(name: string, steps: string[], failing: Failing = "never"): AsgiApp {
  const step = (at: Failing): void => {
    if (failing === at) throw new TypeError(`${name} broke`);
    steps.push(`${name} ${at}`);
  };
  return async (scope, receive, send) => {
    if (scope.type !== "lifespan") throw new UnsupportedScopeError(scope.type);
    await receive();
    step("startup");
    (scope.state as Record<string, unknown>)[name] = scope.state;
    await send({ type: "lifespan.startup.complete" });
    if (failing === "serving") step("serving");
    await receive();
    step("shutdown");
    await send({ type: "lifespan.shutdown.complete" });
  };
}

const without: AsgiApp = (scope) => {
  throw new UnsupportedScopeError(scope.type);
};

async function rejection(promise: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

test("apps start in order and shut down in reverse [A79 A82]", async () => {
  const steps: string[] = [];
  const lifespan = await startLifespan(group(member("a", steps), member("b", steps), member("c", steps)));
  await lifespan.shutdown();
  const up = ["a startup", "b startup", "c startup"];
  expect(steps).toEqual([...up, "c shutdown", "b shutdown", "a shutdown"]);
});

test("all have the same state object [A86]", async () => {
  const lifespan = await startLifespan(group(member("a", []), member("b", [])));
  expect([lifespan.state?.["a"], lifespan.state?.["b"]]).toEqual([lifespan.state, lifespan.state]);
});

test("an app without a lifespan is left out [A81]", async () => {
  const steps: string[] = [];
  const lifespan = await startLifespan(group(without, member("a", steps), () => {}));
  await lifespan.shutdown();
  expect([lifespan.supported, steps]).toEqual([true, ["a startup", "a shutdown"]]);
});

test("if no app has a lifespan, the group has none [A81]", async () => {
  expect((await startLifespan(group(without, without))).supported).toBe(false);
});

test("if an app fails to start, those before it are shut down, those after it never started [A80]", async () => {
  const steps: string[] = [];
  const app = group(
    member("a", steps),
    member("b", steps),
    member("c", steps, "startup"),
    member("d", steps),
  );
  const error = await rejection(startLifespan(app));
  expect(error.message).toBe("The app threw during lifespan startup: c broke");
  expect(error.cause).toEqual(new TypeError("c broke"));
  expect(steps).toEqual(["a startup", "b startup", "b shutdown", "a shutdown"]);
});

test("an app that then fails to shut down is logged [A80 A84]", async () => {
  const lines: unknown[] = [];
  const app = group(member("a", [], "shutdown"), member("b", [], "startup"));
  await rejection(startLifespan(app, { log: (...line) => void lines.push(line.slice(0, 2)) }));
  expect(lines).toEqual([["error", "An app failed while others were being started"]]);
});

test("if an app fails to shut down, the others are shut down all the same [A82 A84]", async () => {
  const steps: string[] = [];
  const app = group(member("a", steps), member("b", steps, "shutdown"), member("c", steps));
  const error = await rejection((await startLifespan(app)).shutdown());
  expect(error.message).toBe("The app threw during lifespan shutdown: b broke");
  expect(error.cause).toEqual(new TypeError("b broke"));
  expect(steps.slice(3)).toEqual(["c shutdown", "a shutdown"]);
});

test("if several fail to shut down, each has its line [A82]", async () => {
  const app = group(member("a", [], "shutdown"), member("b", [], "shutdown"));
  const error = await rejection((await startLifespan(app)).shutdown());
  expect(error.message.split("\n")).toEqual([
    "The app threw during lifespan shutdown: b broke",
    "The app threw during lifespan shutdown: a broke",
  ]);
  expect((error.cause as AggregateError).errors).toHaveLength(2);
});

test("an app that fails while serving is logged at once, even two groups deep, and fails the shutdown [A84]", async () => {
  const lines: unknown[] = [];
  const steps: string[] = [];
  const app = group(group(member("a", steps), member("b", [], "serving")), without);
  const lifespan = await startLifespan(app, { log: (...line) => void lines.push(line.slice(0, 2)) });
  const message = "The app's lifespan failed while it was serving";
  expect(lines).toEqual([["error", message]]);
  expect((await rejection(lifespan.shutdown())).message).toBe(message);
  expect(steps).toEqual(["a startup", "a shutdown"]);
});

test("an app given twice is called once [A79]", async () => {
  const steps: string[] = [];
  const app = member("a", steps);
  await (await startLifespan(group(app, app))).shutdown();
  expect(steps).toEqual(["a startup", "a shutdown"]);
});
