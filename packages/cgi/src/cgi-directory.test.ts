// Which file of a directory a path names, and which it must not.

import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mount } from "@tsgi/core";
import { cgiDirectory, type CgiDirectoryOptions } from "./cgi-directory.ts";
import { clientOf, scriptDirectory } from "./scripts.test-support.ts";

const scripts = scriptDirectory();
const root = join(scripts.path, "cgi-bin");
const SHOW = 'printf "Content-Type: text/plain\\n\\n%s|%s|%s" "$SCRIPT_NAME" "$PATH_INFO" "$SCRIPT_FILENAME"';

scripts.script("cgi-bin/show", SHOW);
scripts.script("cgi-bin/tools/show.cgi", SHOW);
scripts.script("cgi-bin/a b+é", SHOW);
scripts.script("cgi-bin/.hidden", SHOW);
scripts.script("cgi-bin/.git/hook", SHOW);
scripts.script("cgi-bin/nph-show", 'printf "HTTP/1.1 202 Taken\\r\\n\\r\\nnph"');
scripts.script("outside", SHOW);
scripts.script("cgi-binx/show", SHOW);
scripts.file("cgi-bin/data.txt", "secret");
symlinkSync(join(scripts.path, "outside"), join(root, "escape"));
symlinkSync(scripts.path, join(root, "up"));
symlinkSync(join(scripts.path, "cgi-binx"), join(root, "sibling"));
symlinkSync("show", join(root, "alias"));
symlinkSync("nowhere", join(root, "dangling"));
symlinkSync(root, join(scripts.path, "link-to-root"));

function directory(options: CgiDirectoryOptions = {}): ReturnType<typeof clientOf> {
  return clientOf(mount("/cgi-bin", cgiDirectory(root, options)));
}

describe("a path that names a program", () => {
  test.each([
    ["/cgi-bin/show", "/cgi-bin/show", "", "show"],
    ["/cgi-bin/show/", "/cgi-bin/show", "/", "show"],
    ["/cgi-bin/show/a%20b//c", "/cgi-bin/show", "/a b//c", "show"],
    ["/cgi-bin/tools/show.cgi/x", "/cgi-bin/tools/show.cgi", "/x", "tools/show.cgi"],
    ["/cgi-bin/a%20b+%C3%A9/x", "/cgi-bin/a b+é", "/x", "a b+é"],
    ["/cgi-bin/alias", "/cgi-bin/alias", "", "show"],
    ["/cgi-bin/show/.hidden", "/cgi-bin/show", "/.hidden", "show"],
  ])("%s is %s with the rest %j [CH28]", async (target, scriptName, pathInfo, file) => {
    const response = await directory().get(target);
    expect(response.text()).toBe(`${scriptName}|${pathInfo}|${join(root, file)}`);
  });

  test("runs one that writes a whole response as such [CH29]", async () => {
    expect(await directory().get("/cgi-bin/nph-show")).toMatchObject({ status: 202, reason: "Taken" });
  });

  test("may lie in a directory that is a link itself [CH28]", async () => {
    const client = clientOf(cgiDirectory(join(scripts.path, "link-to-root")));
    expect((await client.get("/show")).text()).toBe(`/show||${join(root, "show")}`);
  });
});

