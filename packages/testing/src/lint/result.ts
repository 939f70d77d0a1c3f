// What a sync app returns, under the lint: the pieces as the server takes them, and the end of the iterator.
// Source: PEP 3333 "Specification Details", "Middleware Handling of Block Boundaries"; requirements W38 to W41, W43, W44, W46.

import { isBytes, type Chunk } from "@tsgi/core";
import { seen } from "./event-values.ts";
import type { Findings } from "./lint-error.ts";
import { isGuarded } from "./members.ts";
import type { WsgiResponseLint } from "./start-response.ts";

type Closable = Iterable<Chunk> & { close?: () => void };

/** Between a lint outside a middleware and one inside: whether the middleware owes a piece for one that it took. */
export class Blocks {
  due = false;
}

/** What became of a result, kept apart from it so that it can be read when the result itself is gone. */
export interface ResultFate {
  /** The request, for the message. */
  readonly request: string;
  /** The iterator was begun and has neither ended nor been returned. */
  returnDue: boolean;
  closeDue: boolean;
}

/** Says what is wrong with the end of a result; `null` if nothing is. */
export function fateFault({ request, returnDue, closeDue }: ResultFate): string | null {
  if (closeDue) return `close() was never called on the result of ${request}`;
  return returnDue ? `return() was never called on the iterator of ${request}` : null;
}

/** Checks what an app returned before anything of it is taken. An array stays one: a server may know its length. */
export function checkResult(result: unknown, response: WsgiResponseLint, findings: Findings): Closable {
  const { app } = findings;
  if (result === null || result === undefined || result === false) {
    return app("W40", `the app returned ${String(result)}, and no iterable`);
  }
  if (typeof result === "string" || isBytes(result)) {
    return app("W39", `the app returned ${seen(result)} where the body goes in pieces: put it into an array`);
  }
  if (typeof (result as { then?: unknown }).then === "function") {
    return app("W40", "the app returned a promise: an async function is no sync app");
  }
  if (typeof result !== "object" || !(Symbol.iterator in result)) {
    return app("W39", `the app returned ${seen(result)}, and no sync iterable`);
  }
  if (Array.isArray(result)) {
    for (const chunk of result as unknown[]) response.piece(chunk, "W46");
    response.end();
    response.iterating = true;
  }
  return result as Closable;
}

/** A result that is no array, watched while the server takes it. */
export class LintedResult implements Iterable<Chunk> {
  readonly #inner: Closable;
  readonly #response: WsgiResponseLint;
  readonly #findings: Findings;
  /** Towards a lint outside: this result's app may be inside a middleware. */
  readonly #outside: Blocks | null;
  readonly #inside: Blocks;
  readonly fate: ResultFate;
  #begun = false;

  constructor(
    inner: Closable,
    response: WsgiResponseLint,
    blocks: { readonly outside: Blocks | null; readonly inside: Blocks },
    request: string,
    findings: Findings,
  ) {
    this.#inner = inner;
    this.#response = response;
    this.#outside = blocks.outside;
    this.#inside = blocks.inside;
    this.#findings = findings;
    this.fate = { request, returnDue: false, closeDue: true };
  }

  [Symbol.iterator](): Iterator<Chunk> {
    if (this.#begun) this.#findings.server("W41", "the server iterated over the result a second time");
    this.#begun = true;
    const { fate } = this;
    const iterator = this.#inner[Symbol.iterator]();
    let returned = false;
    let over = false;
    fate.returnDue = typeof iterator.return === "function";
    return {
      next: () => {
        if (over) return { done: true, value: undefined };
        if (returned || !fate.closeDue) {
          this.#findings.server("W43", "the server asked for a piece after the end of the result");
        }
        this.#beforeStep();
        let isOut = false;
        try {
          const step = iterator.next();
          isOut = step.done === true;
          if (isOut) this.#response.end();
          else this.#response.piece(step.value, "W46");
          if (!isOut) this.#passed();
          over = isOut;
          return step;
        } catch (error) {
          // Whoever gets an error from next() need not call return(), so what the lint refuses is left here.
          if (!isOut) leave(iterator);
          over = true;
          throw error;
        } finally {
          if (over) fate.returnDue = false;
        }
      },
      return: (value?: unknown) => {
        if (returned) this.#findings.server("W43", "return() was called on the iterator a second time");
        returned = true;
        fate.returnDue = false;
        return iterator.return?.(value) ?? { done: true, value };
      },
    };
  }

  /** What the server must call once, whatever happened. */
  close(): void {
    if (!this.fate.closeDue) this.#findings.server("W43", "close() was called on the result a second time");
    this.fate.closeDue = false;
    this.#response.iterating = true;
    // The request body is no result to close, though it may be returned as one.
    if (!isGuarded(this.#inner)) this.#inner.close?.();
  }

  #passed(): void {
    if (this.#outside !== null) this.#outside.due = true;
    this.#inside.due = false;
  }

  #beforeStep(): void {
    this.#response.iterating = true;
    if (this.#response.full) {
      this.#findings.server("W46", "the server asked for a piece after the whole Content-Length");
    }
    if (this.#outside?.due === true) {
      this.#findings.app("W44", "a middleware asked for a piece before it had yielded one for the last");
    }
  }
}

function leave(iterator: Iterator<Chunk>): void {
  try {
    iterator.return?.();
  } catch {
    // The first error counts.
  }
}
