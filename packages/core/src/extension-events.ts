// The events of extensions: interim responses, trailers, files. Each only where the scope offers it.
// Source: ASGI extensions, https://asgi.readthedocs.io/en/latest/extensions.html; RFC 9110 §6.5; RFC 8297 (103).

import { GatewayError } from "./errors.ts";
import type {
  HttpResponseDebugEvent,
  HttpResponseEarlyHintEvent,
  HttpResponsePushEvent,
  HttpResponseTrailersEvent,
  HttpSendEvent,
  InformationalEvent,
} from "./events.ts";
import type { HttpExchange } from "./exchange.ts";
import { sendFile } from "./file-body.ts";
import { isTrailerName } from "./headers.ts";
import { flatFields } from "./response-head.ts";
import { misplaced } from "./response-state.ts";
import { ROOM } from "./room.ts";
import { shown } from "./shown.ts";

const trailers = new WeakMap<HttpExchange, string[]>();
/** Not what `trim` takes away: a line end must be refused, wherever it stands. */
const OUTER_BLANKS = /^[ \t]+|[ \t]+$/g;

/** Sends an event that is neither the start nor a piece of the body. */
export function sendExtension(exchange: HttpExchange, event: HttpSendEvent): Promise<void> {
  const type: unknown = event?.type;
  switch (type) {
    case "http.response.early_hint":
      return sendEarlyHint(exchange, event as HttpResponseEarlyHintEvent);
    case "tsgi.informational":
      return sendInformational(exchange, event as InformationalEvent);
    case "http.response.trailers":
      return sendTrailers(exchange, event as HttpResponseTrailersEvent);
    case "http.response.pathsend":
    case "http.response.zerocopysend":
      offered(exchange, type);
      return sendFile(exchange, event as Parameters<typeof sendFile>[1]);
    case "http.response.debug":
      return sendDebug(exchange, event as HttpResponseDebugEvent);
    case "http.response.push":
      return sendPush(exchange, event as HttpResponsePushEvent);
    default:
      throw new GatewayError("TSGI_ERR_EVENT", `An http scope has no event of type ${shown(type)}`);
  }
}

function sendEarlyHint(exchange: HttpExchange, event: HttpResponseEarlyHintEvent): Promise<void> {
  const links = event.links as unknown;
  if (typeof links !== "object" || links === null || !(Symbol.iterator in links)) {
    throw new GatewayError("TSGI_ERR_EVENT", '"links" of http.response.early_hint is an array of strings');
  }
  const fields: [string, string][] = [];
  for (const link of links as Iterable<unknown>)
    fields.push(["link", typeof link === "string" ? link.replace(OUTER_BLANKS, "") : "\0"]);
  return interim(exchange, "http.response.early_hint", 103, fields);
}

function sendInformational(exchange: HttpExchange, event: InformationalEvent): Promise<void> {
  const { status } = event;
  if (!Number.isInteger(status) || status < 102 || status > 199) {
    throw new GatewayError(
      "TSGI_ERR_STATUS",
      `An interim response has a status from 102 to 199, not ${shown(status)}`,
    );
  }
  return interim(exchange, "tsgi.informational", status, event.headers ?? []);
}

function interim(
  exchange: HttpExchange,
  type: string,
  status: number,
  headers: Iterable<readonly [string, string]>,
): Promise<void> {
  offered(exchange, type);
  const fields = flatFields(headers, (name) => name.toLowerCase() !== "content-length");
  if (exchange.state === "complete") return ROOM;
  if (exchange.state !== "idle") throw misplaced(type, exchange.state);
  // HTTP/1.0 has no interim responses (RFC 9110 §15.2); a 103 without a link says nothing.
  if (exchange.httpVersion === "1.0" || (status === 103 && fields.length === 0)) return ROOM;
  exchange.transport.writeInformational?.(status, fields);
  return ROOM;
}

function sendDebug(exchange: HttpExchange, event: HttpResponseDebugEvent): Promise<void> {
  offered(exchange, "http.response.debug");
  const info: unknown = event.info;
  if (typeof info !== "object" || info === null) {
    throw new GatewayError("TSGI_ERR_EVENT", '"info" of http.response.debug is an object');
  }
  if (exchange.state === "complete") return ROOM;
  if (exchange.state !== "idle") throw misplaced("http.response.debug", exchange.state);
  exchange.transport.debug?.(event.info);
  return ROOM;
}

/** Checked, and then not sent: a server need not push (A56), and browsers no longer take it. */
function sendPush(exchange: HttpExchange, event: HttpResponsePushEvent): Promise<void> {
  offered(exchange, "http.response.push");
  if (typeof event.path !== "string" || !event.path.startsWith("/")) {
    throw new GatewayError("TSGI_ERR_EVENT", '"path" of http.response.push is a path that starts with "/"');
  }
  flatFields(event.headers, () => true);
  if (exchange.state === "complete" || exchange.state === "held" || exchange.state === "streaming")
    return ROOM;
  throw misplaced("http.response.push", exchange.state);
}

function sendTrailers(exchange: HttpExchange, event: HttpResponseTrailersEvent): Promise<void> {
  offered(exchange, "http.response.trailers");
  const more: unknown = event.more_trailers;
  if (more !== undefined && typeof more !== "boolean") {
    throw new GatewayError("TSGI_ERR_EVENT", '"more_trailers" of http.response.trailers has the wrong type');
  }
  const fields = flatFields(event.headers ?? [], isTrailerName);
  // Order is checked by the exchange, at the last event and at every earlier one.
  if (exchange.state !== "trailers") return exchange.endTrailers(fields);
  const all = trailers.get(exchange)?.concat(fields) ?? fields;
  if (more === true) {
    trailers.set(exchange, all);
    return ROOM;
  }
  return exchange.endTrailers(all);
}

function offered(exchange: HttpExchange, name: string): void {
  if (exchange.extensions[name] === undefined) {
    throw new GatewayError(
      "TSGI_ERR_EXTENSION",
      `This connection does not offer ${name}: see scope.extensions`,
    );
  }
}
