// The response of one request, as records: head, body and END_REQUEST of a short one are one write.
// Sources: FastCGI 1.0 §5.3, §5.5, §6.1, §6.3; requirements F41 to F49.

import { encodeHead } from "@tsgi/cgi";
import { reasonOf, responseHead, type Chunk, type ResponseHead } from "@tsgi/core";
import { REQUEST_COMPLETE, STDERR, STDOUT } from "./constants.ts";
import type { RecordOutlet } from "./record-outlet.ts";
import {
  CONTENT_SIZE,
  encodeComplete,
  encodeEnd,
  encodeRecord,
  encodeStream,
  recordHeader,
  type Octets,
} from "./record-writer.ts";
import { authorizerHead, isGranted, octetsOf } from "./response-octets.ts";

/** How much of STDERR is kept for the end of a response, in octets; the rest is left out. */
const STDERR_SIZE = 8 * 1024;

/**
 * How long the record of the head may be with a body in it, in bytes. HAProxy 2.6.12, which is Debian's, dies of a head of which it has
 * read a part (its issue 2150); of a record that fits into its buffer of 16 KiB it waits for all.
 */
const HEAD_RECORD_SIZE = 8 * 1024;

/** Octets after the content of a record, which mean nothing. */
const PADDING = "\0".repeat(8);

/** A piece of bytes up to this long is copied into a string even if it leaves by a vectored write in any case, in bytes. */
const WORTH_JOINING = 1024;

/** Writes one response. END_REQUEST is the last of it: whoever calls sees to it that nothing follows. */
export class ResponseRecords {
  /** What END_REQUEST says: 0 for an app that has done its work. */
  appStatus = 0;
  readonly #outlet: RecordOutlet;
  readonly #id: number;
  /** In the authorizer role, the web server wants variables, or the whole response of a refusal. */
  readonly #authorizes: boolean;
  #head: ResponseHead | null = null;
  #headSent = false;
  #stderr = "";

  constructor(outlet: RecordOutlet, id: number, authorizes: boolean) {
    this.#outlet = outlet;
    this.#id = id;
    this.#authorizes = authorizes;
  }

  /** Whether a part of the response has left. */
  get begun(): boolean {
    return this.#headSent;
  }

  writeHead(head: ResponseHead): void {
    this.#head = head;
  }

  write(chunk: Chunk): boolean {
    // A web server takes the head for the answer, even if the app fails then.
    if (this.#grants) return true;
    const head = this.#takeHead();
    const pieces = this.#stream(head, this.#octets(chunk, WORTH_JOINING));
    return pieces.length === 0 || this.#outlet.writeAll(pieces);
  }

  end(chunk: Chunk | null): void {
    const head = this.#takeHead();
    const body = chunk === null ? "" : this.#octets(chunk);
    if (typeof body === "string" && head.length + body.length <= HEAD_RECORD_SIZE) {
      const content = head + body;
      const record = content === "" ? "" : encodeRecord(STDOUT, this.#id, content);
      this.#outlet.write(record + this.#tail());
      return;
    }
    const pieces = this.#stream(head, body);
    pieces.push(this.#tail());
    if (typeof body === "string" && body.length <= CONTENT_SIZE) this.#outlet.write(pieces.join(""));
    else this.#outlet.writeAll(pieces);
  }

  /** Ends the response as it is. */
  finish(): void {
    this.#outlet.write(this.#tail());
  }

  /** A short whole answer of ours. */
  answer(status: number): void {
    const text = reasonOf(status);
    const fields: [string, string][] = [
      ["content-type", "text/plain; charset=utf-8"],
      ["content-length", String(text.length)],
    ];
    this.#headSent = true;
    const head = encodeHead(responseHead(status, fields, null, false));
    this.#outlet.write(encodeRecord(STDOUT, this.#id, head + text) + this.#tail());
  }

  /** A line for the web server's log. It leaves with the last records of the response. */
  writeStderr(line: string): void {
    if (this.#stderr.length + line.length <= STDERR_SIZE) this.#stderr += line;
  }

  /** Whether an authorizer lets the client in: it has no body, and its head leaves when the app is done. */
  get #grants(): boolean {
    return this.#authorizes && this.#head !== null && isGranted(this.#head);
  }

  #takeHead(): string {
    const head = this.#head;
    if (this.#headSent || head === null) return "";
    this.#headSent = true;
    return encodeHead(this.#authorizes ? authorizerHead(head) : head);
  }

  #octets(chunk: Chunk, most?: number): Octets {
    return this.#grants ? "" : octetsOf(chunk, most);
  }

  #stream(head: string, body: Octets): Octets[] {
    if (typeof body === "string" && head.length + body.length <= HEAD_RECORD_SIZE) {
      return encodeStream(STDOUT, this.#id, head + body);
    }
    const pieces = encodeStream(STDOUT, this.#id, body);
    if (head !== "") pieces.unshift(...encodeStream(STDOUT, this.#id, head));
    return pieces;
  }

  /**
   * All of STDERR; nothing if there is nothing to say. HAProxy 2.6 dies of STDERR when the last octet of its content is the last it has
   * read: it has padding.
   */
  takeStderr(): string {
    const content = this.#stderr;
    if (content === "") return "";
    this.#stderr = "";
    const id = this.#id;
    const header = recordHeader(STDERR, id, content.length, PADDING.length);
    return header + content + PADDING + recordHeader(STDERR, id, 0);
  }

  /** The ends of the streams, and END_REQUEST. */
  #tail(): string {
    const { appStatus } = this;
    const id = this.#id;
    const stderr = this.takeStderr();
    if (appStatus === 0) return stderr + encodeComplete(id);
    return stderr + recordHeader(STDOUT, id, 0) + encodeEnd(id, appStatus, REQUEST_COMPLETE);
  }
}
