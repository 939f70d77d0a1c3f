// Lets a Node without type stripping (20) run this workspace's sources, so that tests can start real processes without a
// build: node --import ./source-loader.mjs --conditions=@tsgi/source src/server.ts
import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transformSync } from "rolldown/utils";

export function load(url, info, nextLoad) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return nextLoad(url, info);
  const path = fileURLToPath(url);
  const { code, errors } = transformSync(path, readFileSync(path, "utf8"), { lang: "ts", target: "es2023" });
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`);
  return { format: "module", source: code, shortCircuit: true };
}

// On Node 20 the hooks run on a thread of their own, which loads this file again and must not register once more.
if (isMainThread) {
  if (nodeModule.registerHooks) nodeModule.registerHooks({ load });
  else nodeModule.register(import.meta.url);
}
