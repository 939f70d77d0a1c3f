// Random apps on random hosts, by a seed: whatever both do, the orders to the host make sense, and everything ends.

import { expect, test } from "vitest";
import { bytesOf } from "./bytes.ts";
import type { Chunk, SendEvent } from "./events.ts";
import type { HttpExchange } from "./exchange.ts";
import { scopeOf } from "./memory-transport.test-support.ts";
import type { ResponseHead } from "./response-head.ts";
import { expectNoStrays } from "./strays.test-support.ts";
import { serve, type FileSource, type HttpTransport } from "./transport.ts";

const ROUNDS = Number(process.env.RANDOM_ROUNDS ?? 3_000);

expectNoStrays();

type Random = (below: number) => number;

/** A small generator of numbers: the same for the same seed, everywhere. */
function randomOf(seed: number): Random {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** A host that checks every order it gets, and reports at random, also from within an order. */
class RandomTransport implements HttpTransport {
  readonly orders: string[] = [];
  readonly broken: string[] = [];
  exchange: HttpExchange | null = null;
  head: ResponseHead | null = null;
  attached = 0;
  detached = 0;
  ended = false;
  aborted = false;
  lost = false;
  sent = 0;
  openFiles = 0;
  wantsRead = false;
  full = false;
  #body: number;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.#body = random(4);
  }

  attach(exchange: HttpExchange): void {
    this.#note("attach");
    this.attached += 1;
    this.exchange = exchange;
    if (this.#body === 0) exchange.eofReceived();
    this.#maybeLose();
  }

  read(): void {
    this.#note("read");
    if (this.wantsRead) this.broken.push("read twice without an answer");
    this.wantsRead = true;
    if (this.#random(3) === 0) this.answerRead();
  }

  answerRead(): void {
    if (!this.wantsRead) return;
    this.wantsRead = false;
    this.#body -= 1;
    if (this.#body > 0) this.exchange?.dataReceived(new Uint8Array(this.#random(3)), false);
    else if (this.#random(2) === 0) this.exchange?.dataReceived(new Uint8Array(1), true);
    else this.exchange?.eofReceived();
  }

  writeHead(head: ResponseHead): void {
    this.#note("writeHead");
    if (this.head !== null || this.ended || this.aborted) this.broken.push("a second head");
    this.head = head;
    this.#maybeLose();
    this.#maybeThrow();
  }

  write(chunk: Chunk): boolean {
    this.#note("write");
    this.#count(chunk);
    this.#maybeLose();
    this.#maybeThrow();
    this.full = this.#random(3) === 0;
    return !this.full;
  }

  end(chunk: Chunk | null): void {
    this.#note("end");
    if (chunk !== null) this.#count(chunk);
    else if (this.head === null) this.broken.push("an end without a head");
    this.ended = true;
    this.#maybeLose();
  }

  abort(): void {
    this.#note("abort");
    if (this.aborted) this.broken.push("a second cut");
    if (this.ended) this.broken.push("a cut after the end");
    this.aborted = true;
  }

  detach(): void {
    this.#note("detach");
    this.detached += 1;
  }

  log(): void {
    if (this.#random(4) === 0) throw new Error("the log's own");
  }

  writeInformational(): void {
    this.#note("writeInformational");
    if (this.head !== null) this.broken.push("an interim response after the head");
  }

  writeTrailers(): void {
    this.#note("writeTrailers");
    if (this.head?.trailers !== true) this.broken.push("trailers nobody announced");
  }

  async openFile(): Promise<FileSource> {
    if (this.#random(4) === 0) throw new Error("no such file");
    let left = this.#random(4);
    this.openFiles += 1;
    return {
      read: async () => {
        await turn();
        if (this.#random(8) === 0) throw new Error("a bad disk");
        left -= 1;
        return new Uint8Array(left > 0 ? 3 : 0);
      },
      close: async () => {
        this.openFiles -= 1;
      },
    };
  }

  /** Something happens on the connection. */
  happen(): void {
    const event = this.#random(12);
    if (event < 5) this.answerRead();
    else if (event < 10) this.drain();
    else if (event === 10) this.exchange?.drained();
    else this.#maybeLose();
  }

  drain(): void {
    if (!this.full) return;
    this.full = false;
    this.exchange?.drained();
  }

  #note(order: string): void {
    if (this.detached > 0) this.broken.push(`${order} after detach`);
    this.orders.push(order);
  }

  #count(chunk: Chunk): void {
    if (this.head === null) this.broken.push("a body without a head");
    if (this.ended || this.aborted) this.broken.push("a body after the end");
    if (this.head?.bodiless === true && chunk.length > 0)
      this.broken.push("a body of a response that has none");
    this.sent += bytesOf(chunk).byteLength;
  }

  #maybeLose(): void {
    if (this.#random(25) !== 0) return;
    this.lost = true;
    this.exchange?.connectionLost();
  }

  #maybeThrow(): void {
    if (this.#random(40) === 0) throw new Error("the host's own");
  }
}

const LENGTHS = ["0", "1", "3", "9"];
const EVENTS: ((random: Random) => unknown)[] = [
  (random) => ({ type: "http.response.start", status: [200, 204, 304, 500][random(4)] }),
  (random) => ({
    type: "http.response.start",
    status: 200,
    headers: [["content-length", LENGTHS[random(4)]]],
  }),
  () => ({ type: "http.response.start", status: 200, trailers: true }),
  () => ({ type: "http.response.start", status: 5 }),
  (random) => ({ type: "http.response.body", body: "x".repeat(random(4)), more_body: random(3) > 0 }),
  (random) => ({ type: "http.response.body", body: new Uint8Array(random(4)), more_body: random(3) > 0 }),
  () => ({ type: "http.response.body" }),
  () => ({ type: "http.response.body", body: 5 }),
  () => ({ type: "http.response.trailers", headers: [["x-sum", "1"]] }),
  () => ({ type: "http.response.early_hint", links: ["</a>"] }),
  () => ({ type: "http.response.pathsend", path: "/f" }),
  (random) => ({ type: "http.response.zerocopysend", file: 3, more_body: random(2) === 0 }),
  () => null,
];

test(`${ROUNDS} of them [A5 A7 A8 A10 A35 A36 A40 A44 A45 S26]`, async () => {
  for (let seed = 1; seed <= ROUNDS; seed += 1) {
    const random = randomOf(seed);
    const transport = new RandomTransport(random);
    const waiting: Promise<unknown>[] = [];
    const app = async (
      _scope: unknown,
      receive: () => Promise<unknown>,
      send: (event: SendEvent) => Promise<void>,
    ): Promise<void> => {
      for (let steps = random(8); steps >= 0; steps -= 1) {
        const first = steps > 3 && transport.exchange?.state === "idle";
        const action = random(10);
        // Half of the time in the right order, so that more than its beginning is tried.
        const event = (first ? EVENTS[random(3)] : EVENTS[random(EVENTS.length)])?.(random) as SendEvent;
        if (action < 5) await send(event).catch(() => {});
        else if (action < 7) void send(event);
        else if (action === 7) waiting.push(receive());
        else if (action === 8) await Promise.race([receive(), turn()]);
        else if (random(3) === 0) throw new Error("the app's own");
        else await turn();
      }
    };
    const scope = scopeOf({
      method: random(5) === 0 ? "HEAD" : "GET",
      http_version: random(5) === 0 ? "1.0" : "1.1",
      headers: random(2) === 0 ? [["te", "trailers"]] : [],
    });
    serve(app, scope, transport);
    for (let turns = 0; turns < 60 && transport.detached === 0; turns += 1) {
      await turn();
      transport.happen();
      if (turns > 20) transport.drain();
      if (turns > 20) transport.answerRead();
    }
    // Whatever still waits has nothing to wait for once the client is gone.
    transport.exchange?.connectionLost();
    for (let turns = 0; turns < 20 && (transport.detached === 0 || transport.openFiles > 0); turns += 1)
      await turn();
    await Promise.all(waiting);
    const { broken, orders, attached, detached, ended, aborted, lost, head, sent, openFiles } = transport;
    const story = `seed ${seed}: ${orders.join(" ")}`;
    expect(broken, story).toEqual([]);
    expect([attached, detached, openFiles], story).toEqual([1, 1, 0]);
    expect(ended || aborted || lost || transport.exchange?.disconnected, story).toBe(true);
    if (ended && head !== null && !head.bodiless && head.length !== -1) expect(sent, story).toBe(head.length);
  }
});
