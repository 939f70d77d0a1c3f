// One connection of a web server: its records go to the requests they belong to, and theirs to it.
// Sources: FastCGI 1.0 §3.3, §3.5, §4, §5; requirements F8 to F21, F51 to F58.

import type { Socket } from "node:net";
import { refusalOf, type ServerLoad } from "./admission.ts";
import { ConnectionEnd } from "./connection-end.ts";
import {
  ABORT_REQUEST,
  BEGIN_REQUEST,
  BODY_LENGTH,
  DATA,
  GET_VALUES,
  KEEP_CONN,
  NULL_REQUEST_ID,
  PARAMS,
  REQUEST_COMPLETE,
  STDIN,
} from "./constants.ts";
import { InPlaceSocket } from "./in-place-server.ts";
import { answerValues, tellsMaxRequests } from "./management.ts";
import { RecordContent } from "./record-content.ts";
import { RecordReader, type RecordSink } from "./record-reader.ts";
import { RecordSocket } from "./record-socket.ts";
import { encodeEnd, encodeUnknownType, type Octets } from "./record-writer.ts";
import type { RequestOwner } from "./record-outlet.ts";
import { FastCgiRequest } from "./request.ts";
import { RequestTable } from "./request-table.ts";
import type { FastCgiSettings } from "./serve-options.ts";

export class FastCgiConnection implements RecordSink, RequestOwner {
  readonly settings: FastCgiSettings;
  readonly #socket: Socket;
  readonly #out: RecordSocket;
  readonly #end: ConnectionEnd;
  readonly #load: ServerLoad;
  readonly #reader: RecordReader;
  readonly #requests = new RequestTable();
  /** Those of which more is held than should be: nothing is read until somebody takes it. */
  readonly #full = new Set<FastCgiRequest>();
  /** Those that have something in the bytes at hand. */
  readonly #borrowers: FastCgiRequest[] = [];
  /** Whether answers of our own wait for a web server that does not read them. */
  #choked = false;
  /** Puts the contents of BEGIN_REQUEST and of management records together. */
  readonly #content = new RecordContent();
  #served = false;
  /** Whether the connection ends with the last request it has. */
  #isLast = false;
  #peerEnded = false;
  #idleSince = performance.now();

