// A whole response, as a test asserts on it.

import { utf8Decode } from "@tsgi/core";
import { valuesOf, type TestField } from "./fields.ts";
import type { TestHead, TestLogLine } from "./memory-transport.ts";

/** What a {@link TestResponse} is made of. */
export interface TestResponseParts {
  readonly head: TestHead;
  readonly body: Uint8Array;
  readonly informational: readonly TestHead[];
  readonly trailers: readonly TestField[] | null;
  readonly complete: boolean;
  readonly close: boolean;
  readonly debug: readonly Readonly<Record<string, unknown>>[];
  readonly log: readonly TestLogLine[];
}

/** A whole response, or what came of it before it was cut. */
export class TestResponse {
  readonly status: number;
  /** The app's reason phrase, or the standard one; `""` on HTTP/2. */
  readonly reason: string;
  /** In the app's order; names in lower case, repeated fields apart. */
  readonly headers: readonly TestField[];
  /** Flat, names in the app's case. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  /** The 1xx heads that came before this one. */
  readonly informational: readonly TestHead[];
  /** The fields after the body; `null` if none were sent. */
  readonly trailers: readonly TestField[] | null;
  /** Whether the response came to its end; `false` when the app or a disconnect cut it. */
  readonly complete: boolean;
  /** Whether the app asked for the connection to be closed. */
  readonly close: boolean;
  /** What the app sent as `http.response.debug`. */
  readonly debug: readonly Readonly<Record<string, unknown>>[];
  /** What the server logged for this request. */
  readonly log: readonly TestLogLine[];

  constructor({ head, body, informational, trailers, complete, close, debug, log }: TestResponseParts) {
    this.status = head.status;
    this.reason = head.reason;
    this.headers = head.headers;
    this.rawHeaders = head.rawHeaders;
    this.body = body;
    this.informational = informational;
    this.trailers = trailers;
    this.complete = complete;
    this.close = close;
    this.debug = debug;
    this.log = log;
  }

  /** The value of a field, its name in any case; a repeated one joined with ", "; `null` without it. */
  header(name: string): string | null {
    const values = this.headerValues(name);
    return values.length === 0 ? null : values.join(", ");
  }

  /** The values of a field, in order: what `set-cookie` needs. */
  headerValues(name: string): string[] {
    return valuesOf(this.headers, name);
  }

  /** The body as UTF-8. */
  text(): string {
    return utf8Decode(this.body);
  }

  /** The body as JSON. */
  json(): unknown {
    return JSON.parse(this.text());
  }
}
