// The sending half of an http connection: what an app may send after what.
// Source: ASGI www 2.5 "Response Start" and "Response Body"; requirements A3, A5, A9, A35, A37, A38, A40, A41, A44, A48.

import { byteLength, isBodiless, isBytes } from "@tsgi/core";
import { isEventValue, isPlainObject, seen } from "./event-values.ts";
import { checkFields, checkFraming, type HeaderCase } from "./fields.ts";
import { isHttpExtensionEvent, sendingExtension } from "./http-extensions.ts";
import type { Fault } from "./lint-error.ts";
import type { ScopeFacts } from "./scope.ts";

/** How far the response is. Replaced, never changed, so that a refused event can be taken back. */
export interface HttpProgress {
  readonly state: "idle" | "started" | "body" | "trailers" | "complete";
  readonly status: number;
  /** Bytes still due by content-length; -1 if none was declared, or a file makes them uncountable. */
  readonly owed: number;
  readonly trailers: boolean;
  /** A pathsend was the body: no piece may follow. */
  readonly pathSent: boolean;
  readonly debugged: boolean;
}

const IDLE: HttpProgress = {
  state: "idle",
  status: 0,
  owed: -1,
  trailers: false,
  pathSent: false,
  debugged: false,
};

/** Watches what `send()` is given in an http scope. */
export class HttpSendLint {
  readonly scope: ScopeFacts;
  readonly fault: Fault;
  readonly headerCase: HeaderCase;
  progress: HttpProgress = IDLE;

  constructor(scope: ScopeFacts, headerCase: HeaderCase, fault: Fault) {
    this.scope = scope;
    this.headerCase = headerCase;
    this.fault = fault;
  }

  /** Checks an event, goes on by it, and returns it, its headers as an array. */
  sending(event: unknown): Record<string, unknown> {
    if (!isPlainObject(event)) {
      this.fault("A3", `send() takes a plain object with a type, not ${seen(event)}`);
      return {};
    }
    if (event.type === "http.response.start") return this.#start(event);
    if (event.type === "http.response.body") return this.#body(event);
    if (isHttpExtensionEvent(event.type)) return sendingExtension(this, event, event.type);
    this.fault("A5", `an http scope has no event of type ${seen(event.type)}`);
    return event;
  }

  /** Checks that the response is complete: the app has returned. */
  returned(): void {
    const { state } = this.progress;
    if (state === "idle") this.fault("A44", "the app returned without a response");
    if (state === "trailers") this.fault("A53", "the app returned without the trailers it announced");
    if (state === "started" || state === "body") {
      this.fault("A44", "the app returned before its response was complete");
    }
  }

  /** Says that an event comes when it may not, unless the response is complete: that is always A9. */
  inState(type: string, allowed: readonly HttpProgress["state"][], otherwise: () => void): void {
    const { state } = this.progress;
    if (allowed.includes(state)) return;
    if (state === "complete") this.fault("A9", `${type} was sent after the response was complete`);
    otherwise();
  }

  /** Checks a key that is a boolean or absent. */
  flag(event: Record<string, unknown>, key: string): boolean {
    const value = event[key];
    if (value !== undefined && typeof value !== "boolean") {
      this.fault("A5", `${key} of ${String(event.type)} is a boolean, not ${seen(value)}`);
    }
    return value === true;
  }

  /** Checks the values of all keys but those with a rule of their own. */
  values(event: Record<string, unknown>, ...own: readonly string[]): void {
    for (const [key, value] of Object.entries(event)) {
      if (!own.includes(key) && !isEventValue(value)) {
        this.fault("A3", `${key} of ${String(event.type)} is ${seen(value)}, which no event may hold`);
      }
    }
  }

  /** Counts bytes against content-length, and goes on to what follows them. */
  piece(size: number, more: boolean): void {
    const { progress } = this;
    let { owed } = progress;
    if (owed !== -1 && this.scope.method !== "HEAD" && !isBodiless(progress.status)) {
      owed -= size;
      if (owed < 0) this.fault("A40", `the body is ${-owed} bytes longer than its content-length`);
      if (!more && owed > 0) this.fault("A40", `the body is ${owed} bytes shorter than its content-length`);
    }
    const after = progress.trailers ? "trailers" : "complete";
    this.progress = { ...progress, owed, state: more ? "body" : after };
  }

  #start(event: Record<string, unknown>): Record<string, unknown> {
    const { status, headers, reason } = event;
    this.values(event, "headers");
    if (status === undefined) this.fault("A5", "http.response.start has no status");
    if (typeof status !== "number") this.fault("A5", `status is a number, not ${seen(status)}`);
    const trailers = this.flag(event, "trailers");
    this.inState("http.response.start", ["idle"], () =>
      this.fault("A35", "http.response.start was sent a second time"),
    );
    if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 999) {
      this.fault("A35", `the status of a response is an integer from 200 to 999, not ${seen(status)}`);
    }
    if (reason !== undefined && reason !== null && typeof reason !== "string") {
      this.fault("A5", `reason is a string or null, not ${seen(reason)}`);
    }
    const fields =
      headers === undefined
        ? []
        : checkFields(headers, "A37", "http.response.start", this.headerCase, this.fault);
    const owed = checkFraming(fields, status as number, trailers, this.fault);
    this.progress = { ...this.progress, state: "started", status: status as number, owed, trailers };
    return Array.isArray(headers) || headers === undefined ? event : { ...event, headers: fields };
  }

  #body(event: Record<string, unknown>): Record<string, unknown> {
    const { body } = event;
    if (body !== undefined && typeof body !== "string" && !isBytes(body)) {
      this.fault("A5", `body is bytes or a string, not ${seen(body)}`);
    }
    this.values(event, "body");
    const more = this.flag(event, "more_body");
    const { state, pathSent, status } = this.progress;
    if (pathSent) this.fault("A54", "http.response.body was sent after http.response.pathsend");
    this.inState("http.response.body", ["started", "body"], () => {
      if (state === "idle") this.fault("A35", "http.response.body was sent before http.response.start");
      else this.fault("A52", "http.response.body was sent where http.response.trailers is due");
    });
    const size = byteLength((body as string | Uint8Array | undefined) ?? "");
    if (size > 0 && isBodiless(status))
      this.fault("A48", `a ${status} has no body, but ${size} bytes were sent`);
    this.piece(size, more);
    return event;
  }
}
