// lintWsgi: stands between server and sync app, and checks every rule of the sync interface that can be seen from there.
// Source: requirements W1 to W47 and W55; wsgiref.validate, Plack::Middleware::Lint and Rack::Lint.

import type { Environ, StartResponse, WsgiApp } from "@tsgi/core";
import { checkEnviron } from "./lint/environ.ts";
import { seen } from "./lint/event-values.ts";
import { lintedErrors, lintedInput } from "./lint/input.ts";
import { Findings, LintError, type LintOptions } from "./lint/lint-error.ts";
import { Blocks, checkResult, fateFault, LintedResult, type ResultFate } from "./lint/result.ts";
import { WsgiResponseLint } from "./lint/start-response.ts";

/** What {@link lintWsgi} takes. */
export interface LintWsgiOptions extends LintOptions {
  /**
   * Whether pieces of the body must be bytes, as PEP 3333 has it. This interface takes strings too, as UTF-8; an app that
   * is to be ported elsewhere should not rely on it. Default: `false`.
   */
  readonly bytesOnly?: boolean;
}

/** A sync app under the lint. */
export interface LintedWsgiApp extends WsgiApp {
  /**
   * Looks for results that no server has closed, and faults the server for each. To be called when no request is being
   * served; a result that is dropped and collected as garbage is found without it, some time later.
   *
   * @throws {@link LintError} `W43`, without a `report`.
   */
  checkClosed(): void;
}

/** The environ key under which a lint finds one outside it. */
const BLOCKS = "tsgi.lint";

/**
 * Wraps a sync app so that both sides are checked: the environ and its streams, the calls of `startResponse` and `write`,
 * the pieces of the result, and whether the server ends it once. A broken rule is a {@link LintError} that names the rule
 * and the side.
 *
 * Stricter than a server, as PEP 3333's own validator is: a bare number as status, a tab in a header, a hop-by-hop header
 * and a bare string as result are refused. A lint on both sides of a middleware also checks that it holds nothing back.
 *
 * @example
 * ```ts
 * const app = wsgi(lintWsgi(session(lintWsgi(shop))));
 * ```
 */
export function lintWsgi(app: WsgiApp, { report, bytesOnly = false }: LintWsgiOptions = {}): LintedWsgiApp {
  const known = new WeakSet<object>();
  const open = new Set<WeakRef<LintedResult>>();
  const collected = new FinalizationRegistry<ResultFate>((fate) => {
    const finding = unclosed(fate);
    if (finding === null) return;
    // The request is long over: there is nobody left to throw at.
    if (report === undefined) console.error(finding);
    else report(finding);
  });

  const linted = (...call: [Environ, StartResponse]): Iterable<Uint8Array | string> => {
    const [environ, startResponse] = call;
    const findings = new Findings(report);
    if (call.length !== 2 || typeof startResponse !== "function") {
      findings.server(
        "W1",
        `an app is called with environ and startResponse, not with ${call.length} arguments`,
      );
    }
    checkEnviron(environ, known, findings.server);
    environ["wsgi.input"] = lintedInput(environ["wsgi.input"], environ.CONTENT_LENGTH, findings);
    environ["wsgi.errors"] = lintedErrors(environ["wsgi.errors"], findings);
    const before = environ[BLOCKS];
    const blocks = { outside: before instanceof Blocks ? before : null, inside: new Blocks() };
    environ[BLOCKS] = blocks.inside;
    const request = `${environ.REQUEST_METHOD} ${seen(environ.SCRIPT_NAME + environ.PATH_INFO)}`;
    const response = new WsgiResponseLint(startResponse, environ.REQUEST_METHOD, bytesOnly, findings);
    let result: unknown;
    try {
      result = app(environ, response.startResponse);
    } catch (error) {
      findings.rethrow();
      throw error;
    }
    findings.rethrow();
    const checked = checkResult(result, response, findings);
    if (Array.isArray(checked)) return checked;
    const watched = new LintedResult(checked, response, blocks, request, findings);
    sweep(open);
    open.add(new WeakRef(watched));
    collected.register(watched, watched.fate);
    return watched;
  };

  const checkClosed = (): void => {
    for (const reference of open) {
      const fate = reference.deref()?.fate;
      open.delete(reference);
      const finding = fate === undefined ? null : unclosed(fate);
      if (finding === null || fate === undefined) continue;
      fate.closeDue = false;
      fate.returnDue = false;
      if (report === undefined) throw finding;
      report(finding);
    }
  };

  return Object.assign(linted, { checkClosed });
}

function unclosed(fate: ResultFate): LintError | null {
  const fault = fateFault(fate);
  return fault === null ? null : new LintError("W43", "server", fault);
}

/** Forgets what was closed, or is gone. */
function sweep(open: Set<WeakRef<LintedResult>>): void {
  for (const reference of open) {
    const fate = reference.deref()?.fate;
    if (fate === undefined || fateFault(fate) === null) open.delete(reference);
  }
}
