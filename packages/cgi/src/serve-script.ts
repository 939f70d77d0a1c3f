// One request for one program: refused, queued, started, answered. Shared by fromCgi and cgiDirectory.
// Sources: RFC 3875; requirements CH9, CH18, CH27, CH31.

import {
  ClientDisconnected,
  HttpExchange,
  SERVE,
  UnsupportedScopeError,
  reasonOf,
  runApp,
  type AsgiApp,
  type HttpScope,
  type HttpScopeInit,
  type HttpTransport,
  type LifespanScope,
  type Log,
  type Receive,
  type Send,
} from "@tsgi/core";
import type { Script, ScriptSettings } from "./script-settings.ts";
import { SpawnFailed, startProgram } from "./child.ts";
import { childEnvironment } from "./child-environment.ts";
import { redirect } from "./local-redirect.ts";
import { RequestRefused } from "./request-refused.ts";
import { ScriptRun } from "./script-run.ts";
import { sizedBody, type SizedBody } from "./sized-body.ts";
import { variablesFromScope } from "./variables-from-scope.ts";

/** A script that was chosen for a request, and where its name ends in the path: both as octets. */
export interface ChosenScript {
  readonly script: Script;
  readonly scriptName?: string;
  readonly pathInfo?: string;
}

/**
 * Chooses the script of a request.
 *
 * @throws {@link RequestRefused}
 */
export type ChooseScript = (scope: HttpScopeInit) => ChosenScript | Promise<ChosenScript>;

/** Makes an app of programs. Its lifespan does no more than end those that still run at its end. */
export function appOf(settings: ScriptSettings, choose: ChooseScript): AsgiApp {
  const app: AsgiApp = (scope, receive, send) => {
    if (scope.type === "lifespan") return live(settings, scope, receive, send);
    if (scope.type !== "http") throw new UnsupportedScopeError((scope as { type: string }).type);
    return serveScript(settings, choose, scope, receive, send, settings.log);
  };
  app[SERVE] = (scope: HttpScopeInit, transport: HttpTransport): void => {
    const log: Log = (level, message, error) => transport.log(level, message, error);
    runApp(
      (own, receive, send) => serveScript(settings, choose, own as HttpScope, receive, send, log),
      new HttpExchange(scope, transport),
    );
  };
  return app;
}

async function live(
  settings: ScriptSettings,
  _scope: LifespanScope,
  receive: Receive,
  send: Send,
): Promise<void> {
  for (;;) {
    const { type } = await receive();
    if (type === "lifespan.startup") {
      await send({ type: "lifespan.startup.complete" });
    } else if (type === "lifespan.shutdown") {
      await settings.children.close();
      return send({ type: "lifespan.shutdown.complete" });
    }
  }
}

async function serveScript(
  settings: ScriptSettings,
  choose: ChooseScript,
  scope: HttpScope,
  receive: Receive,
  send: Send,
  log: Log,
): Promise<void> {
  let redirected: string | null = null;
  try {
    const chosen = await choose(scope);
    // Refused before anything is read.
    variablesFromScope(scope, variableOptions(settings, chosen));
    const body = await sizedBody(scope, receive, settings);
    try {
      redirected = await run(settings, chosen, { scope, receive, send, log, body });
    } finally {
      await body.close();
    }
  } catch (error) {
    if (!(error instanceof RequestRefused) && !(error instanceof SpawnFailed)) throw error;
    if (error instanceof SpawnFailed) log("error", error.message, error.cause);
    else if (error.status === 503) log("warn", error.message);
    return answer(send, error.status);
  }
  if (redirected === null || settings.redirectTo === null) return;
  return redirect(settings.redirectTo, redirected, scope, receive, send);
}

interface Request {
  readonly scope: HttpScope;
  readonly receive: Receive;
  readonly send: Send;
  readonly log: Log;
  readonly body: SizedBody;
}

async function run(settings: ScriptSettings, chosen: ChosenScript, request: Request): Promise<string | null> {
  const { scope, body } = request;
  const { script } = chosen;
  const { children } = settings;
  const signal = scope.signal as AbortSignal | undefined;
  const options = { ...variableOptions(settings, chosen), contentLength: body.length };
  const env = childEnvironment(variablesFromScope(scope, options), settings.inheritEnv, settings.env);
  if (!(await children.place(signal))) {
    if (signal?.aborted === true) throw new ClientDisconnected();
    throw new RequestRefused(503, "There is no place for another program");
  }
  try {
    const { file, args, directory } = script;
    const hasBody = (body.length ?? 0) > 0;
    const child = await startProgram({ file, args, directory, env, hasBody, grace: settings.killGrace });
    children.add(child);
    void child.exited.then(() => children.release());
    return await new ScriptRun(settings, script, child, request).run();
  } catch (error) {
    if (error instanceof SpawnFailed) children.release();
    throw error;
  }
}

function variableOptions(settings: ScriptSettings, { script, scriptName, pathInfo }: ChosenScript) {
  const { documentRoot, passAuthorization, encodedSlashes, dotSegments, serverSoftware } = settings;
  return {
    documentRoot,
    passAuthorization,
    encodedSlashes,
    dotSegments,
    serverSoftware,
    scriptFilename: script.scriptFilename,
    ...(scriptName !== undefined && { scriptName }),
    ...(pathInfo !== undefined && { pathInfo }),
  } as const;
}

/** Answers in place of a program. Nothing of the request, of the program or of an error is in it. */
async function answer(send: Send, status: number): Promise<void> {
  const headers: [string, string][] = [["content-type", "text/plain; charset=utf-8"]];
  // The rest of a body that is too long is not read: the connection ends with it.
  if (status === 413 || status === 411) headers.push(["connection", "close"]);
  await send({ type: "http.response.start", status, headers });
  await send({ type: "http.response.body", body: reasonOf(status) });
}
