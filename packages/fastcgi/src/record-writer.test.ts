// Records as they leave, octet by octet, and read again.

import { latin1Encode } from "@tsgi/core";
import { expect, test } from "vitest";
import {
  AUTHORIZER,
  BEGIN_REQUEST,
  KEEP_CONN,
  OVERLOADED,
  PARAMS,
  STDERR,
  STDOUT,
  END_REQUEST,
} from "./constants.ts";
import { decodePairs } from "./pairs.ts";
import { joinBytes, readRecords } from "./record.test-support.ts";
import {
  CONTENT_SIZE,
  encodeBegin,
  encodeComplete,
  encodeEnd,
  encodeParams,
  encodeRecord,
  encodeStream,
  encodeUnknownType,
  recordHeader,
  type Octets,
} from "./record-writer.ts";

const octets = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));
const bytesOf = (piece: Octets): Uint8Array => (typeof piece === "string" ? latin1Encode(piece) : piece);

const WRITTEN: [name: string, record: string, bytes: number[]][] = [
  ["a header", recordHeader(STDOUT, 0xabcd, 0xfff8), [1, 6, 0xab, 0xcd, 0xff, 0xf8, 0, 0]],
  ["a record", encodeRecord(STDERR, 1, "no"), [1, 7, 0, 1, 0, 2, 0, 0, 0x6e, 0x6f]],
  ["BEGIN_REQUEST", encodeBegin(1, AUTHORIZER, KEEP_CONN), [1, 1, 0, 1, 0, 8, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0]],
  ["END_REQUEST", encodeEnd(2, 0, OVERLOADED), [1, 3, 0, 2, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]],
  ["its status", encodeEnd(2, 0xfedc_ba98, 0), [1, 3, 0, 2, 0, 8, 0, 0, 0xfe, 0xdc, 0xba, 0x98, 0, 0, 0, 0]],
  ["UNKNOWN_TYPE", encodeUnknownType(99), [1, 11, 0, 0, 0, 8, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0]],
];

test.each(WRITTEN)(
  "%s is written as these octets, the reserved ones zero [F3 F11 F14 F45]",
  (_name, record, bytes) => {
    expect(octets(record)).toEqual(bytes);
  },
);

test.each([1, 255, 256, 65_535])(
  "a response of request %i ends with an empty STDOUT and END_REQUEST [F43 F45]",
  (id) => {
    for (let again = 0; again < 2; again += 1) {
      expect(readRecords(latin1Encode(encodeComplete(id)))).toEqual([
        { type: STDOUT, id, content: "" },
        { type: END_REQUEST, id, content: "\0".repeat(8) },
      ]);
    }
  },
);

const SIZES = [0, 1, CONTENT_SIZE, CONTENT_SIZE + 1, 65_535, 66_000, 3 * CONTENT_SIZE];

test.each(SIZES)("%i bytes of a stream are records that a peer with 64 KiB can read [F5 F6]", (size) => {
  const content = Uint8Array.from({ length: size }, (_, i) => i % 251);
  const text = Array.from(content, (octet) => String.fromCharCode(octet)).join("");
  for (const given of [content, text]) {
    const records = readRecords(joinBytes(...encodeStream(STDOUT, 7, given).map(bytesOf)));
    expect(records.map((record) => record.content).join("")).toBe(text);
    expect(records).toHaveLength(Math.ceil(size / CONTENT_SIZE));
    expect(records.every(({ type, id }) => type === STDOUT && id === 7)).toBe(true);
  }
});

test("content of one record is written as it is, uncopied [F70]", () => {
  const content = new Uint8Array(CONTENT_SIZE);
  expect(encodeStream(STDOUT, 1, content)[1]).toBe(content);
});

test("a record with its padding is no longer than 65535 octets [F5 FC3]", () => {
  expect(CONTENT_SIZE).toBeLessThanOrEqual(65_535);
  expect((CONTENT_SIZE + 8) % 8).toBe(0);
});

test("parameters fill records, none of them is cut, and an empty record ends them [FC1 FC2]", () => {
  const pairs: Record<string, string> = { REQUEST_METHOD: "GET", EMPTY: "" };
  for (let i = 0; i < 10; i += 1) pairs[`P${i}`] = String(i).repeat(20_000);
  const records = readRecords(latin1Encode(encodeParams(5, pairs) ?? ""));
  expect(records.every(({ type, id }) => type === PARAMS && id === 5)).toBe(true);
  expect(records.at(-1)?.content).toBe("");
  expect(records).toHaveLength(5);
  const read = records.flatMap(({ content }) => decodePairs(content));
  expect(read).toEqual(Object.entries(pairs).flat());
});

test("a parameter as long as a record is written, a longer one is not [FC2]", () => {
  const longest = CONTENT_SIZE - "A".length - 5;
  expect(encodeParams(1, { A: "x".repeat(longest) })).not.toBeNull();
  expect(encodeParams(1, { A: "x".repeat(longest + 1) })).toBeNull();
});

test("a request without parameters has the empty record alone [FC1]", () => {
  expect(readRecords(latin1Encode(encodeParams(1, {}) ?? ""))).toEqual([
    { type: PARAMS, id: 1, content: "" },
  ]);
  expect(readRecords(latin1Encode(encodeBegin(9, 1, 0)))[0]).toMatchObject({ type: BEGIN_REQUEST, id: 9 });
});
