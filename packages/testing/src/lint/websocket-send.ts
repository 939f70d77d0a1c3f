// The sending half of a websocket connection: accept or refuse, messages, close.
// Source: ASGI www 2.5 "WebSocket"; RFC 6455 §7.4; requirements A5, A9, A13, A37, A62 to A64, A66, A68.

import { isBytes, utf8Encode } from "@tsgi/core";
import { isEventValue, isPlainObject, seen } from "./event-values.ts";
import { checkFields, type HeaderCase } from "./fields.ts";
import type { Findings } from "./lint-error.ts";
import type { ScopeFacts } from "./scope.ts";

/** How far the connection is, as the app has made it. */
export type WebSocketState = "connecting" | "open" | "refusing" | "closed";

type Event = Record<string, unknown>;

/** Watches what `send()` is given in a websocket scope. */
export class WebSocketSendLint {
  readonly #scope: ScopeFacts;
  readonly #headerCase: HeaderCase;
  readonly #fault: Findings["app"];
  state: WebSocketState = "connecting";
  #denied = false;

  constructor(scope: ScopeFacts, headerCase: HeaderCase, fault: Findings["app"]) {
    this.#scope = scope;
    this.#headerCase = headerCase;
    this.#fault = fault;
  }

  /** Checks an event, goes on by it, and returns it, its headers as an array. */
  sending(event: unknown): Event {
    if (!isPlainObject(event))
      return this.#fault("A3", `send() takes a plain object with a type, not ${seen(event)}`);
    for (const [key, value] of Object.entries(event)) {
      if (key !== "headers" && !isEventValue(value)) {
        this.#fault("A3", `${key} of ${String(event.type)} is ${seen(value)}, which no event may hold`);
      }
    }
    switch (event.type) {
      case "websocket.accept":
        return this.#accept(event);
      case "websocket.send":
        return this.#message(event);
      case "websocket.close":
        return this.#close(event);
      case "websocket.http.response.start":
        return this.#denialStart(event);
      case "websocket.http.response.body":
        return this.#denialBody(event);
      default:
        return this.#fault("A5", `a websocket scope has no event of type ${seen(event.type)}`);
    }
  }

  #accept(event: Event): Event {
    const { subprotocol = null, headers } = event;
    if (this.state === "refusing") this.#fault("A64", "websocket.accept was sent after a response");
    if (this.state !== "connecting")
      this.#fault("A62", "websocket.accept was sent a second time, or after the close");
    if (subprotocol !== null && typeof subprotocol !== "string") {
      this.#fault("A5", `subprotocol is a string or null, not ${seen(subprotocol)}`);
    }
    const offered = this.#scope.subprotocols;
    if (subprotocol !== null && !(Array.isArray(offered) && offered.includes(subprotocol))) {
      this.#fault("A62", `the client did not offer the subprotocol ${seen(subprotocol)}`);
    }
    this.state = "open";
    if (headers === undefined) return event;
    const fields = checkFields(headers, "A62", "websocket.accept", this.#headerCase, this.#fault);
    if (fields.some(([name]) => name.toLowerCase() === "sec-websocket-protocol")) {
      this.#fault("A62", "the subprotocol is a key of websocket.accept, not one of its headers");
    }
    return { ...event, headers: fields };
  }

  #message(event: Event): Event {
    if (this.state !== "open")
      this.#fault("A66", "websocket.send was sent before the accept or after the close");
    const { bytes = null, text = null } = event;
    if (bytes !== null && !isBytes(bytes))
      this.#fault("A5", `bytes is a Uint8Array or null, not ${seen(bytes)}`);
    if (text !== null && typeof text !== "string")
      this.#fault("A5", `text is a string or null, not ${seen(text)}`);
    if ((bytes === null) === (text === null))
      this.#fault("A66", "websocket.send has exactly one of bytes and text");
    return event;
  }

  #close(event: Event): Event {
    const { code = 1000, reason = "" } = event;
    if (this.state === "closed") this.#fault("A9", "websocket.close was sent after the end");
    if (this.state === "refusing") this.#fault("A64", "websocket.close was sent within a response");
    if (!isCloseCode(code)) this.#fault("A68", `a websocket cannot be closed with the code ${seen(code)}`);
    if (reason !== null && typeof reason !== "string") {
      this.#fault("A5", `reason is a string or null, not ${seen(reason)}`);
    }
    const size = utf8Encode(reason ?? "").byteLength;
    if (size > 123) this.#fault("A68", `the reason of a close has at most 123 bytes, not ${size}`);
    this.state = "closed";
    return event;
  }

  #denialStart(event: Event): Event {
    const { status, headers } = event;
    this.#offered();
    if (this.state !== "connecting")
      this.#fault("A64", "a response was started after the accept, or a second time");
    if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 599) {
      this.#fault("A64", `the status of a refusal is an integer from 200 to 599, not ${seen(status)}`);
    }
    this.state = "refusing";
    if (headers === undefined) return event;
    const fields = checkFields(
      headers,
      "A37",
      "websocket.http.response.start",
      this.#headerCase,
      this.#fault,
    );
    return { ...event, headers: fields };
  }

  #denialBody(event: Event): Event {
    const { body, more_body: more } = event;
    this.#offered();
    if (this.state !== "refusing") this.#fault("A64", "a body was sent before websocket.http.response.start");
    if (body !== undefined && typeof body !== "string" && !isBytes(body)) {
      this.#fault("A5", `body is bytes or a string, not ${seen(body)}`);
    }
    if (more !== undefined && typeof more !== "boolean") {
      this.#fault("A5", `more_body is a boolean, not ${seen(more)}`);
    }
    this.#denied = true;
    if (more !== true) this.state = "closed";
    return event;
  }

  /** Checks that the app has answered: it has returned. */
  returned(): void {
    if (this.state === "connecting")
      this.#fault("A72", "the app returned without an answer to websocket.connect");
    if (this.state !== "refusing") return;
    this.#fault(
      "A64",
      `the app returned ${this.#denied ? "before its refusal was complete" : "without a body"}`,
    );
  }

  #offered(): void {
    const { extensions } = this.#scope;
    if (isPlainObject(extensions) && extensions["websocket.http.response"] !== undefined) return;
    this.#fault("A13", "a response was sent, but scope.extensions does not offer websocket.http.response");
  }
}

function isCloseCode(code: unknown): boolean {
  if (!Number.isInteger(code)) return false;
  const number = code as number;
  if (number < 1000 || number >= 5000) return false;
  return number !== 1004 && number !== 1005 && number !== 1006 && number !== 1015;
}
