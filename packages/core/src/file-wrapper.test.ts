// wsgi.file_wrapper.
// Source: PEP 3333 "Optional Platform-Specific File Handling".

import { expect, test } from "vitest";
import { utf8Encode } from "./bytes.ts";
import { FILE_BLOCK_SIZE, FileWrapper, fileWrapper } from "./file-wrapper.ts";
import type { FileLike } from "./pep3333.ts";
import { environOf, runSync } from "./wsgi.test-support.ts";

class TextFile implements FileLike {
  readonly sizes: (number | undefined)[] = [];
  closed = 0;
  #rest: Uint8Array;

  constructor(text: string) {
    this.#rest = utf8Encode(text);
  }

  read(size?: number): Uint8Array {
    this.sizes.push(size);
    const block = this.#rest.slice(0, size);
    this.#rest = this.#rest.slice(block.length);
    return block;
  }

  close(): void {
    this.closed += 1;
  }
}

test("it iterates over blocks from the file's present position to its end [W52]", () => {
  const file = new TextFile("0123456789");
  file.read(2);
  expect([...fileWrapper(file, 3)].map((block) => block.length)).toEqual([3, 3, 2]);
  expect(file.sizes).toEqual([2, 3, 3, 3, 3]);
});

test.each([undefined, 0, -1, 1.5, Number.NaN])(
  "with the block size %s it reads 64 KiB at a time [W52]",
  (size) => {
    const file = new TextFile("x");
    expect([...fileWrapper(file, size)]).toHaveLength(1);
    expect(file.sizes[0]).toBe(FILE_BLOCK_SIZE);
  },
);

test("close() closes the file, once, and then there is nothing more to read [W52]", () => {
  const file = new TextFile("0123456789");
  const wrapper = fileWrapper(file);
  wrapper.close();
  wrapper.close();
  expect(file.closed).toBe(1);
  expect(wrapper.next().done).toBe(true);
});

test("a file without close() may be wrapped too [W52]", () => {
  expect(() => fileWrapper({ read: () => new Uint8Array(0) }).close()).not.toThrow();
});

test("environ has it, and the response sends the file and closes it [W43 W52]", async () => {
  const file = new TextFile("0123456789");
  const transport = await runSync((environ, startResponse) => {
    startResponse("200 OK", []);
    const wrapped = environ["wsgi.file_wrapper"]?.(file, 4);
    expect(wrapped).toBeInstanceOf(FileWrapper);
    return wrapped ?? [];
  });
  expect(transport.text()).toBe("0123456789");
  expect(file.closed).toBe(1);
  expect((await environOf())["wsgi.file_wrapper"]).toBe(fileWrapper);
});

test("no more of a file is sent than Content-Length says, and the rest is not read [W46 W52]", async () => {
  const file = new TextFile("0123456789");
  const transport = await runSync((environ, startResponse) => {
    startResponse("200 OK", [["content-length", "4"]]);
    return fileWrapper(file, 2);
  });
  expect(transport.text()).toBe("0123");
  expect(file.sizes).toEqual([2, 2]);
  expect(file.closed).toBe(1);
});
