// One request served by a (req, res) listener that has no native pair: from the scope to the end of its promise.
// Source: ASGI HTTP 2.5; RFC 9112 §6.3 (only a header tells an HTTP/1 listener that there is a body).

import {
  ROOM,
  type HttpExchange,
  type HttpScope,
  type Receive,
  type ReceiveEvent,
  type Send,
} from "@tsgi/core";
import { SyntheticPair, type PairSettings, type RequestListener } from "./pair.ts";
import { requestHead, type RequestHead } from "./request.ts";

/** How many turns of the microtask queue a first event may take that is there already. Middlewares take some each. */
const PATIENCE = 4;

/** Serves a request with a synthetic pair. */
export function servePair(
  listener: RequestListener,
  settings: PairSettings,
  scope: HttpScope,
  receive: Receive,
  send: Send,
  exchange: HttpExchange | null,
): Promise<void> {
  const head = requestHead(scope);
  if (head.body !== "unknown") {
    return new SyntheticPair(scope, receive, send, head, settings, exchange).run(listener);
  }
  const first = head.expectsContinue ? null : receive();
  return forecast(head, first).then((known) => {
    const rest = first === null ? receive : startingWith(first, receive);
    return new SyntheticPair(scope, rest, send, known, settings, exchange).run(listener);
  });
}

/**
 * HTTP/2 and FastCGI need no header for a body; body parsers look for one. A body that has not ended before it began gets
 * the header HTTP/1 has for a body without a length.
 */
async function forecast(head: RequestHead, first: Promise<ReceiveEvent> | null): Promise<RequestHead> {
  const event = first === null ? null : await firstNow(first);
  if (event?.type === "http.request" && event.body.byteLength === 0 && !event.more_body) return head;
  return { ...head, rawHeaders: [...head.rawHeaders, "transfer-encoding", "chunked"], body: "some" };
}

/** The event, if it is there already. */
async function firstNow(first: Promise<ReceiveEvent>): Promise<ReceiveEvent | null> {
  const turns = async (): Promise<null> => {
    for (let turn = 0; turn < PATIENCE; turn += 1) await ROOM;
    return null;
  };
  return await Promise.race([first, turns()]);
}

function startingWith(first: Promise<ReceiveEvent>, receive: Receive): Receive {
  let next: Promise<ReceiveEvent> | null = first;
  return () => {
    const given = next ?? receive();
    next = null;
    return given;
  };
}
