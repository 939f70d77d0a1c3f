// startResponse and write under the lint: what the app hands in, and what the server answers.
// Source: PEP 3333 "The start_response() Callable"; requirements W30 to W33, W36, W37, W46, W47.

import {
  HOP_BY_HOP_NAMES,
  byteLength,
  isBodiless,
  isBytes,
  isFieldValue,
  isToken,
  type StartResponse,
} from "@tsgi/core";
import { seen } from "./event-values.ts";
import type { Findings } from "./lint-error.ts";

type Write = ReturnType<StartResponse>;

const STATUS = /^[1-9]\d{2} /;

/** The head and the body of one sync response, as far as they are. */
export class WsgiResponseLint {
  readonly #findings: Findings;
  readonly #startResponse: StartResponse;
  readonly #bytesOnly: boolean;
  readonly #isHead: boolean;
  #called = false;
  /** Whether the server took a head. */
  started = false;
  /** Whether a piece with bytes was handed over: the head can no longer be replaced. */
  #headSent = false;
  #status = 0;
  /** Bytes due by Content-Length; -1 if none was declared or none is counted. */
  #owed = -1;
  #declared = -1;
  /** The server has asked for the first piece, or is done with the result. */
  iterating = false;

  constructor(startResponse: StartResponse, method: unknown, bytesOnly: boolean, findings: Findings) {
    this.#startResponse = startResponse;
    this.#isHead = method === "HEAD";
    this.#bytesOnly = bytesOnly;
    this.#findings = findings;
  }

  /** Whether as many bytes were handed over as Content-Length declared, and at least one. */
  get full(): boolean {
    return this.#owed === 0 && this.#declared > 0;
  }

  /** What the app gets as `startResponse`. */
  readonly startResponse = (...call: unknown[]): Write => {
    const { app, server } = this.#findings;
    if (call.length < 2 || call.length > 3) {
      app("W30", `startResponse takes a status, headers and perhaps an error, not ${call.length} arguments`);
    }
    const [status, headers, excInfo] = call as Parameters<StartResponse>;
    const isSecond = this.#called;
    this.#called = true;
    const isReplacing = excInfo !== undefined && excInfo !== null;
    if (isSecond && !isReplacing) app("W36", "startResponse was called a second time without an error");
    this.#checkStatus(status);
    this.#status = Number.parseInt(String(status), 10);
    const length = this.#checkHeaders(headers);
    let write: unknown;
    try {
      write = isReplacing
        ? this.#startResponse(status, headers, excInfo)
        : this.#startResponse(status, headers);
    } catch (error) {
      if (isReplacing && this.#headSent && error !== excInfo) {
        server("W36", "startResponse threw something else than the error it was given", error);
      }
      throw error;
    }
    if (isReplacing && this.#headSent)
      server("W36", "startResponse took a new head though one was already sent");
    if (typeof write !== "function") server("W37", `startResponse returned ${seen(write)}, and no write()`);
    this.started = true;
    this.#declared = length;
    this.#owed = this.#isHead || isBodiless(this.#status) ? -1 : length;
    return (bytes) => {
      if (this.iterating) app("W37", "write() was called after the server had begun with the result");
      this.piece(bytes, "W37");
      (write as Write)(bytes);
    };
  };

  /** Checks a piece of the body, and counts it. */
  piece(chunk: unknown, overrun: "W37" | "W46"): void {
    const { app } = this.#findings;
    if (!isBytes(chunk) && (this.#bytesOnly || typeof chunk !== "string")) {
      app(
        "W39",
        `a piece of the body is a Uint8Array${this.#bytesOnly ? "" : " or a string"}, not ${seen(chunk)}`,
      );
    }
    const size = byteLength(chunk as Uint8Array | string);
    if (size === 0) return;
    if (!this.started) app("W38", "the first piece of the body came before startResponse");
    if (isBodiless(this.#status)) app("W47", `a ${this.#status} has no body, but ${size} bytes came`);
    this.#headSent = true;
    if (this.#owed === -1) return;
    if (size > this.#owed)
      app(overrun, `the body is ${size - this.#owed} bytes longer than its Content-Length`);
    this.#owed -= size;
  }

  /** The body is over. */
  end(): void {
    const { app } = this.#findings;
    if (!this.started) app("W38", "the result ended, and startResponse was never called");
    if (this.#owed > 0) app("W46", `the body is ${this.#owed} bytes shorter than its Content-Length`);
  }

  #checkStatus(status: unknown): void {
    const { app } = this.#findings;
    if (typeof status === "number") {
      app("W30", `the status is a number (${status}): a portable app writes it out, as "200 OK"`);
    }
    if (typeof status !== "string" || !STATUS.test(status) || !isText(status)) {
      app("W30", `a status is three digits, a blank and a reason, not ${seen(status)}`);
    }
  }

  #checkHeaders(headers: unknown): number {
    const { app } = this.#findings;
    if (!Array.isArray(headers)) return app("W31", `headers are an array of pairs, not ${seen(headers)}`);
    let length = -1;
    for (const header of headers as unknown[]) {
      const [name, value] = (Array.isArray(header) ? header : []) as unknown[];
      if (
        !Array.isArray(header) ||
        header.length !== 2 ||
        typeof name !== "string" ||
        typeof value !== "string"
      ) {
        return app("W31", `a header is a pair of strings, not ${seen(header)}`);
      }
      const lower = name.toLowerCase();
      if (!isToken(name) || /[-_]$/.test(name)) app("W31", `${seen(name)} is no header name`);
      if (lower === "status") app("W32", "the status is no header");
      if (HOP_BY_HOP_NAMES.has(lower))
        app("W33", `${name} is hop-by-hop: the server's to send, not an app's`);
      if (!isText(value)) {
        app("W31", `the value of ${name} has a control character or one above 0xFF: ${seen(value)}`);
      }
      if (lower !== "content-length") continue;
      if (!/^\d{1,15}$/.test(value) || (length !== -1 && length !== Number(value))) {
        app("W46", `Content-Length is one number of bytes, not ${seen(value)}`);
      }
      if (this.#status === 204) app("W47", "a 204 has no Content-Length");
      length = Number(value);
    }
    return length;
  }
}

/** Whether a text has no control character, the tab included: PEP 3333 makes no exception for it. */
function isText(text: string): boolean {
  return isFieldValue(text) && !text.includes("\t");
}
