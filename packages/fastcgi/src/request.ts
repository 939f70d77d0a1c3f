// One request on a FastCGI connection, moved by the exchange's orders.
// Sources: FastCGI 1.0 §5, §6; requirements F22 to F50, F56.

import { performance } from "node:perf_hooks";
import {
  serve,
  type Chunk,
  type HttpExchange,
  type HttpScopeInit,
  type HttpTransport,
  type LogLevel,
  type ResponseHead,
} from "@tsgi/core";
import { AUTHORIZER, FILTER } from "./constants.ts";
import { ParamsBlock } from "./params-block.ts";
import { HeldOutlet, type RecordOutlet, type RequestOwner } from "./record-outlet.ts";
import { RequestInput } from "./request-input.ts";
import { RequestParams, filterData, refusalStatus } from "./request-scope.ts";
import { stderrLine } from "./response-octets.ts";
import { ResponseRecords } from "./response-records.ts";

/** How far a request is: PARAMS are coming; they are complete, and it waits for its turn; the app has it; END_REQUEST was sent. */
type Phase = "params" | "waiting" | "running" | "over";

/** One request. */
export class FastCgiRequest implements HttpTransport {
  readonly id: number;
  readonly role: number;
  readonly keepsConnection: boolean;
  /** The one that was begun with the same id before this one was over. */
  successor: FastCgiRequest | null = null;
  /** When it must have got further, by `performance.now()`. */
  deadline: number = Infinity;
  /** What has come of PARAMS; `null` when it was read. */
  params: ParamsBlock | null = new ParamsBlock();
  readonly input: RequestInput = new RequestInput();
  readonly #owner: RequestOwner;
  readonly #filtered: HeldOutlet | null;
  readonly #outlet: RecordOutlet;
  readonly #response: ResponseRecords;
  readonly #began = performance.now();
  #phase: Phase = "params";
  /** What it has to say while a request of the same id is still at work. */
  #turn: HeldOutlet | null;
  #exchange: HttpExchange | null = null;
  #blocked = false;
  #aborted = false;
  #abortTimer: NodeJS.Timeout | null = null;

  constructor(owner: RequestOwner, id: number, role: number, keepsConnection: boolean, behind: boolean) {
    const { headersTimeout, bodyBuffer } = owner.settings;
    this.id = id;
    this.role = role;
    this.keepsConnection = keepsConnection;
    this.#owner = owner;
    this.#turn = behind ? new HeldOutlet(owner, bodyBuffer) : null;
    this.#filtered = role === FILTER ? new HeldOutlet(this.#turn ?? owner, bodyBuffer) : null;
    this.#outlet = this.#filtered ?? this.#turn ?? owner;
    this.#response = new ResponseRecords(this.#outlet, id, role === AUTHORIZER);
    if (headersTimeout > 0) this.deadline = this.#began + headersTimeout;
  }

  /** Whether all of its input is here. */
  get inputComplete(): boolean {
    return this.#phase !== "params" && this.input.complete;
  }

