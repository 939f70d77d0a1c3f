// An app below a path prefix. The path stays whole, as ASGI has it; root_path grows by the prefix.
// Source: ASGI HTTP 2.5 "root_path" and "WSGI compatibility"; PEP 3333 SCRIPT_NAME and PATH_INFO.

import { SERVE, type AsgiApp, type Send } from "./app.ts";
import { deriveScope } from "./derive-scope.ts";
import { GatewayError, UnsupportedScopeError } from "./errors.ts";
import { runLifespans } from "./lifespan-group.ts";
import type { HttpScopeInit, WebSocketScope } from "./scope.ts";
import { serve } from "./transport.ts";

/**
 * Serves every request and WebSocket below `prefix` with `app`, and all others with `otherwise`. Mounts may be nested:
 * their prefixes add up. Both apps' lifespans are run, on one state.
 *
 * @param prefix - Compared with the decoded path, octet for octet and at a segment boundary: `"/api"` has `/api` and
 *   `/api/x`, but not `/apix` or `/API`. Written decoded (`"/café"`); a trailing `/` is dropped, and `""` has every path.
 * @param otherwise - Default: a 404.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the prefix has no leading slash.
 */
export function mount<State = unknown>(
  prefix: string,
  app: AsgiApp<State>,
  otherwise: AsgiApp<State> = notFound,
): AsgiApp<State> {
  const root = checkPrefix(prefix);
  const apps = [app as AsgiApp, otherwise as AsgiApp];
  const mounted: AsgiApp<State> = (scope, receive, send) => {
    const { type } = scope;
    if (type === "lifespan") return runLifespans(apps, scope, receive, send);
    if (type !== "http" && type !== "websocket") throw new UnsupportedScopeError(String(type));
    const inner = scopeBelow(root, scope);
    return inner === null ? otherwise(scope, receive, send) : app(inner, receive, send);
  };
  mounted[SERVE] = (scope, transport) => {
    const inner = scopeBelow(root, scope);
    if (inner === null) serve(otherwise as AsgiApp, scope, transport);
    else serve(app as AsgiApp, inner, transport);
  };
  return mounted;
}

/** Whether a decoded path is a prefix or lies below it, at a segment boundary. */
export function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/");
}

/** A prefix as `root_path` has it: no slash at its end, however many there were. */
export function withoutTrailingSlash(prefix: string): string {
  let end = prefix.length;
  while (prefix[end - 1] === "/") end -= 1;
  return prefix.slice(0, end);
}

function scopeBelow<S extends HttpScopeInit | WebSocketScope>(prefix: string, scope: S): S | null {
  if (prefix === "") return scope;
  const { path, root_path } = scope;
  const outer = withoutTrailingSlash(root_path);
  const whole = isBelow(path, outer);
  const rest = whole ? path.slice(outer.length) : path;
  if (!isBelow(rest, prefix)) return null;
  const changes: Partial<HttpScopeInit | WebSocketScope> = { root_path: outer + prefix };
  // A proxy cut root_path off, and the host did not put it back: an app may rely on its being there.
  if (!whole) return deriveScope(scope, { ...changes, path: outer + path } as Partial<S>);
  return deriveScope(scope, changes as Partial<S>);
}

function checkPrefix(prefix: string): string {
  const root = typeof prefix === "string" ? withoutTrailingSlash(prefix) : "?";
  if (root === "" || root.startsWith("/")) return root;
  throw new GatewayError(
    "TSGI_ERR_OPTION",
    `A mount prefix starts with a slash, unlike ${JSON.stringify(prefix)}`,
  );
}

const notFound: AsgiApp = async (scope, _receive, send) => {
  if (scope.type === "http") {
    await answerNotFound("http.response", send);
  } else if (scope.type !== "websocket") {
    throw new UnsupportedScopeError(scope.type);
  } else if (scope.extensions["websocket.http.response"] !== undefined) {
    await answerNotFound("websocket.http.response", send);
  } else {
    await send({ type: "websocket.close" });
  }
};

async function answerNotFound(
  protocol: "http.response" | "websocket.http.response",
  send: Send,
): Promise<void> {
  const headers = [["content-type", "text/plain; charset=utf-8"]] as const;
  await send({ type: `${protocol}.start`, status: 404, headers });
  await send({ type: `${protocol}.body`, body: "Not Found" });
}
