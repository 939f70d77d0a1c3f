// A program packed with what V8 has compiled of it: the same program, quicker.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GatewayError } from "@tsgi/core";
import { packCgi, type PackCgiOptions } from "./pack-cgi.ts";

let directory: string;
let code: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "tsgi-pack-test-"));
  const bundle = await rolldown({
    input: fileURLToPath(new URL("fixtures/serve-cgi-program.ts", import.meta.url)),
    platform: "node",
    resolve: { conditionNames: ["@tsgi/source", "node", "import"] },
  });
  const { output } = await bundle.generate({ format: "cjs", minify: true });
  ({ code } = output[0]);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const HELLO = { TEST_APP: "sync hello", PATH_INFO: "/packed" };

/** Runs a file as a CGI program. */
function run(file: string, text: string, env: Record<string, string> = HELLO): string {
  const path = join(directory, file);
  writeFileSync(path, text);
  const GET = { REQUEST_METHOD: "GET", SERVER_PROTOCOL: "HTTP/1.1" };
  const { stdout, stderr, status } = spawnSync(process.execPath, [path], { env: { ...GET, ...env } });
  expect([status, String(stderr)]).toEqual([0, ""]);
  return String(stdout);
}

const ANSWER = "Status: 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 19\r\n\r\nhello from /packed\n";

test.each([
  ["app.cgi", "cjs"],
  ["app.cjs", "cjs"],
  ["app.mjs", "esm"],
] as const)("%s answers what the bundle answers", (file, format) => {
  expect(run(file, packCgi(code, { format, request: HELLO }))).toBe(ANSWER);
  // What was not needed while packing is compiled when it is.
  const other = run(`other-${file}`, packCgi(code, { format, request: HELLO }), {
    ...HELLO,
    TEST_APP: "hello",
  });
  expect(other).toContain("hello from /packed");
});

test("V8 accepts what was packed", () => {
  const text = packCgi(`require("node:fs").writeSync(1, "answer"); process.exit(0)`);
  expect(run("accepted.cjs", checking(text))).toBe("false");
});

/** The packed program, telling whether V8 refuses what was packed. */
function checking(text: string): string {
  return text.replace(
    /new vm\.Script\((.*)\)\.runInThisContext\(\)\([^\n]*\);\n/,
    "process.stdout.write(String(new vm.Script($1).cachedDataRejected));\n",
  );
}

test("what V8 does not accept is compiled", () => {
  const text = packCgi(code, { request: HELLO });
  const broken = text.replace(/\n\/\/[^\n]*\n\/\/\n/, "\n//AAAA\n//\n");
  expect(broken).not.toBe(text);
  expect(run("broken.cgi", broken)).toBe(ANSWER);
});

test("a shebang, and what ends a line in JavaScript only, are no obstacle", () => {
  const program = `#!/usr/bin/env node\nrequire("node:fs").writeSync(1, "a\u2028b".length + \`\n\`)`;
  expect(run("lines.cjs", packCgi(program))).toBe("3\n");
});

test.each(["throw new Error('no')", "process.exit(0)", "syntax error"])(
  "a program that serves nothing is not packed: %s",
  (program) => {
    expect(() => packCgi(program)).toThrow(
      expect.objectContaining({ code: "TSGI_ERR_PACK" }) as GatewayError,
    );
  },
);

test.each([{ format: "umd" }, { nodes: "x" }])("%j is refused", (options) => {
  expect(() => packCgi("", options as PackCgiOptions)).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_OPTION" }) as GatewayError,
  );
});
