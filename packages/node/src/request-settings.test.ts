import { describe, expect, test } from "vitest";
import { requestSettings, type NodeOptions } from "./request-settings.ts";
import { toNode } from "./to-node.ts";

describe("options", () => {
  test.each<[what: string, options: NodeOptions]>([
    ["a negative number of bytes", { maxBodySize: -1 }],
    ["a fraction of a byte", { maxDiscard: 0.5 }],
    ["no number", { maxBodySize: Number.NaN }],
    ["a string", { maxDiscard: "1" as unknown as number }],
    ["a negative time", { discardTimeout: -1 }],
    ["a negative time to linger", { lingerTimeout: -1 }],
    ["a time to linger that timers do not have", { lingerTimeout: 2 ** 31 }],
    ["half a millisecond to flush", { flushTimeout: 0.5 }],
    ["a time to flush that timers do not have", { flushTimeout: 2 ** 31 }],
    ["a time that timers do not have", { discardTimeout: 2 ** 31 }],
    ["endless time, which is 0", { discardTimeout: Infinity }],
    ["a negative number of requests", { maxPipelined: -1 }],
    ["a prefix that is no path", { rootPath: "app" }],
    ["a Server field with a line end", { serverHeader: "a\r\nb: c" }],
    ["a Server field that is not ASCII", { serverHeader: "caf\u00e9" }],
  ])("%s is refused [S8]", (_what, options) => {
    expect(() => requestSettings(options)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  });

  test("an option of a server is none of a listener, and an unknown one is refused [S8]", () => {
    const app = (): void => {};
    expect(() => toNode(app, { port: 3000 } as object)).toThrow('Unknown option "port"');
    expect(() => toNode(app, { maxBodysize: 1 } as object)).toThrow('did you mean "maxBodySize"?');
    expect(() => toNode(app, 3000 as never)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  });

  test("the defaults are those of the documentation [S8]", () => {
    expect(requestSettings({})).toMatchObject({
      rootPath: "",
      maxBodySize: Infinity,
      maxDiscard: 262_144,
      discardTimeout: 5_000,
      lingerTimeout: 1_000,
      flushTimeout: 2_000,
      maxPipelined: 1_000,
      state: null,
    });
  });

  test.each([
    ["/", ""],
    ["/app/", "/app"],
    ["/app///", "/app"],
    ["/a/b", "/a/b"],
  ])("the prefix %j is %j [A21]", (rootPath, expected) => {
    expect(requestSettings({ rootPath }).rootPath).toBe(expected);
  });
});
