// A websocket connection under the lint: what is received, and what both halves say about each other.
// Source: ASGI www 2.5 "WebSocket"; requirements A5, A61, A65, A69, A70, A72.

import { isBytes } from "@tsgi/core";
import { isDisconnect, isProtocolError, type ConnectionLint, type Sending } from "./connection.ts";
import { isEventValue, isPlainObject, seen } from "./event-values.ts";
import type { HeaderCase } from "./fields.ts";
import type { Findings } from "./lint-error.ts";
import { WebSocketSendLint } from "./websocket-send.ts";
import type { ScopeFacts } from "./scope.ts";

/** The lint of one websocket connection. */
export class WebSocketLint implements ConnectionLint {
  readonly #findings: Findings;
  readonly #send: WebSocketSendLint;
  #connected = false;
  /** The disconnect that came, to be repeated. */
  #end: Record<string, unknown> | null = null;
  #gone = false;

  constructor(scope: ScopeFacts, headerCase: HeaderCase, findings: Findings) {
    this.#findings = findings;
    this.#send = new WebSocketSendLint(scope, headerCase, findings.app);
  }

  received(event: unknown): void {
    const { server } = this.#findings;
    if (!isPlainObject(event) || !isEventValue(event)) {
      return server("A3", `receive() gave ${seen(event)}, which is no event or holds what no event may`);
    }
    if (!this.#connected) {
      this.#connected = true;
      if (event.type !== "websocket.connect") {
        server("A61", `the first event is websocket.connect, not ${seen(event.type)}`);
      }
      return;
    }
    if (this.#end !== null) return this.#repeated(this.#end, event);
    if (event.type === "websocket.receive") return this.#message(event);
    if (event.type !== "websocket.disconnect") {
      return server("A61", `receive() gave ${seen(event.type)} after websocket.connect`);
    }
    const { code, reason } = event;
    if (!Number.isInteger(code) || typeof reason !== "string") {
      server("A69", `websocket.disconnect has a code and a reason, not ${seen(code)} and ${seen(reason)}`);
    }
    this.#end = event;
  }

  sending(event: unknown): Sending {
    if (this.#gone || (this.#end !== null && this.#send.state !== "closed")) {
      const accepted = (): void => this.#findings.server("A70", "send() resolved though the client is gone");
      return { event, accepted, refused: () => {} };
    }
    const before = this.#send.state;
    const checked = this.#send.sending(event);
    const after = this.#send.state;
    const refused = (error: unknown): void => {
      if (isDisconnect(error)) {
        this.#gone = true;
        return;
      }
      if (this.#send.state === after) this.#send.state = before;
      if (isProtocolError(error)) this.#findings.server("A5", "send() refused a legal event", error);
    };
    return { event: checked, accepted: () => {}, refused };
  }

  returned(): void {
    if (!this.#gone && this.#end === null) this.#send.returned();
  }

  #message({ bytes, text }: Record<string, unknown>): void {
    const { server } = this.#findings;
    if (this.#send.state === "connecting")
      server("A61", "a message came before the app answered the handshake");
    const isMessage = (bytes === null && typeof text === "string") || (text === null && isBytes(bytes));
    if (!isMessage) {
      server(
        "A65",
        `websocket.receive has bytes and text, one of them null, not ${seen(bytes)} and ${seen(text)}`,
      );
    }
  }

  #repeated(end: Record<string, unknown>, event: Record<string, unknown>): void {
    if (event.type === end.type && event.code === end.code && event.reason === end.reason) return;
    this.#findings.server(
      "A69",
      `receive() gave ${seen(event.type)} after websocket.disconnect, or another code`,
    );
  }
}
