import { expect, test } from "vitest";
import { formatIp } from "./cidr.ts";
import {
  elementsFromRight,
  membersFromRight,
  parseHop,
  trimBlanks,
  type ForwardedElement,
} from "./forwarded.ts";

const HOPS: [text: string, hop: string | null][] = [
  ["192.0.2.1", "192.0.2.1 0"],
  ["192.0.2.1:80", "192.0.2.1 80"],
  ["192.0.2.1:0", "192.0.2.1 0"],
  ["192.0.2.1:65535", "192.0.2.1 65535"],
  ["192.0.2.1:65536", null],
  ["192.0.2.1:", null],
  ["192.0.2.1:http", null],
  ["192.0.2.1:-1", null],
  ["192.0.2.1:_port.A-1", "192.0.2.1 0"],
  ["192.0.2.1:_", null],
  ["192.0.2.1:80:80", null],
  ["::1", "::1 0"],
  ["[::1]", "::1 0"],
  ["[::1]:80", "::1 80"],
  ["[::1]:_x", "::1 0"],
  ["[::1]:notaport", null],
  ["[::1]extra", null],
  ["[::1", null],
  ["::1]:80", null],
  ["[::1]]:80", null],
  ["2001:db8::1:8080", "2001:db8::1:8080 0"],
  ["[192.0.2.1]", null],
  ["[192.0.2.1]:80", null],
  ["[::ffff:192.0.2.1]:80", "192.0.2.1 80"],
  ["::ffff:192.0.2.1", "192.0.2.1 0"],
  ["[fe80::1%eth0]:80", null],
  ["unix:", "unix"],
  ["unix:/run/app.sock", "unix"],
  ["unknown", null],
  ["_hidden", null],
  ["_SEVKISEK", null],
  ["example.com", null],
  ["", null],
  ["192.0.2.1 ", null],
  ['"192.0.2.1"', null],
  ["\xf0\xfd\xfd\xfd", null],
  [`192.0.2.1:_${"x".repeat(117)}`, "192.0.2.1 0"],
  [`192.0.2.1:_${"x".repeat(118)}`, null],
];

test.each(HOPS)("the node %j is %j [X13]", (text, expected) => {
  const hop = parseHop(text);
  expect(hop === null || hop === "unix" ? hop : `${formatIp(hop.ip)} ${hop.port}`).toBe(expected);
});

const MEMBERS: [lines: string[], members: string[]][] = [
  [[], []],
  [[""], [""]],
  [["a"], ["a"]],
  [["a, b,c"], ["c", "b", "a"]],
  [
    ["a, b", "c"],
    ["c", "b", "a"],
  ],
  [
    ["a", "", "b"],
    ["b", "", "a"],
  ],
  [[",a, ,"], ["", "", "a", ""]],
  [[" \ta b\t "], ["a b"]],
  [["\xa0a"], ["\xa0a"]],
];

test.each(MEMBERS)("the members of %j from the right are %j [X13]", (lines, expected) => {
  const members = membersFromRight(lines);
  const read: unknown[] = [];
  while (!members.ended) read.push(members.next());
  expect([read, members.next()]).toEqual([expected, null]);
});

