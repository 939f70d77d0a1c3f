// The configuration of a Worker for workerd: its modules as files, one socket, and nothing of Node.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Before August 2026, from when on modules of Node are there by default. */
const COMPATIBILITY_DATE = "2026-07-01";

/**
 * Writes the files of a Worker.
 *
 * @param {string} folder - Where.
 * @param {{ name: string, source: string }[]} modules - The entry first.
 * @param {string} suite - Its binding SUITE.
 * @returns {string} The file of the configuration.
 */
export function writeWorker(folder, modules, suite) {
  const listed = modules.map(({ name, source }) => {
    const file = join(folder, "modules", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
    return `    (name = ${JSON.stringify(name)}, esModule = embed ${JSON.stringify(`modules/${name}`)}),`;
  });
  const config = join(folder, "config.capnp");
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
${listed.join("\n")}
  ],
  bindings = [(name = "SUITE", text = ${JSON.stringify(suite)})],
  compatibilityDate = "${COMPATIBILITY_DATE}",
);
`,
  );
  return config;
}
