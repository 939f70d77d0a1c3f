// What tests read and write on a FastCGI connection: whole records, and bytes of octet lists.

import { latin1Encode } from "@tsgi/core";
import { HEADER_LENGTH, VERSION } from "./constants.ts";
import { RecordReader } from "./record-reader.ts";

/** A record as it came, its content joined, as a binary string. */
export interface ReadRecord {
  readonly type: number;
  readonly id: number;
  readonly content: string;
}

/** Reads everything that is pushed, and keeps the records that are complete. */
export class RecordList {
  readonly records: ReadRecord[] = [];
  /** What came of the one that is not complete. */
  partial = "";
  readonly reader: RecordReader = new RecordReader(this);

  record(
    type: number,
    id: number,
    length: number,
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (offset !== this.partial.length) throw new Error("A piece was lost, or came twice");
    this.partial += Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
    if (this.partial.length < length) return;
    this.records.push({ type, id, content: this.partial });
    this.partial = "";
  }
}

/** The complete records of some bytes. */
export function readRecords(bytes: Uint8Array): ReadRecord[] {
  const list = new RecordList();
  if (!list.reader.push(bytes)) throw new Error("These are no FastCGI records");
  return list.records;
}

/** How a record may be written by somebody else. */
export interface RawRecord {
  readonly version?: number;
  readonly reserved?: number;
  /** How many bytes of padding, which are no zeros. */
  readonly padding?: number;
}

/** A record octet by octet, independently of what is tested. */
export function rawRecord(type: number, id: number, content: string = "", raw: RawRecord = {}): Uint8Array {
  const { version = VERSION, reserved = 0, padding = 0 } = raw;
  const bytes = new Uint8Array(HEADER_LENGTH + content.length + padding);
  bytes.set([version, type, Math.floor(id / 256), id % 256]);
  bytes.set([Math.floor(content.length / 256), content.length % 256, padding, reserved], 4);
  bytes.set(latin1Encode(content), HEADER_LENGTH);
  bytes.fill(0xee, HEADER_LENGTH + content.length);
  return bytes;
}

/** Some bytes after another. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
