// Which text of a page is an example, and what of it is checked.

import { expect, test } from "vitest";
import { examplesOf, provesSomething, readCurl } from "./page-examples.js";

const page = (...lines: string[]): string => lines.join("\n");

test("an example is the text of a ts block, with the line of its fence", () => {
  const [example] = examplesOf(page("# Page", "", "```ts", "let a = 1;", "```"), "README.md");
  expect(example).toMatchObject({
    page: "README.md",
    line: 3,
    code: "let a = 1;\n",
    name: "line-3.ts",
    run: true,
  });
});

test("blocks of other languages are no examples", () => {
  expect(examplesOf(page("```json", "{}", "```", "```sh", "npm ci", "```"), "README.md")).toEqual([]);
});

test("no-run in the info string means that it is compiled only", () => {
  expect(examplesOf(page("```ts no-run", "let a = 1;", "```"), "README.md")[0]?.run).toBe(false);
});

test("the first line may name the file, under which its neighbours import it", () => {
  const examples = examplesOf(
    page("```ts", "// app.ts", "export const a = 1;", "```", "```ts", 'import { a } from "./app.ts";', "```"),
    "README.md",
  );
  expect(examples.map(({ name, named }) => [name, named])).toEqual([
    ["app.ts", true],
    ["line-5.ts", false],
  ]);
  expect(examples.map((example) => provesSomething(example, examples))).toEqual([true, false]);
});

test("the name may be that of a test", () => {
  const [example] = examplesOf(page("```ts no-run", "// app.test.ts", "let a = 1;", "```"), "README.md");
  expect(example).toMatchObject({ name: "app.test.ts", named: true, run: false });
});

test("a comment with an arrow says what is printed", () => {
  const [example] = examplesOf(page("```ts", "console.log(1, 2); // => 1 2", "// =>", "```"), "README.md");
  expect(example?.prints).toEqual(["1 2", ""]);
});

test("a console block belongs to the example before it", () => {
  const [example] = examplesOf(
    page(
      "```ts",
      "serve();",
      "```",
      "```console",
      "$ curl localhost:3000",
      "one",
      "two",
      "$ curl -i :3000",
      "```",
    ),
    "README.md",
  );
  expect(example?.commands).toEqual([
    { command: "curl localhost:3000", output: "one\ntwo" },
    { command: "curl -i :3000", output: "" },
  ]);
});

test("a curl command is a request", () => {
  expect(readCurl("curl -i -H 'x-a: 1: 2' -d 'a b' http://localhost:3000/x")).toEqual({
    url: "http://localhost:3000/x",
    method: "POST",
    headers: [["x-a", "1: 2"]],
    body: "a b",
    head: true,
  });
  expect(readCurl("curl -s -X PUT localhost:3000")).toMatchObject({
    url: "http://localhost:3000",
    method: "PUT",
  });
});

test("another command, or an option of curl that is not understood, is an error", () => {
  expect(() => readCurl("wget localhost")).toThrow("Only curl");
  expect(() => readCurl("curl --http2 localhost")).toThrow("--http2");
});
