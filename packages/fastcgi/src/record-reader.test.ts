// Records read from bytes, however these are cut.

import { expect, test } from "vitest";
import { END_REQUEST, GET_VALUES, PARAMS, STDIN, STDOUT, VERSION } from "./constants.ts";
import { RecordReader, type RecordSink } from "./record-reader.ts";
import { RecordList, joinBytes, rawRecord, readRecords } from "./record.test-support.ts";

const TABLE: [name: string, bytes: number[], record: { type: number; id: number; content: string }][] = [
  ["an empty record", [1, 5, 0, 1, 0, 0, 0, 0], { type: STDIN, id: 1, content: "" }],
  ["an id of two octets", [1, 5, 0xab, 0xcd, 0, 0, 0, 0], { type: STDIN, id: 0xabcd, content: "" }],
  ["a content", [1, 4, 0, 1, 0, 3, 0, 0, 0x61, 0x00, 0xff], { type: PARAMS, id: 1, content: "a\x00\xff" }],
  ["padding", [1, 6, 0, 1, 0, 1, 3, 0, 0x61, 9, 9, 9], { type: STDOUT, id: 1, content: "a" }],
  ["padding of an empty record", [1, 9, 0, 0, 0, 0, 2, 0, 9, 9], { type: GET_VALUES, id: 0, content: "" }],
  ["reserved bits", [1, 5, 0, 1, 0, 0, 0, 0xff], { type: STDIN, id: 1, content: "" }],
  ["an unknown type with padding", [1, 42, 0, 9, 0, 1, 1, 0, 7, 9], { type: 42, id: 9, content: "\x07" }],
];

test.each(TABLE)("%s is read [F1 F3 F4]", (_name, bytes, record) => {
  expect(readRecords(Uint8Array.from(bytes))).toEqual([record]);
});

test("many records in one piece are read in order [F1]", () => {
  const list = TABLE.map(([, , record]) => record);
  const bytes = TABLE.flatMap(([, octets]) => octets);
  expect(readRecords(Uint8Array.from(bytes))).toEqual(list);
});

test("records that come byte by byte are the same records [F1 F4]", () => {
  const list = new RecordList();
  for (const octet of TABLE.flatMap(([, octets]) => octets)) {
    expect(list.reader.push(Uint8Array.of(octet))).toBe(true);
  }
  expect(list.records).toEqual(TABLE.map(([, , record]) => record));
});

test("records cut in two at any place are the same records [F1 F4]", () => {
  const bytes = Uint8Array.from(TABLE.flatMap(([, octets]) => octets));
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const list = new RecordList();
    list.reader.push(bytes.subarray(0, cut));
    list.reader.push(bytes.subarray(cut));
    expect(list.records).toEqual(TABLE.map(([, , record]) => record));
  }
});

test.each([0, 1, 254, 255])("%i bytes of padding are skipped [F4]", (padding) => {
  const bytes = joinBytes(rawRecord(STDIN, 1, "a", { padding }), rawRecord(STDIN, 1, "b"));
  expect(readRecords(bytes).map(({ content }) => content)).toEqual(["a", "b"]);
});

test.each([1, 65_528, 65_534, 65_535])("%i bytes of content are read [F5]", (length) => {
  const bytes = rawRecord(STDIN, 1, "x".repeat(length), { padding: 255 });
  expect(readRecords(bytes)).toEqual([{ type: STDIN, id: 1, content: "x".repeat(length) }]);
});

test.each([0, 2, 255])(
  "version %i is refused at its very octet, and nothing is read any more [F2]",
  (version) => {
    const list = new RecordList();
    expect(list.reader.push(rawRecord(STDIN, 1, "a"))).toBe(true);
    expect(list.reader.push(Uint8Array.of(version))).toBe(false);
    list.reader.push(rawRecord(STDIN, 1, "b"));
    expect(list.records.map(({ content }) => content)).toEqual(["a"]);
  },
);

test("a refused version in the middle of a piece comes after what is before it [F2]", () => {
  const list = new RecordList();
  const bytes = joinBytes(rawRecord(STDIN, 1, "a"), rawRecord(STDIN, 1, "b", { version: VERSION + 1 }));
  expect(list.reader.push(bytes)).toBe(false);
  expect(list.records.map(({ content }) => content)).toEqual(["a"]);
});

test("content is handed on as it arrives, as parts of what was pushed, uncopied [F70]", () => {
  const pieces: [bytes: Uint8Array, offset: number, size: number][] = [];
  const sink: RecordSink = {
    record(_type, _id, _length, offset, bytes, start, end) {
      pieces.push([bytes, offset, end - start]);
    },
  };
  const reader = new RecordReader(sink);
  const record = rawRecord(STDIN, 1, "abcdef");
  const [first, second] = [record.subarray(0, 10), record.subarray(10)];
  reader.push(first);
  expect(pieces).toEqual([[first, 0, 2]]);
  reader.push(second);
  expect(pieces).toHaveLength(2);
  expect(pieces[1]?.[0]).toBe(second);
  expect(pieces[1]?.slice(1)).toEqual([2, 4]);
});

test("the last piece of a content is there before its padding is [F4]", () => {
  const list = new RecordList();
  const bytes = rawRecord(END_REQUEST, 1, "12345678", { padding: 3 });
  list.reader.push(bytes.subarray(0, 16));
  expect(list.records).toHaveLength(1);
  expect(list.reader.atBoundary).toBe(false);
  list.reader.push(bytes.subarray(16));
  expect(list.reader.atBoundary).toBe(true);
});

test("a half header is no boundary [F1]", () => {
  const { reader } = new RecordList();
  expect(reader.atBoundary).toBe(true);
  reader.push(Uint8Array.of(VERSION, STDIN));
  expect(reader.atBoundary).toBe(false);
});

test("a sink that stops the reader gets nothing more, not even of the same piece [F16]", () => {
  const seen: number[] = [];
  const reader: RecordReader = new RecordReader({
    record(type) {
      seen.push(type);
      reader.stop();
    },
  });
  reader.push(joinBytes(rawRecord(STDIN, 1), rawRecord(PARAMS, 1)));
  reader.push(rawRecord(PARAMS, 1));
  expect(seen).toEqual([STDIN]);
});
