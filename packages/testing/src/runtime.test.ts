// What runs in any runtime imports no module of Node, and no other package than core. Through the index all of the package
// can be had there; what needs Node (the socket wires, the report writer, the cases about files) asks for it when it is used.

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

const TYPES_ONLY = /^(?:import|export) type [^;]*;/gms;
const STATIC = /^(?:(?:import|export) [^;]*?from |import )"([^"]+)";/gms;
const LATE = /\bimport\("([^"]+)"\)/g;

/** What a file says of other modules that is there at run time, or all that it says. */
type Imports = (source: string) => string[];

const whenLoaded: Imports = (source) => names(source.replace(TYPES_ONLY, ""), STATIC);
const everUsed: Imports = (source) => [...whenLoaded(source), ...names(source, LATE)];
const everNamed: Imports = (source) => [...names(source, STATIC), ...names(source, LATE)];

function names(source: string, pattern: RegExp): string[] {
  return Array.from(source.matchAll(pattern), ([, name = ""]) => name);
}

/** What a file and all it imports take from elsewhere. */
function importsOf(entry: string, imports: Imports): string[] {
  const seen = new Set<string>();
  const walk = (file: URL): string[] => {
    if (seen.has(file.href)) return [];
    seen.add(file.href);
    const found = imports(readFileSync(file, "utf8"));
    return found.flatMap((name) => (name.startsWith(".") ? walk(new URL(name, file)) : [name]));
  };
  return [...new Set(walk(new URL(entry, import.meta.url)))].toSorted();
}

test.each(ENTRIES)("%s imports core and nothing else, not even for a type", (entry) => {
  expect(importsOf(entry, everNamed)).toEqual(["@tsgi/core"]);
});

test("the index loads core and nothing else, so that the suite runs without Node", () => {
  expect(importsOf("index.ts", whenLoaded)).toEqual(["@tsgi/core"]);
});

test("what needs Node asks for it when it is used: sockets, reports, files", () => {
  expect(importsOf("index.ts", everUsed)).toEqual([
    "@tsgi/core",
    "node:fs/promises",
    "node:http2",
    "node:net",
    "node:os",
    "node:path",
    "node:tls",
  ]);
});
