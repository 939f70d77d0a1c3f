// Buffers a request body before a sync app is called: in memory up to a size, then in a spool.
// Sources: PEP 3333 "Input and Error Streams" (a server may pre-read); RFC 9110 §15.5.14 (413); RFC 9112 §8 (incomplete).

import { EMPTY } from "./bytes.ts";
import type { ReceiveEvent } from "./events.ts";
import type { Headers } from "./scope.ts";
import type { Spool, SpoolFactory } from "./spool.ts";
import { HeldBytes, joined } from "./held-bytes.ts";
import type { BufferedInput } from "./wsgi-input.ts";

/** How much body is taken, and where it is kept. */
export interface BodyLimits {
  readonly maxBodySize: number;
  readonly memoryLimit: number;
  readonly spool: SpoolFactory | null;
}

/** What became of a body. */
export interface BufferedBody {
  /** All there; longer than allowed; of another length than Content-Length says; or cut off because the client is gone. */
  readonly outcome: "complete" | "too long" | "mismatch" | "lost";
  /** In bytes, as far as it was read. */
  readonly size: number;
  /** To be closed once the app is done with the body. */
  readonly spool: Spool | null;
}

/** What the headers say of the length of the body; -1 if they do not. */
export function declaredLength(headers: Headers): number {
  for (const [name, value] of headers) {
    if (name === "content-length") return /^\d+$/.test(value) ? Number(value) : -1;
  }
  return -1;
}

/**
 * Reads the body and puts it into `input`.
 *
 * @param declared - What {@link declaredLength} said.
 * @throws what the spool's `write` or `finish` rejects with; the spool is closed then.
 */
export async function bufferInput(
  input: BufferedInput,
  receive: () => Promise<ReceiveEvent>,
  declared: number,
  limits: BodyLimits,
): Promise<BufferedBody> {
  if (declared > limits.maxBodySize) return { outcome: "too long", size: 0, spool: null };
  const held = new HeldBytes(declared);
  let size = 0;
  let spool: Spool | null = null;
  try {
    for (let more = true; more;) {
      const event = await receive();
      if (event.type !== "http.request") return { outcome: "lost", size, spool };
      // Other servers may leave out what has a default.
      const { body = EMPTY, more_body: follows = false } = event as Partial<typeof event>;
      more = follows;
      size += body.byteLength;
      if (size > limits.maxBodySize) return { outcome: "too long", size, spool };
      if (limits.spool !== null && held.length > 0 && held.length + body.byteLength > limits.memoryLimit) {
        spool ??= limits.spool.open();
        await spool.write(allOf(held));
      }
      held.add(body);
    }
    if (declared !== -1 && declared !== size) return { outcome: "mismatch", size, spool };
    if (limits.spool !== null && held.length > limits.memoryLimit) spool ??= limits.spool.open();
    if (spool === null) {
      input.fillFromMemory(held.take(), size);
    } else {
      if (held.length > 0) await spool.write(allOf(held));
      input.fillFromSpool(await spool.finish(), size);
    }
    return { outcome: "complete", size, spool };
  } catch (error) {
    // What went wrong first is what is told.
    await spool?.close().catch(() => {});
    throw error;
  }
}

function allOf(held: HeldBytes): Uint8Array {
  const { length } = held;
  return joined(held.take(), length);
}
