// The endpoints as `(request: Request) => Response`, for the columns that run fetch handlers and have no router.
import { HELLO, PIECE, PIECES, receiptFromOrder, type Order } from "./bodies.ts";

/** A fetch handler. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** What the endpoints need of a Response class: the standard one has it, and so have the servers' own. */
export interface ResponseClass {
  new (body?: BodyInit | null, init?: ResponseInit): Response;
  json(data: unknown): Response;
}

/** The endpoints, made with the class of response that the server answers fastest with. */
export function fetchEndpoints(ResponseOf: ResponseClass): Readonly<Record<string, Fetch>> {
  return {
    hello: () => new ResponseOf(HELLO),
    json: async (request) => ResponseOf.json(receiptFromOrder((await request.json()) as Order)),
    stream: () => new ResponseOf(pieces(), { headers: { "content-type": "application/octet-stream" } }),
    upload: async (request) => new ResponseOf(String(await lengthOf(request.body))),
  };
}

/** The answer of `stream` as a web stream. */
export function pieces(): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(PIECE);
      sent += 1;
      if (sent === PIECES) controller.close();
    },
  });
}

/** Counts a web stream. */
export async function lengthOf(body: ReadableStream<Uint8Array> | null): Promise<number> {
  if (body === null) return 0;
  const reader = body.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return length;
    length += value.length;
  }
}
