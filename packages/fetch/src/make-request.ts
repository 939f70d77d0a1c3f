// Which kind of Request this runtime can have: found out by trying, at the first request.
// Source: docs/decisions/007-a-request-that-is-real.md.

import type { HttpScope, Receive } from "@tsgi/core";
import { hasBody } from "./body-source.ts";
import { LazyRequest } from "./lazy-request.ts";
import { RealRequest } from "./real-request.ts";

type Make = (scope: HttpScope, receive: Receive, url: string) => Request;

let make: Make | null = null;

/** Makes the Request of a guest. */
export function makeRequest(scope: HttpScope, receive: Receive, url: string): Request {
  make ??= lazyRequestsWork() ? makeLazy : makeReal;
  return make(scope, receive, url);
}

/** The scope a Request of ours was made of; `null` for any other Request. */
export function scopeOfRequest(request: Request): HttpScope | null {
  return LazyRequest.scopeOf(request) ?? RealRequest.scopeOf(request);
}

/** Whether the headers of a Request of ours were handed out, and so may have been changed. */
export function showsHeaders(request: Request): boolean {
  return LazyRequest.showsHeaders(request) || RealRequest.showsHeaders(request);
}

/** Whether a Request has a body, without making the stream of one of ours. */
export function requestHasBody(request: Request): boolean {
  const scope = scopeOfRequest(request);
  return scope === null ? request.body !== null : hasBody(scope);
}

/** The unread body of a Request of ours, past its stream; from then on it is used. `null` for what has only its stream. */
export function takeBody(request: Request): Receive | null {
  if (RealRequest.scopeOf(request) !== null) return RealRequest.takeBody(request as RealRequest);
  if (LazyRequest.scopeOf(request) !== null) return LazyRequest.takeBody(request as unknown as LazyRequest);
  return null;
}

function makeLazy(scope: HttpScope, receive: Receive, url: string): Request {
  return new LazyRequest(scope, receive, url) as unknown as Request;
}

function makeReal(scope: HttpScope, receive: Receive, url: string): Request {
  return new RealRequest(scope, receive, url);
}

/** Gives the class the insides of a Request, by whatever symbols this runtime has them, and sees whether it is taken for one. */
function lazyRequestsWork(): boolean {
  try {
    const symbols = Object.getOwnPropertySymbols(new Request("http://localhost/"));
    if (symbols.length === 0) return false;
    for (const symbol of symbols) {
      Object.defineProperty(LazyRequest.prototype, symbol, {
        configurable: true,
        get(this: LazyRequest): unknown {
          return LazyRequest.insideOf(this, symbol);
        },
      });
    }
    Object.setPrototypeOf(LazyRequest.prototype, Request.prototype);
    Object.defineProperty(LazyRequest.prototype, "constructor", { value: Request });
    return (
      isTaken(new Request(trial())) &&
      isTaken(new Request(trial(), { redirect: "manual" })) &&
      isTaken(trial().clone())
    );
  } catch {
    return false;
  }
}

const URL_OF_TRIAL = "http://localhost/trial?x";

function trial(): Request {
  const scope = {
    method: "PUT",
    headers: [
      ["x-trial", "1"],
      ["content-length", "1"],
    ],
    signal: new AbortController().signal,
  };
  return makeLazy(scope as unknown as HttpScope, () => new Promise(() => {}), URL_OF_TRIAL);
}

function isTaken({ url, method, headers, body }: Request): boolean {
  return url === URL_OF_TRIAL && method === "PUT" && headers.get("x-trial") === "1" && body !== null;
}
