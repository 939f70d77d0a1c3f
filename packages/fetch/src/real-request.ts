// A Request that is real from the start, for runtimes that keep its insides where nobody can put them later.
// It reads a body past its stream where it can. Source: WHATWG Fetch "Request class".

import type { HttpScope, Receive } from "@tsgi/core";
import { appendFields } from "./append-fields.ts";
import { bodyStream, hasBody, wholeBody } from "./body-source.ts";
import { abortInner, innerAbortWorks } from "./inner-signal.ts";
import { bufferOf, textOf, typedBody, usedBody } from "./read-body.ts";

/** As little as there is to say: each key costs. */
function initOf(scope: HttpScope, receive: Receive | null, follows: boolean): RequestInit | undefined {
  const { method } = scope;
  if (receive === null && !follows) return method === "GET" ? undefined : { method };
  const init: RequestInit & { duplex?: "half" } = { method };
  if (follows) init.signal = scope.signal;
  if (receive !== null) {
    init.body = bodyStream(receive);
    init.duplex = "half";
  }
  return init;
}

/** A Request with a body that can be had whole. */
export class RealRequest extends Request {
  readonly #scope: HttpScope;
  /** `null` once only the platform's own methods may read the body: there is none, or it was cloned. */
  #receive: Receive | null;
  #showsHeaders = false;

  constructor(scope: HttpScope, receive: Receive, url: string) {
    const withBody = hasBody(scope);
    const follows = !innerAbortWorks();
    super(url, initOf(scope, withBody ? receive : null, follows));
    // Cheaper by half than as a part of the init.
    appendFields(super.headers, scope.headers);
    this.#scope = scope;
    this.#receive = withBody ? receive : null;
    if (!follows) scope.signal.addEventListener("abort", () => abortInner(super.signal, scope.signal.reason));
  }

  override async text(): Promise<string> {
    return this.#receive === null ? super.text() : textOf(await this.#take(this.#receive));
  }

  override async json(): Promise<unknown> {
    return this.#receive === null ? super.json() : JSON.parse(textOf(await this.#take(this.#receive)));
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#receive === null ? super.arrayBuffer() : bufferOf(await this.#take(this.#receive));
  }

  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#receive === null) return new Uint8Array(await super.arrayBuffer());
    return await this.#take(this.#receive);
  }

  override async blob(): Promise<Blob> {
    if (this.#receive === null) return super.blob();
    return typedBody(await this.#take(this.#receive), this.headers).blob();
  }

  override async formData(): Promise<FormData> {
    if (this.#receive === null) return super.formData();
    return typedBody(await this.#take(this.#receive), this.headers).formData();
  }

  override clone(): Request {
    const copy = super.clone();
    this.#receive = null;
    return new Request(copy, { signal: this.#scope.signal });
  }

  /** See `scopeOfRequest`. */
  static scopeOf(request: object): HttpScope | null {
    return #scope in request ? request.#scope : null;
  }

  /** Whether the headers were handed out, and so may have been changed. */
  static showsHeaders(request: object): boolean {
    return #scope in request && request.#showsHeaders;
  }

  /** See `takeBody`. */
  static takeBody(request: RealRequest): Receive | null {
    const receive = request.#receive;
    if (receive === null || request.bodyUsed || request.body?.locked === true) return null;
    void request.body?.cancel();
    return receive;
  }

  static {
    const signal = Object.getOwnPropertyDescriptor(Request.prototype, "signal");
    const headers = Object.getOwnPropertyDescriptor(Request.prototype, "headers");
    // Accessors over what the types call properties: the class body may not have them.
    Object.defineProperties(RealRequest.prototype, {
      constructor: { value: Request },
      signal: {
        configurable: true,
        get(this: RealRequest): AbortSignal {
          return #scope in this ? this.#scope.signal : (signal?.get?.call(this) as AbortSignal);
        },
      },
      headers: {
        configurable: true,
        get(this: RealRequest): Headers {
          if (#scope in this) this.#showsHeaders = true;
          return headers?.get?.call(this) as Headers;
        },
      },
    });
  }

  #take(receive: Receive): Promise<Uint8Array<ArrayBuffer>> {
    const { body } = this;
    if (body === null || body.locked || this.bodyUsed) return Promise.reject(usedBody());
    // Cancelled rather than locked: `bodyUsed` must tell.
    void body.cancel();
    return wholeBody(receive);
  }
}
