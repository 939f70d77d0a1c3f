// Meta-variables as an environment: octets that Node can give to a child, and others.

import { expect, test } from "vitest";
import { childEnvironment } from "./child-environment.ts";
import { metaVariables } from "./meta-variables.ts";
import { RequestRefused } from "./request-refused.ts";

function environment(variables: Record<string, string>, env = {}): Record<string, string> {
  return childEnvironment(Object.assign(metaVariables(), variables), [], env);
}

test("octets of UTF-8 become that text, U+FFFD itself too [X18]", () => {
  expect(environment({ HTTP_X: "\xc3\xa9", PATH_INFO: "/\xef\xbf\xbd" })).toMatchObject({
    HTTP_X: "é",
    PATH_INFO: "/\ufffd",
  });
});

test("other octets of a query or a target are percent-encoded, which says the same [CH6]", () => {
  expect(environment({ QUERY_STRING: "q=\xe9\xff", REQUEST_URI: "/?q=\xe9" })).toMatchObject({
    QUERY_STRING: "q=%E9%FF",
    REQUEST_URI: "/?q=%E9",
  });
});

test.each(["SCRIPT_NAME", "PATH_INFO", "PATH_TRANSLATED"])(
  "other octets of %s are refused [CH6 S16]",
  (name) => {
    for (const octets of ["/\xe9", "/\xef\xbf\xbd\xe9"]) {
      expect(() => environment({ [name]: octets })).toThrow(RequestRefused);
    }
  },
);

test("other octets of a header become U+FFFD [CH10]", () => {
  expect(environment({ HTTP_X: "a\xe9b" })["HTTP_X"]).toBe("a\ufffdb");
});

test("the options stand over all, and no name meets a prototype [CH3 S3]", () => {
  const env = environment({ A: "1", ["__proto__"]: "x" }, { A: "2", PATH: "/p" });
  expect(env).toMatchObject({ A: "2", PATH: "/p" });
  expect(Object.getPrototypeOf(env)).toBeNull();
});
