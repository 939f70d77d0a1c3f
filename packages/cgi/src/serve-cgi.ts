// A portable app as a CGI program: one request, and the end of the process. Loads next to nothing: cold start is all of CGI's cost.
// Sources: RFC 3875; PEP 3333; requirements C1 to C43.

import { closeSync, openSync, writeSync } from "node:fs";
import {
  GatewayError,
  checkApp,
  responseHead,
  serve,
  startLifespan,
  stateCopy,
  wsgiAppOf,
  type AsgiApp,
  type Extensions,
  type HttpScopeInit,
  type Lifespan,
} from "@tsgi/core";
import { encodeCgiHead, type EncodedHead } from "./cgi-head.ts";
import { CgiInput, type ReadLimits } from "./cgi-input.ts";
import { serveSettings, type ServeSettings, type ServeCgiOptions } from "./serve-settings.ts";
import { CgiTransport } from "./cgi-transport.ts";
import { writeWaiting } from "./fd.ts";
import { bodyLengthOf, type MetaVariables } from "./meta-variables.ts";
import { isNph } from "./nph-head.ts";
import { metaVariablesOfProcess } from "./process-environment.ts";
import { scopeFromMetaVariables } from "./scope-from-meta-variables.ts";
import { guardStdout } from "./stdout-guard.ts";

export type { ServeCgiOptions } from "./serve-settings.ts";

const STDIN = 0;
const STDOUT = 1;

/** What a program exits with that was started in a wrong way (sysexits.h). */
const EX_USAGE = 64;

const USAGE = `This is a CGI program: a web server starts it, with a request in its environment (RFC 3875).
To try it by hand: REQUEST_METHOD=GET PATH_INFO=/ SERVER_PROTOCOL=HTTP/1.1 <program>
`;

/**
 * Serves the one request this process was started for, and ends the process: with 0 after a whole response, whatever its status, with 1 if
 * there is none. To be called last: a sync app is done, and the process with it, before it returns.
 *
 * An app of {@link wsgi} is served without an event loop: `wsgi.input` reads fd 0 as the app asks for it. Any other app has its lifespan
 * run around the request. Until the request body is read, no answer leaves, because web servers would not take it: what the app leaves
 * unread is kept for it, or thrown away once the response is complete.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for options that make no sense.
 * @example
 * #!/usr/bin/env node
 * import { serveCgi } from "@tsgi/cgi/serve-cgi";
 * import { app } from "./app.js";
 *
 * serveCgi(app);
 */
export function serveCgi<State>(app: AsgiApp<State>, options: ServeCgiOptions = {}): void {
  checkApp(app, "An app is a function (scope, receive, send)");
  const settings = serveSettings(options);
  guardStdout();
  const meta = metaVariablesOfProcess(settings.variables);
  const { REQUEST_METHOD = "", GATEWAY_INTERFACE = "" } = meta;
  if (REQUEST_METHOD === "") {
    writeSync(2, USAGE);
    process.exit(EX_USAGE);
  }
  if (GATEWAY_INTERFACE !== "" && !/^CGI\/\d/.test(GATEWAY_INTERFACE)) {
    settings.log("warn", `GATEWAY_INTERFACE is ${JSON.stringify(GATEWAY_INTERFACE)}, not CGI/1.1`);
  }
  new CgiProcess(app as AsgiApp, settings, meta).run();
}

/** A process that serves one request. */
class CgiProcess {
  readonly #app: AsgiApp;
  readonly #settings: ServeSettings;
  readonly #meta: MetaVariables;
  #transport: CgiTransport | null = null;
  #lifespan: Lifespan | null = null;
  #listens = false;
  #blocked = false;
  #failed = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #hurried = false;

  constructor(app: AsgiApp, settings: ServeSettings, meta: MetaVariables) {
    this.#app = app;
    this.#settings = settings;
    this.#meta = meta;
  }

