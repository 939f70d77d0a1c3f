// Several apps under one lifespan: started in order, shut down in reverse, with one state. What wraps more than one app needs it.
// Source: ASGI lifespan 2.0; ASGI 3.0 "Middleware".

import type { AsgiApp, Receive, Send } from "./app.ts";
import { UnsupportedScopeError, type GatewayError } from "./errors.ts";
import { LifespanChannel } from "./lifespan-channel.ts";
import { failedEvent, reportOf, textOf } from "./lifespan-failure.ts";
import type { LifespanScope } from "./scope.ts";

/**
 * Answers a lifespan on behalf of some apps. Apps that do not serve lifespans are left out; if none does, this does not
 * either. If one fails to start, those before it are shut down and the startup has failed. An app given twice is called once.
 *
 * @throws {@link UnsupportedScopeError} if none of them serves lifespans.
 */
export async function runLifespans(
  apps: readonly AsgiApp[],
  scope: LifespanScope,
  receive: Receive,
  send: Send,
): Promise<void> {
  const report = reportOf(scope);
  const started: LifespanChannel[] = [];
  await receive();
  for (const app of new Set(apps)) {
    // Each has a scope of its own, and all the same state object.
    const channel = new LifespanChannel(app, { ...scope }, report);
    try {
      // One after the other: a later app may use what an earlier one left in the state.
      if (await channel.start()) started.push(channel);
    } catch (error) {
      for (const late of await stop(started)) report("An app failed while others were being started", late);
      await send(failedEvent("lifespan.startup.failed", textOf(error), (error as GatewayError).cause));
      return;
    }
  }
  if (started.length === 0) throw new UnsupportedScopeError("lifespan");
  try {
    await send({ type: "lifespan.startup.complete" });
  } catch (error) {
    // The host has given up meanwhile: there will be no shutdown, and what is started must not stay so.
    for (const late of await stop(started)) report("An app failed to shut down after a late startup", late);
    throw error;
  }
  await receive();
  const errors = await stop(started);
  if (errors.length === 0) {
    await send({ type: "lifespan.shutdown.complete" });
    return;
  }
  const cause = errors.length === 1 ? errors[0]?.cause : new AggregateError(errors);
  await send(failedEvent("lifespan.shutdown.failed", errors.map(textOf).join("\n"), cause));
}

async function stop(started: LifespanChannel[]): Promise<GatewayError[]> {
  const errors: GatewayError[] = [];
  for (const channel of started.toReversed()) {
    await channel.stop().catch((error: GatewayError) => errors.push(error));
  }
  return errors;
}
