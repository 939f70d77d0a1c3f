// Runs a sync app on a transport in memory, by the faster door or by plain events, until it is done with.

import type { WsgiApp } from "./app.ts";
import { MemoryTransport, scopeOf, type MemoryTransportOptions } from "./memory-transport.test-support.ts";
import type { Environ } from "./pep3333.ts";
import type { HttpScopeInit } from "./scope.ts";
import type { Spool, SpoolFactory } from "./spool.ts";
import { serve } from "./transport.ts";
import { wsgi } from "./wsgi.ts";
import type { WsgiOptions } from "./wsgi-settings.ts";

export interface SyncRun extends MemoryTransportOptions {
  readonly scope?: Partial<HttpScopeInit>;
  readonly options?: WsgiOptions;
  /** Where it runs, if the app itself has to look at it. Default: a new one. */
  readonly transport?: MemoryTransport;
  /** Whether a middleware hides the faster door. Default: `false`. */
  readonly plain?: boolean;
}

/** Starts a request; the transport tells what becomes of it. */
export function startSync(app: WsgiApp, run: SyncRun = {}): MemoryTransport {
  const { transport = new MemoryTransport(run) } = run;
  const wrapped = wsgi(app, run.options);
  serve(
    run.plain === true ? (scope, receive, send) => wrapped(scope, receive, send) : wrapped,
    scopeOf(run.scope),
    transport,
  );
  return transport;
}

/** Runs a request to its end. */
export async function runSync(app: WsgiApp, run: SyncRun = {}): Promise<MemoryTransport> {
  const transport = startSync(app, run);
  await transport.detached;
  return transport;
}

/** Runs a request for the environ that the app gets. */
export async function environOf(run: SyncRun = {}): Promise<Environ> {
  let seen: Environ | undefined;
  await runSync((environ, startResponse) => {
    seen = environ;
    startResponse("200 OK", []);
    return [];
  }, run);
  if (seen === undefined) throw new Error("The app was not called");
  return seen;
}

/** What was logged as errors, in words. */
export function errorCodes(transport: MemoryTransport): unknown[] {
  return transport.errors.map((error) => (error as { code?: unknown } | undefined)?.code);
}

/** Turns of the event loop, for what is left to run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A spool in memory that writes down what is done with it, and can fail. */
export class TestSpools implements SpoolFactory {
  readonly calls: string[] = [];
  readonly #fails: string;
  #bytes: number[] = [];

  constructor(fails: string = "") {
    this.#fails = fails;
  }

  open(): Spool {
    this.#note("open");
    return {
      write: async (chunk) => {
        this.#note(`write ${chunk.length}`);
        this.#bytes.push(...chunk);
      },
      finish: async () => {
        this.#note("finish");
        return {
          readSync: (size, position) => Uint8Array.from(this.#bytes.slice(position, position + size)),
        };
      },
      close: async () => {
        this.#note("close");
      },
    };
  }

  #note(call: string): void {
    this.calls.push(call);
    if (this.#fails !== "" && call.startsWith(this.#fails)) throw new Error(`cannot ${this.#fails}`);
  }
}
