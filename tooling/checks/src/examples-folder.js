// The examples of all pages as files in a temporary folder, which sees the packages of this workspace as installed ones.

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { examplesOf } from "./page-examples.js";
import { ROOT, filesBelow } from "./tree.js";

/** The pages whose examples are checked: the READMEs and the pages of `docs/`, from the root. */
export function pages(root = ROOT) {
  const readmes = ["packages", "apps"].flatMap((room) =>
    readdirSync(join(root, room)).map((name) => join(room, name, "README.md")),
  );
  const docs = filesBelow(join(root, "docs"), ".md").map((file) => relative(root, file));
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...readmes, ...docs]
    .filter((page) => existsSync(join(root, page)))
    .map((page) => page.replaceAll("\\", "/"));
}

/**
 * Writes the examples of these pages into a folder: one folder for each page.
 *
 * @returns {{ folder: string, examples: (import("./page-examples.js").Example & { file: string })[], remove: () => void }}
 */
export function examplesFolder(names) {
  const folder = mkdtempSync(join(tmpdir(), "tsgi-examples-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  const examples = names.flatMap((page) => {
    const room = join(folder, page.replaceAll("/", "-").replace(/\.md$/, ""));
    mkdirSync(room);
    return examplesOf(readFileSync(join(ROOT, page), "utf8"), page).map((example) => {
      const file = join(room, example.name);
      if (existsSync(file)) throw new Error(`${page}:${example.line}: ${example.name} is on this page twice`);
      writeFileSync(file, example.code);
      return { ...example, file };
    });
  });
  return { folder, examples, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Type-checks the whole folder with the workspace's own settings. An example exports for its neighbour on the page only,
 * so its exports need no written types (`isolatedDeclarations`).
 *
 * @returns {string} What the compiler says of the examples: `""` if there is nothing to say.
 */
export function typeCheck(folder) {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", folder], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status === 0) return "";
  // Each message begins at the margin. Those about the sources themselves are for the check of the types.
  const messages = (stdout + stderr).split(/\n(?=\S)/);
  return messages.filter((message) => !message.startsWith("../")).join("\n");
}

const TSCONFIG = {
  extends: join(ROOT, "tsconfig.base.json"),
  compilerOptions: {
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    moduleDetection: "force",
  },
  include: ["**/*.ts"],
};
