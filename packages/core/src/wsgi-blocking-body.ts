// The request body of a sync app that may wait for it: a short one is read ahead, a long one as the app asks for it.
// Sources: PEP 3333 "Input and Error Streams" (a server may read on demand); RFC 3875 §4.2; RFC 9112 §8 (incomplete).

import { BodyTruncated } from "./buffer-body.ts";
import { HeldBytes } from "./held-bytes.ts";
import type { SpoolReader } from "./spool.ts";
import type { BlockingBody } from "./transport.ts";
import type { BodyLimits, BufferedBody } from "./wsgi-body.ts";
import type { BufferedInput } from "./wsgi-input.ts";

/** The most that is asked for at a time, in bytes. */
const PIECE = 64 * 1024;

/**
 * Puts the body into `input`. Read ahead is what fits into `memoryLimit`, so that a short body that breaks off never reaches the app,
 * and what nobody knows the length of, because CONTENT_LENGTH has to tell it.
 */
export function blockingInput(input: BufferedInput, body: BlockingBody, limits: BodyLimits): BufferedBody {
  const { length } = body;
  const { maxBodySize, memoryLimit } = limits;
  if (length > maxBodySize) return { outcome: "too long", size: 0, spool: null };
  if (length > memoryLimit) {
    input.fillFromSpool(new BlockingReader(body), length);
    return { outcome: "complete", size: length, spool: null };
  }
  const held = new HeldBytes(length);
  // One more byte than is allowed tells that there are too many.
  const most = length === -1 ? maxBodySize + 1 : length;
  while (held.length < most) {
    const bytes = body.readSync(Math.min(PIECE, most - held.length));
    if (bytes.length === 0) break;
    held.add(bytes);
  }
  const size = held.length;
  if (size > maxBodySize) return { outcome: "too long", size, spool: null };
  if (length !== -1 && size < length) return { outcome: "mismatch", size, spool: null };
  input.fillFromMemory(held.take(), size);
  return { outcome: "complete", size, spool: null };
}

/** Reads on, wherever the reader is: the position is always the next. */
class BlockingReader implements SpoolReader {
  readonly #body: BlockingBody;

  constructor(body: BlockingBody) {
    this.#body = body;
  }

  readSync(size: number): Uint8Array {
    const bytes = this.#body.readSync(Math.min(size, PIECE));
    if (bytes.length === 0) throw new BodyTruncated();
    return bytes;
  }
}
