// The text of a script is for nobody, however the letters of its name are written: not every disk tells them apart.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { phpSettings, routePhp } from "./php.ts";

let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tsgi-php-case-"));
  // What a disk without letter case would find under these names.
  for (const name of ["a.PHP", "b.pHp", "c.INC", "picture.PNG", "d.php"])
    writeFileSync(join(root, name), "<?php");
});

afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ["/a.PHP", null],
  ["/b.pHp", null],
  ["/c.INC", null],
  ["/picture.PNG", "file"],
  ["/d.php", { script: "/d.php", pathInfo: "" }],
])("%s is %j [FC8 S15 S16]", (path, expected) => {
  const settings = phpSettings({ root, split: [".php", ".inc"], tryFiles: ["$uri"] });
  expect(routePhp(path, settings)).toEqual(expected);
});
