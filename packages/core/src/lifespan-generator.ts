// The app's side of lifespan: setup, yield, teardown, as an async generator.
// Source: ASGI lifespan 2.0; the shape is that of Python's asynccontextmanager.

import { SERVE, type AsgiApp, type Receive, type Send } from "./app.ts";
import { UnsupportedScopeError } from "./errors.ts";
import { failedEvent, textOf } from "./lifespan-failure.ts";
import { runLifespans } from "./lifespan-group.ts";
import { serve } from "./transport.ts";

/**
 * Gives an app a lifespan. What the generator does before its `yield` is the startup, what comes after it the shutdown;
 * what it writes into `state`, every request finds in `scope.state`. An error before the `yield` is a failed startup, one
 * after it a failed shutdown. If the app serves lifespans itself, its own lies within: it starts later and ends earlier.
 *
 * @example
 * const app = withLifespan(routes, async function* (state: { db: Db }) {
 *   state.db = await openDb();
 *   yield;
 *   await state.db.close();
 * });
 * @see ASGI lifespan 2.0
 */
export function withLifespan<State>(
  app: AsgiApp<State>,
  life: (state: State) => AsyncGenerator<void, void, void>,
): AsgiApp {
  const inner = app as AsgiApp;
  const outer: AsgiApp = (scope, receive, send) => {
    if (scope.type !== "lifespan") throw new UnsupportedScopeError(scope.type);
    return live(life(scope.state as State), receive, send);
  };
  const apps = [outer, inner];
  const whole: AsgiApp = (scope, receive, send) =>
    scope.type === "lifespan" ? runLifespans(apps, scope, receive, send) : inner(scope, receive, send);
  whole[SERVE] = (scope, transport) => serve(inner, scope, transport);
  return whole;
}

async function live(life: AsyncGenerator<void, void, void>, receive: Receive, send: Send): Promise<void> {
  await receive();
  try {
    const { done } = await life.next();
    if (done === true) throw new TypeError("The lifespan generator returned without a yield");
  } catch (error) {
    await send(failedEvent("lifespan.startup.failed", textOf(error), error));
    return;
  }
  await send({ type: "lifespan.startup.complete" });
  await receive();
  try {
    const { done } = await life.next();
    if (done !== true) {
      await life.return();
      throw new TypeError("The lifespan generator yielded twice: it yields once, between setup and teardown");
    }
  } catch (error) {
    await send(failedEvent("lifespan.shutdown.failed", textOf(error), error));
    return;
  }
  await send({ type: "lifespan.shutdown.complete" });
}
