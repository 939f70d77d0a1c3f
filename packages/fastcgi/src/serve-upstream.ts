// One request of fromFastCgi: who answers it, an upstream or we.
// Sources: requirements FC8, FC14, S18 (short answers of ours are plain text without anything of the request).

import { RequestRefused } from "@tsgi/cgi";
import { encodePath, reasonOf, type HttpScope, type Log, type Receive, type Send } from "@tsgi/core";
import { RESPONDER } from "./constants.ts";
import type { Gateway } from "./gateway.ts";
import { upstreamVariables } from "./upstream-variables.ts";

/** Serves a request. What it throws is for the server: the client is gone, or the response must be cut. */
export async function serveUpstream(
  gateway: Gateway,
  scope: HttpScope,
  receive: Receive,
  send: Send,
  log: Log,
): Promise<void> {
  const { php } = gateway.settings;
  try {
    const route = upstreamVariables(scope, gateway.settings);
    if (route === "slash") return await answer(send, 308, [["location", withSlash(scope)]]);
    if (route === "file" && php !== null && php.files !== null) return await php.files(scope, receive, send);
    if (typeof route === "string") return await answer(send, 404);
    await gateway.answer({ scope, receive, send, role: RESPONDER, params: route, log });
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error;
    await answer(send, error.status);
  }
}

/** A short answer of ours. */
export async function answer(
  send: Send,
  status: number,
  fields: readonly (readonly [string, string])[] = [],
): Promise<void> {
  const headers = [["content-type", "text/plain; charset=utf-8"] as const, ...fields];
  await send({ type: "http.response.start", status, headers });
  await send({ type: "http.response.body", body: reasonOf(status) });
}

/** The path with a slash at its end. Two at its beginning would name another host. */
function withSlash(scope: HttpScope): string {
  const path = scope.raw_path ?? encodePath(scope.path);
  const query = scope.query_string === "" ? "" : `?${scope.query_string}`;
  return `/${path.replace(/^[/\\]+/, "")}/${query}`;
}