const NONE: ForwardedElement = { for: null, by: null, host: null, proto: null };
const ELEMENTS: [lines: string[], elements: Partial<ForwardedElement>[]][] = [
  [["for=192.0.2.1"], [{ for: "192.0.2.1" }]],
  [["For=192.0.2.1;PROTO=http;By=203.0.113.43"], [{ for: "192.0.2.1", proto: "http", by: "203.0.113.43" }]],
  [["for=192.0.2.1; proto=http ;host=a"], [{ for: "192.0.2.1", proto: "http", host: "a" }]],
  [['for="_gazonk"'], [{ for: "_gazonk" }]],
  [['For="[2001:db8:cafe::17]:4711"'], [{ for: "[2001:db8:cafe::17]:4711" }]],
  [["for=a, for=b"], [{ for: "b" }, { for: "a" }]],
  [
    ["for=a", "for=b"],
    [{ for: "b" }, { for: "a" }],
  ],
  [['for="a,b;c=d", for=e'], [{ for: "e" }, { for: "a,b;c=d" }]],
  [['for="a\\"b\\\\"'], [{ for: 'a"b\\' }]],
  [['host="";for=a'], [{ host: "", for: "a" }]],
  [['host="=";for="x="'], [{ host: "=", for: "x=" }]],
  [["for=a;"], [{ for: "a" }]],
  [[";;for=a;;proto=b"], [{ for: "a", proto: "b" }]],
  [["for=a,,for=b"], [{ for: "b" }, {}, { for: "a" }]],
  [[""], [{}]],
  [["secret=x;for=a"], [{ for: "a" }]],
  // Against the grammar, and common.
  [["for=192.0.2.1:80"], [{ for: "192.0.2.1:80" }]],
  [["for=[::1]:80;proto=https"], [{ for: "[::1]:80", proto: "https" }]],
  // Unreadable: what is to the left of it is not read either.
  [["for=b, for"], [{}]],
  [["for=b, for="], [{}]],
  [["for=b, =a"], [{}]],
  [["for=b, for a"], [{}]],
  [["for=b, for = a"], [{}]],
  [["for=b, for=a b"], [{}]],
  [["for=b, for=a;for=c"], [{}]],
  [["for=b, for=a@c"], [{}]],
  [['for=b, for=a"'], [{}]],
  [['for=b, for="a\\"'], [{}]],
  [['for=b, for="a"b"'], [{}]],
  [['for=b, for=""a"'], [{}]],
  [['for=b, for="a\x00"'], [{}]],
  [['for=b, for="a"proto=c'], [{}]],
  [['for=b, "a"'], [{}]],
  [["for=b", "for"], [{}]],
  [['="'], [{}]],
  [['"'], [{}]],
  // A client's open quote does not swallow what the proxy appended to it.
  [['for=spoof;by=", for=192.0.2.1'], [{ for: "192.0.2.1" }, {}]],
  [['for=spoof, for=", for="[2001:db8::1]"'], [{ for: "[2001:db8::1]" }, {}]],
  [['for="spoof\\, for="[2001:db8::1]";proto=http'], [{ for: "[2001:db8::1]", proto: "http" }, {}]],
];

test.each(ELEMENTS)("the elements of %j from the right are %j [X13 S22]", (lines, expected) => {
  const elements = elementsFromRight(lines);
  const read: unknown[] = [];
  while (!elements.ended) read.push(elements.next());
  expect([read, elements.next()]).toEqual([expected.map((element) => ({ ...NONE, ...element })), null]);
});

test.each([
  ["", ""],
  [" ", ""],
  ["\t a b \t", "a b"],
])("%j without outer blanks is %j", (text, expected) => expect(trimBlanks(text)).toBe(expected));

test.each([
  ["brackets", "[".repeat(200_000)],
  ["colons", `[${":".repeat(200_000)}`],
  ["blanks", `a${" ".repeat(200_000)}b`],
  ["quotes", '"'.repeat(200_000)],
  ["equals and quotes", '="'.repeat(100_000)],
  ["backslashes", `for="${"\\".repeat(200_000)}"`],
  ["semicolons", ";".repeat(200_000)],
  ["commas", ",".repeat(200_000)],
])("a header of %s alone is read in little work [X13]", (_what, text) => {
  const start = process.cpuUsage();
  const members = membersFromRight([text]);
  while (!members.ended) parseHop(members.next() ?? "");
  const elements = elementsFromRight([text]);
  while (!elements.ended) parseHop(elements.next()?.for ?? "");
  parseHop(text);
  const { user } = process.cpuUsage(start);
  // In microseconds of CPU time: linear work takes some ten thousand, quadratic work minutes.
  expect(user).toBeLessThan(5_000_000);
});
