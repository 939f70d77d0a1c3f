// Which versions of the peers are measured, read from this package's own package.json, where they are pinned exactly.
import { readFileSync } from "node:fs";

/** The peers and their versions, as a phrase. */
export function columnVersions(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  return Object.entries(dependencies)
    .filter(([name]) => !name.startsWith("@tsgi/"))
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
