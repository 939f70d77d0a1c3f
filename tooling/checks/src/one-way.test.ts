// The sync bridge has one direction, and the page says so.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as core from "@tsgi/core";

test("an async app can be made of a sync one, not the other way round, and the interface says so [A92]", () => {
  const page = readFileSync(new URL("../../../docs/interface.md", import.meta.url), "utf8");
  expect(page).toContain(
    "There is no way in the other direction: JavaScript cannot wait for a promise (A92).",
  );
  const bridges = Object.keys(core).filter((name) => /wsgi/i.test(name) && !/environ/i.test(name));
  expect(bridges.toSorted()).toEqual(["wsgi", "wsgiAppOf"]);
});
