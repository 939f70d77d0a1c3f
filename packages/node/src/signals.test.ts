import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { gate, pathApp, start } from "./fixtures/running.ts";
import { endOnSignals, type SignalSource } from "@tsgi/process";

describe("signals", () => {
  class FakeProcess extends EventEmitter implements SignalSource {
    readonly exits: number[] = [];
    readonly exited = gate();
    exit(code: number): void {
      this.exits.push(code);
      this.exited.open();
    }
  }

  test.each([
    ["SIGTERM", true, 0],
    ["SIGINT", true, 0],
    ["SIGTERM", false, 1],
  ])(
    "the first %s closes the server; if clean is %s, the exit status is %i [A82]",
    async (signal, clean, code) => {
      const fake = new FakeProcess();
      endOnSignals(fake, () => Promise.resolve({ clean }));
      fake.emit(signal);
      await fake.exited.passed;
      expect(fake.exits).toEqual([code]);
    },
  );

  test("the second ends the process at once, with 1 [A82]", () => {
    const fake = new FakeProcess();
    endOnSignals(fake, () => new Promise(() => {}));
    fake.emit("SIGTERM");
    expect(fake.exits).toEqual([]);
    fake.emit("SIGINT");
    expect(fake.exits).toEqual([1]);
  });

  test("a server takes them if asked to, and gives them back as it ends [A82]", async () => {
    const before = process.listenerCount("SIGTERM");
    const { server } = await start(pathApp().app, { signals: true });
    expect(process.listenerCount("SIGTERM")).toBe(before + 1);
    expect(process.listenerCount("SIGINT")).toBeGreaterThan(0);
    await server.close();
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});
