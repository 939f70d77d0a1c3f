// A scope's target below its mount prefix, and a scope's headers as a request's.

import { describe, expect, test } from "vitest";
import { guestUrl } from "./guest-url.ts";
import { memoryScope } from "./memory-transport.test-support.ts";

const URLS: [root: string, raw: string, query: string, url: string, baseUrl: string, originalUrl: string][] =
  [
    ["", "/a%2Fb", "x=%20", "/a%2Fb?x=%20", "", "/a%2Fb?x=%20"],
    ["", "//x/../y", "a=%2F", "//x/../y?a=%2F", "", "//x/../y?a=%2F"],
    ["", "*", "", "*", "", "*"],
    ["/api", "/api/users", "q", "/users?q", "/api", "/api/users?q"],
    ["/api", "/api", "", "/", "/api", "/api"],
    ["/api", "/api", "q=1", "/?q=1", "/api", "/api?q=1"],
    ["/api", "/api/", "", "/", "/api", "/api/"],
    ["/api", "/%61pi/x%2Fy", "", "/x%2Fy", "/%61pi", "/%61pi/x%2Fy"],
    ["/api", "/api%2Fx", "", "/%2Fx", "/api", "/api%2Fx"],
    ["/m x", "/m%20x/caf%C3%A9%2Fz", "q", "/caf%C3%A9%2Fz?q", "/m%20x", "/m%20x/caf%C3%A9%2Fz?q"],
    ["/caf\u00e9", "/caf%c3%a9/a", "", "/a", "/caf%c3%a9", "/caf%c3%a9/a"],
    ["/caf\u00e9", "/caf\u00c3\u00a9/a", "", "/a", "/caf\u00c3\u00a9", "/caf\u00c3\u00a9/a"],
    ["/a/b", "/a/b//c", "", "//c", "/a/b", "/a/b//c"],
    // Something in front has cut the prefix off.
    ["/api", "/users", "q", "/users?q", "/api", "/api/users?q"],
    ["/api", "/apix", "", "/apix", "/api", "/api/apix"],
    ["/100%", "/100%/x", "", "/x", "/100%", "/100%/x"],
    ["/100%", "/100%25/x", "", "/x", "/100%25", "/100%25/x"],
  ];

describe("the URL below a mount", () => {
  test.each(URLS)(
    "root %j, path %j, query %j [X5 X6 X7]",
    (root_path, raw_path, query_string, url, baseUrl, originalUrl) => {
      const scope = memoryScope({ scope: { root_path, raw_path, query_string } });
      expect(guestUrl(scope)).toEqual({ url, baseUrl, originalUrl });
    },
  );

  test("is encoded again where the host does not know the raw path [X7]", () => {
    const scope = memoryScope({ scope: { root_path: "/m x", raw_path: null, path: "/m x/caf\u00e9?#;=@" } });
    expect(guestUrl(scope)).toEqual({
      url: "/caf%C3%A9%3F%23;=@",
      baseUrl: "/m%20x",
      originalUrl: "/m%20x/caf%C3%A9%3F%23;=@",
    });
  });

  const ABSOLUTE: [target: string, root: string, url: string, baseUrl: string][] = [
    ["http://h:80/api/x?q", "", "http://h:80/api/x?q", ""],
    ["http://h/api/x?q", "/api", "http://h/x?q", "/api"],
    ["http://h/api", "/api", "http://h/", "/api"],
    ["http://h/api?", "/api", "http://h/?", "/api"],
    ["http://h/x", "/api", "http://h/x", "/api"],
    ["/api/x?", "/api", "/x?", "/api"],
    ["*", "/api", "*", "/api"],
  ];
  test.each(ABSOLUTE)(
    "of target %s under %j keeps its authority [X2 X3]",
    (target, root_path, url, baseUrl) => {
      const scope = memoryScope({ target, scope: { root_path } });
      expect(guestUrl(scope)).toEqual({ url, baseUrl, originalUrl: target });
      // A middleware's copy has it too.
      expect(guestUrl({ ...scope }).url).toBe(url);
    },
  );

  test("is the path of a middleware that has changed it [A11]", () => {
    const scope = { ...memoryScope({ target: "http://h/a?q" }), raw_path: "/b", path: "/b" };
    expect(guestUrl(scope).url).toBe("/b?q");
  });
});
