// Random and mutated output of programs: however it is cut, the outcome is the same, and nothing escapes.

import { expect, test } from "vitest";
import { ROOM, latin1Encode, type SendEvent } from "@tsgi/core";
import { chance } from "./chance.test-support.ts";
import { ScriptResponse, type ScriptResponseOptions } from "./script-response.ts";

const ROUNDS = 3_000;

const HEADS = [
  "Content-Type: text/plain\r\n\r\nHello",
  "Status: 200 OK\nContent-Length: 5\nSet-Cookie: a=1\n\nHello and more",
  "Location: /there?x\n\n",
  "Location: http://example.com/\r\nX-Accel-Redirect: /x\r\n\r\nbody",
  "Status: 304\r\nETag: x\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHello",
  "Content-Type: a/b\nContent-Length: 50\n\nshort",
  "\n\n\n",
];
const INTERESTING = [
  "\n",
  "\r",
  "\r\n",
  ":",
  " ",
  "\0",
  "\xff",
  "Status: ",
  "Content-Length: ",
  "5",
  "-1",
  "/",
  "\t",
];

function mutated(below: (below: number) => number): string {
  let text = HEADS[below(HEADS.length)] as string;
  for (let changes = below(6); changes > 0; changes -= 1) {
    const at = below(text.length + 1);
    const piece = INTERESTING[below(INTERESTING.length)] as string;
    const dropped = below(5) < 2 ? below(4) : 0;
    text = text.slice(0, at) + (below(10) < 7 ? piece : "") + text.slice(at + dropped);
  }
  return text;
}

interface Outcome {
  readonly status: number;
  readonly headers: unknown;
  readonly body: string;
  readonly complete: boolean;
  readonly to: string | null;
}

async function outcome(text: string, sizes: () => number, form: "cgi" | "http"): Promise<Outcome> {
  const events: SendEvent[] = [];
  const response = new ScriptResponse({
    form,
    requireContentType: form === "cgi",
    maxHeadSize: 200,
    maxHeadLines: 8,
    redirectsLocally: true,
    failure: 500,
    scope: { method: "GET", extensions: {} } as ScriptResponseOptions["scope"],
    send: (event) => {
      events.push(event);
      return ROOM;
    },
    drained: () => {},
    log: () => {},
  });
  const bytes = latin1Encode(text);
  for (let at = 0; at < bytes.length;) {
    const size = sizes();
    response.dataReceived(bytes.subarray(at, at + size));
    at += size;
  }
  response.ended();
  let to: string | null = null;
  let complete = true;
  try {
    to = await response.done;
  } catch {
    complete = false;
  }
  const [start, ...rest] = events;
  let body = "";
  for (const [i, event] of rest.entries()) {
    if (event.type !== "http.response.body") throw new Error(`A second ${event.type}`);
    if (event.more_body !== true && i < rest.length - 1) throw new Error("Something follows the last piece");
    body += typeof event.body === "string" ? event.body : Buffer.from(event.body ?? []).toString("latin1");
  }
  const last = rest.at(-1);
  if (complete && to === null && (last as { more_body?: boolean } | undefined)?.more_body === true) {
    throw new Error("A complete response without a last piece");
  }
  const { status = 0, headers = null } = (start ?? {}) as { status?: number; headers?: unknown };
  return { status, headers, body, complete, to };
}

test.each(["cgi", "http"] as const)(
  "3 000 outputs in the form %s come to the same however they are cut, and to nothing else [CH13 CH14 CH16 CH20 CH29 S4 S13]",
  async (form) => {
    const below = chance(form === "cgi" ? 1 : 2);
    for (let round = 0; round < ROUNDS; round += 1) {
      const text = mutated(below);
      const whole = await outcome(text, () => text.length || 1, form);
      const cut = await outcome(text, () => 1 + below(7), form);
      if (JSON.stringify(cut) !== JSON.stringify(whole)) expect({ text, ...cut }).toEqual({ text, ...whole });
      if (whole.to === null) expect(whole.status).toBeGreaterThanOrEqual(200);
      for (const [, value] of (whole.headers ?? []) as [string, string][]) {
        if (/[\r\n\0]/.test(value)) throw new Error(`A split header of ${JSON.stringify(text)}`);
      }
    }
  },
);
