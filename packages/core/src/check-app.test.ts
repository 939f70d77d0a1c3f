import { expect, test } from "vitest";
import { checkApp } from "./check-app.ts";
import { wsgi } from "./wsgi.ts";

test.each([undefined, null, {}, "app", 3])("%j is no app, and told so where it is given [A1]", (value) => {
  expect(() => checkApp(value)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  expect(() => wsgi(value as never)).toThrow(/A sync app is a function \(environ, startResponse\)/);
});

test("a function is taken for one", () => {
  expect(() => checkApp(() => {})).not.toThrow();
});
