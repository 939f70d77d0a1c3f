// One request in the hands of one program: body in, response out, log, deadlines. Ends the program when its response is of no use.
// Sources: RFC 3875 §4.2, §6; requirements CH12, CH22 to CH26, S28.

import { ClientDisconnected, GatewayError, type HttpScope, type Log, type Send } from "@tsgi/core";
import type { Script, ScriptSettings } from "./script-settings.ts";
import type { Child } from "./child.ts";
import { Deadline } from "./deadline.ts";
import { ScriptResponse } from "./script-response.ts";
import type { SizedBody } from "./sized-body.ts";
import { StderrLines } from "./stderr-lines.ts";

/** How much a program may write after its response is complete, in bytes; then it is ended. */
const MAX_EXTRA = 1024 * 1024;

/** What a program is run for. */
export interface RunRequest {
  readonly scope: HttpScope;
  readonly send: Send;
  readonly log: Log;
  readonly body: SizedBody;
}

/** A program that serves a request. */
export class ScriptRun {
  readonly #settings: ScriptSettings;
  readonly #script: Script;
  readonly #child: Child;
  readonly #request: RunRequest;
  readonly #response: ScriptResponse;
  readonly #stderr: StderrLines;
  /** Until the next sign of life. It rests while the program waits for us: for the client's body, or for room. */
  readonly #stall: Deadline;
  readonly #total: Deadline;
  #afterwards = 0;
  /** Whether the program has ended by itself. */
  #exited = false;
  /** Whether we have ended it. */
  #ended = false;

