// What npm would publish installs into an empty project, without a registry, and runs there.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT, packagesOf } from "./tree.js";

const packages = packagesOf(ROOT);
const folder = mkdtempSync(join(tmpdir(), "tsgi-pack-"));
const project = join(folder, "project");
const tarballs = new Map<string, string>();

beforeAll(() => {
  run(process.execPath, [
    join(ROOT, "node_modules/typescript/bin/tsc"),
    "-b",
    ...packages.map((one) => one.folder),
  ]);
  for (const one of packages) {
    const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
    tarballs.set(one.name, join(folder, run("npm", args, one.folder).trim()));
  }
  mkdirSync(project);
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "empty", private: true, type: "module" }),
  );
  // All at once: each finds the others it depends on among them.
  run(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs.values()],
    project,
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(packages.map(({ name, manifest }) => ({ name, manifest })))(
  "$manifest.name",
  ({ name, manifest }) => {
    const files = (): string[] =>
      run("tar", ["-tzf", tarballs.get(name) as string])
        .trim()
        .split("\n");

    test("holds its sources, what they compile to with types, README, licence and manifest", () => {
      expect(files()).toEqual(
        expect.arrayContaining([
          "package/package.json",
          "package/README.md",
          "package/LICENSE",
          "package/src/index.ts",
          "package/dist/index.js",
          "package/dist/index.d.ts",
        ]),
      );
    });

    test("holds no test, no test's material and no build state", () => {
      const stray = /\.(test|test-support|fixture)\.|\/fixtures?\/|\/broken\/|tsbuildinfo|tsconfig/;
      expect(files().filter((file) => stray.test(file))).toEqual([]);
    });

    test("imports, and is required, in an empty project", () => {
      const imported = `import(${JSON.stringify(manifest.name)}).then((all) => console.log(Object.keys(all).length > 0))`;
      const required = `console.log(Object.keys(require(${JSON.stringify(manifest.name)})).length > 0)`;
      expect(run(process.execPath, ["--input-type=module", "-e", imported], project)).toBe("true\n");
      expect(run(process.execPath, ["--input-type=commonjs", "-e", required], project)).toBe("true\n");
    });
  },
);

test("an app is served in an empty project", () => {
  writeFileSync(
    join(project, "app.js"),
    `import { serveNode } from "@tsgi/node";
     import { createTestClient } from "@tsgi/testing";
     import { wsgi } from "@tsgi/core";
     const app = wsgi((environ, startResponse) => {
       startResponse("200 OK", [["content-type", "text/plain"]]);
       return ["Hello from " + environ.PATH_INFO];
     });
     const server = await serveNode(app, { port: 0 });
     const response = await fetch(server.url + "/there");
     console.log(response.status, await response.text());
     await server.close();
     console.log((await createTestClient(app).get("/memory")).text());`,
  );
  expect(run(process.execPath, ["app.js"], project)).toBe("200 Hello from /there\nHello from /memory\n");
});

test.skipIf(process.platform === "win32")(
  "the CGI program of the README is started as the README says",
  () => {
    const page = readFileSync(join(ROOT, "packages/cgi/README.md"), "utf8");
    const [, program, commands, output] =
      /```js\n(.*?)```\n.*?```sh\n(.*?)```\n.*?```text\n(.*?)```/s.exec(page) ?? [];
    const [, name] = /^\/\/ (\S+)$/m.exec(program) ?? [];
    writeFileSync(join(project, name), program);
    expect(run("sh", ["-ec", commands], project).replaceAll("\r\n", "\n")).toBe(output);
  },
);

function run(command: string, args: readonly string[], cwd: string = ROOT): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", env: environment() });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** Node's and npm's own settings of whoever runs the tests must not reach the empty project. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(NODE_|VITEST|npm_)/i.test(name));
  return { ...Object.fromEntries(kept), NODE_NO_WARNINGS: "1" };
}
