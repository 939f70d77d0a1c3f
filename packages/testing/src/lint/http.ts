// An http connection under the lint: both halves, and what they say about each other.
// Source: ASGI www 2.5; requirements A5, A8, A34, A44.

import { isDisconnect, isProtocolError, type ConnectionLint, type Sending } from "./connection.ts";
import type { HeaderCase } from "./fields.ts";
import { HttpReceiveLint } from "./http-receive.ts";
import { HttpSendLint } from "./http-send.ts";
import type { Findings } from "./lint-error.ts";
import type { ScopeFacts } from "./scope.ts";

/** The lint of one http connection. */
export class HttpLint implements ConnectionLint {
  readonly #scope: ScopeFacts;
  readonly #findings: Findings;
  readonly #receive: HttpReceiveLint;
  readonly #send: HttpSendLint;
  /** A `send` was refused because the client is gone. */
  #gone = false;

  constructor(scope: ScopeFacts, headerCase: HeaderCase, findings: Findings) {
    this.#scope = scope;
    this.#findings = findings;
    this.#receive = new HttpReceiveLint(scope, findings.server);
    this.#send = new HttpSendLint(scope, headerCase, findings.app);
  }

  received(event: unknown): void {
    this.#receive.received(event, this.#send.progress.state === "complete");
  }

  sending(event: unknown): Sending {
    // What is sent into a lost connection is the server's to refuse.
    if (this.#lost) {
      const accepted = (): void => this.#findings.server("A8", "send() resolved though the client is gone");
      return { event, accepted, refused: () => {} };
    }
    const before = this.#send.progress;
    const checked = this.#send.sending(event);
    const after = this.#send.progress;
    const refused = (error: unknown): void => {
      if (isDisconnect(error)) {
        this.#gone = true;
        return;
      }
      if (this.#send.progress === after) this.#send.progress = before;
      if (isProtocolError(error)) this.#findings.server("A5", "send() refused a legal event", error);
    };
    return { event: checked, accepted: () => {}, refused };
  }

  returned(): void {
    if (this.#send.progress.state === "complete" || this.#lost) return;
    if ((this.#scope.signal as AbortSignal | undefined)?.aborted === true) return;
    this.#send.returned();
  }

  /** The client went away before the response was complete. */
  get #lost(): boolean {
    return this.#gone || (this.#receive.disconnected && this.#send.progress.state !== "complete");
  }
}
