// The load: a set of open connections, and runs of requests over them, bounded in number and in time.
import { openConnection, type Connection, type Exchange } from "./connection.ts";

/** How many connections are opened at a time; more could overflow a server's accept queue. */
const OPENING = 64;

/** What a run came to. */
export interface RunResult {
  /** How many requests were answered as they should. */
  readonly requests: number;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}

/** Open keep-alive connections to one server. */
export class Load {
  readonly #connections: Connection[] = [];

  /** Opens `count` connections and makes one request on each, checking its whole body. */
  async open(port: number, exchange: Exchange, count: number): Promise<void> {
    while (this.#connections.length < count) {
      const batch = Math.min(OPENING, count - this.#connections.length);
      const opened = await Promise.all(Array.from({ length: batch }, () => openConnection(port, exchange)));
      this.#connections.push(...opened);
    }
  }

  /** How many connections are still open: an idle one may have been closed by the server. */
  get stillOpen(): number {
    return this.#connections.filter((connection) => connection.open).length;
  }

  /**
   * Sends `requests` requests over the open connections, one at a time on each.
   *
   * @param limit - Milliseconds after which the run fails.
   */
  run(requests: number, limit: number): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const started = performance.now();
      let sent = 0;
      let answered = 0;
      const fail = (error: Error): void => {
        clearTimeout(deadline);
        reject(error);
      };
      const deadline = setTimeout(() => {
        fail(new Error(`${answered} of ${requests} requests answered within ${limit} ms`));
      }, limit);
      for (const connection of this.#connections) {
        if (sent === requests) break;
        const next = (): void => {
          answered += 1;
          if (answered === requests) {
            clearTimeout(deadline);
            resolve({ requests, milliseconds: performance.now() - started });
          }
          if (sent === requests) return;
          sent += 1;
          connection.send(next, fail);
        };
        sent += 1;
        connection.send(next, fail);
      }
    });
  }

  /** Closes every connection. */
  close(): void {
    for (const connection of this.#connections) connection.close();
    this.#connections.length = 0;
  }
}
