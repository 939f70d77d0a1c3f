// Which script answers: looked up in a real directory, with what an attacker would put into a path.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { phpSettings, routePhp, type PhpOptions } from "./php.ts";

let folder = "";
let root = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsgi-php-"));
  root = join(folder, "public");
  for (const name of ["admin", "dir.php", "empty", "uploads", "café"])
    mkdirSync(join(root, name), { recursive: true });
  mkdirSync(join(folder, "public-other"));
  const files = [
    "index.php",
    "about.php",
    "admin/index.php",
    "dir.php/index.php",
    "uploads/x.jpg",
    "style.css",
    "café/menü.php",
  ];
  for (const name of [...files, "..odd.php", ".env", "a b.php", "../secret.php", "../public-other/x.php"]) {
    writeFileSync(join(root, name), "<?php");
  }
  writeFileSync(Buffer.from(`${root}/\xff.php`, "latin1"), "<?php");
  symlinkSync(join(folder, "secret.php"), join(root, "link.php"));
  symlinkSync(join(folder, "public-other"), join(root, "shared"));
  symlinkSync(join(root, "about.php"), join(root, "alias.php"));
  symlinkSync(root, join(folder, "current"));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** `script|pathInfo`, or what else is to be done. */
async function route(path: string, options: Partial<PhpOptions> = {}): Promise<string | null> {
  const found = routePhp(path, phpSettings({ root, ...options }));
  return typeof found === "object" && found !== null ? `${found.script}|${found.pathInfo}` : found;
}

function octets(text: string): string {
  return Buffer.from(text).toString("latin1");
}

describe("a path is looked up", () => {
  test.each([
    ["/", "/index.php|"],
    ["/about.php", "/about.php|"],
    ["/about.php/", "/about.php|/"],
    ["/about.php/a/b/", "/about.php|/a/b/"],
    ["/about.php/x.php", "/about.php|/x.php"],
    ["/admin/", "/admin/index.php|"],
    ["/admin", "slash"],
    ["/dir.php/", "/dir.php/index.php|"],
    ["/dir.php/index.php/a", "/dir.php/index.php|/a"],
    ["/dir.php", "slash"],
    ["/a b.php", "/a b.php|"],
    ["/..odd.php", "/..odd.php|"],
    ["/\xff.php", "/\xff.php|"],
    ["/alias.php", "/alias.php|"],
  ])("%s is %s [FC8]", async (path, expected) => {
    expect(await route(path)).toBe(expected);
  });

  test("names are octets [FC8 S16]", async () => {
    expect(await route(octets("/café/menü.php/ü"))).toBe(octets("/café/menü.php|/ü"));
  });

  test.each(["/nothing", "/nothing.php", "/empty/", "/nothing/x.php/y", "/About.php", "/about.PHP"])(
    "%s, which is not there, is for the front controller [FC8]",
    async (path) => {
      expect(await route(path)).toBe("/index.php|");
      expect(await route(path, { tryFiles: ["$uri", "$uri/"] })).toBe(null);
    },
  );

  test("the front controller can be given the path as PATH_INFO [FC8]", async () => {
    expect(await route("/a/b$&c", { tryFiles: ["$uri", "/index.php$uri"] })).toBe("/index.php|/a/b$&c");
    expect(await route("/about.php/a", { tryFiles: ["$uri", "/index.php$uri"] })).toBe("/about.php|/a");
  });

  test("another index, other extensions [FC8]", async () => {
    expect(await route("/", { index: "about.php" })).toBe("/about.php|");
    expect(await route("/uploads/x.jpg/a", { split: [".jpg"], index: "x.jpg" })).toBe("/uploads/x.jpg|/a");
    expect(await route("/about.php", { split: [".phtml"], index: "i.phtml" })).toBe("file");
  });
});

describe("what is no script is not run", () => {
  test("a picture is not run as the directory of a script [S16 FC8]", async () => {
    expect(await route("/uploads/x.jpg/y.php", { tryFiles: ["$uri"] })).toBe(null);
    expect(await route("/uploads/x.jpg/y.php")).toBe("/index.php|");
  });

  test("a file that is no script is told from one [S15]", async () => {
    expect(await route("/style.css")).toBe("file");
    expect(await route("/.env")).toBe("file");
    expect(await route("/uploads/x.jpg")).toBe("file");
  });

  test("a directory is never a script [FC8]", async () => {
    expect(await route("/dir.php", { tryFiles: ["$uri"] })).toBe(null);
    expect(await route("/dir.php/x", { tryFiles: ["$uri"] })).toBe(null);
  });
});