  constructor(settings: ScriptSettings, script: Script, child: Child, request: RunRequest) {
    const { scope, send, log } = request;
    this.#settings = settings;
    this.#script = script;
    this.#child = child;
    this.#request = request;
    this.#response = new ScriptResponse({
      scope,
      send,
      log: (level, message, error) => log(level, `${script.scriptFilename}: ${message}`, error),
      maxHeadSize: settings.maxHeadSize,
      maxHeadLines: settings.maxHeadLines,
      form: script.nph ? "http" : "cgi",
      requireContentType: !script.nph,
      redirectsLocally: settings.redirectTo !== null && !script.nph,
      failure: 500,
      drained: () => {
        this.#stall.goOn();
        child.stdout.resume();
      },
    });
    this.#stderr = new StderrLines(
      (line) => log("warn", `${script.scriptFilename}: ${line}`),
      settings.maxStderr,
    );
    this.#stall = new Deadline(settings.headTimeout, () => this.#stalled());
    this.#total = new Deadline(settings.timeout, () => this.#late("runs for too long"));
  }

  /**
   * Runs to the end of the program. Rejects as soon as the response has to be cut, or the client is gone.
   *
   * @returns Where a local redirect leads; `null` if the response is complete.
   */
  async run(): Promise<string | null> {
    const child = this.#child;
    const { scope } = this.#request;
    const signal = scope.signal as AbortSignal | undefined;
    child.stdout.on("data", this.#output);
    child.stdout.once("end", () => void this.#outputEnded());
    // Without an end before it, somebody has closed it here: the server is ending.
    child.stdout.once("close", () => {
      if (child.stdout.readableEnded) return;
      this.#response.failed(503, this.#failure("is not waited for", undefined));
    });
    child.stdout.once("error", (error) => this.#response.failed(500, this.#failure("cannot be read", error)));
    child.stderr.on("data", (chunk: Uint8Array) => this.#stderr.dataReceived(chunk));
    child.stderr.once("close", () => this.#stderr.ended());
    signal?.addEventListener("abort", this.#gone);
    if (signal?.aborted === true) this.#gone();
    const over = this.#programEnds();
    void this.#feed();
    try {
      const redirected = await this.#response.done;
      this.#stall.stop();
      child.stdin?.destroy();
      // What it still writes is thrown away, so that it is not held up; what others do that hold its output is nothing to us.
      if (this.#exited) child.stdout.destroy();
      else child.stdout.resume();
      await over;
      return redirected;
    } catch (error) {
      this.#terminate();
      throw error;
    } finally {
      signal?.removeEventListener("abort", this.#gone);
      this.#stall.stop();
    }
  }

  /** Waits for the program and for its output, and ends what it has left behind. */
  async #programEnds(): Promise<void> {
    const child = this.#child;
    const [closed, silent] = [child.stdout, child.stderr].map(
      (stream) => new Promise<void>((resolve) => stream.once("close", resolve)),
    );
    const { code, signal } = await child.exited;
    this.#exited = true;
    if (!this.#ended && code !== 0) {
      const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
      this.#request.log("warn", `${this.#script.scriptFilename}: ended with ${how}`);
    }
    // Whoever still holds its output is no part of the answer; a process that is to live on leaves the group (setsid).
    this.#stall.set(this.#settings.killGrace);
    child.endGroup();
    if (this.#response.isOver) child.stdout.destroy();
    await closed;
    this.#total.stop();
    child.terminate();
    // Its last words: they come in time, or are not waited for.
    await silent;
  }

  async #outputEnded(): Promise<void> {
    if (this.#settings.failedExit === "cut") {
      const { code } = await this.#child.exited;
      if (code !== 0) {
        const cause = new Error(
          `The program ended with ${code === null ? "a signal" : `exit status ${code}`}`,
        );
        this.#response.failed(500, this.#failure("is broken", cause));
        return;
      }
    }
    this.#response.ended();
  }

  readonly #output = (chunk: Uint8Array): void => {
    const { hasHead } = this.#response;
    if (this.#response.isOver) this.#afterwards += chunk.length;
    if (this.#afterwards > MAX_EXTRA) this.#terminate();
    const room = this.#response.dataReceived(chunk);
    if (!hasHead && this.#response.hasHead && !this.#exited) this.#stall.set(this.#settings.idleTimeout);
    this.#stall.refresh();
    if (room || this.#response.isOver) return;
    this.#stall.rest();
    this.#child.stdout.pause();
  };

  /** Gives the program its body: as much as it takes, as fast as it takes it. */
  async #feed(): Promise<void> {
    const { body } = this.#request;
    const { stdin } = this.#child;
    if (stdin === null) return;
    try {
      for (;;) {
        this.#stall.rest();
        const piece = await body.next().finally(() => this.#stall.goOn());
        // A program need not read all of it, nor any: then it is not read from the client either.
        if (piece === null || stdin.destroyed) break;
        if (stdin.write(piece)) continue;
        await roomOrClosed(stdin);
      }
      stdin.end();
    } catch (error) {
      if (stdin.destroyed && !(error instanceof ClientDisconnected)) return;
      this.#abandon(error);
    }
  }

  #stalled(): void {
    if (!this.#exited) return this.#late("is silent for too long");
    this.#response.ended();
    this.#terminate();
  }

  #late(what: string): void {
    this.#response.failed(504, new GatewayError("TSGI_ERR_SCRIPT_TIMEOUT", `The program ${what}`));
    this.#terminate();
  }

  #failure(what: string, cause: unknown): GatewayError {
    return new GatewayError("TSGI_ERR_SCRIPT_BODY", `The output of the program ${what}`, { cause });
  }

  readonly #gone = (): void => this.#abandon(new ClientDisconnected());

  #abandon(error: unknown): void {
    if (this.#response.isOver) return;
    this.#response.abandoned(error);
    this.#terminate();
  }

  #terminate(): void {
    this.#ended = true;
    this.#stall.stop();
    this.#child.terminate();
  }
}

/** Resolves when there is room, or nobody reads any more. */
function roomOrClosed(stdin: Child["stdin"] & {}): Promise<void> {
  if (stdin.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off("drain", done);
      stdin.off("close", done);
      resolve();
    };
    stdin.on("drain", done);
    stdin.on("close", done);
  });
}
