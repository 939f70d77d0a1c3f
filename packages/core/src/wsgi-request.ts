// One request to a sync app: its body and environ, the call, and what comes after the response.
// Source: PEP 3333 "The Server/Gateway Side", "Error Handling"; psgix.cleanup, rack.response_finished (after the response).

import type { WsgiApp } from "./app.ts";
import { buildEnviron, type AfterResponse } from "./environ.ts";
import { BodyTruncated } from "./buffer-body.ts";
import { GatewayError } from "./errors.ts";
import type { Environ } from "./pep3333.ts";
import type { Spool } from "./spool.ts";
import { errorOf } from "./thrown.ts";
import type { BlockingBody } from "./transport.ts";
import { blockingInput } from "./wsgi-blocking-body.ts";
import { bufferInput, declaredLength, type BufferedBody } from "./wsgi-body.ts";
import { earlyHints } from "./wsgi-early-hints.ts";
import { LineLog } from "./wsgi-errors.ts";
import { BufferedInput } from "./wsgi-input.ts";
import type { Outlet } from "./wsgi-outlet.ts";
import { WsgiResponse, type ResponseOwner, type TurnLimits } from "./wsgi-response.ts";
import type { WsgiSettings } from "./wsgi-settings.ts";
import { nextTurn } from "./wsgi-turn.ts";

/** Where nobody else waits for a turn. */
const NO_TURNS: TurnLimits = { piecesPerTurn: Infinity, turnTime: Infinity };

/** Sees one request to a sync app through. */
export class WsgiRequest implements ResponseOwner {
  readonly #app: WsgiApp;
  readonly #settings: WsgiSettings;
  readonly #outlet: Outlet;
  readonly #input = new BufferedInput();
  readonly #errors: LineLog;
  readonly #afterResponse: AfterResponse[] = [];
  readonly #response: WsgiResponse;
  readonly #blocking: BlockingBody | null;
  #environ: Environ | null = null;
  #spool: Spool | null = null;

  constructor(app: WsgiApp, settings: WsgiSettings, outlet: Outlet) {
    this.#app = app;
    this.#settings = settings;
    this.#outlet = outlet;
    this.#errors = new LineLog(outlet);
    this.#blocking = outlet.block();
    this.#response = new WsgiResponse(outlet, this, this.#blocking === null ? settings : NO_TURNS);
  }

  /** Starts. Never throws. */
  run(): void {
    const outlet = this.#outlet;
    const { scope } = outlet;
    let environ: Environ;
    try {
      environ = buildEnviron(scope, this.#input, this.#errors, this.#afterResponse, this.#settings);
    } catch (error) {
      if (error instanceof GatewayError) this.#refuse(400, "Bad Request");
      else outlet.appFailed(error);
      return;
    }
    this.#environ = environ;
    if (scope.extensions["http.response.early_hint"] !== undefined) {
      environ["wsgi.early_hints"] = earlyHints(outlet);
    }
    if (this.#blocking !== null) {
      this.#runOnce(environ, this.#blocking);
      return;
    }
    const { CONTENT_LENGTH: length } = environ;
    if (outlet.bodyless && (length === undefined || length === "0")) this.#call(environ);
    else this.#buffer(environ);
  }

  responseEnded(): void {
    this.#errors.flush();
    if (this.#afterResponse.length === 0 && this.#spool === null) this.#outlet.appReturned();
    else nextTurn(() => void this.#finish(null).then(() => this.#outlet.appReturned()));
  }

  responseFailed(thrown: unknown): void {
    const error = errorOf(thrown);
    if (this.#blocking !== null && error instanceof BodyTruncated) {
      // The app has let through what `read` threw: a fault of the client's.
      this.#refuse(400, "Bad Request");
      return;
    }
    this.#errors.flush();
    if (this.#afterResponse.length === 0 && this.#spool === null) {
      this.#outlet.appFailed(error);
      return;
    }
    // The client does not wait for what the app does after the response.
    this.#outlet.fail(error);
    nextTurn(() => void this.#finish(error).then(() => this.#outlet.appReturned()));
  }

  #call(environ: Environ): void {
    const app = this.#app;
    const response = this.#response;
    let result: unknown;
    try {
      result = app(environ, response.startResponse);
    } catch (error) {
      response.failed(error);
      return;
    }
    response.returned(result);
  }

  /** Serves the only request of the process, in one go. */
  #runOnce(environ: Environ, blocking: BlockingBody): void {
    environ["wsgi.run_once"] = true;
    environ["wsgi.multiprocess"] = true;
    let body: BufferedBody;
    try {
      body = blockingInput(this.#input, blocking, this.#settings);
    } catch (error) {
      this.responseFailed(error);
      return;
    }
    this.#buffered(environ, body, blocking.length);
  }

  #buffer(environ: Environ): void {
    const { scope, receive } = this.#outlet;
    const declared = declaredLength(scope.headers);
    bufferInput(this.#input, receive, declared, this.#settings).then(
      (body) => this.#buffered(environ, body, declared),
      (error: unknown) => this.responseFailed(error),
    );
  }

  #buffered(environ: Environ, body: BufferedBody, declared: number): void {
    this.#spool = body.spool;
    switch (body.outcome) {
      case "complete":
        // A length that nobody knew is known now (RFC 3875 §4.2).
        if (declared === -1 && body.size > 0) environ.CONTENT_LENGTH = String(body.size);
        this.#call(environ);
        return;
      case "too long":
        this.#refuse(413, "Payload Too Large");
        return;
      case "mismatch":
        this.#refuse(400, "Bad Request");
        return;
      case "lost":
        this.responseEnded();
        return;
    }
  }

  /** Answers without calling the app. */
  #refuse(status: number, text: string): void {
    this.#outlet.answer(status, text);
    this.responseEnded();
  }

  /** After the response: the app's own callbacks, the last one first; then the spool goes. Never rejects. */
  async #finish(error: unknown): Promise<void> {
    const { status, headers } = this.#response;
    for (let i = this.#afterResponse.length - 1; i >= 0; i -= 1) {
      try {
        await this.#afterResponse[i]?.(this.#environ as Environ, status, headers, error);
      } catch (failure) {
        this.#outlet.log("error", "A callback of tsgi.after_response failed", errorOf(failure));
      }
    }
    this.#errors.flush();
    this.#input.end();
    await this.#spool?.close().catch((failure: unknown) => {
      this.#outlet.log("error", "The spool of a request body cannot be closed", failure);
    });
  }
}
