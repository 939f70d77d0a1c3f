// lintAsgi: stands between server and app, and checks every rule of the async interface that can be seen from there.
// Source: requirements A1 to A86, as far as they show at the interface; there is no official lint for ASGI.

import type { AsgiApp, Receive, Scope, Send } from "@tsgi/core";
import type { ConnectionLint } from "./lint/connection.ts";
import { seen } from "./lint/event-values.ts";
import type { HeaderCase } from "./lint/fields.ts";
import { HttpLint } from "./lint/http.ts";
import { LifespanLint } from "./lint/lifespan.ts";
import { Findings, type LintOptions } from "./lint/lint-error.ts";
import { checkScope, scopeFacts, ScopeMemory } from "./lint/scope.ts";
import { watchScope } from "./lint/scope-writes.ts";
import { WebSocketLint } from "./lint/websocket.ts";

/** What {@link lintAsgi} takes. */
export interface LintAsgiOptions extends LintOptions {
  /**
   * Whether header names must be sent in lower case, as ASGI asks. `"any"` is for apps that bridge from an interface where
   * case is free, such as a sync app or one of Node. Default: `"lower"`.
   */
  readonly headerCase?: HeaderCase;
}

/**
 * Wraps an app so that both sides are checked: what the app sends, in which order, and how it ends; what scope and events
 * the server gives, and how its promises settle. A broken rule is a {@link LintError} that names the rule and the side.
 *
 * What the app does wrong is thrown back at the call that broke the rule, and nothing of it reaches the server. What the
 * server does wrong goes to `report`; without one it fails the request: a 500 and a line in the log.
 *
 * The wrapped app has no faster door: every server must go through the events.
 *
 * @example
 * ```ts
 * const app = process.env.NODE_ENV === "production" ? shop : lintAsgi(shop);
 * ```
 */
export function lintAsgi<State = unknown>(
  app: AsgiApp<State>,
  { report, headerCase = "lower" }: LintAsgiOptions = {},
): AsgiApp<State> {
  const memory = new ScopeMemory();
  return function linted(...call: [Scope<State>, Receive, Send]): void | Promise<void> {
    const [scope, receive, send] = call;
    const findings = new Findings(report);
    if (call.length !== 3 || typeof receive !== "function" || typeof send !== "function") {
      findings.server(
        "A1",
        `an app is called with scope, receive and send, not with ${call.length} arguments`,
      );
    }
    checkScope(scope, memory, findings.server);
    const connection = connectionLint(scope, headerCase, memory, findings);
    const written = watchScope(scope);
    const threw = (error: unknown): never => {
      if (connection instanceof LifespanLint) connection.threw();
      findings.rethrow();
      throw error;
    };
    const returned = (value: unknown): void => {
      findings.rethrow();
      if (typeof value === "function")
        findings.app("A14", "the app returned a function, as an ASGI 2 app does");
      if (value !== undefined)
        findings.app("A1", `the app returned ${seen(value)}, where an app returns nothing`);
      if (connection === null)
        findings.app("A6", `the app took a scope of type ${seen(scope.type)} and did not throw`);
      else connection.returned();
      const change = written();
      if (change !== null) findings.app("A11", `${change}, where a change goes into a copy of the scope`);
    };
    let result: unknown;
    try {
      result = app(
        scope,
        lintedReceive(receive, connection, findings),
        lintedSend(send, connection, findings),
      );
    } catch (error) {
      return threw(error);
    }
    if (!isThenable(result)) return returned(result);
    return Promise.resolve(result).then(returned, threw);
  };
}

function connectionLint(
  scope: Scope,
  headerCase: HeaderCase,
  memory: ScopeMemory,
  findings: Findings,
): ConnectionLint | null {
  if (scope.type === "http") return new HttpLint(scopeFacts(scope), headerCase, findings);
  if (scope.type === "websocket") return new WebSocketLint(scopeFacts(scope), headerCase, findings);
  if (scope.type === "lifespan") return new LifespanLint(scopeFacts(scope), memory, findings);
  return null;
}

function lintedReceive(receive: Receive, connection: ConnectionLint | null, findings: Findings): Receive {
  let waiting = false;
  return () => {
    try {
      if (waiting) findings.app("A33", "receive() was called while an earlier call was waiting");
      const result: unknown = receive();
      if (!isThenable(result)) findings.server("A30", `receive() returned ${seen(result)}, and no promise`);
      waiting = true;
      return quiet(
        Promise.resolve(result as ReturnType<Receive>).then(
          (event) => {
            waiting = false;
            connection?.received(event);
            return event;
          },
          (error: unknown) => {
            waiting = false;
            findings.server("A30", "receive() rejected, which it never may", error);
            throw error;
          },
        ),
      );
    } catch (error) {
      return quiet(Promise.reject(error));
    }
  };
}

function lintedSend(send: Send, connection: ConnectionLint | null, findings: Findings): Send {
  return (event) => {
    try {
      if (connection === null) return send(event);
      const sending = connection.sending(event);
      const result: unknown = send(sending.event as typeof event);
      if (!isThenable(result)) findings.server("A7", `send() returned ${seen(result)}, and no promise`);
      return quiet(
        Promise.resolve(result).then(
          () => sending.accepted(),
          (error: unknown) => {
            sending.refused(error);
            throw error;
          },
        ),
      );
    } catch (error) {
      return quiet(Promise.reject(error));
    }
  };
}

/** A promise that an app may leave unawaited: what it would have said is in the report, or fails the request. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
