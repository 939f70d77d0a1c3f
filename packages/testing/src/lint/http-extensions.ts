// The events of extensions in an http scope: offered, in their place, and well-formed.
// Source: ASGI extensions; requirements A13, A51 to A57.

import { isTrailerName } from "@tsgi/core";
import { isIterableObject, isPlainObject, seen } from "./event-values.ts";
import { checkFields } from "./fields.ts";
import type { HttpSendLint } from "./http-send.ts";

type Event = Record<string, unknown>;

/** The type of an event of an extension. */
export type HttpExtensionType =
  | "http.response.early_hint"
  | "http.response.trailers"
  | "http.response.pathsend"
  | "http.response.zerocopysend"
  | "http.response.push"
  | "http.response.debug"
  | "tsgi.informational";

const EVENTS: Readonly<Record<HttpExtensionType, (lint: HttpSendLint, event: Event) => Event>> = {
  "http.response.early_hint": earlyHint,
  "http.response.trailers": trailers,
  "http.response.pathsend": pathSend,
  "http.response.zerocopysend": zeroCopySend,
  "http.response.push": push,
  "http.response.debug": debug,
  "tsgi.informational": informational,
};

/** Whether some extension has events of this type. */
export function isHttpExtensionEvent(type: unknown): type is HttpExtensionType {
  return typeof type === "string" && Object.hasOwn(EVENTS, type);
}

/** Checks such an event, and returns it with what it lists as arrays. */
export function sendingExtension(lint: HttpSendLint, event: Event, type: HttpExtensionType): Event {
  const { extensions } = lint.scope;
  if (!isPlainObject(extensions) || extensions[type] === undefined) {
    lint.fault("A13", `${type} was sent, but scope.extensions does not offer it`);
  }
  return EVENTS[type](lint, event);
}

function earlyHint(lint: HttpSendLint, event: Event): Event {
  const type = "http.response.early_hint";
  lint.values(event, "links");
  const links = isIterableObject(event.links) ? [...event.links] : [];
  if (!isIterableObject(event.links))
    lint.fault("A5", `links of ${type} are strings in an array, not ${seen(event.links)}`);
  lint.inState(type, ["idle"], () => lint.fault("A51", `${type} was sent after http.response.start`));
  for (const link of links) {
    if (typeof link !== "string") lint.fault("A5", `a link of ${type} is a string, not ${seen(link)}`);
    // A blank around it is taken away, and nothing else.
    checkFields([["link", String(link)]], "A51", type, "lower", lint.fault);
  }
  return listed(event, "links", links);
}

function informational(lint: HttpSendLint, event: Event): Event {
  const type = "tsgi.informational";
  lint.values(event, "headers");
  const { status, headers } = event;
  if (!Number.isInteger(status) || (status as number) < 102 || (status as number) > 199) {
    lint.fault("A5", `the status of ${type} is an integer from 102 to 199, not ${seen(status)}`);
  }
  lint.inState(type, ["idle"], () => lint.fault("A51", `${type} was sent after http.response.start`));
  if (headers === undefined) return event;
  return listed(event, "headers", checkFields(headers, "A37", type, lint.headerCase, lint.fault));
}

function trailers(lint: HttpSendLint, event: Event): Event {
  const type = "http.response.trailers";
  lint.values(event, "headers");
  const more = lint.flag(event, "more_trailers");
  const { progress } = lint;
  if (progress.state !== "idle" && !progress.trailers) {
    lint.fault("A53", `${type} was sent, but http.response.start did not announce it`);
  }
  lint.inState(type, ["trailers"], () =>
    lint.fault("A52", `${type} was sent before the last piece of the body`),
  );
  const fields =
    event.headers === undefined ? [] : checkFields(event.headers, "A37", type, lint.headerCase, lint.fault);
  for (const [name] of fields) {
    if (!isTrailerName(name)) lint.fault("A52", `${name} may not be sent after the body`);
  }
  if (!more) lint.progress = { ...progress, state: "complete" };
  return event.headers === undefined ? event : listed(event, "headers", fields);
}

function pathSend(lint: HttpSendLint, event: Event): Event {
  const type = "http.response.pathsend";
  lint.values(event);
  const { path } = event;
  if (typeof path !== "string") lint.fault("A5", `path of ${type} is a string, not ${seen(path)}`);
  if (!/^(?:[/\\]|[A-Za-z]:[/\\])/.test(path as string) || (path as string).includes("\0")) {
    lint.fault("A54", `path of ${type} is absolute, not ${seen(path)}`);
  }
  const { progress } = lint;
  if (progress.pathSent) lint.fault("A54", `${type} was sent a second time`);
  lint.inState(type, ["started"], () =>
    progress.state === "idle"
      ? lint.fault("A35", `${type} was sent before http.response.start`)
      : lint.fault("A54", `${type} was sent after a piece of the body`),
  );
  // The server counts: only it knows how long the file is.
  lint.progress = { ...progress, owed: -1, pathSent: true };
  lint.piece(0, false);
  return event;
}

function zeroCopySend(lint: HttpSendLint, event: Event): Event {
  const type = "http.response.zerocopysend";
  lint.values(event, "file");
  const { file, offset, count } = event;
  if (typeof file !== "number" && typeof (file as { fd?: unknown } | null | undefined)?.fd !== "number") {
    lint.fault("A55", `file of ${type} is a descriptor or has one, not ${seen(file)}`);
  }
  for (const [key, value] of [
    ["offset", offset],
    ["count", count],
  ] as const) {
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 0)) {
      lint.fault("A55", `${key} of ${type} is a number of bytes, not ${seen(value)}`);
    }
  }
  const more = lint.flag(event, "more_body");
  const { progress } = lint;
  if (progress.pathSent) lint.fault("A54", `${type} was sent after http.response.pathsend`);
  lint.inState(type, ["started", "body"], () =>
    lint.fault(
      progress.state === "idle" ? "A35" : "A52",
      `${type} was sent where no piece of the body may be`,
    ),
  );
  lint.progress = { ...progress, owed: -1 };
  lint.piece(0, more);
  return event;
}

function push(lint: HttpSendLint, event: Event): Event {
  const type = "http.response.push";
  lint.values(event, "headers");
  if (typeof event.path !== "string")
    lint.fault("A5", `path of ${type} is a string, not ${seen(event.path)}`);
  lint.inState(type, ["started", "body"], () =>
    lint.fault("A56", `${type} was sent before http.response.start or after the body`),
  );
  return listed(event, "headers", checkFields(event.headers, "A56", type, lint.headerCase, lint.fault));
}

function debug(lint: HttpSendLint, event: Event): Event {
  const type = "http.response.debug";
  lint.values(event, "info");
  if (!isPlainObject(event.info))
    lint.fault("A57", `info of ${type} is a plain object, not ${seen(event.info)}`);
  if (lint.progress.debugged) lint.fault("A57", `${type} was sent a second time`);
  lint.inState(type, ["idle"], () => lint.fault("A57", `${type} was sent after http.response.start`));
  lint.progress = { ...lint.progress, debugged: true };
  return event;
}

/** The event with its list as an array, should it be something that can be walked only once. */
function listed(event: Event, key: "headers" | "links", list: readonly unknown[]): Event {
  return Array.isArray(event[key]) ? event : { ...event, [key]: list };
}
