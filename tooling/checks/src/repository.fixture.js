// A throw-away repository in the temporary folder, with two requirements and whatever files a test adds.
// Source: the shape of packages/testing/src/requirements.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const REQUIREMENTS = `export const wEnviron = {
  W1: {
    group: "WSGI: environ",
    milestone: "core",
    text: "The app is called once | with \`environ\`.",
    source: "PEP 3333, Specification Details",
  },
  F1: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text:
      "A record has a header.",
    source: "FastCGI 1.0, 3.3",
  },
} as const;
`;

/**
 * Writes a repository that holds the requirements W1 and F1.
 *
 * @param {Record<string, string>} files - More files, by path from its root.
 * @returns {{ root: string, remove: () => void }}
 */
export function temporaryRepository(files = {}) {
  const root = mkdtempSync(join(tmpdir(), "tsgi-checks-"));
  const all = { "packages/testing/src/requirements/w-environ.ts": REQUIREMENTS, ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/**
 * The reports of adapters, as files of a repository.
 *
 * @param {Record<string, object[]>} results - By the name of the adapter.
 * @returns {Record<string, string>}
 */
export function reportFiles(results) {
  const files = Object.entries(results).map(([adapter, own]) => [
    `docs/conformance/${adapter.replaceAll("/", "-")}.json`,
    JSON.stringify({ adapter, results: own }),
  ]);
  return Object.fromEntries(files);
}
