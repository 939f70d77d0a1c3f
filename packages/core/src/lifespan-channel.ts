// One lifespan of one app, seen from the host: which events it may receive and send, and how each half of it ended.
// Source: ASGI lifespan 2.0.

import type { AsgiApp } from "./app.ts";
import { GatewayError } from "./errors.ts";
import type { LifespanReceiveEvent, LifespanSendEvent, SendEvent } from "./events.ts";
import { failureOf, setReport, thrownDuring, type Report } from "./lifespan-failure.ts";
import { ROOM, rejected } from "./room.ts";
import type { LifespanScope } from "./scope.ts";

type Phase = "starting" | "serving" | "stopping" | "ended";

/** Who waits for the half that is under way. */
interface Half {
  readonly resolve: (supported: boolean) => void;
  readonly reject: (error: GatewayError) => void;
}

const WHEN: Readonly<Record<Phase, string>> = {
  starting: "before lifespan.startup.complete",
  serving: "before lifespan.shutdown",
  stopping: "after lifespan.shutdown",
  ended: "after the lifespan has ended",
};

/** A lifespan being lived. `start` once, then `stop` once. */
export class LifespanChannel {
  readonly #app: AsgiApp;
  readonly #scope: LifespanScope;
  readonly #report: Report;
  #phase: Phase = "starting";
  /** What the app has not asked for yet: at most both events there are. */
  #events: LifespanReceiveEvent[] = [{ type: "lifespan.startup" }];
  /** Who gets the shutdown. Only one can: it is the last event, so whoever asks later waits for ever. */
  #reader: ((event: LifespanReceiveEvent) => void) | null = null;
  #half: Half | null = null;
  /** Whether the app has asked for an event: it then knows what a lifespan is, or should. */
  #asked = false;
  /** Whether the app has sent an event of another protocol. */
  #foreign = false;
  #refusal: unknown = undefined;
  #died: GatewayError | null = null;

  constructor(app: AsgiApp, scope: LifespanScope, report: Report) {
    this.#app = app;
    this.#scope = scope;
    this.#report = report;
    setReport(scope, report);
  }

