// Where in a Hono app an app is mounted: what becomes its root_path.
// Sources: Hono "Routing" (route, basePath) and "mount"; ASGI HTTP 2.5 "root_path".

import { decodePath, splitTarget } from "@tsgi/core";
import type { Context } from "hono";

/** The routes that Hono has found for a request. */
export type Routes = Context["req"]["matchedRoutes"];

/**
 * The base path of the route that is running: what `route()` and `basePath()` put before it, with its parameters filled
 * in; `""` at the root. The route's own path is no part of it: as for every handler of Hono, that is for the app to see.
 */
export function basePathOf({ req }: Context, routes: Routes): string {
  const base = routes[req.routeIndex]?.basePath ?? "/";
  if (base === "/") return "";
  if (!/[:*{]/.test(base)) return withoutTrailingSlash(base);
  const segments = withoutTrailingSlash(base).split("/").length;
  return decodePath(pathOf(req.raw.url).split("/").slice(0, segments).join("/"));
}

/** What `mount` has cut off the path of a request, as far as the whole path tells; else `""`. */
export function mountedAt(url: string, whole: string): string {
  const left = pathOf(url);
  if (whole.endsWith(left) && whole.length > left.length) return decodePath(whole.slice(0, -left.length));
  // At the mount point itself "/" is left of nothing.
  return left === "/" ? decodePath(withoutTrailingSlash(whole)) : "";
}

function pathOf(url: string): string {
  return splitTarget(url).rawPath;
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
