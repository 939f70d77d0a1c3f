// The lifespan of an app inside a framework that has none of its own: started by hand, or else by the first request.
// Source: ASGI lifespan 2.0; requirement A88. Express, Hono and a fetch handler never learn when their server starts.

import type { AsgiApp } from "./app.ts";
import { startLifespan, type Lifespan, type LifespanOptions } from "./lifespan.ts";

/** One app's lifespan, which is started once, whoever asks first. */
export class EmbeddedLifespan {
  readonly #app: AsgiApp;
  readonly #options: LifespanOptions;
  #starting: Promise<AsgiApp> | null = null;
  #lifespan: Promise<Lifespan> | null = null;
  #serving: AsgiApp | null = null;
  #state: Record<string, unknown> | null = null;

  /**
   * @param options - Of a startup by the first request; `{ mode: "off" }` has none.
   */
  constructor(app: AsgiApp, options: LifespanOptions = {}) {
    this.#app = app;
    this.#options = options;
    if (options.mode === "off") this.#serving = app;
  }

  /** What requests are served with: the app, or one that throws the error the startup ended with; `null` before its end. */
  get serving(): AsgiApp | null {
    return this.#serving;
  }

  /** What the startup left, for {@link stateCopy}; `null` before its end, and where there is none. */
  get state(): Record<string, unknown> | null {
    return this.#state;
  }

  /**
   * Runs the startup, unless it was begun.
   *
   * @param options - Default: those of the constructor; a mode of `"off"` there does not count here.
   * @returns The lifespan, whose `shutdown()` is to be called after the last request.
   * @throws what {@link startLifespan} throws.
   */
  start(options: LifespanOptions = {}): Promise<Lifespan> {
    this.#lifespan ??= this.#start({ ...this.#options, mode: "auto", ...options });
    return this.#lifespan;
  }

  /** For a request that found nothing to be served with: waits for the startup, which it begins if need be. Never rejects. */
  ready(): Promise<AsgiApp> {
    this.#starting ??= (this.#lifespan ??= this.#start(this.#options)).then(
      () => this.#app,
      () => this.#serving as AsgiApp,
    );
    return this.#starting;
  }

  async #start(options: LifespanOptions): Promise<Lifespan> {
    try {
      const lifespan = await startLifespan(this.#app, options);
      this.#state = lifespan.state;
      this.#serving = this.#app;
      return lifespan;
    } catch (error) {
      // Thrown for every request, so that each is answered, and logged, as any other failure of the app.
      this.#serving = () => {
        throw error;
      };
      throw error;
    }
  }
}