  run(): void {
    const { meta, localRedirect } = this.#settings;
    let input: CgiInput | null = null;
    let scope: HttpScopeInit;
    try {
      input = new CgiInput(STDIN, bodyLengthOf(this.#meta));
      scope = scopeFromMetaVariables(this.#meta, meta, localRedirect ? WITH_REDIRECT : EXTENSIONS);
    } catch (error) {
      this.#refuse(error, input);
      return;
    }
    // Nothing of a sync app's own waits, not even for a signal: by default SIGTERM ends the process.
    if (wsgiAppOf(this.#app) !== null) this.#serve(scope, input);
    else void this.#live(scope, input);
  }

  /** What came is no request. */
  #refuse(error: unknown, input: CgiInput | null): void {
    if (!(error instanceof GatewayError)) throw error;
    this.#settings.log("warn", error.message);
    input?.discardSync(this.#drain());
    this.#answer(400, "Bad Request");
  }

  // ── the request ───────────────────────────────────────────────────────────────────────────────────────────────

  async #live(scope: HttpScopeInit, input: CgiInput): Promise<void> {
    const { lifespan: mode, lifespanShutdownTimeout: shutdownTimeout, log } = this.#settings;
    whenIdle(() => this.#listen(input));
    try {
      // The time limit is ours: its timer is not made for an app that has no lifespan.
      this.#lifespan = await startLifespan(this.#app, {
        mode,
        startupTimeout: Infinity,
        shutdownTimeout,
        log,
      });
    } catch (error) {
      this.#notStarted(error as GatewayError, input);
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (!this.#failed) this.#serve({ ...scope, state: stateCopy(this.#lifespan.state) }, input);
  }

  /** What only a process needs that lives on: an app that is done by now has spared it. */
  #listen(input: CgiInput): void {
    const { startupTimeout } = this.#settings;
    process.once("beforeExit", () => {
      const why = "The app waits for something that cannot come: nothing is left to happen in this process";
      this.#transport?.stalled(new GatewayError("TSGI_ERR_INCOMPLETE", why));
    });
    if (this.#blocked) return;
    this.#listens = true;
    process.on("SIGTERM", this.#onSigterm);
    if (this.#lifespan !== null || this.#failed || startupTimeout === Infinity) return;
    this.#timer = setTimeout(() => {
      const why = `The app's lifespan startup took over ${startupTimeout} ms`;
      this.#notStarted(new GatewayError("TSGI_ERR_LIFESPAN_TIMEOUT", why), input);
    }, startupTimeout);
  }

  #notStarted({ message, cause }: GatewayError, input: CgiInput): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#settings.log("error", message, cause);
    input.discard(this.#drain(), () => this.#answer(500, "Internal Server Error"));
  }

  #drain(): ReadLimits {
    const { drainLimit: most, drainTimeout: time } = this.#settings;
    return { most, time };
  }

  #serve(scope: HttpScopeInit, input: CgiInput): void {
    const nphVersion = this.#isNph() ? scope.http_version : null;
    const encode = (head: Parameters<typeof encodeCgiHead>[0]): EncodedHead =>
      encodeCgiHead(head, this.#settings, nphVersion);
    this.#transport = new CgiTransport(input, STDOUT, this.#settings, this, encode);
    serve(this.#app, scope, this.#transport);
  }

  #isNph(): boolean {
    const { nph } = this.#settings;
    return nph === "auto" ? isNph(this.#meta) : nph;
  }

  /** Answers without the app, and ends. */
  #answer(status: number, text: string): void {
    const headers = [["content-type", "text/plain; charset=utf-8"]] as const;
    const { text: head } = encodeCgiHead(
      responseHead(status, headers, null, false),
      this.#settings,
      this.#isNph() ? "1.0" : null,
    );
    try {
      writeWaiting(STDOUT, Buffer.from(head + text, "latin1"));
    } catch {
      this.#exit(1);
    }
    this.#exit(0);
  }

  // ── what the transport reports ────────────────────────────────────────────────────────────────────────────────

  blocked(): void {
    this.#blocked = true;
    if (this.#listens) process.off("SIGTERM", this.#onSigterm);
  }

  answered(): void {
    whenIdle(closeStdout);
  }

  lost(): void {
    this.#hurry();
  }

  finished(whole: boolean): void {
    const lifespan = this.#lifespan;
    const code = whole ? 0 : 1;
    if (lifespan?.supported !== true) {
      this.#exit(code);
      return;
    }
    closeStdout();
    lifespan.shutdown().then(
      () => this.#exit(code),
      (error: unknown) => {
        this.#settings.log("error", "The lifespan's shutdown failed", error);
        this.#exit(code);
      },
    );
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #onSigterm = (): void => {
    if (this.#hurried) this.#exit(1);
    this.#hurry();
    this.#transport?.endAsked();
  };

  /** Gives the app a while to come to an end. */
  #hurry(): void {
    if (this.#hurried) return;
    this.#hurried = true;
    setTimeout(() => this.#exit(1), this.#settings.shutdownTimeout);
  }

  #exit(code: number): never {
    // A thread that waits for the web server would keep the process from exiting.
    if (this.#transport?.busy === true) process.kill(process.pid, "SIGKILL");
    process.exit(code);
  }
}

const EXTENSIONS: Extensions = { "tsgi.reason": {} };
const WITH_REDIRECT: Extensions = { ...EXTENSIONS, "tsgi.local_redirect": {} };

/** Calls back when all that is due by now has been done: as a rule an app is, too, and the process has ended before. */
function whenIdle(callback: () => void): void {
  void Promise.resolve().then(() => process.nextTick(callback));
}

/** Tells the web server that the response is complete, before the process is. Something else takes the number: what an app opens must not. */
function closeStdout(): void {
  try {
    closeSync(STDOUT);
    openSync(process.platform === "win32" ? "\\\\.\\nul" : "/dev/null", "w");
  } catch {
    // There is nobody to tell.
  }
}
