// The programs at work behind one app: how many there may be, who waits for a place, and that none outlives the server.
// Source: requirements CH31, S28.

import type { Child } from "./child.ts";

/** How many programs there may be. */
export interface ChildLimits {
  /** At the same time. */
  readonly maxChildren: number;
  /** Requests that wait for a place. */
  readonly maxQueue: number;
  /** How long they wait, in milliseconds. */
  readonly queueTimeout: number;
}

interface Waiting {
  readonly resolve: (placed: boolean) => void;
  readonly timer: NodeJS.Timeout | null;
  readonly signal: AbortSignal | undefined;
  readonly leave: () => void;
}

/** The programs of all apps of this process: one listener ends them, however many apps there are. */
const everywhere = new Set<Child>();

function killAll(): void {
  for (const child of everywhere) child.signal("SIGKILL");
}

/** The places for programs, and the programs that have one. */
export class Children {
  readonly #limits: ChildLimits;
  readonly #alive = new Set<Child>();
  readonly #queue = new Set<Waiting>();
  #taken = 0;

  constructor(limits: ChildLimits) {
    this.#limits = limits;
  }

  /** How many places are taken. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Takes a place, or waits for one.
   *
   * @param signal - Aborted if the client goes away: then it need not wait longer.
   * @returns `false` if there is none in time, or too many wait already.
   */
  place(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#taken < this.#limits.maxChildren) {
      this.#taken += 1;
      return Promise.resolve(true);
    }
    if (this.#queue.size >= this.#limits.maxQueue || signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const leave = (): void => this.#leave(waiting, false);
      const { queueTimeout } = this.#limits;
      const timer = queueTimeout === Infinity ? null : setTimeout(leave, queueTimeout);
      const waiting: Waiting = { resolve, timer, signal, leave };
      signal?.addEventListener("abort", leave);
      this.#queue.add(waiting);
    });
  }

  /** Gives a place back: to who waits longest, if anybody does. */
  release(): void {
    const [next] = this.#queue;
    if (next === undefined) this.#taken -= 1;
    else this.#leave(next, true);
  }

  /** A program has started. It must not outlive this process, however that ends. */
  add(child: Child): void {
    if (everywhere.size === 0) process.on("exit", killAll);
    everywhere.add(child);
    this.#alive.add(child);
    void child.gone.then(() => {
      this.#alive.delete(child);
      everywhere.delete(child);
      if (everywhere.size === 0) process.off("exit", killAll);
    });
  }

  /** Ends all programs. Resolves when they have ended: each has its grace, and is killed then. */
  async close(): Promise<void> {
    const children = [...this.#alive];
    for (const child of children) child.terminate();
    await Promise.all(children.map((child) => child.exited));
  }

  #leave(waiting: Waiting, placed: boolean): void {
    this.#queue.delete(waiting);
    if (waiting.timer !== null) clearTimeout(waiting.timer);
    waiting.signal?.removeEventListener("abort", waiting.leave);
    waiting.resolve(placed);
  }
}
