// The split of a path into script and PATH_INFO: a table of what must be found, and of what others were made to find.

import { describe, expect, test } from "vitest";
import { isPlainPath, isScript, splitsOf } from "./php-split.ts";

const PHP = [".php"];

function splits(path: string, extensions: readonly string[] = PHP): string[] {
  return splitsOf(path, extensions).map(({ script, pathInfo }) => `${script}|${pathInfo}`);
}

describe("splitsOf", () => {
  const SPLITS: [path: string, ...splits: string[]][] = [
    ["/index.php", "/index.php|"],
    ["/index.php/", "/index.php|/"],
    ["/index.php/a/b", "/index.php|/a/b"],
    ["/a.php/b.php", "/a.php|/b.php", "/a.php/b.php|"],
    ["/a.php/b.php/c", "/a.php|/b.php/c", "/a.php/b.php|/c"],
    ["//index.php//a", "//index.php|//a"],
    ["/dir.php/index.php", "/dir.php|/index.php", "/dir.php/index.php|"],
    ["/uploads/x.jpg/y.php", "/uploads/x.jpg/y.php|"],
    ["/"],
    [""],
    ["/index"],
    ["/index.phps"],
    ["/index.php.bak"],
    ["/index.php~"],
    ["/indexphp"],
    ["/.php"],
    ["/.php/a"],
    ["/a/.php"],
  ];
  test.each(SPLITS)(
    "%s is split after the extension, at the end of a segment only [FC8]",
    (path, ...found) => {
      expect(splits(path)).toEqual(found);
    },
  );

  test("the case of letters counts [FC8]", () => {
    expect(splits("/a.PHP")).toEqual([]);
    expect(splits("/a.pHp/b")).toEqual([]);
    expect(splits("/a.PHP/b.php")).toEqual(["/a.PHP/b.php|"]);
  });

  test("script and PATH_INFO are the path again, whatever it is made of [S16 FC8]", () => {
    for (const path of [
      "/a.php/\xe4\xb8\xad",
      "/\xff.php/%2e",
      "/a b.php/c?d",
      "/a.php//..//x",
      "/a.php/b.php/c.php",
    ]) {
      const found = splitsOf(path, PHP);
      expect(found.length).toBeGreaterThan(0);
      for (const { script, pathInfo } of found) expect(script + pathInfo).toBe(path);
    }
  });

  test("a newline hides nothing from the split [S16 FC8]", () => {
    expect(splits("/index.php/a\nb")).toEqual(["/index.php|/a\nb"]);
    expect(splits("/index.php\n")).toEqual([]);
    expect(splits("/index.php\n/x.php")).toEqual(["/index.php\n/x.php|"]);
  });

  test("characters that become longer or shorter in lower case move no split [S16 FC8]", () => {
    // Ⱥ is two octets in UTF-8, its lower case three: an index found in the one is wrong in the other.
    const shifted = Buffer.from("/ȺȺȺȺshell.php.txt.php").toString("latin1");
    expect(splits(shifted)).toEqual([`${shifted}|`]);
    const behind = Buffer.from("/ȺȺȺȺ.txt/x.php/y").toString("latin1");
    expect(splits(behind)).toEqual([`${behind.slice(0, -2)}|/y`]);
  });

  test("characters that fold to ASCII letters are no ASCII letters [S16 FC8]", () => {
    // The Kelvin sign folds to k, the long s to s, full-width and circled letters are taken for letters by a loose search.
    for (const name of ["/a.ｐｈｐ", "/a.ⓟⓗⓟ", "/a.𝗉𝗁𝗉", "/a.pʰp", "/a．php"]) {
      expect(splits(Buffer.from(name).toString("latin1"))).toEqual([]);
      // As characters too, should somebody pass text.
      expect(splits(name)).toEqual([]);
    }
    expect(splits(Buffer.from("/a.phtmſ").toString("latin1"), [".phtms"])).toEqual([]);
    expect(splits("/a.\u212aphp", [".kphp"])).toEqual([]);
  });

  test("extensions are octets, not patterns [S16 FC8]", () => {
    expect(splits("/aXphp")).toEqual([]);
    expect(splits("/a.phtml/b", [".php", ".phtml"])).toEqual(["/a.phtml|/b"]);
    expect(splits("/a.x", [".*"])).toEqual([]);
  });

  test("the time is in proportion to the length [FC8]", () => {
    const deep = "/a.php".repeat(20_000);
    expect(splitsOf(deep, PHP)).toHaveLength(20_000);
  });
});

describe("isScript", () => {
  test.each([
    ["/index.php", true],
    ["/a/b.php", true],
    ["/a.php/", false],
    ["/style.css", false],
    ["/.php", false],
    ["/a/.php", false],
    [".php", false],
  ])("%s: %s [FC8]", (path, expected) => {
    expect(isScript(path, PHP)).toBe(expected);
  });
});

describe("isPlainPath", () => {
  const REFUSED = [
    "",
    "index.php",
    "/a\0.php",
    "/a\n.php",
    "/a\r/b.php",
    "/a\x7f",
    "/a\tb",
    "/../a.php",
    "/a/../b.php",
  ];
  test.each([...REFUSED, "/a/..", "/..", "/.", "/a/./b.php", "/./"])(
    "%j stands in no file's name [S15 FC8]",
    (path) => {
      expect(isPlainPath(path, false)).toBe(false);
    },
  );

  test.each([
    "/",
    "/a.php",
    "/...",
    "/..a/b..",
    "/a..b/.c",
    "/a b.php",
    "/\xff\xe9.php",
    "//a//b.php",
    "/a\\b.php",
    "/aux.php",
  ])("%j may stand in one [S15]", (path) => {
    expect(isPlainPath(path, false)).toBe(true);
  });

  test.each([
    ["/a\\..\\b.php"],
    ["/C:/b.php"],
    ["/a.php::$DATA"],
    ["/a.php."],
    ["/a.php "],
    ["/a./b.php"],
    ["/aux.php"],
    ["/CON"],
    ["/x/nul.php/y"],
    ["/com1.php"],
    ["/lpt\xb9"],
  ])("%j is opened as something else on Windows [S15]", (path) => {
    expect(isPlainPath(path, true)).toBe(false);
    expect(isPlainPath("/auxiliary.php", true)).toBe(true);
  });
});
