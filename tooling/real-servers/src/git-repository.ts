// A repository that git serves over HTTP by its own CGI program, and a client's work with it: clone, push, and see.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AsgiApp, Log } from "@tsgi/core";
import { expect } from "vitest";
import { startHost } from "./framework-hosts.ts";
import { pathOf } from "./programs.ts";

const run = promisify(execFile);

/** Where Debian, Alpine and Fedora keep the CGI program of git. */
export const GIT_BACKEND = "/usr/lib/git-core/git-http-backend";

/** Git's files of one test, in a temporary directory. */
export interface GitRepository {
  /** GIT_PROJECT_ROOT: `demo.git` lies in it. */
  readonly root: string;
  /** The variables that the CGI program needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs git as the client, and gives what it prints. */
  git(directory: string, ...args: string[]): Promise<string>;
  /** An empty directory for a client. */
  folder(name: string): string;
  remove(): void;
}

/** Makes a bare repository `demo.git` with one commit, which may be cloned and pushed to without a password. */
export async function makeGitRepository(): Promise<GitRepository> {
  const place = realpathSync(mkdtempSync(join(tmpdir(), "tsgi-git-")));
  const root = join(place, "root");
  const folder = (name: string): string => {
    mkdirSync(join(place, name), { recursive: true });
    return join(place, name);
  };
  const git = async (directory: string, ...args: string[]): Promise<string> => {
    const { stdout } = await run(pathOf("git"), args, { cwd: directory, env: clientEnvironment(place) });
    return stdout;
  };
  const repository: GitRepository = {
    root,
    env: { GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: "1", HOME: place, GIT_CONFIG_NOSYSTEM: "1" },
    git,
    folder,
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
  folder("root");
  await git(root, "init", "--quiet", "--bare", "demo.git");
  await git(join(root, "demo.git"), "config", "http.receivepack", "true");
  const first = folder("first");
  await git(first, "init", "--quiet");
  writeFileSync(join(first, "README"), "The first commit.\n");
  await git(first, "add", "README");
  await git(first, "commit", "--quiet", "-m", "first");
  await git(first, "push", "--quiet", join(root, "demo.git"), "main");
  return repository;
}

/** What the client's work came to. */
interface GitWork {
  /** What the first clone has in README. */
  readonly cloned: string;
  /** The commits that the server has in the end, the last one first. */
  readonly commits: readonly string[];
  /** Whether a second clone has all bytes of a file that was pushed. */
  readonly arrived: boolean;
}

/** Clones, pushes a small commit, then one of 3 MB (which git sends without a length), and clones again. */
async function workWithGit(repository: GitRepository, url: string): Promise<GitWork> {
  const { git, folder } = repository;
  const clients = folder(`clients-${randomBytes(4).toString("hex")}`);
  await git(clients, "clone", "--quiet", url, "one");
  const one = join(clients, "one");
  const cloned = readFileSync(join(one, "README"), "utf8");
  writeFileSync(join(one, "small"), "A few words.\n");
  await git(one, "add", "small");
  await git(one, "commit", "--quiet", "-m", "small");
  await git(one, "push", "--quiet", "origin", "main");
  const large = randomBytes(3_000_000);
  writeFileSync(join(one, "large"), large);
  await git(one, "add", "large");
  await git(one, "commit", "--quiet", "-m", "large");
  await git(one, "push", "--quiet", "origin", "main");
  await git(clients, "clone", "--quiet", url, "two");
  const arrived = readFileSync(join(clients, "two", "large")).equals(large);
  const log = await git(join(repository.root, "demo.git"), "log", "--format=%s", "main");
  return { cloned, commits: log.trim().split("\n"), arrived };
}

/** What a client's work comes to where all is well. */
const ALL_WELL: GitWork = {
  cloned: "The first commit.\n",
  commits: ["large", "small", "first"],
  arrived: true,
};

/** Works with a repository through an app that serves it, in a host of this name: all must go well, and nothing be logged. */
export async function expectWork(
  repository: GitRepository,
  host: string,
  appOf: (log: Log) => AsgiApp,
): Promise<void> {
  const logged: string[] = [];
  const app = appOf((level, message) => logged.push(`${level}: ${message}`));
  const { port, close } = await startHost(host, app, "/git");
  try {
    const work = await workWithGit(repository, `http://127.0.0.1:${port}/git/demo.git`);
    expect(work).toEqual(ALL_WELL);
    expect(logged).toEqual([]);
  } finally {
    await close();
  }
}

/** Nothing of the user's own settings, nor of this process's proxies. */
function clientEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "Ann",
    GIT_AUTHOR_EMAIL: "ann@example.com",
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@example.com",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "init.defaultBranch",
    GIT_CONFIG_VALUE_0: "main",
  };
}
