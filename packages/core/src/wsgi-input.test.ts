// wsgi.input, from memory and from a spool: the two must not differ.
// Source: PEP 3333 "Input and Error Streams".

import { describe, expect, test } from "vitest";
import { latin1Decode, utf8Encode } from "./bytes.ts";
import { BufferedInput } from "./wsgi-input.ts";

function inMemory(text: string, most: number): BufferedInput {
  const bytes = utf8Encode(text);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += most) parts.push(bytes.slice(at, at + most));
  const input = new BufferedInput();
  input.fillFromMemory(parts, bytes.length);
  return input;
}

const SOURCES: [name: string, make: (text: string) => BufferedInput][] = [
  ["memory", (text) => inMemory(text, Infinity)],
  ["memory, in parts of three bytes", (text) => inMemory(text, 3)],
  ["a spool", (text) => spooled(text, Infinity)],
  ["a spool that gives three bytes at a time", (text) => spooled(text, 3)],
];

function spooled(text: string, most: number): BufferedInput {
  const bytes = utf8Encode(text);
  const input = new BufferedInput();
  const readSync = (size: number, position: number): Uint8Array =>
    bytes.slice(position, position + Math.min(size, most));
  input.fillFromSpool({ readSync }, bytes.length);
  return input;
}

const texts = (lines: Iterable<Uint8Array>): string[] => [...lines].map(latin1Decode);

describe.each(SOURCES)("from %s", (_name, make) => {
  test("read() gives the rest, and then empty arrays for ever [W21 W22]", () => {
    const input = make("hello world");
    expect(latin1Decode(input.read(6))).toBe("hello ");
    expect(latin1Decode(input.read())).toBe("world");
    for (const end of [input.read(), input.read(5), input.readline(), input.read(0)]) {
      expect(end).toBeInstanceOf(Uint8Array);
      expect(end.length).toBe(0);
    }
    expect(input.readlines()).toEqual([]);
    expect([...input]).toEqual([]);
  });

  test("read(n) gives at most n bytes, and read(0) none [W22]", () => {
    const input = make("abcdef");
    expect(latin1Decode(input.read(0))).toBe("");
    expect(latin1Decode(input.read(4))).toBe("abcd");
    expect(latin1Decode(input.read(4))).toBe("ef");
  });

  test.each([undefined, -1, null as never, Number.NaN])("read(%s) reads all [W22]", (size) => {
    expect(latin1Decode(make("abc\ndef").read(size))).toBe("abc\ndef");
  });

  test("a line has its line feed, and the last may lack one [W23]", () => {
    const input = make("one\n\ntwo\r\nthree");
    const lines = [1, 2, 3, 4, 5].map(() => latin1Decode(input.readline()));
    expect(lines).toEqual(["one\n", "\n", "two\r\n", "three", ""]);
  });

  test("readline(n) gives at most n bytes of the line [W23]", () => {
    const input = make("abcdef\ngh");
    const lines = [4, 4, 4, 0, -1].map((size) => latin1Decode(input.readline(size)));
    expect(lines).toEqual(["abcd", "ef\n", "gh", "", ""]);
  });

  test("readlines(hint) stops once it has hint bytes, not hint lines [W23]", () => {
    expect(texts(make("a\nb\nc\nd").readlines(3))).toEqual(["a\n", "b\n"]);
    expect(texts(make("a\nb\nc\nd").readlines(4))).toEqual(["a\n", "b\n"]);
    expect(texts(make("a\nb\nc\nd").readlines(5))).toEqual(["a\n", "b\n", "c\n"]);
    expect(texts(make("a\nb").readlines(0))).toEqual(["a\n", "b"]);
    expect(texts(make("a\nb").readlines())).toEqual(["a\n", "b"]);
  });

  test("it iterates by line, from where it is [W21 W23]", () => {
    const input = make("one\ntwo\nthree");
    input.read(2);
    expect(texts(input)).toEqual(["e\n", "two\n", "three"]);
  });

  test("reads and lines may be mixed [W21]", () => {
    const input = make("one\ntwo\nthree\nfour");
    expect(latin1Decode(input.read(1))).toBe("o");
    expect(latin1Decode(input.readline())).toBe("ne\n");
    expect(latin1Decode(input.read(2))).toBe("tw");
    expect(texts(input.readlines(1))).toEqual(["o\n"]);
    expect(latin1Decode(input.read())).toBe("three\nfour");
  });

  test("what was given is not written to again [W21 S27]", () => {
    const input = make("abcabcabcabc");
    const parts = [input.read(3), input.read(3), input.read(3), input.read(3)];
    parts[0]?.fill(0x78);
    expect(texts(parts)).toEqual(["xxx", "abc", "abc", "abc"]);
  });
});

test("a line longer than what is read of a spool at a time comes whole [W23]", () => {
  const line = "x".repeat(200_000);
  const input = spooled(`${line}\nrest`, Infinity);
  expect(latin1Decode(input.readline())).toBe(`${line}\n`);
  expect(latin1Decode(input.readline())).toBe("rest");
});

test("the whole of a spool is one array, read at once [W24]", () => {
  const sizes: number[] = [];
  const input = new BufferedInput();
  input.fillFromSpool({ readSync: (size) => (sizes.push(size), new Uint8Array(size)) }, 1_000_000);
  expect(input.read().length).toBe(1_000_000);
  expect(sizes).toEqual([1_000_000]);
});

test("what a read finds in one part is not copied, and what it does not is copied together with what follows [W24]", () => {
  const parts = [3, 5, 5, 5].map((length, index) => new Uint8Array(length).fill(index));
  const [first, second] = parts as [Uint8Array, Uint8Array];
  const input = new BufferedInput();
  input.fillFromMemory(parts, 18);
  expect(input.read(2).buffer).toBe(first.buffer);
  const across = input.read(4);
  expect([...across]).toEqual([0, 1, 1, 1]);
  expect(across.buffer).not.toBe(second.buffer);
  expect(input.read(5).buffer).toBe(across.buffer);
  expect([...input.read()]).toEqual([2, 2, 3, 3, 3, 3, 3]);
});

test.each([0.5, 2.9, "2", {}, Number.NaN] as number[])(
  "read(%j) does not lose or repeat a byte [W22]",
  (size) => {
    const input = inMemory("abcdef", 4);
    const start = input.read(size);
    expect(latin1Decode(start) + latin1Decode(input.read())).toBe("abcdef");
  },
);

test("a spool that has lost bytes is an error, not the end of the body [W22]", () => {
  const input = new BufferedInput();
  input.fillFromSpool({ readSync: () => new Uint8Array(0) }, 5);
  expect(() => input.read()).toThrow(expect.objectContaining({ code: "TSGI_ERR_BODY_TRUNCATED" }));
});

test("after the response a spool is not read any more [W24]", () => {
  const input = spooled("abc", Infinity);
  input.end();
  expect(() => input.read()).toThrow(expect.objectContaining({ code: "TSGI_ERR_WSGI" }));
});

test("there is no close, as nobody but the server may close it [W26]", () => {
  expect("close" in new BufferedInput()).toBe(false);
});
