// A Request that is real from the start, for runtimes that keep its insides where nobody can put them later.
// It reads a body past its stream where it can. Source: WHATWG Fetch "Request class".

import type { HttpScope, Receive } from "@tsgi/core";
import { bodyStream, hasBody, wholeBody } from "./body-source.ts";
import { bufferOf, textOf, typedBody, usedBody } from "./read-body.ts";

/** A Request with a body that can be had whole. */
export class RealRequest extends Request {
  readonly #scope: HttpScope;
  /** `null` once the platform's own methods must read the body: there is none, or it was cloned. */
  #receive: Receive | null;

  constructor(scope: HttpScope, receive: Receive, url: string) {
    const init: RequestInit & { duplex?: "half" } = {
      method: scope.method,
      headers: scope.headers as [string, string][],
      signal: scope.signal,
    };
    const withBody = hasBody(scope);
    if (withBody) {
      init.body = bodyStream(receive);
      init.duplex = "half";
    }
    super(url, init);
    this.#scope = scope;
    this.#receive = withBody ? receive : null;
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
    return copy;
  }

  /** See {@link LazyRequest.scopeOf}. */
  static scopeOf(request: object): HttpScope | null {
    return #scope in request ? request.#scope : null;
  }

  #take(receive: Receive): Promise<Uint8Array<ArrayBuffer>> {
    const { body } = this;
    if (body === null || body.locked || this.bodyUsed) return Promise.reject(usedBody());
    // Cancelled rather than locked: `bodyUsed` must tell.
    void body.cancel();
    return wholeBody(receive);
  }
}
