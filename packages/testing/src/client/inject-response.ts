// What `inject()` gives: a response in the shape of light-my-request.
// Source: light-my-request 6, "API" of its README; RFC 6265 §4.1 (Set-Cookie).

import { GatewayError, utf8Decode } from "@tsgi/core";
import type { TestField } from "./fields.ts";
import type { TestHead } from "./memory-transport.ts";

/** A cookie that a response sets. */
export interface InjectedCookie {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly domain?: string;
  readonly expires?: Date;
  readonly maxAge?: number;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: string;
}

/** A response of `inject`; the names are those of light-my-request. */
export interface InjectResponse {
  readonly statusCode: number;
  readonly statusMessage: string;
  /** Names in lower case; a header that was sent more than once has an array. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly trailers: Readonly<Record<string, string>>;
  /** A `Buffer` where there is such a thing. With `payloadAsStream`, these three are empty. */
  readonly rawPayload: Uint8Array;
  readonly payload: string;
  readonly body: string;
  readonly cookies: readonly InjectedCookie[];
  /** The payload as JSON. */
  // oxlint-disable-next-line no-unnecessary-type-parameters -- light-my-request's own has it, and tests use it.
  json<T = unknown>(): T;
  /** The body, as a stream of the web. */
  stream(): ReadableStream<Uint8Array>;
}

/** What an {@link InjectResponse} is made of. */
export interface InjectedParts {
  readonly head: TestHead;
  readonly trailers: readonly TestField[] | null;
  /** The whole body; `null` where it is streamed. */
  readonly body: Uint8Array | null;
  readonly stream: () => ReadableStream<Uint8Array>;
}

/** Makes the response. */
export function injectResponse({ head, trailers, body, stream }: InjectedParts): InjectResponse {
  const payload = body === null ? "" : utf8Decode(body);
  return {
    statusCode: head.status,
    statusMessage: head.reason,
    headers: headerObject(head.headers),
    trailers: Object.fromEntries(trailers ?? []),
    rawPayload: asBuffer(body ?? new Uint8Array(0)),
    payload,
    body: payload,
    cookies: head.headers.filter(([name]) => name === "set-cookie").map(([, value]) => cookieOf(value)),
    json: () => {
      if (body !== null) return JSON.parse(payload);
      throw new GatewayError("TSGI_ERR_OPTION", "With payloadAsStream the body is in stream()");
    },
    stream,
  };
}

function headerObject(headers: readonly TestField[]): Record<string, string | string[]> {
  // Without a prototype, as a header may have any name.
  const object = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of headers) {
    const before = object[name];
    object[name] = before === undefined ? value : [before, value].flat();
  }
  return object;
}

function cookieOf(text: string): InjectedCookie {
  const [pair = "", ...attributes] = text.split(";");
  const equals = pair.indexOf("=");
  const name = equals === -1 ? "" : pair.slice(0, equals).trim();
  const cookie: Record<string, unknown> = { name, value: decoded(pair.slice(equals + 1).trim()) };
  for (const attribute of attributes) {
    const [key = "", value = ""] = attribute.split(/=(.*)/s).map((part) => part.trim());
    switch (key.toLowerCase()) {
      case "path":
      case "domain":
        cookie[key.toLowerCase()] = value;
        break;
      case "expires":
        cookie.expires = new Date(value);
        break;
      case "max-age":
        cookie.maxAge = Number.parseInt(value, 10);
        break;
      case "secure":
        cookie.secure = true;
        break;
      case "httponly":
        cookie.httpOnly = true;
        break;
      case "samesite":
        cookie.sameSite = value;
        break;
      default:
    }
  }
  return cookie as unknown as InjectedCookie;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Fastify's tests compare with a Buffer, and call its methods. */
function asBuffer(bytes: Uint8Array): Uint8Array {
  const { Buffer } = globalThis as {
    Buffer?: { from(data: ArrayBufferLike, at: number, size: number): Uint8Array };
  };
  return Buffer === undefined ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
