// Descriptors that say "not now": what a socket or pipe does that somebody has made non-blocking.

import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isEnd, isNotNow, pauseAfter, readWaiting, writeNow, writeWaiting } from "./fd.ts";

test("pauses grow, and not without end", () => {
  expect([0, 1, 2, 3, 4, 5, 100].map(pauseAfter)).toEqual([1, 2, 4, 8, 16, 16, 16]);
});

test("what an error means is told by its code [C23]", () => {
  expect(
    [{ code: "EAGAIN" }, { code: "EWOULDBLOCK" }, { code: "EPIPE" }, null, "EAGAIN"].map(isNotNow),
  ).toEqual([true, true, false, false, false]);
  expect([{ code: "EOF" }, { code: "EIO" }].map(isEnd)).toEqual([true, false]);
});

describe.skipIf(process.platform === "win32")("a non-blocking pipe", () => {
  let directory: string;
  let path: string;
  let fds: number[] = [];
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "tsgi-fd-"));
    path = join(directory, "pipe");
    execFileSync("mkfifo", [path]);
  });
  afterEach(() => {
    for (const fd of fds.splice(0)) closeSync(fd);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function open(flags: number): number {
    const fd = openSync(path, flags | constants.O_NONBLOCK);
    fds.push(fd);
    return fd;
  }

  test("that is full takes nothing now [C23]", () => {
    const fd = open(constants.O_RDWR);
    const bytes = new Uint8Array(65_536);
    let written = 0;
    for (let now = 1; now > 0; written += now) now = writeNow(fd, bytes, 0);
    expect(written).toBeGreaterThan(0);
    expect(writeNow(fd, bytes, 0)).toBe(0);
  });

  test("that is empty is waited for, and its end is an end [C6]", async () => {
    const fd = open(constants.O_RDONLY);
    // Keeps the end away until there is something.
    const keeper = open(constants.O_RDWR);
    const writer = spawn("/bin/sh", ["-c", 'printf hello > "$1"', "sh", path]);
    const ended = once(writer, "exit");
    const bytes = new Uint8Array(10);
    const count = readWaiting(fd, bytes);
    expect(Buffer.from(bytes.subarray(0, count)).toString()).toBe("hello");
    await ended;
    fds = fds.filter((other) => other !== keeper);
    closeSync(keeper);
    expect(readWaiting(fd, bytes)).toBe(0);
  });

  test("that is read slowly gets all there is [C23 C27]", async () => {
    const reader = spawn("/bin/sh", ["-c", 'dd if="$1" bs=1000 2>/dev/null | wc -c', "sh", path]);
    let output = "";
    reader.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const ended = once(reader, "close");
    const fd = open(constants.O_RDWR);
    writeWaiting(fd, new Uint8Array(1_000_000));
    fds = [];
    closeSync(fd);
    await ended;
    expect(Number(output)).toBe(1_000_000);
  });
});