  /**
   * Calls the app.
   *
   * @returns Whether it serves lifespans; it has then completed its startup.
   * @throws {@link GatewayError} `TSGI_ERR_LIFESPAN` if the startup failed.
   */
  start(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#half = { resolve, reject };
      this.#call().then(this.#returned, this.#threw);
    });
  }

  /** Has the app put everything away. @throws {@link GatewayError} `TSGI_ERR_LIFESPAN` if it could not, or is long gone. */
  async stop(): Promise<void> {
    if (this.#died !== null) throw this.#died;
    if (this.#phase !== "serving") return;
    this.#phase = "stopping";
    await new Promise((resolve, reject) => {
      this.#half = { resolve, reject };
      this.#deliver({ type: "lifespan.shutdown" });
    });
  }

  /** Stops waiting for the app: whatever it still sends is refused. */
  abandon(): void {
    this.#phase = "ended";
    this.#half = null;
  }

  async #call(): Promise<unknown> {
    return this.#app(this.#scope, this.#receive, this.#send);
  }

  readonly #receive = (): Promise<LifespanReceiveEvent> => {
    this.#asked = true;
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve(event);
    return new Promise((resolve) => {
      this.#reader ??= resolve;
    });
  };

  #deliver(event: LifespanReceiveEvent): void {
    if (this.#reader === null) this.#events.push(event);
    else this.#reader(event);
  }

  readonly #send = (event: SendEvent): Promise<void> => {
    try {
      this.#take(event as LifespanSendEvent);
      return ROOM;
    } catch (error) {
      this.#refusal = error;
      return rejected(error);
    }
  };

  #take(event: LifespanSendEvent): void {
    const type: unknown = event?.type;
    switch (type) {
      case "lifespan.startup.complete":
        this.#expect(type, "starting");
        // From here to the shutdown nothing is received, a startup that the app did not ask for included.
        this.#events = [];
        this.#end("serving").resolve(true);
        return;
      case "lifespan.shutdown.complete":
        this.#expect(type, "stopping");
        this.#end("ended").resolve(true);
        return;
      case "lifespan.startup.failed":
      case "lifespan.shutdown.failed": {
        const failed = event as Parameters<typeof failureOf>[0];
        if (failed.message !== undefined && typeof failed.message !== "string") {
          throw new GatewayError("TSGI_ERR_EVENT", `"message" of ${type} has the wrong type`);
        }
        this.#expect(type, type === "lifespan.startup.failed" ? "starting" : "stopping");
        this.#end("ended").reject(failureOf(failed));
        return;
      }
      default:
        throw this.#unknown(type);
    }
  }

  #expect(type: string, phase: Phase): void {
    if (this.#phase === phase) return;
    throw new GatewayError("TSGI_ERR_EVENT_ORDER", `${type} may not be sent ${WHEN[this.#phase]}`);
  }

  /** An app that answers a lifespan with an HTTP response has not looked at `scope.type`: it does not serve lifespans. */
  #unknown(type: unknown): GatewayError {
    const text = `A lifespan scope has no event of type ${JSON.stringify(type)}`;
    if (this.#phase !== "starting" || !isForeign(type)) return new GatewayError("TSGI_ERR_EVENT", text);
    this.#foreign = true;
    return new GatewayError("TSGI_ERR_UNSUPPORTED_SCOPE", `${text}: look at scope.type first`);
  }

  #end(next: Phase): Half {
    const half = this.#half as Half;
    this.#half = null;
    this.#phase = next;
    return half;
  }

  readonly #returned = (value: unknown): void => {
    if (value !== undefined) {
      this.#threw(
        new GatewayError("TSGI_ERR_RESULT", `An app returns nothing, not a value (${typeof value})`),
      );
      return;
    }
    if (this.#phase === "ended") return;
    // Nothing was begun, so nothing can be half done: the app does not care for lifespans. One that took
    // lifespan.startup and left may have opened things nobody will close: that is a mistake to be told of.
    if (this.#phase === "starting" && (!this.#asked || this.#foreign)) this.#end("ended").resolve(false);
    else if (this.#phase === "serving")
      this.#die("The app left its lifespan while it was serving", undefined);
    else if (this.#phase === "starting") this.#end("ended").reject(unanswered("startup"));
    else this.#end("ended").reject(unanswered("shutdown"));
  };

  readonly #threw = (error: unknown): void => {
    if (this.#phase === "starting" && isUnsupported(error)) this.#end("ended").resolve(false);
    else if (this.#phase === "starting") this.#end("ended").reject(thrownDuring("startup", error));
    else if (this.#phase === "stopping") this.#end("ended").reject(thrownDuring("shutdown", error));
    else if (this.#phase === "serving")
      this.#die("The app's lifespan failed while it was serving", { cause: error });
    else if (error !== this.#refusal) this.#report("The app failed after its lifespan had ended", error);
  };

  #die(message: string, options: ErrorOptions | undefined): void {
    this.#phase = "ended";
    this.#died = new GatewayError("TSGI_ERR_LIFESPAN", message, options);
    this.#report(message, this.#died);
  }
}

/** By code, not by class: the app may have its own copy of this package. */
function isUnsupported(error: unknown): boolean {
  try {
    return (error as { code?: unknown } | null | undefined)?.code === "TSGI_ERR_UNSUPPORTED_SCOPE";
  } catch {
    // An app may throw anything, a proxy or a throwing getter too.
    return false;
  }
}

function isForeign(type: unknown): boolean {
  return typeof type === "string" && !type.startsWith("lifespan.");
}

function unanswered(half: "startup" | "shutdown"): GatewayError {
  const hint =
    half === "startup"
      ? ': an app that has no lifespan throws UnsupportedScopeError for what it does not serve, or is served with lifespan "off"'
      : "";
  return new GatewayError("TSGI_ERR_LIFESPAN", `The app returned without answering lifespan.${half}${hint}`);
}