describe("nothing outside the root is found", () => {
  test.each([
    "/../secret.php",
    "/admin/../../secret.php",
    "/about.php/../../secret.php",
    "/./about.php",
    "/..",
  ])("%s [S15]", async (path) => {
    expect(await route(path)).toBe(null);
  });

  test.each(["/about.php\n", "/index.php/\n", "/index.php\0.jpg", "/x\r\n.php", "/\x7f"])(
    "%j, with a control character, is not even for the front controller [FC8 S16]",
    async (path) => {
      expect(await route(path)).toBe(null);
    },
  );

  test("by a symbolic link [S15]", async () => {
    const tryFiles = ["$uri"];
    expect(await route("/link.php", { tryFiles })).toBe(null);
    expect(await route("/shared/x.php", { tryFiles })).toBe(null);
    expect(await route("/link.php", { tryFiles, followSymlinks: true })).toBe("/link.php|");
    expect(await route("/shared/x.php/a", { tryFiles, followSymlinks: true })).toBe("/shared/x.php|/a");
  });

  test("a root that is a link itself is as good as another [S15]", async () => {
    expect(await route("/alias.php", { root: join(folder, "current") })).toBe("/alias.php|");
    expect(await route("/link.php", { root: join(folder, "current"), tryFiles: ["$uri"] })).toBe(null);
    expect(await route(`${root}/about.php`, { root: "/" })).toBe(`${root}/about.php|`);
  });

  test("a name no file can have is one that is not there [S15]", async () => {
    expect(await route(`/${"a".repeat(5_000)}.php`, { tryFiles: ["$uri"] })).toBe(null);
    expect(await route(`/${"a/".repeat(5_000)}.php`, { tryFiles: ["$uri"] })).toBe(null);
  });

  test("below what is not there nobody looks further [FC8]", async () => {
    // A look at each of 100 000 places would take seconds.
    expect(await route("/nothing.php".repeat(100_000), { tryFiles: ["$uri"] })).toBe(null);
  });
});

describe("tryFiles: false does not look", () => {
  test.each([
    ["/", "/index.php|"],
    ["/a/", "/a/index.php|"],
    ["/a", "/index.php|"],
    ["/a.php", "/a.php|"],
    ["/a.php/", "/a.php|/"],
    ["/a.php/b.php/c", "/a.php|/b.php/c"],
    ["/style.css", "/index.php|"],
    ["/../a.php", null],
    ["/a.php\n", null],
  ])("%s is %s [FC8]", async (path, expected) => {
    expect(await route(path, { tryFiles: false, root: "/nowhere" })).toBe(expected);
  });
});

describe("options", () => {
  test.each<[string, object]>([
    ["no root", { root: undefined }],
    ["a relative root", { root: "public" }],
    ["a root with a NUL", { root: "/a\0" }],
    ["an index in a directory", { index: "a/index.php" }],
    ["an index that is no script", { index: "index.html" }],
    ["an empty index", { index: "" }],
    ["no extension", { split: [] }],
    ["an extension without a dot", { split: ["php"] }],
    ["a pattern", { split: [/\.php/] }],
    ["extensions that are no list", { split: ".php" }],
    ["a relative candidate", { tryFiles: ["index.php"] }],
    ["a candidate with dots", { tryFiles: ["/../index.php"] }],
    ["candidates that are no list", { tryFiles: "$uri" }],
    ["true", { tryFiles: true }],
    ["links by word", { followSymlinks: "no" }],
    ["files that are no app", { files: "/files" }],
    ["an unknown one", { rot: "/" }],
  ])("%s is refused", (_, options) => {
    const wrong = expect.objectContaining({ code: "TSGI_ERR_OPTION" });
    expect(() => phpSettings({ root: "/srv", ...options })).toThrow(wrong);
  });
});
