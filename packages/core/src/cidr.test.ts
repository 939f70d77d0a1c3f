import { BlockList, isIPv4, isIPv6 } from "node:net";
import { expect, test } from "vitest";
import { formatIp, isInCidr, parseCidr, parseIp } from "./cidr.ts";

const ADDRESSES: [text: string, written: string][] = [
  ["0.0.0.0", "0.0.0.0"],
  ["192.0.2.1", "192.0.2.1"],
  ["255.255.255.255", "255.255.255.255"],
  ["::", "::"],
  ["::1", "::1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["1::", "1::"],
  ["2001:DB8::A", "2001:db8::a"],
  ["2001:0db8:0001:0000:0000:0ab9:C0A8:0102", "2001:db8:1::ab9:c0a8:102"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ["::11.22.33.44", "::b16:212c"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:c000:0201", "192.0.2.1"],
  ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
  ["::ffff:0:192.0.2.1", "::ffff:0:c000:201"],
];

test.each(ADDRESSES)("%s is written %s [X12]", (text, written) => {
  const ip = parseIp(text);
  expect(ip && formatIp(ip)).toBe(written);
});

const NO_ADDRESSES = [
  "",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.256",
  "01.2.3.4",
  "1.2.3.4 ",
  "0x1.2.3.4",
  "+1.2.3.4",
  "1.2.3.-4",
  "1.2..4",
  "16909060",
  ":",
  ":::",
  "::1::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  ":1:2:3:4:5:6:7:8",
  "1:2:3:4:5:6:7:8:",
  "::12345",
  "::g",
  "::1.2.3",
  "1.2.3.4::",
  "::1.2.3.4:5",
  "1:2:3:4:5:6:7:1.2.3.4",
  "fe80::1%eth0",
  "[::1]",
  "::1/64",
  "localhost",
  `::${"0".repeat(60)}`,
];

test.each(NO_ADDRESSES)("%j is no address [X13]", (text) => expect(parseIp(text)).toBeNull());

const RANGES: [range: string, inside: string[], outside: string[]][] = [
  ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["9.255.255.255", "11.0.0.0", "::a00:1"]],
  ["10.1.2.3/8", ["10.0.0.0"], ["11.1.2.3"]],
  ["192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127", "192.0.3.128"]],
  ["192.0.2.1", ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.2.0", "192.0.2.2"]],
  ["192.0.2.1/32", ["192.0.2.1"], ["192.0.2.0"]],
  ["192.0.2.1/31", ["192.0.2.0", "192.0.2.1"], ["192.0.2.2"]],
  ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::", "::1"]],
  ["::/0", ["::", "::1", "ffff::"], ["0.0.0.0", "1.2.3.4", "::ffff:1.2.3.4"]],
  ["2001:db8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db9::", "2001:db7:ffff::"]],
  ["2001:db8:abcd:12::/63", ["2001:db8:abcd:12::1", "2001:db8:abcd:13::1"], ["2001:db8:abcd:14::"]],
  ["::1", ["::1", "0:0:0:0:0:0:0:1"], ["::", "::2", "0.0.0.1"]],
  ["::1/128", ["::1"], ["::"]],
  ["::ffff:10.0.0.0/104", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.0.0.0", "::a01:203"]],
  ["::ffff:0:0/96", ["0.0.0.0", "1.2.3.4"], ["::", "::fffe:0:0"]],
  ["::ffff:1.2.3.4", ["1.2.3.4"], ["1.2.3.5"]],
  ["::fffe:0:0/95", ["::fffe:1:1"], ["1.2.3.4"]],
];

test.each(RANGES)("%s has %j, not %j [X13]", (text, inside, outside) => {
  const range = parseCidr(text);
  const has = (address: string): boolean | null => {
    const ip = parseIp(address);
    return ip && range && isInCidr(ip, range);
  };
  expect(inside.filter((address) => has(address) !== true)).toEqual([]);
  expect(outside.filter((address) => has(address) !== false)).toEqual([]);
});

test.each([
  "",
  "/8",
  "10.0.0.0/",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/08",
  "10.0.0.0/ 8",
  "10.0.0.0/8/8",
  "::/129",
])("%j is no range [X13]", (text) => expect(parseCidr(text)).toBeNull());

test.each(["10.0.0.0/255.0.0.0", "10.0.0/8", "10.*", "*", "unix", "loopback", "localhost/8"])(
  "%j is no range either [X13]",
  (text) => expect(parseCidr(text)).toBeNull(),
);

/** Numbers that look random, and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}

test("what is an address, and what is in a range, Node's own net says too [X12 X13]", () => {
  const pick = numbers(2024);
  const alphabet = ["0", "1", "255", "256", "ffff", "a0", ":", "::", ":", ".", ".", "10", "::ffff:"];
  const differences: string[] = [];
  let addresses = 0;
  for (let i = 0; i < 30_000; i += 1) {
    const text = Array.from({ length: 1 + pick(12) }, () => alphabet[pick(alphabet.length)]).join("");
    const ip = parseIp(text);
    if ((ip !== null) !== (isIPv4(text) || isIPv6(text))) differences.push(text);
    if (ip === null) continue;
    addresses += 1;
    const family = ip.length === 2 ? "ipv4" : "ipv6";
    const length = pick(ip.length * 16 + 1);
    const list = new BlockList();
    list.addSubnet(formatIp(ip), length, family);
    const range = parseCidr(`${formatIp(ip)}/${length}`);
    // An address that differs from the first in one bit.
    const flipped = pick(ip.length * 16);
    const other = ip.map((group, at) => (at === flipped >> 4 ? group ^ (1 << (flipped & 15)) : group));
    if ((range && isInCidr(other, range)) !== list.check(formatIp(other), family)) {
      differences.push(`${formatIp(other)} in ${formatIp(ip)}/${length}`);
    }
  }
  expect(differences).toEqual([]);
  expect(addresses).toBeGreaterThan(1_000);
});
