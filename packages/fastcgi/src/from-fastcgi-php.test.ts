// The php options end to end: what an upstream is told of a script, and what it is never asked.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mount, type AsgiApp } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { fromFastCgi } from "./from-fastcgi.ts";
import type { PhpOptions } from "./php.ts";
import { clientOf, scriptedUpstream, type Script } from "./scripted-upstream.test-support.ts";

let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tsgi-php-é-"));
  mkdirSync(join(root, "admin"));
  for (const name of ["index.php", "page.php", "admin/index.php", "style.css"])
    writeFileSync(join(root, name), "");
});
afterAll(() => rmSync(root, { recursive: true }));

const NAMES = [
  "SCRIPT_NAME",
  "PATH_INFO",
  "SCRIPT_FILENAME",
  "DOCUMENT_ROOT",
  "PATH_TRANSLATED",
  "REDIRECT_STATUS",
];

/** Answers with what it is told. */
const told: Script = async (connection) => {
  const { params } = await connection.request();
  const values = NAMES.map((name) =>
    name in params ? Buffer.from(params[name] ?? "", "latin1").toString() : null,
  );
  await connection.answer(Buffer.from(JSON.stringify(values)).toString("latin1"));
  connection.close();
};

async function answered(path: string, php: Partial<PhpOptions> = {}, prefix = ""): Promise<unknown> {
  const { target } = await scriptedUpstream(told);
  const app = mount(prefix, fromFastCgi(target, { php: { root, ...php } }));
  const response = await createTestClient(app).get(path);
  return response.status === 200 ? response.json() : [response.status, response.header("location")];
}

test("a script is told where it lies, and that it was not asked for by its user [FC7 FC8]", async () => {
  expect(await answered("/page.php/a%20b")).toEqual([
    "/page.php",
    "/a b",
    `${root}/page.php`,
    root,
    `${root}/a b`,
    "200",
  ]);
  expect(await answered("/")).toEqual(["/index.php", null, `${root}/index.php`, root, null, "200"]);
});

test("below a mount prefix the name has the prefix, and the file has not [FC7 X4]", async () => {
  expect(await answered("/b%20c/page.php/x", {}, "/b c")).toEqual([
    "/b c/page.php",
    "/x",
    `${root}/page.php`,
    root,
    `${root}/x`,
    "200",
  ]);
  expect(await answered("/blog", {}, "/blog")).toEqual([308, "/blog/"]);
});

test("a directory without its slash is asked for again, on this host [FC8 S15]", async () => {
  expect(await answered("/admin")).toEqual([308, "/admin/"]);
  expect(await answered("/admin?a=/b")).toEqual([308, "/admin/?a=/b"]);
  expect(await answered("//admin")).toEqual([308, "/admin/"]);
  expect(await answered("///admin")).toEqual([308, "/admin/"]);
});

test("without a look at the disk the rest is the same [FC8]", async () => {
  const php = { tryFiles: false, root: "/remote/www" } as const;
  expect(await answered("/any.php/x", php)).toEqual([
    "/any.php",
    "/x",
    "/remote/www/any.php",
    "/remote/www",
    "/remote/www/x",
    "200",
  ]);
});

test.each(["/style.css", "/page.php%0a", "/page.php%00.css", "/a/..%2fpage.php", "/..%2f..%2fetc/passwd"])(
  "%s is no upstream's business: 404 [S15 S16 FC8]",
  async (path) => {
    const { target, connections } = await scriptedUpstream(told);
    const response = await clientOf(target, { php: { root, tryFiles: ["$uri", "$uri/"] } }).get(path);
    expect([response.status, response.text(), connections.length]).toEqual([404, "Not Found", 0]);
  },
);

test("other files are for the app that serves files [FC8]", async () => {
  const files: AsgiApp = async (scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: `the file ${scope.type === "http" ? scope.path : ""}` });
  };
  const { target, connections } = await scriptedUpstream(told);
  const response = await clientOf(target, { php: { root, files } }).get("/style.css");
  expect([response.text(), connections.length]).toEqual(["the file /style.css", 0]);
});

test("params have the last word, SCRIPT_FILENAME too [FC7]", async () => {
  const { target } = await scriptedUpstream(told);
  const params = { SCRIPT_FILENAME: "/elsewhere/index.php" };
  const response = await clientOf(target, { params, php: { root } }).get("/");
  expect((response.json() as unknown[])[2]).toBe("/elsewhere/index.php");
});
