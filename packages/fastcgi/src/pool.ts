// Connections to FastCGI upstreams: which request gets which, who waits, and when there is none.
// Sources: requirements FC19, FC21, FC23; nginx ngx_http_upstream_module (least_conn, fail_timeout), HAProxy (queue, timeout queue).

import type { Target } from "./target.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { Upstream } from "./upstream.ts";

/** How connections are made, kept and shared. */
export interface PoolSettings {
  readonly keepAlive: boolean;
  readonly maxConns: number;
  readonly maxIdle: number;
  readonly idleTimeout: number;
  readonly maxQueue: number;
  readonly queueTimeout: number;
  readonly connectTimeout: number;
  readonly acceptDelay: number;
  readonly failTimeout: number;
  readonly multiplex: boolean | "ask";
  readonly maxRequests: number;
  readonly maxHeld: number;
  readonly askTimeout: number;
}

/** What a request needs of its connection. */
export interface Want {
  /** Not one that had a request before: it may have been closed without our knowing. */
  readonly fresh: boolean;
  /**
   * It could not be sent again. A connection of its own must be a fresh one: a PHP process that has served its last request says so by closing it, a moment after
   * the answer. A multiplexed one is looked at first, whether its other end has closed it.
   */
  readonly once: boolean;
  /** Who has had the request, and did not want it. */
  readonly except: ReadonlySet<Upstream>;
  /** Told why an upstream was passed over for another one: not again while it is tried last in any case. */
  readonly passedOver: (failure: UpstreamFailure) => void;
}

/** A request that waits for a place. */
interface Waiter {
  readonly want: Want;
  readonly wake: () => void;
  readonly refuse: (error: UpstreamFailure) => void;
}

/** A connection, and whose. */
export interface Place {
  readonly upstream: Upstream;
  readonly connection: UpstreamConnection;
}

/** All connections to all targets. */
export class Pool {
  readonly #upstreams: readonly Upstream[];
  readonly #settings: PoolSettings;
  /** In the order they came. */
  readonly #queue: Waiter[] = [];
  /** How often a place has become free. */
  #changes = 0;
  /** Where the next search begins, so that equals take turns. */
  #turn = 0;

  constructor(targets: readonly Target[], settings: PoolSettings) {
    this.#settings = settings;
    this.#upstreams = targets.map((target) => new Upstream(target, settings, () => this.#changed()));
  }

  /** How many upstreams there are. */
  get size(): number {
    return this.#upstreams.length;
  }

  /**
   * Finds a connection, opens one, or waits for one.
   *
   * @throws {@link UpstreamFailure} 502 or 504 if no upstream can be reached, 503 if too many wait, or one waits too long.
   */
  async acquire(want: Want): Promise<Place> {
    let deadline: number | null = null;
    for (let mayTake = this.#queue.length === 0; ; mayTake = true) {
      const before = this.#changes;
      const place = mayTake ? await this.#tryTaking(want) : null;
      // There may be more places than one.
      if (place !== null) this.#wakeNext();
      if (place !== null) return place;
      // What became free while another upstream was being connected to was told to nobody.
      if (mayTake && this.#changes !== before) continue;
      const again = deadline !== null;
      deadline ??= performance.now() + this.#settings.queueTimeout;
      await this.#wait(want, deadline, again);
    }
  }

  /** Takes a request out of the queue, if it is there: its `acquire` rejects. */
  cancel(want: Want): void {
    const waiter = this.#queue.find((waiting) => waiting.want === want);
    waiter?.refuse(new UpstreamFailure(503, "The client has gone away"));
  }

  /** Closes all connections; requests that wait are refused. The pool may be used again. */
  close(): void {
    for (const upstream of this.#upstreams) upstream.close();
    for (const waiter of this.#queue.splice(0)) {
      waiter.refuse(new UpstreamFailure(503, "The FastCGI upstream's pool was closed"));
    }
  }

  async #tryTaking(want: Want): Promise<Place | null> {
    try {
      return await this.#take(want);
    } catch (error) {
      // Its place is free, and there is nobody else who would tell those that wait.
      this.#wakeNext();
      throw error;
    }
  }

  /** A connection now; `null` if all places are taken. */
  async #take(want: Want): Promise<Place | null> {
    let failure: unknown = null;
    const news: UpstreamFailure[] = [];
    let full = false;
    for (const upstream of this.#inOrder(want.except)) {
      const used = await this.#used(upstream, want);
      if (used !== null) return { upstream, connection: used };
      if (!upstream.makeRoom()) {
        full = true;
        continue;
      }
      const { failing } = upstream;
      try {
        const connection = await upstream.connect();
        for (const missed of news) want.passedOver(missed);
        return { upstream, connection };
      } catch (error) {
        failure = error;
        if (!failing) news.push(error as UpstreamFailure);
      }
    }
    // Who was refused elsewhere does not wait here: the queue is for those whom any place suits.
    if (full && want.except.size === 0) return null;
    throw failure ?? new UpstreamFailure(503, "No FastCGI upstream is left to ask");
  }

  async #used(upstream: Upstream, { fresh, once }: Want): Promise<UpstreamConnection | null> {
    if (fresh) return null;
    for (;;) {
      const connection = upstream.reuse();
      if (connection === null || !once) return connection;
      if (connection.capacity === 1) {
        // It occupied one process of the upstream's, and the fresh one will need one.
        upstream.drop(connection);
        return null;
      }
      await freshNews();
      if (connection.open) return connection;
    }
  }

  /** The least busy first, and those that have failed last. */
  #inOrder(except: ReadonlySet<Upstream>): readonly Upstream[] {
    const all = this.#upstreams;
    if (all.length === 1) return except.size === 0 ? all : [];
    this.#turn += 1;
    const from = this.#turn % all.length;
    const turned = [...all.slice(from), ...all.slice(0, from)].filter((upstream) => !except.has(upstream));
    return turned.sort((one, other) => Number(one.failing) - Number(other.failing) || one.load - other.load);
  }

  #wait(want: Want, deadline: number, again: boolean): Promise<void> {
    const { maxQueue, queueTimeout } = this.#settings;
    if (!again && this.#queue.length >= maxQueue) {
      throw new UpstreamFailure(
        503,
        `All connections to the FastCGI upstream are taken, and ${maxQueue} requests wait`,
      );
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        const at = this.#queue.indexOf(waiter);
        if (at !== -1) this.#queue.splice(at, 1);
      };
      const refuse = (error: UpstreamFailure): void => {
        leave();
        reject(error);
      };
      const wake = (): void => {
        leave();
        resolve();
      };
      const waiter: Waiter = { want, wake, refuse };
      const timer = setTimeout(
        () =>
          refuse(
            new UpstreamFailure(
              503,
              `No connection to the FastCGI upstream became free in ${queueTimeout} ms`,
            ),
          ),
        Math.max(0, deadline - performance.now()),
      );
      // Whom somebody was quicker than stays the first.
      if (again) this.#queue.unshift(waiter);
      else this.#queue.push(waiter);
    });
  }

  #changed(): void {
    this.#changes += 1;
    this.#wakeNext();
  }

  #wakeNext(): void {
    this.#queue[0]?.wake();
  }
}

/** Two turns of the event loop: what had come before is then known, in the turn that is under way or in the next. */
async function freshNews(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
