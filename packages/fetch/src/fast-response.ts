// A Response that costs nothing until somebody looks into it: an app imports it where it would use the global one.
// Source: WHATWG Fetch "Response class". Nothing of the platform is changed.

import { isBytes, isFieldValue, isToken } from "@tsgi/core";
import type { Fields } from "./outlet.ts";

/** What of a FastResponse nobody has looked into. */
export interface FastParts {
  readonly status: number;
  readonly statusText: string;
  readonly fields: Fields;
  /** The body, if it is one that need not be read, or a stream; `undefined` if the standard Response has it. */
  readonly body: KnownBody | undefined;
}

type KnownBody = string | Uint8Array | ReadableStream | null;

type Field = [name: string, value: string];

const TEXT = "text/plain;charset=UTF-8";
const FORM = "application/x-www-form-urlencoded;charset=UTF-8";
const NULL_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);
const NO_FIELDS: Field[] = [];

class Fast {
  readonly #status: number;
  readonly #statusText: string;
  readonly #fields: Field[];
  /** A body whose bytes are known, its type among the fields; `undefined` for one that only the platform can read. */
  readonly #known: KnownBody | undefined;
  readonly #body: BodyInit | null;
  #headers: Headers | null = null;
  #real: Response | null = null;

  /** @param type - The Content-Type of a response that has none; what the standard class gives such a body, unless said. */
  constructor(body: BodyInit | null = null, init?: ResponseInit, type: string | null = typeOf(body)) {
    const { status = 200, statusText = "", headers } = init ?? {};
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`The status of a Response is from 200 to 599, not ${String(status)}`);
    }
    if (!isFieldValue(statusText)) throw new TypeError("A statusText has no control characters");
    if (body !== null && NULL_BODY.has(status)) {
      throw new TypeError(`A Response with status ${status} has no body`);
    }
    this.#status = status;
    this.#statusText = statusText;
    this.#body = body;
    this.#known = knownBody(body);
    this.#fields = fieldsOf(headers, type);
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get ok(): boolean {
    return this.#status < 300;
  }

  get type(): ResponseType {
    return "default";
  }

  get url(): string {
    return "";
  }

  get redirected(): boolean {
    return false;
  }

  get headers(): Headers {
    // The type of a form or a blob is the platform's to find.
    const real = this.#known === undefined ? this.#toReal() : this.#real;
    this.#headers ??= real?.headers ?? new Headers(this.#fields);
    return this.#headers;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#body === null ? null : this.#toReal().body;
  }

  get bodyUsed(): boolean {
    return this.#real?.bodyUsed === true;
  }

  text(): Promise<string> {
    return this.#toReal().text();
  }

  json(): Promise<unknown> {
    return this.#toReal().json();
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#toReal().arrayBuffer();
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#toReal().arrayBuffer());
  }

  blob(): Promise<Blob> {
    return this.#toReal().blob();
  }

  formData(): Promise<FormData> {
    return this.#toReal().formData();
  }

  clone(): Response {
    const init = { status: this.#status, statusText: this.#statusText, headers: this.headers };
    const isKnown = this.#known !== undefined && !(this.#body instanceof ReadableStream);
    if (isKnown && !this.bodyUsed && this.#real?.body?.locked !== true) {
      return new FastResponse(this.#body, init);
    }
    const copy = this.#toReal().clone();
    return new Response(copy.body, init);
  }

  /** What is known of a response of this class; `null` for any other. */
  static partsOf(response: object): FastParts | null {
    if (!(#fields in response)) return null;
    const headers = response.#headers;
    return {
      status: response.#status,
      statusText: response.#statusText,
      fields: headers === null ? response.#fields : [...headers],
      body: response.#real === null ? response.#known : undefined,
    };
  }

  /** The standard Response of one of this class, for servers that take no other; any other comes back as it is. */
  static realOf(response: Response): Response {
    if (!(#fields in response)) return response;
    const real = response.#toReal();
    if (response.#headers === null || response.#headers === real.headers) return real;
    return new Response(real.body, {
      status: real.status,
      statusText: real.statusText,
      headers: response.#headers,
    });
  }

  #toReal(): Response {
    this.#real ??= new Response(this.#body, {
      status: this.#status,
      statusText: this.#statusText,
      headers: this.#headers ?? this.#fields,
    });
    return this.#real;
  }
}

/**
 * A drop-in for the global `Response`, made of nothing until it is looked into: `fromFetch` reads it without a stream. The
 * bytes of its body are not copied: do not write to them once it is returned. On Bun, Deno and Workers, whose servers take no
 * other and whose own is cheap, it is the global `Response` itself.
 */
export const FastResponse: typeof Response = isCostly() ? (Fast as unknown as typeof Response) : Response;
export type FastResponse = Response;

/** Whether the runtime's Response is written in JavaScript, and no server of its own insists on it. */
function isCostly(): boolean {
  const isNative = Function.prototype.toString.call(Response).includes("[native code]");
  return !isNative && !("Deno" in globalThis);
}

/** See {@link Fast.partsOf}. */
export function fastParts(response: object): FastParts | null {
  return Fast.partsOf(response);
}

/** See {@link Fast.realOf}. */
export function standardResponse(response: Response): Response {
  return Fast.realOf(response);
}

Object.setPrototypeOf(Fast.prototype, Response.prototype);
Object.setPrototypeOf(Fast, Response);
Object.defineProperties(Fast, {
  name: { value: "Response" },
  json: {
    configurable: true,
    writable: true,
    value: (data: unknown, init?: ResponseInit): Response => {
      const text = JSON.stringify(data) as string | undefined;
      if (text === undefined) throw new TypeError("The value has no JSON");
      return new Fast(text, init, "application/json");
    },
  },
});

function typeOf(body: BodyInit | null): string | null {
  if (typeof body === "string") return TEXT;
  return body instanceof URLSearchParams ? FORM : null;
}

function knownBody(body: BodyInit | null): KnownBody | undefined {
  if (body === null || typeof body === "string" || isBytes(body) || body instanceof ReadableStream)
    return body;
  if (body instanceof URLSearchParams) return String(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return undefined;
}

/** The fields as a Headers object would have them, but in their own order and case. */
function fieldsOf(init: HeadersInit | undefined, type: string | null): Field[] {
  if (init === undefined) return type === null ? NO_FIELDS : [["content-type", type]];
  const fields: Field[] = [];
  let hasType = false;
  const add = (name: string, value: string): void => {
    hasType ||= name.length === 12 && name.toLowerCase() === "content-type";
    fields.push(checked(name, value));
  };
  if (Symbol.iterator in init) {
    for (const pair of init as Iterable<Iterable<string>>) {
      const [name, value, ...rest] = Array.isArray(pair) ? (pair as string[]) : [...pair];
      if (name === undefined || value === undefined || rest.length > 0) {
        throw new TypeError("A header is a pair of name and value");
      }
      add(String(name), String(value));
    }
  } else {
    for (const name of Object.keys(init)) add(name, String(init[name]));
  }
  if (type !== null && !hasType) fields.push(["content-type", type]);
  return fields;
}

function checked(name: string, value: string): Field {
  const trimmed = isPadded(value) ? value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "") : value;
  if (isToken(name) && isFieldValue(trimmed)) return [name, trimmed];
  throw new TypeError(`No header: ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
}

function isPadded(value: string): boolean {
  return value.charCodeAt(0) <= 0x20 || value.charCodeAt(value.length - 1) <= 0x20;
}
