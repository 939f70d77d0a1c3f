// What the sync bridge needs of the server below it, and the faster of its two forms: the exchange itself.
// Sources: ASGI HTTP 2.5; PEP 3333 "Error Handling".

import type { Chunk, HttpSendEvent, ReceiveEvent } from "./events.ts";
import { HttpExchange } from "./exchange.ts";
import { sendExtension } from "./extension-events.ts";
import type { ResponseHead } from "./response-head.ts";
import type { HttpScope } from "./scope.ts";
import type { BlockingBody, LogLevel } from "./transport.ts";

/** One request and its response, as the sync bridge drives it. */
export interface Outlet {
  readonly scope: HttpScope;
  /** Whether the server has said already that the request has no body. */
  readonly bodyless: boolean;
  /** Whether the promise of the last `write` must be awaited before the next. */
  readonly full: boolean;
  /** Whether the client is gone. */
  readonly disconnected: boolean;
  readonly receive: () => Promise<ReceiveEvent>;
  /** Has the server wait for everything, if it can: gives the body to wait for, else `null`. */
  block(): BlockingBody | null;
  start(head: ResponseHead): void;
  write(chunk: Chunk, more: boolean): Promise<void>;
  /** Sends an interim response; throws at once what is wrong with it. */
  sendInterim(event: HttpSendEvent): void;
  /** Answers with a short text in place of the app. */
  answer(status: number, text: string): void;
  /** Tells the log and the client that the app failed: a 500, or a cut response. `appReturned` follows. */
  fail(error: unknown): void;
  /** All is done. */
  appReturned(): void;
  /** Both at once. */
  appFailed(error: unknown): void;
  /** Never throws: a log that fails is not the app's fault, nor a reason to end the process. */
  log(level: LogLevel, message: string, error?: unknown): void;
}

/** The outlet behind the faster door. */
export class ExchangeOutlet extends HttpExchange implements Outlet {
  // Declared only: the server may report from within the constructor of the exchange, before this class has its fields.
  declare private hasBody: boolean | undefined;

  get bodyless(): boolean {
    return this.hasBody === false;
  }

  block(): BlockingBody | null {
    return this.transport.block?.() ?? null;
  }

  override eofReceived(): void {
    this.hasBody ??= false;
    super.eofReceived();
  }

  override dataReceived(chunk: Uint8Array, last?: boolean): void {
    this.hasBody = true;
    super.dataReceived(chunk, last);
  }

  sendInterim(event: HttpSendEvent): void {
    void sendExtension(this, event);
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    try {
      this.transport.log(level, message, error);
    } catch {}
  }
}
