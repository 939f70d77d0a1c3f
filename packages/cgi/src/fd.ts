// Reading and writing file descriptors that may be blocking or not: fd 0 and fd 1 are what the web server has made of them.
// Source: POSIX read, write (EAGAIN); measured: under Apache's mod_cgid both are one socket, which anybody may make non-blocking.

import { readSync, writeSync } from "node:fs";

/** The longest pause before it is tried again, in milliseconds. The first is 1 ms. */
const LONGEST_PAUSE = 16;

/** How long to pause after so many tries in vain, in milliseconds. */
export function pauseAfter(tries: number): number {
  return Math.min(2 ** tries, LONGEST_PAUSE);
}

/** Whether an error says "not now". */
export function isNotNow(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "EAGAIN" || code === "EWOULDBLOCK";
}

/** Whether an error is the end of the input. */
export function isEnd(error: unknown): boolean {
  // On Windows, the end of a pipe.
  return (error as { code?: unknown } | null)?.code === "EOF";
}

/**
 * Reads what is there, at least one byte, waiting for it.
 *
 * @returns How many; 0 at the end.
 */
export function readWaiting(fd: number, bytes: Uint8Array): number {
  for (let tries = 0; ; tries += 1) {
    try {
      return readSync(fd, bytes, 0, bytes.byteLength, null);
    } catch (error) {
      if (isEnd(error)) return 0;
      if (!isNotNow(error)) throw error;
      sleep(pauseAfter(tries));
    }
  }
}

/** Writes all, waiting for room. */
export function writeWaiting(fd: number, bytes: Uint8Array): void {
  let tries = 0;
  for (let at = 0; at < bytes.byteLength;) {
    const written = writeNow(fd, bytes, at);
    at += written;
    if (at === bytes.byteLength) return;
    tries = written === 0 ? tries + 1 : 0;
    sleep(pauseAfter(tries));
  }
}

/** Writes what there is room for; 0 if there is none. */
export function writeNow(fd: number, bytes: Uint8Array, at: number): number {
  try {
    return writeSync(fd, bytes, at, bytes.byteLength - at, null);
  } catch (error) {
    if (isNotNow(error)) return 0;
    throw error;
  }
}

/** Does nothing for a while, without an event loop, and without burning the processor. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
