// The options of fromFastCgi: what is refused, and what they are when nobody says anything.

import { expect, test } from "vitest";
import { fastCgiSettings } from "./from-fastcgi-options.ts";
import { fromFastCgi } from "./from-fastcgi.ts";

const NUMBERS = [
  ["acceptDelay", 100, 0],
  ["askTimeout", 1_000, 1],
  ["connectTimeout", 5_000, 1],
  ["failTimeout", 10_000, 0],
  ["firstByteTimeout", 60_000, 1],
  ["idleTimeout", 10_000, 1],
  ["maxBodySize", Infinity, 0],
  ["maxConns", 128, 1],
  ["maxDrain", 16_777_216, 0],
  ["maxHeadLines", 1_000, 1],
  ["maxHeadSize", 65_536, 1],
  ["maxHeld", 262_144, 0],
  ["maxIdle", 8, 0],
  ["maxQueue", 1_024, 0],
  ["maxRequests", 100, 1],
  ["maxStderr", 65_536, 0],
  ["maxUnsizedBody", 134_217_728, 0],
  ["memoryLimit", 65_536, 0],
  ["queueTimeout", 30_000, 0],
  ["readTimeout", 60_000, 1],
  ["writeTimeout", 60_000, 1],
] as const;

const wrong = expect.objectContaining({ code: "TSGI_ERR_OPTION" });

test.each(NUMBERS)("%s is %d unless it is given, and never below %d [S8 FC21]", (name, value, least) => {
  expect(fastCgiSettings({})[name]).toBe(value);
  expect(fastCgiSettings({ [name]: least })[name]).toBe(least);
  expect(fastCgiSettings({ [name]: Infinity })[name]).toBe(
    /(?:Timeout|Delay)$/.test(name) ? 2 ** 31 - 1 : Infinity,
  );
  for (const given of [least - 1, Number.NaN, 1.5, "1", null, 2 ** 53]) {
    expect(() => fromFastCgi("127.0.0.1:1", { [name]: given })).toThrow(wrong);
  }
});

test.each<[string, unknown]>([
  ["keepAlive", 1],
  ["retry", "once"],
  ["passAuthorization", null],
  ["multiplex", "yes"],
  ["encodedSlashes", "keep"],
  ["dotSegments", "decode"],
  ["serverSoftware", 1],
  ["documentRoot", 1],
  ["log", "console"],
  ["spool", {}],
  ["params", { A: 1 }],
  ["params", "A=1"],
  ["catchStderr", "Fatal"],
  ["catchStderr", [""]],
  ["catchStderr", [1]],
  ["php", {}],
  ["php", "/srv"],
  ["kepAlive", true],
])("%s: %j is refused", (name, given) => {
  expect(() => fromFastCgi("127.0.0.1:1", { [name]: given })).toThrow(wrong);
});

test("a root of two kinds is refused", () => {
  expect(() => fromFastCgi("127.0.0.1:1", { documentRoot: "/a", php: { root: "/b" } })).toThrow(wrong);
});

test("connections are not kept, and not shared, unless somebody says so [FC4 FC5 FC19]", () => {
  expect(fastCgiSettings({})).toMatchObject({ keepAlive: false, multiplex: false, retry: true, php: null });
});
