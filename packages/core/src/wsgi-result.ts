// What a sync app returns: whether it is a body, and how it is put away.
// Source: PEP 3333 "Specification Details" (the return value, close()).

import { isBytes } from "./bytes.ts";
import { GatewayError } from "./errors.ts";
import type { Chunk } from "./events.ts";
import { errorOf } from "./thrown.ts";

/** Where it is said that putting away failed. */
export interface ErrorSink {
  log(level: "error", message: string, error: unknown): void;
}

/** Checks a piece of the body. */
export function pieceOf(value: unknown): Chunk {
  if (typeof value === "string" || isBytes(value)) return value;
  disown(value);
  throw new GatewayError(
    "TSGI_ERR_RESULT",
    `A piece of the body is a Uint8Array or a string, not ${kindOf(value)}`,
  );
}

/** The next piece, checked; `null` at the end. */
export function nextPiece(iterator: Iterator<unknown>): Chunk | null {
  const step: unknown = iterator.next();
  const { done, value } = step as IteratorResult<unknown>;
  if (done === true) return null;
  // An async iterator gives promises of steps.
  return pieceOf(value === undefined && isThenable(step) ? step : value);
}

/**
 * The only piece, where the result is no more than that: an array of one, or the piece itself, bare (which the lint reports:
 * iterated, it would be single characters, or numbers). Else `null`.
 */
export function onlyPiece(result: unknown): Chunk | null {
  if (Array.isArray(result)) return result.length === 1 ? pieceOf(result[0]) : null;
  return typeof result === "string" || isBytes(result) ? result : null;
}

/** Starts the iteration of a result. */
export function iterate(result: unknown): Iterator<unknown> {
  if (typeof result === "object" && result !== null && Symbol.iterator in result) {
    return (result as Iterable<unknown>)[Symbol.iterator]();
  }
  disown(result);
  throw new GatewayError(
    "TSGI_ERR_RESULT",
    `A sync app returns an iterable of pieces, not ${kindOf(result)}`,
  );
}

/**
 * Ends the iteration and puts the result away: `return()` of the iterator (a generator runs its `finally`), then `close()` of
 * the result, where they exist. What they throw is logged: the response does not depend on it any more.
 */
export function putAway(iterator: Iterator<unknown> | null, result: unknown, sink: ErrorSink): void {
  try {
    watch(iterator?.return?.(), sink);
  } catch (error) {
    failed(sink, error);
  }
  try {
    const closable = result as { close?: unknown } | null | undefined;
    if (typeof result === "object" && typeof closable?.close === "function") watch(closable.close(), sink);
  } catch (error) {
    failed(sink, error);
  }
}

/** What is put away asynchronously is not waited for, but its failure is told all the same. */
function watch(value: unknown, sink: ErrorSink): void {
  if (isThenable(value)) value.then(ignore, (error: unknown) => failed(sink, error));
}

function failed(sink: ErrorSink, error: unknown): void {
  sink.log("error", "The app failed as its response was put away", errorOf(error));
}

/** A promise that nobody will await must not become an unhandled rejection. */
function disown(value: unknown): void {
  if (isThenable(value)) value.then(ignore, ignore);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number" && Number.isInteger(value))
    return "a number (a bare Uint8Array iterates as such)";
  if (isThenable(value))
    return "a promise: an async function cannot be a sync app, nor can an async iterator be its result";
  if (typeof value === "object" && Symbol.asyncIterator in value) return "an async iterable";
  return typeof value === "object" ? "another object" : typeof value;
}

function ignore(): void {}
