// The events of the guestbook as the body of a fetch response.

import type { Guestbook } from "../guestbook/guestbook.ts";

/** How many events may wait for a reader; a slower one is cut off, and its EventSource connects again. */
const MAX_WAITING = 64;

/** Reads along for as long as the body is read. */
export function eventStream(guestbook: Guestbook): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let leave = (): void => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        leave = guestbook.join((event) => {
          controller.enqueue(encoder.encode(event));
          if ((controller.desiredSize ?? 0) > 0) return;
          leave();
          controller.error(new Error("The reader is too slow"));
        });
      },
      cancel() {
        leave();
      },
    },
    { highWaterMark: MAX_WAITING },
  );
}
