// The program and the recipe of the README do what it says. The other examples are run with those of all pages.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The block of code that says what it is called. */
function block(name: string): string {
  const found = Array.from(README.matchAll(/^```js\n(.*?)^```$/gms), ([, code]) => code as string);
  const code = found.find((text) => text.includes(`// ${name}`));
  if (code === undefined) throw new Error(`The README has no ${name}`);
  return code;
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "tsgi-readme-"));
  symlinkSync(
    fileURLToPath(new URL("../../../node_modules", import.meta.url)),
    join(directory, "node_modules"),
    "junction",
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("the recipe makes a program of the first example, which answers as it is shown", async () => {
  const [build, input, file] = ["build.mjs", "hello.mjs", "hello.cgi"].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  writeFileSync(input, block("hello.mjs"));
  // As this workspace is bundled from source; for who has installed it, there is nothing to be said.
  const fromSource = `platform: "node", resolve: { conditionNames: ["@tsgi/source", "node", "import"] }`;
  writeFileSync(build, block("build.mjs").replace(`platform: "node"`, fromSource));
  const { argv } = process;
  process.argv = [argv[0] ?? "", build, input, file];
  try {
    await import(/* @vite-ignore */ build);
  } finally {
    process.argv = argv;
  }
  const [, variables = ""] = /^(REQUEST_METHOD=.*) \.\/hello\.mjs$/m.exec(README) ?? [];
  const env = Object.fromEntries(
    variables.split(" ").map((variable) => variable.split("=")) as [string, string][],
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], { env });
  const [, shown] = /^```text\n(Status: .*?)^```$/ms.exec(README) ?? [];
  expect([String(stdout).replaceAll("\r\n", "\n"), String(stderr), status]).toEqual([shown, "", 0]);
  if (process.platform !== "win32") expect(statSync(file).mode & 0o111).not.toBe(0);
}, 60_000);