  constructor(socket: Socket, load: ServerLoad) {
    this.settings = load.settings;
    this.#load = load;
    this.#reader = new RecordReader(this);
    this.#socket = socket;
    this.#out = new RecordSocket(socket, load.settings);
    this.#end = new ConnectionEnd(this.#out);
    if (socket instanceof InPlaceSocket) socket.arrived = (bytes, length) => this.#arrived(bytes, length);
    else socket.on("data", (chunk: Buffer) => this.#arrived(chunk, chunk.length));
    socket.on("end", () => this.#ended());
    socket.on("drain", () => this.#drained());
    // "close" follows, and says all there is to say.
    socket.on("error", () => {});
    socket.on("close", () => this.#lose());
  }

  /** Whether a request is at work. */
  get busy(): boolean {
    return this.#requests.size > 0;
  }

  /** The server is ending. */
  drain(): void {
    this.#end.lastCall(this.#socket.bytesRead > 0, () => this.#closeIfDone());
  }

  /** Ends it at once. */
  cut(): void {
    this.#out.destroy();
    this.#lose();
  }

  /** Looks at the clock. */
  checkTimes(now: number): void {
    for (const request of this.#requests.all()) if (request.deadline < now) request.expired();
    const { keepAliveTimeout } = this.settings;
    const idle =
      this.#requests.size === 0 && keepAliveTimeout > 0 && now - this.#idleSince > keepAliveTimeout;
    if (idle) this.#close();
  }

  // ── what comes ────────────────────────────────────────────────────────────────────────────────────────────────

  #arrived(bytes: Buffer, length: number): void {
    if (this.#out.closing) {
      this.#out.discard(length);
      return;
    }
    if (!this.#reader.push(bytes, length)) this.#violated("what it sent is not FastCGI 1");
    // The bytes will be others then.
    for (let borrower = this.#borrowers.pop(); borrower !== undefined; borrower = this.#borrowers.pop()) {
      borrower.params?.own();
      if (borrower.input.settle()) borrower.looked();
    }
  }

  record(
    type: number,
    id: number,
    length: number,
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (type === BEGIN_REQUEST || id === NULL_REQUEST_ID) {
      if (type === BEGIN_REQUEST && (length !== BODY_LENGTH || id === NULL_REQUEST_ID)) {
        this.#violated("its BEGIN_REQUEST is malformed");
        return;
      }
      if (type === BEGIN_REQUEST && end - start === length) {
        this.#begin(id, bytes, start);
        return;
      }
      const content = this.#content.add(length, offset, bytes, start, end);
      if (content !== null) this.#whole(type, id, content);
      return;
    }
    const request = this.#requests.get(id);
    // Of an id that is not in use, or of a type that only applications send.
    if (request === undefined) return;
    if (length > 0) this.#borrowers.push(request);
    if (type === STDIN) {
      if (length === 0) request.stdinEnd();
      else request.stdinReceived(bytes, start, end);
    } else if (type === PARAMS) {
      const inOrder = length === 0 ? request.paramsEnded() : request.paramsReceived(bytes, start, end);
      if (!inOrder) this.#violated("it sent PARAMS after their end");
    } else if (type === DATA) {
      if (length === 0) request.dataEnd();
      else request.dataReceived(bytes, start, end);
    } else if (type === ABORT_REQUEST && offset + end - start === length) request.abortReceived();
  }

  /** A record whose content is needed whole. */
  #whole(type: number, id: number, content: Uint8Array): void {
    if (type === BEGIN_REQUEST) this.#begin(id, content, 0);
    else if (type === GET_VALUES) {
      try {
        const answer = answerValues(content, this.settings);
        if (tellsMaxRequests(answer)) this.#end.asked = true;
        this.#reply(answer);
      } catch {
        this.#violated("its GET_VALUES is malformed");
      }
    } else this.#reply(encodeUnknownType(type));
  }

  /** @param at - Where in `bytes` the body of BEGIN_REQUEST begins. */
  #begin(id: number, bytes: Uint8Array, at: number): void {
    const role = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const keepsConnection = ((bytes[at + 2] as number) & KEEP_CONN) !== 0;
    const load = this.#load;
    const before = this.#requests.get(id);
    if (before?.input.ended === false || this.#end.isLeftOff(id)) {
      this.#violated(`it began request ${id}, which is at work`);
      return;
    }
    const behind = before !== undefined;
    const status = refusalOf(load, {
      role,
      behind,
      first: !this.#served || this.#end.takesLast,
      active: this.#requests.size,
    });
    this.#served = true;
    if (status !== REQUEST_COMPLETE) {
      if (behind) this.#readNoMore();
      else this.#refuse(id, status, keepsConnection);
      return;
    }
    this.#requests.add(new FastCgiRequest(this, id, role, keepsConnection, behind));
    load.requests += 1;
  }

  /** What may not begin, and cannot be told so before its turn, is left unread, and all after it. The web server sees the end. */
  #readNoMore(): void {
    this.#reader.stop();
    this.#ended();
  }

  #refuse(id: number, status: number, keepsConnection: boolean): void {
    this.#reply(encodeEnd(id, 0, status));
    if (!keepsConnection) this.#isLast = true;
    this.#closeIfDone();
  }

  /** An answer that no app waits for: a web server that does not read them is not read from. */
  #reply(records: string): void {
    if (this.#out.write(records)) return;
    this.#choked = true;
    this.#socket.pause();
  }

  #drained(): void {
    if (this.#choked) {
      this.#choked = false;
      this.#readOn();
    }
    for (const request of this.#requests.all()) request.drained();
  }

  /** The web server has sent its last. Whoever has all that belongs to it is answered; but it may be gone altogether. */
  #ended(): void {
    this.#peerEnded = true;
    this.#lose(this.#requests.all().filter((request) => !request.inputComplete));
    if (this.#requests.size > 0) this.#out.probe();
    this.#closeIfDone();
  }

  #violated(what: string): void {
    this.settings.log("warn", `The connection of a web server was closed: ${what}`);
    this.#reader.stop();
    this.cut();
  }

  /** All of them before any is forgotten: what waits behind one that is gone must not begin. */
  #lose(requests: readonly FastCgiRequest[] = this.#requests.all()): void {
    for (const request of requests) request.lost();
    for (const request of requests) this.#forget(request);
  }

  // ── what a request needs ──────────────────────────────────────────────────────────────────────────────────────

  get full(): boolean {
    return this.#out.full;
  }

  write(records: string): boolean {
    return this.#out.write(records);
  }

  writeAll(pieces: readonly Octets[]): boolean {
    return this.#out.writeAll(pieces);
  }

  requestOver(request: FastCgiRequest): void {
    if (!request.keepsConnection) this.#isLast = true;
    this.#forget(request);
    this.#closeIfDone();
  }

  canLeaveOff(request: FastCgiRequest): boolean {
    if (this.#requests.get(request.id) !== request) return false;
    return this.#requests.size === 1 || this.#end.asked;
  }

  leaveOff(request: FastCgiRequest, records: string): void {
    this.#end.leaveOff(request.id, records);
    this.#end.wantNoMore();
    this.#forget(request);
    this.#closeIfDone();
  }

  hold(request: FastCgiRequest): void {
    if (this.#full.size === 0) this.#socket.pause();
    this.#full.add(request);
  }

  release(request: FastCgiRequest): void {
    if (this.#full.size > 0 && this.#full.delete(request)) this.#readOn();
  }

  #readOn(): void {
    if (this.#full.size === 0 && !this.#choked) this.#socket.resume();
  }

  #forget(request: FastCgiRequest): void {
    if (!this.#requests.delete(request)) return;
    this.#load.requests -= 1;
    this.release(request);
    if (this.settings.keepAliveTimeout > 0) this.#idleSince = performance.now();
    request.successor?.turnCame();
  }

  #closeIfDone(): void {
    if (this.#requests.size > 0) return;
    const isLast = this.#isLast || (this.#load.draining && !this.#end.takesLast);
    if (isLast || this.#peerEnded) this.#close();
    else if (this.#end.breaks) this.#end.whenQuiet(() => this.#requests.size > 0 || this.#close());
  }

  #close(): void {
    this.#reader.stop();
    this.#end.close();
  }
}
