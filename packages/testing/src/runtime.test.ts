// The client and the lints run in any runtime: nothing they are made of imports a module of Node, or another package than core.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ENTRIES = [
  "test-client.ts",
  "inject.ts",
  "client/communicator.ts",
  "lint-asgi.ts",
  "lint-wsgi.ts",
  "wire/memory-wire.ts",
];

/** What a file and all it imports take from elsewhere. */
function importsOf(file: URL, seen: Set<string>): string[] {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  const found = [...readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"([^"]+)"/g)].map(
    ([, name]) => name as string,
  );
  return found.flatMap((name) => (name.startsWith(".") ? importsOf(new URL(name, file), seen) : [name]));
}

test.each(ENTRIES)("%s imports core and nothing else", (entry) => {
  expect([...new Set(importsOf(new URL(entry, import.meta.url), new Set()))]).toEqual(["@tsgi/core"]);
});