  /** @returns `false` for PARAMS after their end: a protocol error. */
  paramsReceived(bytes: Uint8Array, start: number, end: number): boolean {
    const params = this.params;
    if (params === null) return this.#isOver();
    if (params.size + end - start > this.#owner.settings.maxParamsSize) this.#refuse(431);
    else params.add(bytes, start, end);
    return true;
  }

  /** @returns `false` if they had ended before. */
  paramsEnded(): boolean {
    if (this.#phase !== "params") return this.#isOver();
    this.#phase = "waiting";
    if (this.#turn === null) this.#start();
    else this.deadline = Infinity;
    return true;
  }

  /** The request of the same id before it is over. */
  turnCame(): void {
    this.#turn?.open();
    this.#turn = null;
    if (this.#phase === "waiting") this.#start();
  }

  stdinReceived(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isOver() || this.role === AUTHORIZER) return;
    const input = this.input;
    input.stdinReceived(bytes, start, end);
    const { maxBodySize } = this.#owner.settings;
    if (this.#phase === "running" && input.received > maxBodySize) this.#answerOrCut(413);
    else this.looked();
  }

  stdinEnd(): void {
    if (this.input.ended) return;
    this.input.stdinEnded();
    this.looked();
    if (this.#filtered?.open() === true) this.drained();
  }

  dataReceived(bytes: Uint8Array, start: number, end: number): void {
    this.input.data?.dataReceived(bytes, start, end);
    this.looked();
  }

  dataEnd(): void {
    this.input.data?.dataEnded();
    this.looked();
  }

  /** ABORT_REQUEST: the app is told, and END_REQUEST answers, as soon as the app is done. */
  abortReceived(): void {
    if (this.#isOver() || this.#aborted) return;
    this.#aborted = true;
    this.deadline = Infinity;
    this.#filtered?.open();
    if (this.#phase !== "running") {
      this.#finish();
      return;
    }
    const { abortTimeout } = this.#owner.settings;
    if (abortTimeout > 0) this.#abortTimer = setTimeout(() => this.#finish(), abortTimeout);
    this.input.forget();
    this.#owner.release(this);
    this.#exchange?.connectionLost();
  }

  /** The connection is gone. */
  lost(): void {
    if (this.#isOver()) return;
    this.#close();
    this.#exchange?.connectionLost();
  }

  /** The deadline has passed. */
  expired(): void {
    this.deadline = Infinity;
    this.#answerOrCut(408);
  }

  /** There is room on the connection again. */
  drained(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#exchange?.drained();
  }

  attach(exchange: HttpExchange): void {
    this.#exchange = this.input.exchange = exchange;
    this.#owner.settings.activity.begin();
    if (this.input.length === 0) exchange.eofReceived();
  }

  read(): void {
    this.input.read();
    this.looked();
  }

  writeHead(head: ResponseHead): void {
    if (this.#isOver()) this.#exchange?.connectionLost();
    else this.#response.writeHead(head);
  }

  write(chunk: Chunk): boolean {
    if (this.#isOver()) return true;
    const room = this.#response.write(chunk);
    if (!room) this.#blocked = true;
    return room;
  }

  end(chunk: Chunk | null): void {
    if (this.#isOver()) return;
    this.#response.end(chunk);
    this.#over();
  }

  abort(): void {
    if (this.#isOver()) return;
    // Most web servers take END_REQUEST for the end of a whole response, whatever its status, and some even if it is too short.
    if (!this.#owner.canLeaveOff(this)) {
      this.#response.appStatus = 1;
      this.#finish();
      return;
    }
    this.#filtered?.open();
    this.#close();
    this.#owner.leaveOff(this, this.#response.takeStderr());
  }

  detach(): void {
    this.#owner.settings.activity.end();
    if (this.#aborted) this.#finish();
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    const { log, stderr } = this.#owner.settings;
    log(level, message, error);
    // An app's own error, and no line that it wrote.
    if (level === "error" && error !== undefined) this.#response.appStatus = 1;
    if (stderr && !this.#isOver()) this.#response.writeStderr(stderrLine(level, message, error));
  }

  #start(): void {
    const scope = this.#scope();
    if (scope === null) return;
    const { requestTimeout, apps } = this.#owner.settings;
    this.#phase = "running";
    this.deadline = requestTimeout > 0 ? this.#began + requestTimeout : Infinity;
    this.looked();
    if (this.#isOver()) return;
    const special = this.role === FILTER ? apps.filter : this.role === AUTHORIZER ? apps.authorizer : null;
    serve(special ?? apps.responder, scope, this);
  }

  /** `null` if the request was refused. */
  #scope(): HttpScopeInit | null {
    const { meta, maxParams, maxBodySize, state, log } = this.#owner.settings;
    const block = this.params ?? new ParamsBlock();
    this.params = null;
    const input = this.input;
    try {
      const params = new RequestParams(block, this.role, meta, maxParams);
      input.lengthIs(params.bodyLength);
      if (Math.max(input.length, input.received) > maxBodySize) {
        this.#refuse(413);
        return null;
      }
      if (this.role === FILTER) params.data = input.data = filterData(params, () => this.looked());
      const scope = params.scope();
      if (state !== null) (scope as { state: unknown }).state = { ...state };
      return scope;
    } catch (error) {
      log("warn", "A request of the web server was refused", error);
      this.#refuse(refusalStatus(error));
      return null;
    }
  }

  /** Something of the input has come or was taken. What is shorter than CONTENT_LENGTH is no whole body (FastCGI 1.0 §6.2). */
  looked(): void {
    const input = this.input;
    if (input.complete && this.#phase === "running") this.deadline = Infinity;
    if (input.isShort && this.#phase === "running" && !this.#aborted) this.#answerOrCut(400);
    if (input.held > this.#owner.settings.bodyBuffer) this.#owner.hold(this);
    else this.#owner.release(this);
  }

  /** Answers in place of an app that has not begun to; what has begun is cut. */
  #answerOrCut(status: number): void {
    if (this.#isOver()) return;
    if (this.#response.begun) this.#exchange?.cut();
    else this.#refuse(status);
  }

  #refuse(status: number): void {
    this.#filtered?.open();
    this.#response.answer(status);
    this.#over();
    this.#exchange?.connectionLost();
  }

  /** Ends the response as it is. */
  #finish(): void {
    if (this.#isOver()) return;
    this.#response.finish();
    this.#over();
  }

  #over(): void {
    this.#close();
    this.#outlet.requestOver(this);
  }

  #close(): void {
    this.#phase = "over";
    this.deadline = Infinity;
    this.params = null;
    if (this.#abortTimer !== null) clearTimeout(this.#abortTimer);
    const { ended } = this.input;
    this.input.forget();
    // With a filter the end of STDIN is still waited for: only then anything may be said.
    this.input.ended = ended;
    this.#owner.release(this);
  }

  #isOver(): boolean {
    return this.#phase === "over";
  }
}
