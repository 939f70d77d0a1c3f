// One FastCGI upstream of a pool: its connections, whether it can be reached, and whether it multiplexes.
// Sources: FastCGI 1.0 §3.5, §4.1; requirements FC4, FC5, FC19, FC21, FC23.

import { connect } from "node:net";
import { askValues } from "./ask-values.ts";
import type { PoolSettings } from "./pool.ts";
import type { Target } from "./target.ts";
import { UpstreamConnection, type ConnectionOwner } from "./upstream-connection.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** The connections to one target. */
export class Upstream implements ConnectionOwner {
  readonly name: string;
  readonly #target: Target;
  readonly #settings: PoolSettings;
  /** There is a place for a request that has none: told after each change. */
  readonly #changed: () => void;
  readonly #connections = new Set<UpstreamConnection>();
  /** Without a request; the one that was used last is used first, and so the others can end. */
  #idle: UpstreamConnection[] = [];
  #connecting = 0;
  #failedUntil = 0;
  #capacity: number;
  #maxConns: number;
  #asked = false;
  #yielding: NodeJS.Timeout | null = null;

  constructor(target: Target, settings: PoolSettings, changed: () => void) {
    this.name = target.name;
    this.#target = target;
    this.#settings = settings;
    this.#changed = changed;
    this.#capacity = settings.multiplex === true ? settings.maxRequests : 1;
    this.#maxConns = settings.maxConns;
  }

  /** Whether a connection failed not long ago: others are tried first. */
  get failing(): boolean {
    return this.#failedUntil > performance.now();
  }

  /** How busy it is: the connections that are in use, or will be. */
  get load(): number {
    return this.#connections.size + this.#connecting - this.#idle.length;
  }

  /** A place on a connection that is open; `null` without one. */
  reuse(): UpstreamConnection | null {
    if (this.#capacity > 1) {
      for (const connection of this.#connections) {
        if (connection.hasRoom && !connection.idle && connection.capacity > 1) return connection.reserve();
      }
    }
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return null;
      if (connection.hasRoom) return connection.reserve();
    }
  }

  /** Whether there may be one more connection. One that is idle gives way, for a request that needs a fresh one. */
  makeRoom(): boolean {
    if (this.#connections.size + this.#connecting < this.#maxConns) return true;
    const oldest = this.#idle.shift();
    if (oldest !== undefined) this.drop(oldest);
    return oldest !== undefined;
  }

  /** Closes a connection, whose place can be taken at once. */
  drop(connection: UpstreamConnection): void {
    this.#connections.delete(connection);
    connection.close();
  }

  /**
   * Opens a connection, and reserves a place on it.
   *
   * @throws {@link UpstreamFailure} 504 if that takes too long, else 502.
   */
  async connect(): Promise<UpstreamConnection> {
    if (this.#settings.multiplex === "ask" && !this.#asked) void this.#ask();
    this.#connecting += 1;
    try {
      const connection = await this.#open();
      this.#failedUntil = 0;
      this.#connections.add(connection);
      return connection.reserve();
    } catch (error) {
      this.hasFailed();
      throw error;
    } finally {
      this.#connecting -= 1;
    }
  }

  /** It cannot be relied on: others are tried first, for a while. */
  hasFailed(): void {
    this.#failedUntil = performance.now() + this.#settings.failTimeout;
  }

  /** It has refused a second request on a connection, whatever it said or the options say: that is remembered. */
  cannotMultiplex(): void {
    this.#capacity = 1;
    for (const connection of this.#connections) connection.capacity = 1;
  }

  freed(connection: UpstreamConnection): void {
    const { keepAlive, maxIdle, idleTimeout, acceptDelay } = this.#settings;
    if (connection.idle) {
      const keep = (keepAlive || connection.capacity > 1) && connection.answered;
      const waiting = keep ? this.#longestWait() : 0;
      if (!keep || waiting >= acceptDelay) return connection.close();
      connection.rest(idleTimeout);
      this.#idle.push(connection);
      if (this.#idle.length > maxIdle) this.#idle.shift()?.close();
      if (waiting > 0) this.#yieldAfter(acceptDelay - waiting);
    }
    this.#changed();
  }

  closed(connection: UpstreamConnection): void {
    this.#connections.delete(connection);
    this.#idle = this.#idle.filter((idle) => idle !== connection);
    this.#changed();
  }

  /** Closes everything, with the requests on it. */
  close(): void {
    for (const connection of this.#connections) connection.close();
    this.#connections.clear();
    this.#idle = [];
  }

  /**
   * How long a request has been on a connection that was never answered, in milliseconds; 0 if there is none. Its upstream may be one process
   * that serves one connection after the other (fcgiwrap, a PHP worker): as long as we keep an idle one, that one would wait.
   */
  #longestWait(): number {
    let since = Infinity;
    for (const connection of this.#connections) {
      if (!connection.answered && !connection.idle) since = Math.min(since, connection.openedAt);
    }
    return Math.max(0, performance.now() - since);
  }

  /** Gives an idle connection up, if another still waits by then; and so on while there are both. */
  #yieldAfter(delay: number): void {
    if (this.#yielding !== null) return;
    const look = (): void => {
      this.#yielding = null;
      const waiting = this.#longestWait();
      const { acceptDelay } = this.#settings;
      if (waiting === 0 || this.#idle.length === 0) return;
      if (waiting >= acceptDelay) this.#idle.shift()?.close();
      this.#yieldAfter(Math.max(1, acceptDelay - waiting));
    };
    this.#yielding = setTimeout(look, delay).unref();
  }

  #open(): Promise<UpstreamConnection> {
    const { connectTimeout, maxHeld } = this.#settings;
    const { name } = this;
    return new Promise((resolve, reject) => {
      const socket = connect(this.#target.connect);
      const fail = (status: 502 | 504, what: string, cause?: unknown): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(new UpstreamFailure(status, `The FastCGI upstream ${name} ${what}`, { cause }));
      };
      const failed = (error: Error): void => fail(502, "cannot be reached", error);
      const timer = setTimeout(
        () => fail(504, `did not accept a connection within ${connectTimeout} ms`),
        connectTimeout,
      );
      socket.once("error", failed);
      socket.once("connect", () => {
        clearTimeout(timer);
        const use = { name, capacity: this.#capacity, maxHeld };
        resolve(new UpstreamConnection(socket, this, use));
        socket.off("error", failed);
      });
    });
  }

  async #ask(): Promise<void> {
    this.#asked = true;
    const { askTimeout, maxRequests } = this.#settings;
    const values = await askValues(this.#target.connect, askTimeout);
    if (values.multiplexes) this.#capacity = Math.min(maxRequests, values.maxRequests);
    this.#maxConns = Math.min(this.#maxConns, values.maxConns);
    this.#changed();
  }
}
