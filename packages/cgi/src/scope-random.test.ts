// Random meta-variables: whatever a web server passes, there is a scope whose parts agree, or a 400.

import { expect, test } from "vitest";
import { GatewayError, environFromScope, textOfNative, type Environ, type HttpScopeInit } from "@tsgi/core";
import { chance } from "./chance.test-support.ts";
import { metaSettings, type MetaOptions } from "./meta-settings.ts";
import { addMetaVariable, bodyLengthOf, metaVariables, type MetaVariables } from "./meta-variables.ts";
import { scopeFromMetaVariables } from "./scope-from-meta-variables.ts";

const ROUNDS = 5_000;

const PIECES = [
  "/",
  "/",
  "a",
  "app",
  "%2F",
  "%ff",
  "\xff",
  "\xc3\xa9",
  "%C3%A9",
  "..",
  "*",
  "?",
  "%",
  " ",
  ":",
  "[",
  "http://h",
];
const NAMES = [
  "REQUEST_METHOD",
  "SERVER_PROTOCOL",
  "SCRIPT_NAME",
  "PATH_INFO",
  "PATH_TRANSLATED",
  "REQUEST_URI",
  "QUERY_STRING",
  "CONTENT_LENGTH",
  "HTTP_TRANSFER_ENCODING",
  "HTTP_HOST",
  "HTTP_COOKIE",
  "SERVER_NAME",
  "SERVER_PORT",
  "REMOTE_ADDR",
  "REMOTE_PORT",
  "HTTPS",
  "__proto__",
  "wsgi.input",
  "HTTP___PROTO__",
];
const OPTIONS: MetaOptions[] = [
  {},
  {},
  { scriptName: "/app" },
  { scriptName: "" },
  { iis: true },
  { iis: "iis6" },
];

function random(pick: (below: number) => number): MetaVariables {
  const meta = metaVariables();
  addMetaVariable(meta, "REQUEST_METHOD", ["GET", "GET", "OPTIONS", "POST", "G T"][pick(5)] as string);
  addMetaVariable(meta, "SERVER_PROTOCOL", ["HTTP/1.1", "HTTP/2.0", "HTTP/1.0", ""][pick(4)] as string);
  for (let i = pick(8); i > 0; i -= 1) {
    const value = Array.from({ length: pick(5) }, () => PIECES[pick(PIECES.length)]).join("");
    addMetaVariable(meta, NAMES[pick(NAMES.length)] as string, value);
  }
  return meta;
}

function environOf(scope: HttpScopeInit): Environ {
  const empty = new Uint8Array(0);
  const input = { read: () => empty, readline: () => empty, readlines: () => [], *[Symbol.iterator]() {} };
  return environFromScope(scope, {
    input,
    errors: { write() {}, writelines() {}, flush() {} },
    afterResponse: [],
  });
}

test("every set of meta-variables gives parts of a path that agree, or a 400 [S16 S3 X4]", () => {
  const pick = chance(4);
  let served = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const meta = random(pick);
    const settings = metaSettings(OPTIONS[pick(OPTIONS.length)] as MetaOptions);
    try {
      bodyLengthOf(meta);
      const scope = scopeFromMetaVariables(meta, settings);
      const { SCRIPT_NAME, PATH_INFO } = environOf(scope);
      const path = textOfNative(SCRIPT_NAME + PATH_INFO);
      const agrees =
        scope.path === "*" ? PATH_INFO === "*" : path === scope.path || (path === "" && scope.path === "/");
      const rooted = (SCRIPT_NAME === "" || /^\/.*[^/]$/s.test(SCRIPT_NAME)) && /^\/|^\*$/.test(scope.path);
      if (agrees && rooted) served += 1;
      else
        expect({ round, meta: { ...meta }, settings, SCRIPT_NAME, PATH_INFO, path: scope.path }).toBeNull();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      expect(error.code).toBe("TSGI_ERR_META_VARIABLE");
    }
  }
  expect(served).toBeGreaterThan(ROUNDS / 2);
});
