// The options that say how a web server's meta-variables are to be read.

import { expect, test } from "vitest";
import { GatewayError } from "@tsgi/core";
import { metaSettings, type MetaOptions } from "./meta-settings.ts";

test("without options, what is sent is what counts", () => {
  expect(metaSettings({})).toEqual({ scriptName: null, iis: false, redirectAuthorization: false });
});

test("a prefix is octets, without the slash at its end", () => {
  expect(metaSettings({ scriptName: "/caf\u00e9/" }).scriptName).toBe("/caf\xc3\xa9");
  expect(metaSettings({ scriptName: "/" }).scriptName).toBe("");
  expect(metaSettings({ scriptName: "" }).scriptName).toBe("");
});

const WRONG: object[] = [
  { scriptName: "app" },
  { scriptName: 1 },
  { iis: "iis5" },
  { redirectAuthorization: "yes" },
];

test.each(WRONG)("%j is refused", (options) => {
  expect(() => metaSettings(options as MetaOptions)).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_OPTION" }) as GatewayError,
  );
});
