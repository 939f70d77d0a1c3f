// The app every adapter under test serves: it picks the case by a request header, and answers the client's questions.
// The model is the X-Plack-Test header of Plack::Test::Suite.

import {
  SERVE,
  UnsupportedScopeError,
  serve,
  wsgi,
  type AsgiApp,
  type Environ,
  type HttpScope,
  type Receive,
  type Scope,
  type Send,
  type StartResponse,
  type WsgiApp,
} from "@tsgi/core";
import type { Case } from "./case.ts";
import { CaseFailure } from "./check.ts";
import type { LogSink } from "./log.ts";
import { Runs, type Run } from "./stage.ts";

/** The header that names the case. */
export const CASE_HEADER = "x-tsgi-case";
/** The header that names the run, so that repeated runs do not see each other. */
export const RUN_HEADER = "x-tsgi-run";
/** The header of a question about a run: `notes <how many>` waits for notes, `open <gate>` opens a gate. */
export const ASK_HEADER = "x-tsgi-ask";
/** The status that carries a failed assertion of a case's app to its client. */
export const FAILED_STATUS = 599;

/** The longest request body of a sync app in the suite, in bytes: what the bridge must be set to. 2 MiB. */
export const SYNC_BODY_LIMIT: number = 2 * 1024 * 1024;

/** How the suite's app is put together. */
export interface SuiteAppOptions {
  /** The cases it answers. */
  readonly cases: readonly Case[];
  /**
   * Makes an async app of the sync suite app; request bodies beyond {@link SYNC_BODY_LIMIT} must be refused, and what the
   * app writes to `wsgi.errors` goes to the log. Default: `wsgi` of core.
   */
  readonly bridge?: (app: WsgiApp, log: LogSink) => AsgiApp;
  /** Takes what the bridge logs. Default: nothing does. */
  readonly log?: LogSink;
  /** Wraps the app of every case that breaks no rule, to watch the server: `lintAsgi`. Default: nothing. */
  readonly lint?: (app: AsgiApp) => AsgiApp;
}

/** The app of the suite. One server serves it for all cases, async and sync. */
export function suiteApp({
  cases,
  bridge = (app, log) => wsgi(app, { maxBodySize: SYNC_BODY_LIMIT, log }),
  log = () => {},
  lint = (app) => app,
}: SuiteAppOptions): AsgiApp {
  const runs = new Runs();
  const apps = new Map<string, AsgiApp>();
  const sync = bridge(syncSuiteApp(cases, runs), log);
  for (const found of cases) {
    const app = "app" in found ? asyncApp(found.app, runs) : sync;
    apps.set(found.name, found.breaks === true ? app : lint(app));
  }
  const choose = (scope: { readonly headers: HttpScope["headers"] }): AsgiApp => {
    if (header(scope, ASK_HEADER) !== undefined) return questions(runs);
    runs.calls += 1;
    return apps.get(header(scope, CASE_HEADER) ?? "") ?? unknownCase;
  };
  const app = (scope: Scope, receive: Receive, send: Send): void | Promise<void> => {
    if (scope.type === "lifespan") return lifespan(scope.state, receive, send);
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    return choose(scope)(scope, receive, send);
  };
  // The door, so that the bridge is met by the same door as in a server of its own.
  return Object.assign(app, {
    [SERVE]: ((scope, transport) => serve(choose(scope), scope, transport)) satisfies AsgiApp[typeof SERVE],
  });
}

/** The sync half: for hosts that run sync apps by themselves. Its notes are its own: `runs` is shared with the async half. */
function syncSuiteApp(cases: readonly Case[], runs: Runs): WsgiApp {
  const apps = new Map(cases.flatMap((found) => ("syncApp" in found ? [[found.name, found.syncApp]] : [])));
  return (environ: Environ, startResponse: StartResponse) => {
    const app = apps.get(String(environ["HTTP_X_TSGI_CASE"]));
    const run = runs.of(String(environ["HTTP_X_TSGI_RUN"]));
    let started = false;
    const start: StartResponse = (status, headers, excInfo) => {
      const write = startResponse(status, headers, excInfo);
      started = true;
      return write;
    };
    try {
      if (app === undefined) throw new CaseFailure("No sync case of this name");
      const result = app(environ, start, run);
      return isGenerator(result) ? watched(result, run) : result;
    } catch (error) {
      if (!(error instanceof CaseFailure)) throw error;
      run.failed(error.message);
      if (started) return [];
      startResponse(`${FAILED_STATUS} Failed`, [["Content-Type", "text/plain; charset=utf-8"]]);
      return [error.message];
    }
  };
}

/** A generator fails while it is iterated, when the head may be sent: the note reaches the client all the same. */
function* watched(pieces: Iterable<Uint8Array | string>, run: Run): Generator<Uint8Array | string, void> {
  try {
    yield* pieces;
  } catch (error) {
    if (error instanceof CaseFailure) run.failed(error.message);
    throw error;
  }
}

function isGenerator(result: unknown): boolean {
  return Object.prototype.toString.call(result) === "[object Generator]" && !("close" in (result as object));
}

function asyncApp(app: NonNullable<Extract<Case, { app: unknown }>["app"]>, runs: Runs): AsgiApp {
  return async (scope, receive, send) => {
    const run = runs.of(header(scope as HttpScope, RUN_HEADER) ?? "");
    try {
      return await app(scope as HttpScope, receive, send, run);
    } catch (error) {
      if (!(error instanceof CaseFailure)) throw error;
      run.failed(error.message);
      await reply(send, FAILED_STATUS, error.message).catch(() => {});
    }
  };
}

/** Answers whole, with a short text. */
export async function reply(
  send: Send,
  status: number,
  text: string,
  headers: readonly (readonly [string, string])[] = [["content-type", "text/plain; charset=utf-8"]],
): Promise<void> {
  await send({ type: "http.response.start", status, headers });
  await send({ type: "http.response.body", body: text });
}

function questions(runs: Runs): AsgiApp {
  return async (scope, _receive, send) => {
    const run = runs.of(header(scope as HttpScope, RUN_HEADER) ?? "");
    const question = header(scope as HttpScope, ASK_HEADER) ?? "";
    const verb = question.split(" ", 1)[0];
    const argument = question.slice(question.indexOf(" ") + 1);
    if (verb === "open") run.open(argument);
    if (verb === "notes")
      await run.until(() => run.notes.length >= Number(argument) || run.failures.length > 0);
    await reply(send, 200, JSON.stringify(runs.report(run)));
  };
}

async function unknownCase(_scope: Scope, _receive: Receive, send: Send): Promise<void> {
  await reply(send, FAILED_STATUS, "The request names no case of the suite");
}

async function lifespan(state: unknown, receive: Receive, send: Send): Promise<void> {
  await receive();
  Object.assign(state as object, { suite: "startup", shared: { seen: 0 } });
  await send({ type: "lifespan.startup.complete" });
  await receive();
  await send({ type: "lifespan.shutdown.complete" });
}

function header(scope: { readonly headers: HttpScope["headers"] }, name: string): string | undefined {
  return scope.headers.find((field) => field[0] === name)?.[1];
}
