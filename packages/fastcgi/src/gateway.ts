// A request on its way to a FastCGI upstream and back: its body, its response, and whoever goes away meanwhile.
// Sources: requirements FC10, FC14, FC16, FC18, FC20.

import { RequestRefused, ScriptResponse, sizedBody, type MetaVariables, type SizedBody } from "@tsgi/cgi";
import { ClientDisconnected, type HttpScope, type Log, type Receive, type Send } from "@tsgi/core";
import { Attempts } from "./attempts.ts";
import { RESPONDER } from "./constants.ts";
import type { FastCgiSettings } from "./from-fastcgi-options.ts";
import { Pool } from "./pool.ts";
import { encodeParams } from "./record-writer.ts";
import { ReplayBody } from "./replay-body.ts";
import type { Target } from "./target.ts";
import { UpstreamStderr } from "./upstream-stderr.ts";

/** A request, made ready for an upstream. */
export interface GatewayRequest {
  readonly scope: HttpScope;
  readonly receive: Receive;
  readonly send: Send;
  readonly role: number;
  /** Without CONTENT_LENGTH. */
  readonly params: MetaVariables;
  readonly log: Log;
}

/** The way to some upstreams. */
export class Gateway {
  readonly settings: FastCgiSettings;
  readonly #pool: Pool;

  constructor(targets: readonly Target[], settings: FastCgiSettings) {
    this.settings = settings;
    this.#pool = new Pool(targets, settings);
  }

  /** Closes all connections. */
  close(): void {
    this.#pool.close();
  }

  /**
   * Has a request answered.
   *
   * @throws {@link RequestRefused} with the status to answer: nothing was sent. {@link ClientDisconnected}, or what the response has
   * to be cut for.
   */
  async answer(request: GatewayRequest): Promise<void> {
    const { scope, receive, role, params } = request;
    const body = role === RESPONDER ? await sizedBody(scope, receive, this.settings) : null;
    try {
      if (body !== null && body.length !== null) params["CONTENT_LENGTH"] = String(body.length);
      const paramsOfOne = encodeParams(1, params);
      if (paramsOfOne === null) throw new RequestRefused(431, "A variable is too long for a FastCGI record");
      await this.#ask(request, body, paramsOfOne);
    } finally {
      await body?.close();
    }
  }

  async #ask(request: GatewayRequest, body: SizedBody | null, paramsOfOne: string): Promise<void> {
    const { scope, send, role, params, log } = request;
    const { settings } = this;
    const response = new ScriptResponse({
      scope,
      send,
      drained: () => attempts.current?.responseDrained(),
      redirectsLocally: false,
      failure: 502,
      form: "cgi",
      requireContentType: false,
      maxHeadSize: settings.maxHeadSize,
      maxHeadLines: settings.maxHeadLines,
      log,
    });
    const asked = {
      role,
      params,
      paramsOfOne,
      body: new ReplayBody(body),
      response,
      stderr: new UpstreamStderr(response, settings, log),
      settings,
      log,
    };
    const attempts = new Attempts(this.#pool, asked, scope.method);
    const gone = (): void => response.abandoned(new ClientDisconnected());
    scope.signal.addEventListener("abort", gone);
    if (scope.signal.aborted) gone();
    void response.done.then(
      () => attempts.current?.responseComplete(),
      () => attempts.giveUp(),
    );
    try {
      await attempts.run();
      await response.done;
    } finally {
      scope.signal.removeEventListener("abort", gone);
    }
  }
}
