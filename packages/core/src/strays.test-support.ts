// Errors that nobody handles end a process: the tests of a file that calls this fail at the first.

import { afterEach, beforeEach, expect } from "vitest";

/** Watches every test of this file for errors and rejections that nobody handles. */
export function expectNoStrays(): void {
  const strays: unknown[] = [];
  const keep = (error: unknown): void => void strays.push(error);
  beforeEach(() => {
    strays.length = 0;
    process.on("unhandledRejection", keep);
    process.on("uncaughtException", keep);
  });
  afterEach(async () => {
    await turns();
    process.off("unhandledRejection", keep);
    process.off("uncaughtException", keep);
    expect(strays).toEqual([]);
  });
}

/** Lets every reaction that is due run, and those they bring. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
