// What went wrong in a lifespan, as an error for the host. An event carries only a message; the error behind it is remembered here.
// Source: ASGI lifespan 2.0, "Startup Failed", "Shutdown Failed".

import { GatewayError } from "./errors.ts";
import type { LifespanShutdownFailedEvent, LifespanStartupFailedEvent } from "./events.ts";

/** A report that something went wrong where no promise can tell it. */
export type Report = (message: string, error: unknown) => void;

type FailedEvent = LifespanStartupFailedEvent | LifespanShutdownFailedEvent;

// Events hold data only, so that any host can pass them on; ours finds the stack all the same.
const causes = new WeakMap<object, unknown>();
const reports = new WeakMap<object, Report>();

/** The event that says so, for any host; on a host of ours its error has the cause. */
export function failedEvent(type: FailedEvent["type"], message: string, cause: unknown): FailedEvent {
  const event = { type, message };
  if (cause !== undefined) causes.set(event, cause);
  return event;
}

/** The error a host rejects with: its message is the app's, word for word. */
export function failureOf(event: FailedEvent): GatewayError {
  const { type, message } = event;
  const text = message === undefined || message === "" ? `The app sent ${type}` : message;
  const options = causes.has(event) ? { cause: causes.get(event) } : undefined;
  return new GatewayError("TSGI_ERR_LIFESPAN", text, options);
}

/** The error for an app that threw instead of answering. */
export function thrownDuring(half: "startup" | "shutdown", cause: unknown): GatewayError {
  return new GatewayError("TSGI_ERR_LIFESPAN", `The app threw during lifespan ${half}: ${textOf(cause)}`, {
    cause,
  });
}

/** What a thrown value says. Anything may be thrown, getters that throw in turn included. */
export function textOf(error: unknown): string {
  try {
    return String((error instanceof Error && error.message) || error);
  } catch {
    return "a value without a text";
  }
}

/** Where the apps behind this scope report to, if it is not a promise that tells. */
export function reportOf(scope: object): Report {
  return reports.get(scope) ?? ignore;
}

/** Makes the report known to those who start lifespans of their own behind this scope. */
export function setReport(scope: object, report: Report): void {
  reports.set(scope, report);
}

function ignore(): void {}
