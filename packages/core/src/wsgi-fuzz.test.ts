// Sync apps at random, on transports at random: whatever they do, each request comes to one end, and nothing is left behind.
// Source: PEP 3333 (close(), Content-Length, the order of calls); ASGI 3.0 "Error Handling".

import { describe, expect, test } from "vitest";
import type { WsgiApp } from "./app.ts";
import { bytesOf } from "./bytes.ts";
import type { Chunk } from "./events.ts";
import { MemoryTransport } from "./memory-transport.test-support.ts";
import { expectNoStrays, turns } from "./strays.test-support.ts";
import { runSync, TestSpools } from "./wsgi.test-support.ts";

expectNoStrays();

/** The same numbers for the same seed: xorshift. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 2_654_435_761 || 1;
  }

  roll(sides: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % sides;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.roll(choices.length)] as T;
  }
}

/** A transport whose room runs out, and whose client may leave in any order that it is given. */
class FickleTransport extends MemoryTransport {
  readonly #dice: Dice;
  readonly #leaves: boolean;
  left = false;
  detachments = 0;

  constructor(dice: Dice, body: string[]) {
    super(body.length > 0 ? { body } : {});
    this.#dice = dice;
    this.#leaves = dice.roll(3) === 0;
  }

  override read(): void {
    if (!this.#perhapsLeave()) super.read();
  }

  override write(chunk: Chunk): boolean {
    super.write(chunk);
    if (this.#perhapsLeave()) return true;
    if (this.#dice.roll(3) > 0) return true;
    setImmediate(() => {
      if (!this.#perhapsLeave()) this.exchange.drained();
    });
    return false;
  }

  override end(chunk: Chunk | null): void {
    super.end(chunk);
    this.#perhapsLeave();
  }

  override detach(): void {
    this.detachments += 1;
    super.detach();
  }

  #perhapsLeave(): boolean {
    if (!this.#leaves || this.left || this.#dice.roll(4) > 0) return false;
    this.left = true;
    // At once or later, as it happens.
    if (this.#dice.roll(2) === 0) this.exchange.connectionLost();
    else queueMicrotask(() => this.exchange.connectionLost());
    return true;
  }
}

interface Counts {
  iterators: number;
  results: number;
  returned: number;
  closed: number;
  called: number;
  callbacks: number;
  failed: boolean;
}

const STATUSES = ["200 OK", "204 No Content", "304 Not Modified", "500 Oops", "bad", 201];
const PIECES: readonly unknown[] = [
  "",
  "a",
  "\u3042",
  new Uint8Array(0),
  new Uint8Array([1, 2, 3]),
  "x".repeat(50),
];

/** An app that does what the dice say, and counts how it is put away. */
function appOf(dice: Dice, counts: Counts): WsgiApp {
  const fail = (): never => {
    counts.failed = true;
    throw dice.of([new Error("boom"), undefined, null, "text"]);
  };
  return (environ, startResponse) => {
    counts.called += 1;
    (environ["tsgi.after_response"] as unknown[]).push(() => {
      counts.callbacks += 1;
    });
    const start = (): ReturnType<typeof startResponse> => {
      const length = dice.roll(3) === 0 ? [["content-length", String(dice.roll(60))] as const] : [];
      return startResponse(dice.of(STATUSES), length, dice.roll(6) === 0 ? new Error("why") : undefined);
    };
    environ["wsgi.input"].read(dice.roll(5));
    environ["wsgi.errors"].write("unfinished");
    const late = dice.roll(4) === 0;
    if (!late) {
      const write = start();
      while (dice.roll(4) === 0) write(dice.of(PIECES) as string);
    }
    if (dice.roll(10) === 0) fail();
    let left = dice.roll(40);
    if (dice.roll(12) === 0) left = 1_000;
    const pieces = Array.from({ length: dice.roll(3) }, () => dice.of(PIECES));
    counts.results += 1;
    const close = (): void => {
      counts.closed += 1;
      if (dice.roll(10) === 0) throw new Error("in close");
    };
    if (!late && dice.roll(3) === 0) return Object.assign(pieces, { close }) as string[];
    let first = true;
    return {
      close,
      [Symbol.iterator]: () => {
        counts.iterators += 1;
        return {
          next: () => {
            if (first && late && dice.roll(8) > 0) start();
            first = false;
            if (dice.roll(40) === 0) fail();
            if (dice.roll(60) === 0) start();
            left -= 1;
            return left < 0
              ? { done: true, value: undefined }
              : { done: false, value: dice.of(PIECES) as string };
          },
          return: () => {
            counts.returned += 1;
            if (dice.roll(10) === 0) throw new Error("in return");
            return { done: true, value: undefined };
          },
        };
      },
    };
  };
}

/** The length of the body that the head promises; -1 if it does not say, or there is none. */
function promised(transport: MemoryTransport): number {
  const { head } = transport;
  return head === null || head.bodiless ? -1 : head.length;
}

describe.each([
  ["by the faster door", false],
  ["by plain events", true],
])("%s", (_road, plain) => {
  const seeds = Array.from({ length: 40 }, (_, i) => i);

  test.each(seeds)(
    "seed %i: one end, one return(), one close(), and no lie about the length [W43 W46 W50 W51 S26]",
    async (seed) => {
      for (let i = 1; i <= 25; i += 1) {
        const dice = new Dice(seed * 1_000 + i);
        const counts: Counts = {
          iterators: 0,
          results: 0,
          returned: 0,
          closed: 0,
          called: 0,
          callbacks: 0,
          failed: false,
        };
        const spool = new TestSpools();
        const body = Array.from({ length: dice.roll(4) }, () => "b".repeat(1 + dice.roll(4)));
        const transport = new FickleTransport(dice, body);
        const method = dice.of(["GET", "POST", "HEAD"]);
        const headers = body.length > 0 ? [["transfer-encoding", "chunked"] as const] : [];
        await runSync(appOf(dice, counts), {
          plain,
          transport,
          scope: { method, headers },
          options: { spool, memoryLimit: 3, piecesPerTurn: 1 + dice.roll(20), log: () => {} },
        });
        await turns();
        const seen = { seed, i, ...counts };
        expect(seen).toMatchObject({
          returned: counts.iterators,
          closed: counts.results,
          callbacks: counts.called,
        });
        expect([seed, i, transport.detachments]).toEqual([seed, i, 1]);
        expect(spool.calls.filter((call) => call === "close").length).toBe(
          spool.calls.filter((call) => call === "open").length,
        );
        const length = transport.pieces.reduce((sum, piece) => sum + bytesOf(piece).byteLength, 0);
        if (!transport.left) expect(["ended", "aborted"]).toContain(transport.state);
        if (transport.state === "ended" && promised(transport) !== -1)
          expect([seed, i, length]).toEqual([seed, i, promised(transport)]);
        if (transport.head?.bodiless === true) expect(length).toBe(0);
        if (counts.failed && !transport.left) {
          expect(transport.logs.filter(([, text]) => text.startsWith("The app failed at"))).toHaveLength(1);
        }
      }
    },
  );
});
