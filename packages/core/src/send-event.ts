// What an app sends: each event's keys and types, then the verb of the exchange it stands for.
// Source: ASGI HTTP 2.5 "Response Start", "Response Body"; ASGI 3.0 "Error Handling". Unknown extra keys are ignored.

import { EMPTY, isBytes } from "./bytes.ts";
import { GatewayError } from "./errors.ts";
import type { HttpSendEvent } from "./events.ts";
import type { HttpExchange } from "./exchange.ts";
import { sendExtension } from "./extension-events.ts";
import { responseHead } from "./response-head.ts";
import { ROOM } from "./room.ts";

const NO_HEADERS: readonly [string, string][] = [];

/**
 * Carries an event out.
 *
 * @throws {@link GatewayError} if the event breaks the protocol: then nothing of it was sent.
 */
export function sendEvent(exchange: HttpExchange, event: HttpSendEvent): Promise<void> {
  if (event?.type === "http.response.body") {
    const { body, more_body: more } = event;
    if (body !== undefined && typeof body !== "string" && !isBytes(body)) throw wrongType(event.type, "body");
    if (more !== undefined && typeof more !== "boolean") throw wrongType(event.type, "more_body");
    return exchange.write(body ?? EMPTY, more === true);
  }
  if (event?.type === "http.response.start") {
    const { headers, reason, trailers } = event;
    if (trailers !== undefined && typeof trailers !== "boolean") throw wrongType(event.type, "trailers");
    exchange.start(responseHead(event.status, headers ?? NO_HEADERS, reason ?? null, trailers === true));
    return ROOM;
  }
  return sendExtension(exchange, event);
}

function wrongType(event: string, key: string): GatewayError {
  return new GatewayError("TSGI_ERR_EVENT", `"${key}" of ${event} has the wrong type`);
}
