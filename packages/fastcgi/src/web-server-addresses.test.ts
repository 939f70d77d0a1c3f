// Who may connect.

import { expect, test } from "vitest";
import { peerCheck } from "./web-server-addresses.ts";

test.each<[list: string | string[], peer: string | undefined, allowed: boolean]>([
  ["127.0.0.1", "127.0.0.1", true],
  ["127.0.0.1", "127.0.0.2", false],
  ["127.0.0.1", "::ffff:127.0.0.1", true],
  ["127.0.0.1", "::FFFF:127.0.0.1", true],
  ["199.170.183.28,199.170.183.71", "199.170.183.71", true],
  [" 199.170.183.28 ,\t199.170.183.71 ", "199.170.183.28", true],
  ["199.170.183.28,199.170.183.71", "199.170.183.7", false],
  ["127.0.0.1", undefined, false],
  [["::1"], "::1", true],
  [["fe80::1"], "fe80::1%eth0", true],
  [["::1"], "127.0.0.1", false],
  [["10.0.0.0/8"], "10.255.1.2", true],
  [["10.0.0.0/8"], "11.0.0.1", false],
  [["10.0.0.0/8"], "::ffff:10.0.0.1", true],
  [["2001:db8::/32"], "2001:db8:1::1", true],
])("with %j, a peer at %s is let in: %s [F62]", (list, peer, allowed) => {
  expect(peerCheck(list)?.(peer)).toBe(allowed);
});

test("without a list everybody is let in [F62]", () => {
  expect(peerCheck(null)).toBeNull();
});

test.each<[string | string[]]>([
  [""],
  [[]],
  ["localhost"],
  ["127.0.0.1,"],
  ["127.0.0.1;127.0.0.2"],
  ["127.0.0.256"],
  ["127.0.0.1/33"],
  ["::1/129"],
  ["127.0.0.1/8/8"],
  ["127.0.0.1/-1"],
  ["127.0.0.1/"],
])("%j is refused at the start [F62]", (list) => {
  expect(() => peerCheck(list)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
});