describe("a path that names none", () => {
  test.each([
    "/cgi-bin",
    "/cgi-bin/",
    "/cgi-bin/missing",
    "/cgi-bin/tools",
    "/cgi-bin/tools/",
    "/cgi-bin/tools/missing/show.cgi",
    "/cgi-bin/SHOW",
    "/cgi-bin//show",
    "/cgi-bin/.hidden",
    "/cgi-bin/.git/hook",
    "/cgi-bin/../outside",
    "/cgi-bin/%2e%2e/outside",
    "/cgi-bin/%2E./outside",
    "/cgi-bin/tools/../show",
    "/cgi-bin/./show",
    "/cgi-bin/..%2foutside",
    "/cgi-bin/..%5coutside",
    "/cgi-bin/tools%2fshow.cgi",
    "/cgi-bin/show%00",
    "/cgi-bin/show%00.txt",
    "/cgi-bin/%ff",
    "/cgi-bin/show/../../outside",
    "/cgi-bin/escape",
    "/cgi-bin/up/outside",
    "/cgi-bin/sibling/show",
    "/cgi-bin/dangling",
    "/cgi-bin/show%20",
    `/cgi-bin/${"x".repeat(5_000)}`,
    `/cgi-bin/${"x/".repeat(500)}`,
  ])("is 404: %s [CH28 CH27 CH6 S15]", async (target) => {
    const response = await directory().get(target);
    expect(response.status).toBe(404);
    expect(response.text()).toBe("Not Found");
    expect(response.log).toEqual([]);
  });

  test("is 404 also where slashes and dots may be in a path [CH6 CH28 S15]", async () => {
    const client = directory({ encodedSlashes: "decode", dotSegments: "keep" });
    for (const target of [
      "/cgi-bin/..%2foutside",
      "/cgi-bin/%2e%2e/outside",
      "/cgi-bin/tools/..%2f..%2foutside",
    ]) {
      expect((await client.get(target)).status).toBe(404);
    }
    expect((await client.get("/cgi-bin/tools%2fshow.cgi/../x")).text()).toContain(
      "/cgi-bin/tools/show.cgi|/../x|",
    );
  });

  test("is 403 if it is a file that may not be executed, which is never sent [CH28]", async () => {
    const response = await directory().get("/cgi-bin/data.txt");
    expect(response.status).toBe(403);
    expect(response.text()).not.toContain("secret");
  });

  test("is 404 if the directory is gone [CH28]", async () => {
    expect((await clientOf(cgiDirectory(join(scripts.path, "no-such"))).get("/show")).status).toBe(404);
  });

  test("is 404 if it is no regular file [CH28]", async () => {
    mkdirSync(join(root, "only-directory"), { recursive: true });
    expect((await directory().get("/cgi-bin/only-directory")).status).toBe(404);
    expect((await clientOf(cgiDirectory("/dev")).get("/null")).status).toBe(404);
  });
});

describe("interpreters", () => {
  const interpreter = scripts.script(
    "interpreter",
    'printf "Content-Type: text/plain\\n\\n"; pwd; cat "$SCRIPT_FILENAME"; echo "$SCRIPT_NAME|$PATH_INFO|$#"',
  );
  scripts.file("cgi-bin/page.demo", "the page\n");
  symlinkSync(join(scripts.path, "cgi-bin", "data.txt"), join(root, "data.demo"));
  symlinkSync("/etc/hostname", join(root, "etc.demo"));

  test("run files of an ending, in their directory, without arguments [CH1 CH28]", async () => {
    const client = directory({ interpreters: { ".demo": interpreter } });
    expect((await client.get("/cgi-bin/page.demo/x?-s")).text()).toBe(
      `${root}\nthe page\n/cgi-bin/page.demo|/x|0\n`,
    );
    expect((await client.get("/cgi-bin/page.demox")).status).toBe(404);
    expect((await client.get("/cgi-bin/show")).status).toBe(200);
  });

  test("do not see a file outside of the directory [CH28 S15]", async () => {
    const client = directory({ interpreters: { ".demo": interpreter } });
    expect((await client.get("/cgi-bin/etc.demo")).status).toBe(404);
    expect((await client.get("/cgi-bin/data.demo")).text()).toContain("secret");
  });

  test("have endings with a dot [S8]", () => {
    expect(() => cgiDirectory(root, { interpreters: { php: "/usr/bin/php-cgi" } })).toThrow("interpreters");
    expect(() => cgiDirectory(root, { interpreters: { ".php": "" } })).toThrow("interpreters");
  });
});

test.each(["", "a\0b", 7 as unknown as string])("%j is no directory [CH28]", (path) => {
  expect(() => cgiDirectory(path)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
});

test("an option that nobody reads is refused [S8]", () => {
  expect(() => cgiDirectory(root, { index: "show" } as CgiDirectoryOptions)).toThrow("Unknown option");
});
