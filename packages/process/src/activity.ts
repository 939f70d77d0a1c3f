// How many requests have an app at work: what a graceful shutdown waits for besides connections.

/** Counts the apps at work behind one listener. */
export class Activity {
  #running = 0;
  #waiting: (() => void)[] = [];

  /** How many are at work. */
  get running(): number {
    return this.#running;
  }

  /** An app was given a request. */
  begin(): void {
    this.#running += 1;
  }

  /** An app has returned, and its response is complete or cut. */
  end(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when none is at work. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
