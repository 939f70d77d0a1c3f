// A Request that is made when somebody looks into it. Only where a Request keeps its insides in symbol properties (Node 20
// and 22): there accessors of the same names make an object real to everything that takes a Request, at the first touch.
// Source: WHATWG Fetch "Request class"; lib/web/fetch/request.js of undici. Nothing of the platform is changed.

import type { HttpScope, Receive } from "@tsgi/core";
import { appendFields } from "./append-fields.ts";
import { bodyStream, hasBody, wholeBody } from "./body-source.ts";
import { bufferOf, textOf, typedBody, usedBody } from "./read-body.ts";

/** A Request to be. */
export class LazyRequest {
  readonly #scope: HttpScope;
  readonly #receive: Receive;
  readonly #url: string;
  #headers: Headers | null = null;
  #real: Request | null = null;
  /** Whether the body was read past the real one. */
  #used = false;

  constructor(scope: HttpScope, receive: Receive, url: string) {
    this.#scope = scope;
    this.#receive = receive;
    this.#url = url;
  }

  get url(): string {
    return this.#url;
  }

  get method(): string {
    return this.#scope.method;
  }

  get headers(): Headers {
    if (this.#headers === null) this.#headers = this.#real?.headers ?? headersOf(this.#scope);
    return this.#headers;
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return hasBody(this.#scope) ? this.#toReal().body : null;
  }

  get bodyUsed(): boolean {
    return this.#used || this.#real?.bodyUsed === true;
  }

  text(): Promise<string> {
    return this.#take()?.then(textOf) ?? this.#toReal().text();
  }

  json(): Promise<unknown> {
    return this.#take()?.then(jsonOf) ?? this.#toReal().json();
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#take()?.then(bufferOf) ?? this.#toReal().arrayBuffer();
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#take() ?? this.#toReal().arrayBuffer().then(bytesOfBuffer);
  }

  blob(): Promise<Blob> {
    return this.#take()?.then((bytes) => typedBody(bytes, this.headers).blob()) ?? this.#toReal().blob();
  }

  formData(): Promise<FormData> {
    return (
      this.#take()?.then((bytes) => typedBody(bytes, this.headers).formData()) ?? this.#toReal().formData()
    );
  }

  /** The platform's own clone, whose signal would follow the one inside. */
  clone(): Request {
    const copy = Request.prototype.clone.call(this as unknown as Request);
    return new Request(copy, { signal: this.signal });
  }

  /** See `scopeOfRequest`. */
  static scopeOf(request: object): HttpScope | null {
    return #scope in request ? request.#scope : null;
  }

  /** Whether the headers were handed out, and so may have been changed. */
  static showsHeaders(request: object): boolean {
    return #scope in request && request.#headers !== null;
  }

  /** See `takeBody`. */
  static takeBody(request: LazyRequest): Receive | null {
    if (request.#real !== null || request.#used || !hasBody(request.#scope)) return null;
    request.#used = true;
    return request.#receive;
  }

  /** What a property of a real Request under a symbol holds. */
  static insideOf(request: LazyRequest, symbol: symbol): unknown {
    const real = request.#toReal();
    // The headers that were handed out are the ones that count.
    if (request.#headers !== null && request.#headers !== real.headers)
      replace(real.headers, request.#headers);
    const value: unknown = Reflect.get(real, symbol);
    return value instanceof AbortSignal ? request.signal : value;
  }

  /** The whole body past the stream; `null` if there is a real Request to ask. */
  #take(): Promise<Uint8Array<ArrayBuffer>> | null {
    if (this.#real !== null && !this.#used) return null;
    if (this.#used) return Promise.reject(usedBody());
    if (!hasBody(this.#scope)) return null;
    this.#used = true;
    return wholeBody(this.#receive);
  }

  #toReal(): Request {
    if (this.#real !== null) return this.#real;
    const scope = this.#scope;
    const init: RequestInit & { duplex?: "half" } = { method: scope.method };
    if (this.#headers !== null) init.headers = this.#headers;
    if (hasBody(scope)) {
      init.body = bodyStream(this.#receive);
      init.duplex = "half";
    }
    this.#real = new Request(this.#url, init);
    if (this.#headers === null) appendFields(this.#real.headers, scope.headers);
    if (this.#used) void this.#real.body?.cancel();
    return this.#real;
  }
}

function headersOf(scope: HttpScope): Headers {
  const headers = new Headers();
  appendFields(headers, scope.headers);
  return headers;
}

function replace(headers: Headers, by: Headers): void {
  for (const name of Array.from(headers.keys())) headers.delete(name);
  for (const [name, value] of by) headers.append(name, value);
}

function jsonOf(bytes: Uint8Array): unknown {
  return JSON.parse(textOf(bytes));
}

function bytesOfBuffer(buffer: ArrayBuffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}
