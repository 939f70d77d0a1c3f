// Package hygiene: what each published package's manifest must say, then publint and "are the types wrong" on what npm would pack.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { ROOT, packagesOf } from "./tree.js";

/** Says what a manifest lacks: `[message]`. */
export function manifestFaults({ name, folder, manifest }, versions) {
  const faults = [];
  const must = (fine, message) => fine || faults.push(message);
  must(/^@tsgi\/|^tsgi$/.test(manifest.name), "the name starts with @tsgi/");
  must(manifest.license === "MIT", "license is MIT");
  must(manifest.type === "module", "type is module");
  must(manifest.sideEffects === false, "sideEffects is false");
  must(manifest.engines?.node === ">=20.19", "engines.node is >=20.19");
  must(manifest.repository?.directory === `packages/${name}`, "repository.directory names the folder");
  must(manifest.publishConfig?.provenance === true, "publishConfig.provenance is true");
  must((manifest.description ?? "").length > 20, "description says what it is");
  must(existsSync(join(folder, "README.md")), "there is a README.md");
  for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
    if (entry === "./package.json") continue;
    const keys = Object.keys(target).join(" ");
    must(
      keys === "@tsgi/source types default",
      `exports["${entry}"] has @tsgi/source, types, default, in this order`,
    );
    must(
      existsSync(join(folder, target["@tsgi/source"])),
      `exports["${entry}"] names a source file that exists`,
    );
  }
  for (const [dependency, range] of Object.entries({ ...manifest.dependencies })) {
    const own = versions.get(dependency);
    must(own === undefined || own === range, `${dependency} is required as ${range}, but is ${own}`);
  }
  return faults;
}

async function main() {
  const packages = packagesOf(ROOT);
  const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));
  const out = mkdtempSync(join(tmpdir(), "tsgi-pack-"));
  let bad = false;
  try {
    for (const entry of packages) {
      const messages = manifestFaults(entry, versions);
      const { messages: findings, pkg } = await publint({ pkgDir: entry.folder, strict: true });
      messages.push(...findings.map((finding) => formatMessage(finding, pkg, { color: false })));
      messages.push(...typeFaults(entry, out));
      for (const message of messages) console.error(`packages/${entry.name}: ${message}`);
      bad ||= messages.length > 0;
    }
  } finally {
    rmSync(out, { recursive: true });
  }
  process.exitCode = bad ? 1 : 0;
}

function typeFaults({ folder }, out) {
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", out], {
    cwd: folder,
    encoding: "utf8",
  });
  const attw = join(ROOT, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const args = [attw, join(out, packed.trim()), "--profile", "esm-only", "--format", "ascii", "--no-emoji"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return status === 0 ? [] : [`the types of what npm would pack are wrong:\n${stdout}${stderr}`];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
