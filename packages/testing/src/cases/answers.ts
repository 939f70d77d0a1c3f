// Short answers for the apps of the cases.

import type { Environ, HttpReceiveEvent, Receive, Send, StartResponse } from "@tsgi/core";
import { reply } from "../suite/app.ts";
import { fail } from "../suite/check.ts";

/** Answers 200 with a value as JSON. */
export function json(send: Send, value: unknown): Promise<void> {
  return reply(send, 200, JSON.stringify(value), [["content-type", "application/json"]]);
}

/** Answers 200 with a value as JSON. */
export function syncJson(startResponse: StartResponse, value: unknown): string[] {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return [JSON.stringify(value)];
}

/** Answers 200 with a text. */
export function syncText(startResponse: StartResponse, text: string): string[] {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return [text];
}

/** Sends the head of a response. */
export function start(
  send: Send,
  status: number = 200,
  headers: readonly (readonly [string, string])[] = [],
): Promise<void> {
  return send({ type: "http.response.start", status, headers });
}

/** Sends a piece of a response, which more follows. */
export function piece(send: Send, body: Uint8Array | string): Promise<void> {
  return send({ type: "http.response.body", body, more_body: true });
}

/** Sends the last piece of a response. */
export function last(send: Send, body: Uint8Array | string = ""): Promise<void> {
  return send({ type: "http.response.body", body, more_body: false });
}

/** Reads the whole request body. */
export async function bodyOf(receive: Receive): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const event = (await receive()) as HttpReceiveEvent;
    if (event.type !== "http.request") fail(`The body is complete, and not ${event.type}`);
    pieces.push(event.body);
    if (!event.more_body) break;
  }
  return join(pieces);
}

/** Reads the whole request body. */
export function syncBodyOf(environ: Environ): Uint8Array {
  return environ["wsgi.input"].read();
}

/** Pieces of bytes as one. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, bytes) => length + bytes.byteLength, 0));
  let at = 0;
  for (const bytes of pieces) {
    whole.set(bytes, at);
    at += bytes.byteLength;
  }
  return whole;
}

/** Bytes without a pattern, the same every time: a linear congruential generator (Numerical Recipes). */
export function noise(length: number, seed: number = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A number that changes with every octet and their order: FNV-1a, 32 bits. */
export function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const octet of bytes) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0;
  return `${bytes.byteLength}:${hash.toString(16)}`;
}
