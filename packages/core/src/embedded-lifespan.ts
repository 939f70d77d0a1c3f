// The lifespan of an app inside a framework that has none of its own: started by hand, or else by the first request.
// Source: ASGI lifespan 2.0; requirement A88. Express, Hono and a fetch handler never learn when their server starts.

import type { AsgiApp } from "./app.ts";
import { checkMode, startLifespan, type Lifespan, type LifespanOptions } from "./lifespan.ts";

/** What an adapter says of its app. */
export interface EmbeddedOptions extends Pick<LifespanOptions, "mode" | "log"> {
  /** What a startup left that was run elsewhere. Default: `null`; with one, `mode` is `"off"` unless it is given. */
  readonly state?: object | null;
}

/**
 * Takes note that a startup has ended.
 *
 * @param app - What requests are served with from now on: the app, or one that throws the error the startup ended with, so
 *   that each request is answered, and logged, as after any other failure of the app.
 * @param state - What `scope.state` is copied from.
 */
export type StartupEnded = (app: AsgiApp, state: object | null) => void;

/** One app's lifespan, which is started once, whoever asks first. */
export class EmbeddedLifespan {
  readonly #app: AsgiApp;
  readonly #options: EmbeddedOptions;
  readonly #ended: StartupEnded;
  #lifespan: Promise<Lifespan> | null = null;
  #ready: boolean;

  /** @throws {@link GatewayError} `TSGI_ERR_OPTION` for a mode that is none. */
  constructor(app: AsgiApp, options: EmbeddedOptions, ended: StartupEnded) {
    const { mode = (options.state ?? null) === null ? "auto" : "off" } = options;
    checkMode(mode);
    this.#app = app;
    this.#options = options;
    this.#ended = ended;
    this.#ready = mode === "off";
  }

  /** Whether requests can be served: else each waits for {@link startup}. */
  get ready(): boolean {
    return this.#ready;
  }

  /**
   * Runs the startup, unless it was begun.
   *
   * @returns The lifespan, whose `shutdown()` is to be called after the last request.
   * @throws what {@link startLifespan} throws.
   */
  start(options: LifespanOptions = {}): Promise<Lifespan> {
    this.#lifespan ??= this.#start(options);
    return this.#lifespan;
  }

  /** The end of the startup, which the first request begins. Never rejects. */
  async startup(): Promise<void> {
    await this.start().catch(() => {});
  }

  async #start(options: LifespanOptions): Promise<Lifespan> {
    const { mode = "auto", log, state = null } = this.#options;
    try {
      const lifespan = await startLifespan(this.#app, {
        // Whoever asks for a startup has one, where requests do without.
        mode: mode === "off" ? "auto" : mode,
        ...(log !== undefined && { log }),
        ...options,
      });
      this.#ended(this.#app, lifespan.state ?? state);
      return lifespan;
    } catch (error) {
      this.#ended(() => {
        throw error;
      }, state);
      throw error;
    } finally {
      this.#ready = true;
    }
  }
}
