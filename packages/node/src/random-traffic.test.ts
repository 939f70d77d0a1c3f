// Random clients and random apps over real sockets, by a seed: every answer is the answer to its request, in order, nothing
// follows one that was cut, and in the end no app is left at work.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import type { AsgiApp, HttpReceiveEvent, SendEvent } from "@tsgi/core";
import { afterEach, expect, test } from "vitest";
import { HOSTS } from "./fixtures/hosts.ts";
import { expectNoStrays } from "./fixtures/strays.ts";

const ROUNDS = Number(process.env.RANDOM_ROUNDS ?? 400);

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

const sizes = [0, 1, 100, 5_000, 70_000, 400_000];
let working = 0;

afterEach(() => {
  expect(working).toBe(0);
});

/** What a request asks of the app: `/NUMBER/BEHAVIOUR/SIZE/SEED`. */
const app: AsgiApp = async (scope, receive, send) => {
  if (scope.type !== "http") return;
  const [, number = "", behaviour = "", size = "0", seed = "0"] = scope.path.split("/");
  const random = randomOf(Number(seed));
  working += 1;
  try {
    const hash = createHash("sha256");
    let read = 0;
    if (behaviour.includes("r")) {
      for (let more = true; more;) {
        const event = (await receive()) as HttpReceiveEvent;
        if (event.type === "http.disconnect") return;
        read += event.body.byteLength;
        hash.update(event.body);
        more = event.more_body && !(behaviour.includes("p") && random(2) === 0);
        if (random(3) === 0) await turn();
      }
    }
    for (let wait = random(4); wait > 0; wait -= 1) await turn();
    if (behaviour.includes("t")) throw new Error("the app's own");
    const digest = behaviour.includes("p") || !behaviour.includes("r") ? "-" : hash.digest("hex").slice(0, 8);
    const start: SendEvent = {
      type: "http.response.start",
      status: 200,
      headers: [
        ["x-number", number],
        ["x-read", String(digest)],
      ],
    };
    const body = `<${number}|${"x".repeat(Number(size))}|${number}>`;
    await send(start);
    if (behaviour.includes("w")) {
      await send({ type: "http.response.body", body });
      return;
    }
    const step = Math.max(1, Math.ceil(body.length / (1 + random(5))));
    for (let at = 0; at < body.length; at += step) {
      const text = body.slice(at, at + step);
      const event = {
        type: "http.response.body",
        body: random(2) ? text : Buffer.from(text),
        more_body: true,
      } as const;
      if (random(2) === 0) await send(event);
      else void send(event).catch(() => {});
      if (behaviour.includes("c") && at > body.length / 2) throw new Error("cut");
    }
    if (behaviour.includes("c")) throw new Error("cut");
    await send({ type: "http.response.body" });
    if (random(3) === 0) await receive();
  } finally {
    working -= 1;
  }
};

const BEHAVIOURS = ["w", "s", "rw", "rs", "rw", "rs", "rps", "w", "s", "t", "rt", "c", "rc"];

interface Asked {
  readonly number: string;
  readonly behaviour: string;
  readonly size: number;
  readonly digest: string;
}

