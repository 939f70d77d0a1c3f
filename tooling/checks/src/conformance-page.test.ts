// The command writes every page, and notices when one on disk says something else or is of nothing any more.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { conformancePages } from "./conformance-page.js";
import { anchor } from "./page-text.js";
import { reportFiles, temporaryRepository } from "./repository.fixture.js";

const SCRIPT = fileURLToPath(new URL("conformance-page.js", import.meta.url));
const TEST_FILE = "packages/core/src/exchange.test.ts";
const OVERVIEW = "docs/conformance.md";
const ADVICE =
  "run npm run conformance, or node tooling/checks/src/conformance-page.js if no report changes\n";
const PASSED = { name: "one piece", proves: ["W1"], state: "passed" };
const SECOND = { name: "a second", proves: ["F1"], state: "skipped", reason: "no socket" };
const REPORTS = reportFiles({ "serveNode https": [PASSED, SECOND], "toFetch, served by Bun": [SECOND] });
const PAIRS = {
  "docs/conformance/matrix/hono.json": JSON.stringify({
    host: "Hono",
    guests: [{ guest: "fetch", passed: 1, skipped: 1, failed: 0 }],
    skips: [{ reason: "no socket", guests: ["fetch"], cases: ["a second"] }],
    failures: [],
  }),
};

test("there is a page for each group of adapters, for the pairs and for each family of requirements", () => {
  expect([...conformancePages(repository({ ...REPORTS, ...PAIRS })).pages.keys()]).toEqual([
    OVERVIEW,
    "docs/conformance/servers.md",
    "docs/conformance/runtimes.md",
    "docs/conformance/hosts-and-guests.md",
    "docs/conformance/requirements-wsgi.md",
    "docs/conformance/requirements-fastcgi.md",
  ]);
});

test("every link of a page leads to a page, and to a heading of it if it names one", () => {
  const { pages } = conformancePages(repository({ ...REPORTS, ...PAIRS }));
  const links = [...pages].flatMap(([path, text]) => linksOf(text).map((link) => targetOf(path, link)));
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter(({ page, heading }) => !headingsOf(pages.get(page)).includes(heading))).toEqual([]);
});

test("equal inputs give the same octets, in another folder and with other names of the reports", () => {
  const files = { ...REPORTS, ...PAIRS, [TEST_FILE]: `test("calls once [W1]", () => {});` };
  const renamed = Object.entries(files).map(([path, text], index) => [
    path.replace(/conformance\/[^/]+$/, `conformance/${9 - index}.json`),
    text,
  ]);
  const first = conformancePages(repository(files)).pages;
  expect([...conformancePages(repository(files)).pages]).toEqual([...first]);
  expect([...conformancePages(repository(Object.fromEntries(renamed))).pages]).toEqual([...first]);
});

test("the order of the results in a report changes nothing", () => {
  const turned = reportFiles({ "toFetch, served by Bun": [SECOND], "serveNode https": [SECOND, PASSED] });
  expect([...conformancePages(repository(turned)).pages]).toEqual([
    ...conformancePages(repository(REPORTS)).pages,
  ]);
});

test("the command writes the pages, and --check passes until something changes", () => {
  const root = repository(REPORTS);
  expect(run(root).status).toBe(0);
  const { pages } = conformancePages(root);
  expect([...pages.keys()].map((path) => [path, readFileSync(join(root, path), "utf8")])).toEqual([...pages]);
  expect(run(root, "--check")).toEqual({ status: 0, stderr: "" });
  write(root, TEST_FILE, `test("calls once [F1]", () => {});`);
  expect(run(root, "--check")).toEqual({
    status: 1,
    stderr: `${OVERVIEW} is out of date\ndocs/conformance/requirements-fastcgi.md is out of date\n${ADVICE}`,
  });
});

test("--check names every page that is not there, and what to run", () => {
  expect(run(repository({}), "--check").stderr).toBe(
    `${OVERVIEW} is out of date\ndocs/conformance/requirements-wsgi.md is out of date\ndocs/conformance/requirements-fastcgi.md is out of date\n${ADVICE}`,
  );
});

test("--check writes nothing", () => {
  const root = repository({});
  run(root, "--check");
  expect(existsSync(join(root, "docs"))).toBe(false);
});

test("a page of nothing any more is out of date, and goes; what somebody wrote stays", () => {
  const root = repository(REPORTS);
  run(root);
  const page = readFileSync(join(root, "docs/conformance/servers.md"), "utf8");
  write(root, "docs/conformance/clients.md", page);
  write(root, "docs/conformance/README.md", "# By hand\n");
  expect(run(root, "--check")).toEqual({
    status: 1,
    stderr: `docs/conformance/clients.md is out of date\n${ADVICE}`,
  });
  run(root);
  expect(existsSync(join(root, "docs/conformance/clients.md"))).toBe(false);
  expect(existsSync(join(root, "docs/conformance/README.md"))).toBe(true);
});

test("--require fails on a requirement of that area which is not proven", () => {
  const root = repository({ "docs/README.md": "", [TEST_FILE]: `test("calls once [W1]", () => {});` });
  expect(run(root, "--require=core").status).toBe(0);
  expect(run(root, "--require=core", "--require=fastcgi")).toMatchObject({
    status: 1,
    stderr: "F1 (fastcgi) is open\n",
  });
});

test("--require fails on an area that does not exist", () => {
  const root = repository({ "docs/README.md": "" });
  expect(run(root, "--require=cor")).toMatchObject({ status: 1, stderr: 'there is no area "cor"\n' });
});

function linksOf(text: string): string[] {
  const inline = text.matchAll(/\]\(([^)\s]+)\)/g);
  const references = text.matchAll(/^\[[^\]]+\]: (.+)$/gm);
  return Array.from([...inline, ...references], ([, link = ""]) => link);
}

function targetOf(path: string, link: string): { page: string; heading: string } {
  const [file = "", heading = ""] = link.split("#", 2);
  return { page: file === "" ? path : join(dirname(path), file).replaceAll("\\", "/"), heading };
}

/** The anchors of a page; the empty one is that of the page itself. */
function headingsOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  return ["", ...Array.from(text.matchAll(/^#+ (.*)$/gm), ([, title = ""]) => anchor(title))];
}

function run(root: string, ...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, root, ...args], { encoding: "utf8" });
  return { status, stderr };
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function repository(files: Record<string, string>): string {
  const { root, remove } = temporaryRepository(files);
  onTestFinished(remove);
  return root;
}
