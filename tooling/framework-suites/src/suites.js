// The suites: the test folders that the frameworks' npm packages bring along, and the ways in which they run through us.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the packages are installed. */
export const FOLDER = fileURLToPath(new URL("..", import.meta.url));

/** The packages whose suites run. */
export const PACKAGES = ["fastify", "@fastify/express", "@fastify/middie", "light-my-request"];

/**
 * What a `(req, res)` listener is put behind, by name; preload.js does it.
 *
 * - `native`: toNode(fromNode(listener)), which hands it the very pair.
 * - `synthetic`: the same with a middleware in between, so that the pair is one of ours.
 * - `fastify`: what an instance of Fastify listens with is fromFastify(instance), served as by serveNode.
 * - `memory`: what is injected goes to fromNode(listener) by the in-memory client of @tsgi/testing.
 */
const WAYS = ["native", "synthetic", "fastify", "memory"];

/** The ways for a package. That of light-my-request is about its own objects: they are put in front of our pairs. */
export function waysOf(name) {
  return name === "light-my-request" ? ["native", "synthetic"] : WAYS;
}

/** Files whose clients take trailers without saying so. Ours go to those only that ask (A52): here they are made to ask. */
export const TAKES_TRAILERS = ["fastify/test/reply-trailers.test.js", "fastify/test/http2/plain.test.js"];

/** The folder a package is in: the working folder of its tests. */
export function folderOf(name) {
  return join(FOLDER, "node_modules", name);
}

/** Every test file of a package, as `package/test/...`. */
export function filesOf(name) {
  return below(join(folderOf(name), "test"))
    .sort()
    .map((file) => `${name}/test/${file}`);
}

function below(folder, prefix = "") {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules") return [];
    if (entry.isDirectory()) return below(join(folder, entry.name), `${prefix}${entry.name}/`);
    return /\.test\.m?js$/.test(entry.name) ? [prefix + entry.name] : [];
  });
}
