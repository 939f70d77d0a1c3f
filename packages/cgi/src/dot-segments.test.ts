// Who decides about the dots in a path: the web server, whose access rules were about what it made of them.
// Sources: RFC 3986 §6.2.2.3; nginx merge_slashes and its normalised URI, recorded as SCRIPT_NAME; requirements C33, C35, X4, S15.

import { expect, test } from "vitest";
import { environFromScope, type HttpScopeInit } from "@tsgi/core";
import { metaSettings, type MetaOptions } from "./meta-settings.ts";
import { metaVariables } from "./meta-variables.ts";
import { scopeFromMetaVariables } from "./scope-from-meta-variables.ts";

type Sent = Readonly<Record<string, string>>;

function scopeOf(sent: Sent, options: MetaOptions = {}): HttpScopeInit {
  const meta = Object.assign(metaVariables(), { REQUEST_METHOD: "GET", SERVER_PROTOCOL: "HTTP/1.1" }, sent);
  return scopeFromMetaVariables(meta, metaSettings(options));
}

function splitOf(sent: Sent, options: MetaOptions): unknown[] {
  const input = { read: fail, readline: fail, readlines: fail, [Symbol.iterator]: fail };
  const errors = { write() {}, writelines() {}, flush() {} };
  const scope = scopeOf(sent, options);
  const { SCRIPT_NAME, PATH_INFO } = environFromScope(scope, { input, errors, afterResponse: [] });
  return [SCRIPT_NAME, PATH_INFO];
}

function fail(): never {
  throw new Error("Nobody reads it here");
}

const RESOLVED: [target: string, mounted: string, sent: Sent, pathInfo: string][] = [
  ["/admin/../x", "", { SCRIPT_NAME: "/x" }, "/x"],
  ["/admin/%2e%2E/x", "", { SCRIPT_NAME: "/x" }, "/x"],
  ["/admin%2f..%2fx", "", { SCRIPT_NAME: "/x" }, "/x"],
  ["/admin//../../x/.", "", { SCRIPT_NAME: "", PATH_INFO: "/x/" }, "/x/"],
  ["http://h/admin/../x?q", "", { SCRIPT_NAME: "/x" }, "/x"],
  ["/app/admin/../x", "/app", { SCRIPT_NAME: "/app/x" }, "/x"],
  ["/app/admin/..", "/app", { SCRIPT_NAME: "/app/" }, "/"],
  ["/other/../app/x", "/app", { SCRIPT_NAME: "/app", PATH_INFO: "/x" }, "/x"],
];

test.each(RESOLVED)(
  "of %s below %j the app gets what the web server made of it [C33 X4 S15]",
  (target, scriptName, sent, pathInfo) => {
    const request = { REQUEST_URI: target, ...sent };
    const scope = scopeOf(request, { scriptName });
    expect([scope.root_path, scope.path]).toEqual([scriptName, scriptName + pathInfo]);
    // What the client sent is still to be had.
    expect(target).toContain(scope.raw_path);
    expect(splitOf(request, { scriptName })).toEqual([scriptName, pathInfo]);
  },
);

const KEPT: [target: string, sent: Sent, path: string][] = [
  // The web server leaves dots alone, or tells nothing.
  ["/a/../b", { SCRIPT_NAME: "/a/../b" }, "/a/../b"],
  ["/a/%2e%2e/b", { PATH_INFO: "/a/../b" }, "/a/../b"],
  ["/a/../b", {}, "/a/../b"],
  // No segment of dots alone.
  ["/a/..b/.c/d..//e", { SCRIPT_NAME: "/a/..b/.c/d../e" }, "/a/..b/.c/d..//e"],
  // A rewritten path, as of a front controller.
  ["/a/b", { SCRIPT_NAME: "/index.fcgi" }, "/a/b"],
  ["/a/b?x=/../", { SCRIPT_NAME: "/index.fcgi" }, "/a/b"],
];

test.each(KEPT)("%s with %j is %s for an app at the root [C33 C35]", (target, sent, path) => {
  const scope = scopeOf({ REQUEST_URI: target, ...sent }, { scriptName: "" });
  expect([scope.root_path, scope.path]).toEqual(["", path]);
  expect(scope.raw_path).toBe(target.split("?", 1)[0]);
});
