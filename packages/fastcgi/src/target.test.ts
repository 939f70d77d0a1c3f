// The spellings of a target.

import { expect, test } from "vitest";
import { targetsOf, type FastCgiTarget } from "./target.ts";

const TCP = { noDelay: true };

test.each<[FastCgiTarget, string, object]>([
  ["127.0.0.1:9000", "127.0.0.1:9000", { host: "127.0.0.1", port: 9000, ...TCP }],
  ["php.internal:9000", "php.internal:9000", { host: "php.internal", port: 9000, ...TCP }],
  [":9000", "127.0.0.1:9000", { host: "127.0.0.1", port: 9000, ...TCP }],
  ["[::1]:9000", "[::1]:9000", { host: "::1", port: 9000, ...TCP }],
  ["[fe80::1%eth0]:9000", "[fe80::1%eth0]:9000", { host: "fe80::1%eth0", port: 9000, ...TCP }],
  ["unix:/run/php.sock", "unix:/run/php.sock", { path: "/run/php.sock" }],
  ["unix:php.sock", "unix:php.sock", { path: "php.sock" }],
  ["/run/php.sock", "unix:/run/php.sock", { path: "/run/php.sock" }],
  ["unix:@php", "unix:@php", { path: "\0php" }],
  [{ path: "\0php" }, "unix:@php", { path: "\0php" }],
  [{ path: "/run/php.sock" }, "unix:/run/php.sock", { path: "/run/php.sock" }],
  [{ port: 1 }, "127.0.0.1:1", { host: "127.0.0.1", port: 1, ...TCP }],
  [{ host: "::1", port: 65_535 }, "[::1]:65535", { host: "::1", port: 65_535, ...TCP }],
])("%j is understood [FC26]", (given, name, connect) => {
  expect(targetsOf(given)).toEqual([{ name, connect }]);
});

test("a list is tried in its order [FC23]", () => {
  expect(targetsOf(["127.0.0.1:1", { path: "/a" }]).map(({ name }) => name)).toEqual([
    "127.0.0.1:1",
    "unix:/a",
  ]);
});

test.each<[unknown]>([
  [""],
  ["127.0.0.1"],
  ["127.0.0.1:"],
  ["127.0.0.1:0"],
  ["127.0.0.1:65536"],
  ["127.0.0.1:9000/x"],
  ["::1:9000"],
  ["http://127.0.0.1:9000"],
  ["user@host:9000"],
  ["unix:"],
  ["unix:@"],
  [9000],
  [null],
  [undefined],
  [{}],
  [{ port: 0 }],
  [{ port: 1.5 }],
  [{ port: "9000" }],
  [{ host: "", port: 9000 }],
  [{ path: "" }],
  [{ path: "/a", port: 1 }],
  [[]],
  [["127.0.0.1:1", "127.0.0.1:1"]],
  [["127.0.0.1:1", ""]],
])("%j is none [FC26]", (given) => {
  const wrong = expect.objectContaining({ code: "TSGI_ERR_OPTION" });
  expect(() => targetsOf(given as FastCgiTarget)).toThrow(wrong);
});
