// A (req, res) listener on a host that has the very objects it wants: they are handed over, and nothing is translated.
// Source: lib/_http_server.js; the exchange takes no part, so what it does for an app that fails is done here.
/* oxlint-disable no-underscore-dangle -- Node's own names */

import type { IncomingMessage, ServerResponse } from "node:http";
import { decodePath, errorOf, splitTarget, type HttpScopeInit, type HttpTransport } from "@tsgi/core";
import { connectionOf } from "./connection.ts";
import { accept } from "./hang-up.ts";
import { NATIVE_PAIR, type NativePair } from "./native-pair.ts";
import type { RequestSettings } from "./request-settings.ts";
import { guestUrl } from "./synthetic/guest-url.ts";
import type { ResponseInternals } from "./synthetic/node-internals.ts";
import type { RequestListener } from "./synthetic/pair.ts";
import { sameHeaders } from "./synthetic/request.ts";

/** The native pair of a transport, if the scope still says what it says: a middleware may have changed it on the way. */
export function nativePairFor(scope: HttpScopeInit, transport: HttpTransport): NativePair | null {
  const pair = (transport as { [NATIVE_PAIR]?: NativePair })[NATIVE_PAIR];
  if (pair === undefined) return null;
  const { req } = pair;
  const connection = connectionOf(req.socket);
  const same =
    scope.rawHeaders === req.rawHeaders &&
    sameHeaders(req.rawHeaders, scope.headers) &&
    scope.client === connection.client &&
    scope.scheme === connection.scheme &&
    scope.method === req.method &&
    isTargetOf(req, scope.raw_path);
  return same ? pair : null;
}

function isTargetOf(req: IncomingMessage, rawPath: string | null): boolean {
  const { originalUrl = req.url ?? "" } = req as { originalUrl?: string };
  if (rawPath === null) return false;
  return originalUrl.startsWith(rawPath) || splitTarget(originalUrl).rawPath === rawPath;
}

/** Runs a listener on a native pair. Never throws. */
export function serveNative(
  listener: RequestListener,
  pair: NativePair,
  scope: HttpScopeInit,
  transport: HttpTransport,
): void {
  const { req, res } = pair;
  pair.taken();
  if (scope.root_path !== "") Object.assign(req, guestUrl(scope));
  res.on("close", () => transport.detach());
  call(listener, req, res, (error) => {
    transport.log("error", `The app failed at ${scope.method} ${JSON.stringify(scope.path)}`, error);
  });
}

/**
 * Runs a listener on a pair that a server of ours has just made for it. Never throws. The server counts no app at work: it
 * waits for the connection, which the response keeps as long.
 */
export function serveDirectly(
  listener: RequestListener,
  req: IncomingMessage,
  res: ServerResponse,
  { log }: RequestSettings,
): void {
  call(listener, req, res, (error) => {
    const { method, url = "", originalUrl = url } = req as IncomingMessage & { originalUrl?: string };
    const path = decodePath(splitTarget(originalUrl).rawPath);
    log("error", `The app failed at ${method} ${JSON.stringify(path)}`, error);
  });
}

function call(
  listener: RequestListener,
  req: IncomingMessage,
  res: ServerResponse,
  tell: (error: unknown) => void,
): void {
  accept(req);
  continueOnRead(req, res);
  const failed = (thrown: unknown): void => {
    // A log that fails in turn is not the client's business, nor a reason to end the process.
    try {
      tell(errorOf(thrown));
    } catch {}
    answerFailure(res);
  };
  try {
    const result = listener(req, res);
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

/** A server that leaves `100 Continue` to us has not sent it: it goes out when the listener first reads. */
function continueOnRead(req: IncomingMessage, res: ServerResponse): void {
  const internals = res as unknown as ResponseInternals;
  if (!internals._expect_continue || internals._sent100) return;
  const read = req._read;
  req._read = function readAfterContinue(size) {
    req._read = read;
    // The listener may have said it itself.
    if (!res.headersSent && !internals._sent100) res.writeContinue();
    read.call(this, size);
  };
}

const FAILURE = "Internal Server Error";

function answerFailure(res: ServerResponse): void {
  if (res.headersSent || res.writableEnded) {
    if (!res.writableFinished) res.destroy();
    return;
  }
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  // With a length and a reason: what the listener said of its own response, or began to send, would stand for them.
  res.writeHead(500, FAILURE, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": FAILURE.length,
  });
  res.end(FAILURE);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
