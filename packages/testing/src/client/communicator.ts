// A communicator: any app, of any scope, fed event by event, and looked at event by event.
// Source: requirement A93; asgiref/testing.py, ApplicationCommunicator.

import {
  ClientDisconnected,
  GatewayError,
  type AsgiApp,
  type ReceiveEvent,
  type Scope,
  type SendEvent,
} from "@tsgi/core";

/** What {@link createCommunicator} takes. */
export interface CommunicatorOptions {
  /** How long {@link Communicator.receiveOutput} and {@link Communicator.wait} wait, in milliseconds. Default: 1000. */
  readonly timeout?: number;
}

/** The most events that may wait for the app, or for the test; one more is refused. */
const MAX_WAITING_EVENTS = 1024;

/** The other end of an app's `receive` and `send`. */
export interface Communicator {
  /** Gives the app an event. */
  sendInput(event: ReceiveEvent): Promise<void>;
  /**
   * The next event that the app sends.
   *
   * @param timeout - In milliseconds. When it passes, the app is stopped.
   * @throws What the app threw; {@link GatewayError} `TSGI_ERR_TIMEOUT` if nothing came.
   */
  receiveOutput(timeout?: number): Promise<SendEvent>;
  /**
   * Whether the app sends nothing for a while.
   *
   * @param timeout - How long, in milliseconds. Default: 100.
   * @throws What the app threw.
   */
  receiveNothing(timeout?: number): Promise<boolean>;
  /**
   * Waits until the app has returned.
   *
   * @param timeout - In milliseconds. When it passes, the app is stopped.
   * @throws What the app threw; {@link GatewayError} `TSGI_ERR_TIMEOUT` if it did not return.
   */
  wait(timeout?: number): Promise<void>;
  /**
   * Stops the app, as far as that is possible: `scope.signal` is aborted, `receive()` gives nothing more, and `send()`
   * rejects with {@link ClientDisconnected}.
   *
   * @param exceptions - Whether what the app threw is thrown. Default: `"throw"`.
   */
  stop(exceptions?: "throw" | "ignore"): void;
}

/**
 * Calls an app with a scope, and hands the test both its ends. For the unusual: a websocket, a lifespan, a middleware whose
 * events are looked at. It checks nothing and keeps no order: put `lintAsgi` around the app for that.
 *
 * @param scope - Is copied; `signal` is the communicator's own, where the scope is not a lifespan's.
 *
 * @example
 * ```ts
 * const communicator = createCommunicator(app, scope);
 * await communicator.sendInput({ type: "websocket.connect" });
 * expect(await communicator.receiveOutput()).toEqual({ type: "websocket.accept" });
 * communicator.stop();
 * ```
 */
export function createCommunicator<State = unknown>(
  app: AsgiApp<State>,
  scope: Omit<Scope<State>, "signal">,
  { timeout: defaultTimeout = 1000 }: CommunicatorOptions = {},
): Communicator {
  const inputs = new EventQueue<ReceiveEvent>();
  const outputs = new EventQueue<SendEvent>();
  const controller = new AbortController();
  let failure: { readonly error: unknown } | null = null;
  let isOver = false;

  const given = scope.type === "lifespan" ? { ...scope } : { ...scope, signal: controller.signal };
  const done = (async () => {
    try {
      await app(
        given as Scope<State>,
        () => inputs.take(),
        async (event) => {
          if (controller.signal.aborted) throw new ClientDisconnected();
          outputs.add(event);
        },
      );
    } catch (error) {
      failure = { error };
    }
    isOver = true;
    outputs.wake();
  })();

  const stopApp = (): void => {
    inputs.close();
    controller.abort(new ClientDisconnected());
  };
  const raise = (): void => {
    const failed = failure;
    if (failed === null || (controller.signal.aborted && failed.error instanceof ClientDisconnected)) return;
    failure = null;
    throw failed.error;
  };
  /** Waits until something is so; `false` when the time has passed. */
  const until = async (condition: () => boolean, timeout: number): Promise<boolean> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), timeout);
    });
    while (!condition()) {
      if ((await Promise.race([outputs.changed(), late])) === "late") break;
    }
    clearTimeout(timer);
    return condition();
  };
  const expired = (what: string, timeout: number): GatewayError => {
    stopApp();
    return new GatewayError("TSGI_ERR_TIMEOUT", `${what} within ${timeout} ms`);
  };

  return {
    async sendInput(event) {
      raise();
      inputs.add(event);
    },
    async receiveOutput(timeout = defaultTimeout) {
      raise();
      const came = await until(() => outputs.size > 0 || isOver, timeout);
      if (outputs.size > 0) return outputs.take();
      raise();
      throw came
        ? new GatewayError("TSGI_ERR_NO_RESPONSE", "The app has returned without another event")
        : expired("The app sent nothing", timeout);
    },
    async receiveNothing(timeout = 100) {
      raise();
      await until(() => outputs.size > 0 || isOver, timeout);
      if (outputs.size === 0) raise();
      return outputs.size === 0;
    },
    async wait(timeout = defaultTimeout) {
      if (!(await until(() => isOver, timeout))) throw expired("The app did not return", timeout);
      await done;
      raise();
    },
    stop(exceptions = "throw") {
      stopApp();
      if (exceptions === "throw") raise();
    },
  };
}

/** Events in order, and who waits for them. */
class EventQueue<T> {
  readonly #events: T[] = [];
  #waiting: (() => void)[] = [];
  #isClosed = false;

  get size(): number {
    return this.#events.length;
  }

  add(event: T): void {
    if (this.#events.length >= MAX_WAITING_EVENTS) {
      throw new GatewayError("TSGI_ERR_SEND_OVERFLOW", `${MAX_WAITING_EVENTS} events wait to be taken`);
    }
    this.#events.push(event);
    this.wake();
  }

  /** The next event; pending while there is none, and for ever once closed. */
  async take(): Promise<T> {
    while (this.#events.length === 0 || this.#isClosed) await this.changed();
    return this.#events.shift() as T;
  }

  close(): void {
    this.#isClosed = true;
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
