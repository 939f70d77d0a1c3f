// How records leave a connection: what belongs together leaves together.

import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { RecordSocket } from "./record-socket.ts";

const RULES = { lingerTimeout: 1_000, maxDiscard: 1_000 };

/** A socket that notes what leaves by one system call. */
function noted(): { out: RecordSocket; calls: string[]; socket: Duplex } {
  const calls: string[] = [];
  const socket = new Duplex({
    read() {},
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      calls.push(chunk.toString("latin1"));
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => (chunk as Buffer).toString("latin1")).join(""));
      done();
    },
  });
  return { out: new RecordSocket(socket as Socket, RULES), calls, socket };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("pieces that are written in one turn leave by one call, in order, and the last records with them [F7 F70]", async () => {
  const { out, calls } = noted();
  for (const body of ["a", "b", "c"]) {
    await Promise.resolve();
    expect(out.writeAll([`<${body}\xff`, Buffer.from([0xfe])])).toBe(true);
  }
  out.write("end");
  await turn();
  expect(calls).toEqual(["<a\xff\xfe<b\xff\xfe<c\xff\xfeend"]);
  out.writeAll(["next"]);
  await turn();
  expect(calls.slice(1)).toEqual(["next"]);
});

test("a whole response leaves at once [F70]", () => {
  const { out, calls } = noted();
  out.write("whole");
  expect(calls).toEqual(["whole"]);
});

test("what was written before the end of a connection leaves before it [F51]", async () => {
  const { out, calls } = noted();
  out.writeAll(["a"]);
  out.close();
  await turn();
  expect(calls.join("")).toBe("a");
});

/** One that has sent its last, and lingers by a clock of the test's. */
async function lingering(): Promise<ReturnType<typeof noted>> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const parts = noted();
  parts.out.close();
  await turn();
  return parts;
}

test("the time to linger begins again with what still comes [F51]", async () => {
  const { out, socket } = await lingering();
  vi.advanceTimersByTime(999);
  out.discard(1);
  vi.advanceTimersByTime(999);
  expect(socket.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(socket.destroyed).toBe(true);
});

test("but not for ever: 30 times as long in all [F51 S10]", async () => {
  const { out, socket } = await lingering();
  let passed = 0;
  for (; !socket.destroyed; passed += 500) {
    out.discard(1);
    vi.advanceTimersByTime(500);
  }
  expect(passed).toBeGreaterThanOrEqual(29_000);
  expect(passed).toBeLessThanOrEqual(30_000);
});
