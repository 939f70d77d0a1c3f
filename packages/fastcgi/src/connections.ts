// All connections of a server: who may connect, how many, for how long, and how they end.
// Sources: FastCGI 1.0 §3.2, §3.5, §7; requirements F22, F58, F62, F64, F66.

import type { Server, Socket } from "node:net";
import type { Connections } from "@tsgi/process";
import type { ServerLoad } from "./admission.ts";
import { FastCgiConnection } from "./connection.ts";
import { InPlaceServer } from "./in-place-server.ts";
import type { FastCgiSettings } from "./serve-options.ts";

/** How often the clock is looked at, at most, in milliseconds. */
const LONGEST_CHECK_MS = 5_000;

/** Makes the server, and keeps track of its connections. */
export class FastCgiConnections implements Connections {
  readonly server: Server;
  readonly #load: ServerLoad;
  readonly #connections = new Set<FastCgiConnection>();
  #timer: NodeJS.Timeout | null = null;

  constructor(settings: FastCgiSettings) {
    this.#load = { settings, requests: 0, draining: false };
    const { highWaterMark, maxConnections, mayConnect } = settings;
    const options = { allowHalfOpen: true, noDelay: true, highWaterMark };
    const server = new InPlaceServer(options, (socket) => {
      if (mayConnect === null || mayConnect(socket.remoteAddress)) this.#accept(socket);
      else refuse(socket, settings);
    });
    server.maxConnections = maxConnections;
    server.on("close", () => this.#stopClock());
    this.server = server;
  }

  get busy(): number {
    let count = 0;
    for (const connection of this.#connections) if (connection.busy) count += 1;
    return count;
  }

  drain(): Promise<void> {
    this.#load.draining = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.#connections) connection.drain();
    return closed;
  }

  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  #accept(socket: Socket): void {
    const connection = new FastCgiConnection(socket, this.#load);
    this.#connections.add(connection);
    socket.setTimeout(this.#load.settings.socketTimeout, () => connection.cut());
    socket.on("close", () => this.#connections.delete(connection));
    if (this.#load.draining) connection.drain();
    this.#timer ??= this.#startClock();
  }

  #startClock(): NodeJS.Timeout | null {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = this.#load.settings;
    const limits = [headersTimeout, requestTimeout, keepAliveTimeout].filter((limit) => limit > 0);
    if (limits.length === 0) return null;
    const interval = Math.min(LONGEST_CHECK_MS, Math.max(1, Math.floor(Math.min(...limits) / 2)));
    const timer = setInterval(() => {
      const now = performance.now();
      for (const connection of this.#connections) connection.checkTimes(now);
    }, interval);
    return timer.unref();
  }

  #stopClock(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** Without having read anything, as the specification wants it. */
function refuse(socket: Socket, { log }: FastCgiSettings): void {
  socket.on("error", () => {});
  const peer = socket.remoteAddress ?? "a unix socket";
  log("warn", `A connection from ${peer} was closed: it is none of the web servers' addresses`);
  socket.destroy();
}
