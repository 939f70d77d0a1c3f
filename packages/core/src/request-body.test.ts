import { expect, test } from "vitest";
import { EMPTY } from "./bytes.ts";
import type { HttpReceiveEvent } from "./events.ts";
import { MAX_READERS, RequestBody } from "./request-body.ts";
import type { HttpTransport } from "./transport.ts";

/** A body whose transport answers every order to read at once, with a byte, until there are no more. */
function prompt(pieces: number): { body: RequestBody; reads: () => number } {
  let reads = 0;
  const transport = {
    read() {
      reads += 1;
      if (reads < pieces) body.dataReceived(Uint8Array.of(reads & 0xff), false);
      else body.dataReceived(Uint8Array.of(reads & 0xff), true);
    },
  } as HttpTransport;
  const body: RequestBody = new RequestBody(transport, "open");
  return { body, reads: () => reads };
}

test("a host that answers at once is asked once for each reader, and no stack grows with them [A29 A33 S8]", async () => {
  let held: (() => void) | null = null;
  let at = 0;
  const transport = {
    read() {
      const answer = (): void => {
        at += 1;
        body.dataReceived(Uint8Array.of(at & 0xff), at === MAX_READERS);
      };
      if (held === null && at === 0) held = answer;
      else answer();
    },
  } as HttpTransport;
  const body: RequestBody = new RequestBody(transport, "open");
  const waiting = Array.from({ length: MAX_READERS }, () => body.next());
  // Deep in a stack, as a parser's callback may well be.
  const deep = (depth: number): void => {
    if (depth > 0) deep(depth - 1);
    else (held as unknown as () => void)();
  };
  deep(6_000);
  const events = (await Promise.all(waiting)) as Extract<HttpReceiveEvent, { type: "http.request" }>[];
  expect(events.map((event) => event.body[0])).toEqual(
    Array.from({ length: MAX_READERS }, (_, i) => (i + 1) & 0xff),
  );
  expect(events.at(-1)?.more_body).toBe(false);
});

test("a host that goes on giving nothing is asked again, and no stack grows with that [A28 A29]", async () => {
  let empties = 100_000;
  const transport = {
    read() {
      empties -= 1;
      body.dataReceived(empties > 0 ? EMPTY : Uint8Array.of(1), false);
    },
  } as HttpTransport;
  const body: RequestBody = new RequestBody(transport, "open");
  expect(await body.next()).toEqual({ type: "http.request", body: Uint8Array.of(1), more_body: true });
});

test("what is not asked for is not read [A29]", async () => {
  const { body, reads } = prompt(3);
  expect(reads()).toBe(0);
  await body.next();
  expect(reads()).toBe(1);
  await body.next();
  await body.next();
  expect(reads()).toBe(3);
});
