// A lifespan under the lint: startup, its answer, shutdown, its answer.
// Source: ASGI lifespan 2.0; requirements A5, A79, A81 to A85.

import type { ConnectionLint, Sending } from "./connection.ts";
import { isEventValue, isPlainObject, seen } from "./event-values.ts";
import type { Findings } from "./lint-error.ts";
import type { ScopeFacts, ScopeMemory } from "./scope.ts";

type State = "called" | "starting" | "running" | "stopping" | "failed" | "stopped";

/** Which state an answer is for, and which it leads to. */
const ANSWERS: Readonly<Record<string, readonly [from: State, to: State]>> = {
  "lifespan.startup.complete": ["starting", "running"],
  "lifespan.startup.failed": ["starting", "failed"],
  "lifespan.shutdown.complete": ["stopping", "stopped"],
  "lifespan.shutdown.failed": ["stopping", "stopped"],
};

/** The lint of one lifespan. */
export class LifespanLint implements ConnectionLint {
  readonly #scope: ScopeFacts;
  readonly #memory: ScopeMemory;
  readonly #findings: Findings;
  #state: State = "called";

  constructor(scope: ScopeFacts, memory: ScopeMemory, findings: Findings) {
    this.#scope = scope;
    this.#memory = memory;
    this.#findings = findings;
    memory.lifespan = "starting";
  }

  received(event: unknown): void {
    const type = isPlainObject(event) && isEventValue(event) ? event.type : undefined;
    if (this.#state === "called") {
      if (type !== "lifespan.startup") {
        this.#findings.server("A79", `the first event is lifespan.startup, not ${seen(type ?? event)}`);
      }
      this.#state = "starting";
      return;
    }
    if (this.#state === "running" && type === "lifespan.shutdown") {
      this.#state = "stopping";
      return;
    }
    this.#findings.server(
      "A83",
      `receive() gave ${seen(type ?? event)} while the lifespan was ${this.#state}`,
    );
  }

  sending(event: unknown): Sending {
    const { app } = this.#findings;
    if (!isPlainObject(event))
      return app("A3", `send() takes a plain object with a type, not ${seen(event)}`);
    const { type } = event;
    for (const [key, value] of Object.entries(event)) {
      if (!isEventValue(value))
        app("A3", `${key} of ${String(type)} is ${seen(value)}, which no event may hold`);
    }
    const answer = typeof type === "string" && Object.hasOwn(ANSWERS, type) ? ANSWERS[type] : undefined;
    if (answer === undefined) return app("A85", `a lifespan scope has no event of type ${seen(type)}`);
    const { message } = event;
    if (message !== undefined && typeof message !== "string") {
      app("A5", `message of ${String(type)} is a string, not ${seen(message)}`);
    }
    const before = this.#state;
    if (before !== answer[0]) app("A85", `${String(type)} was sent while the lifespan was ${before}`);
    this.#enter(answer[1]);
    const refused = (error: unknown): void => {
      this.#enter(before);
      this.#findings.server("A5", `${String(type)} was refused`, error);
    };
    return { event, accepted: () => {}, refused };
  }

  returned(): void {
    const { app } = this.#findings;
    if (this.#state === "called" || this.#state === "starting") this.#memory.lifespan = null;
    // An app that returns without having asked for an event says that it has no lifespan, as well as one that throws.
    if (this.#state === "starting") app("A81", "the app returned without an answer to lifespan.startup");
    if (this.#state === "running")
      app("A84", "the app returned from its lifespan while the server was serving");
    if (this.#state === "stopping") app("A82", "the app returned without lifespan.shutdown.complete");
  }

  /** The app threw: there is no lifespan any more. */
  threw(): void {
    this.#memory.lifespan = null;
  }

  #enter(state: State): void {
    this.#state = state;
    const { state: left } = this.#scope;
    this.#memory.lifespan = state === "starting" || state === "running" ? state : null;
    this.#memory.state = isPlainObject(left) && state === "running" ? left : null;
    this.#memory.stateLeft = this.#memory.state === null ? null : { ...this.#memory.state };
  }
}
