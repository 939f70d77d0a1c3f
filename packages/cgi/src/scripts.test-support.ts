// CGI programs for tests: written to a directory of their own, which is removed after the file's tests.

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AsgiApp } from "@tsgi/core";
import { createTestClient, type TestClient } from "@tsgi/testing";
import { afterAll } from "vitest";

/** A directory of programs. */
export interface ScriptDirectory {
  readonly path: string;
  /** Writes a program, for a shell unless `text` has a `#!` line of its own, and gives its path. */
  script(name: string, text: string): string;
  /** Writes a file that is no program. */
  file(name: string, text: string, mode?: number): string;
}

/** Makes a directory; it is removed when the tests of the file are over. */
export function scriptDirectory(): ScriptDirectory {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "tsgi-cgi-")));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  const file = (name: string, text: string, mode = 0o644): string => {
    const place = join(path, name);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
    chmodSync(place, mode);
    return place;
  };
  return {
    path,
    file,
    script: (name, text) => file(name, text.startsWith("#!") ? text : `#!/bin/sh\n${text}\n`, 0o755),
  };
}

/** A client that sees what a real one would: the 500 of an app that fails, and a cut response. */
export function clientOf(app: AsgiApp, rootPath = ""): TestClient {
  return createTestClient(app, { raiseAppErrors: false, rootPath });
}

/** Whether a process is alive: a zombie, whom nobody has fetched yet, is not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** Resolves when a process is gone, for whose end nobody gets an event. */
export async function whenGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
}

/** The processes whose parent is this one. */
export function childrenOfThis(): number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, "latin1")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
}

/** How many file descriptors this process has. */
export function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Resolves when this process has no more file descriptors than this: some close a little later. */
export async function whenClosed(before: number): Promise<void> {
  while (openFiles() > before) await new Promise((resolve) => setImmediate(resolve));
}
