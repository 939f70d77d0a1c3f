import { afterEach, expect, test, vi } from "vitest";
import { findProgram, has, pathOf, reasonWithout } from "./programs.ts";

afterEach(() => void vi.unstubAllEnvs());

test("a program on this machine is found by its name and by its path", () => {
  expect(findProgram("sh")).toMatch(/^\/.*\/sh$/);
  expect(pathOf(process.execPath)).toBe(process.execPath);
  expect(has("sh")).toBe(true);
  expect(reasonWithout(["sh", process.execPath])).toBeNull();
});

test("a program that is not there is no program, and the reason says its name", () => {
  vi.stubEnv("TSGI_REQUIRE_SERVERS", "");
  expect(has("no-such-server")).toBe(false);
  expect(reasonWithout(["sh", "no-such-server"])).toBe("no-such-server is not installed");
  expect(reasonWithout(["a-1", "a-2", "a-3"])).toBe("a-1, a-2 and a-3 are not installed");
  expect(() => pathOf("no-such-server")).toThrow("no-such-server is not installed");
});

test("where servers are required, one that is not there is an error", () => {
  vi.stubEnv("TSGI_REQUIRE_SERVERS", "1");
  expect(() => has("no-such-server")).toThrow("no-such-server is not installed, and TSGI_REQUIRE_SERVERS=1");
  expect(has("sh")).toBe(true);
});