/** A request, whole. */
function request(number: string, random: Random): { asked: Asked; bytes: string } {
  const behaviour = BEHAVIOURS[random(BEHAVIOURS.length)] as string;
  const size = sizes[random(sizes.length)] as number;
  const body =
    random(2) === 0 ? "" : String.fromCharCode(97 + random(26)).repeat(sizes[random(sizes.length)] as number);
  const path = `/${number}/${behaviour}/${size}/${random(1_000_000)}`;
  const head = `${body === "" && random(2) ? "GET" : "POST"} ${path} HTTP/1.1\r\nHost: a\r\n`;
  let bytes: string;
  if (random(2) === 0) {
    const step = Math.max(1, Math.ceil(body.length / (1 + random(5))));
    let chunks = "";
    for (let at = 0; at < body.length; at += step) {
      const piece = body.slice(at, at + step);
      chunks += `${piece.length.toString(16)}\r\n${piece}\r\n`;
    }
    bytes = `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
  } else bytes = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  const digest = createHash("sha256").update(body).digest("hex").slice(0, 8);
  return { asked: { number, behaviour, size, digest }, bytes };
}

/** What came back, response by response; the last may be cut. */
function responsesOf(received: string): { head: string; body: string; whole: boolean }[] {
  const responses: { head: string; body: string; whole: boolean }[] = [];
  let rest = received;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) return [...responses, { head: rest, body: "", whole: false }];
    const head = rest.slice(0, end);
    rest = rest.slice(end + 4);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      const body = rest.slice(0, Number(length));
      responses.push({ head, body, whole: body.length === Number(length) });
      rest = rest.slice(body.length);
      continue;
    }
    let body = "";
    let whole = false;
    for (;;) {
      const line = rest.indexOf("\r\n");
      if (line === -1) break;
      const size = Number.parseInt(rest.slice(0, line), 16);
      const piece = rest.slice(line + 2, line + 2 + size);
      body += piece;
      const left = rest.length - (line + 2 + size + 2);
      if (left < 0) {
        rest = "";
        break;
      }
      rest = rest.slice(line + 2 + size + 2);
      if (size === 0) {
        whole = true;
        break;
      }
    }
    if (!whole) rest = "";
    responses.push({ head, body, whole });
  }
  return responses;
}

test.each(HOSTS)(
  `%s: ${ROUNDS} connections [A10 A28 A31 A36 A45 A46 A49 S5]`,
  { timeout: 600_000 },
  async (_name, start) => {
    const { port } = await start(app, { maxDiscard: 50_000, maxPipelined: 20 });
    const round = async (seed: number): Promise<void> => {
      const random = randomOf(seed);
      const all: Asked[] = [];
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.on("error", () => {});
      socket.setNoDelay(true);
      const pieces: Buffer[] = [];
      socket.on("data", (chunk) => {
        pieces.push(chunk);
        // Sometimes the client takes its time.
        if (random(4) === 0) {
          socket.pause();
          setImmediate(() => setImmediate(() => socket.resume()));
        }
      });
      const closed = new Promise((resolve) => socket.on("close", resolve));
      let bytes = "";
      for (let count = 1 + random(8); count > 0; count -= 1) {
        const { asked, bytes: more } = request(`${seed}-${all.length}`, random);
        all.push(asked);
        bytes += more;
      }
      const leaves = random(4) === 0;
      const until = leaves ? random(bytes.length) : bytes.length;
      const step = [7, 500, 20_000, 1_000_000][random(4)] as number;
      for (let at = 0; at < Math.min(until, 300 * step) && !socket.destroyed; at += step) {
        socket.write(bytes.slice(at, Math.min(at + step, until)));
        if (random(3) === 0) await turn();
      }
      if (300 * step < until) socket.write(bytes.slice(300 * step, until));
      if (leaves) {
        for (let wait = random(20); wait > 0; wait -= 1) await turn();
        if (random(2) === 0) socket.resetAndDestroy();
        else socket.destroy();
      } else socket.write("GET /last/w/0/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      await closed;
      const responses = responsesOf(Buffer.concat(pieces).toString("latin1"));
      const story = `seed ${seed}: ${all.map(({ behaviour, size }) => behaviour + size).join(" ")}`;
      for (const [index, { head, body, whole }] of responses.entries()) {
        const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1];
        const asked = all[index];
        if (asked === undefined) {
          expect(body, story).toBe(whole ? "<last||last>" : body);
          continue;
        }
        if (!whole) {
          expect(index, story).toBe(responses.length - 1);
          continue;
        }
        if (asked.behaviour.includes("t")) {
          expect(status, story).toBe("500");
          continue;
        }
        // Too many at work: the last one.
        if (status === "503") {
          expect(index, story).toBe(responses.length - 1);
          continue;
        }
        expect(status, story).toBe("200");
        expect(asked.behaviour, story).not.toContain("c");
        expect(body === `<${asked.number}|${"x".repeat(asked.size)}|${asked.number}>`, story).toBe(true);
        const read = /\r\nx-read: (\S+)/.exec(head)?.[1];
        if (read !== "-") expect(read, story).toBe(asked.digest);
      }
      if (leaves) return;
      // A connection ends early only with a cut, a refusal, or a body that was left unread.
      if (responses.length > all.length) return;
      const last = responses.at(-1);
      const reads = all.slice(0, responses.length).every(({ behaviour }) => /^r[ws]/.test(behaviour));
      const cutNext = all[responses.length]?.behaviour.includes("c") === true;
      const announced = last === undefined || !last.whole || /^connection: close/im.test(last.head);
      expect(announced || !reads || cutNext, `${story}: ${responses.length} answers`).toBe(true);
    };
    for (let seed = 1; seed <= ROUNDS; seed += 4)
      await Promise.all([0, 1, 2, 3].map((more) => round(seed + more)));
    // oxlint-disable-next-line no-unmodified-loop-condition -- the apps do
    while (working > 0) await turn();
  },
);
