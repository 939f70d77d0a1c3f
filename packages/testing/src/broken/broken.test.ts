// The suite can fail: every broken adapter is caught by the case that names the rule it breaks, and the sound host by none.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cases } from "../cases/cases.ts";
import { casesInFront } from "../cases/in-front.ts";
import { casesThatNeed, runSuite, testAdapter } from "../suite/run.ts";
import type { Break } from "./break.test-support.ts";
import { serveBy } from "./host.test-support.ts";
import { bodyBreaks, refusalBreaks } from "./body-breaks.test-support.ts";
import { errorBreaks } from "./error-breaks.test-support.ts";
import { extensionBreaks } from "./extension-breaks.test-support.ts";
import { BehindOthers, FRONT, frontBreaks, setFront } from "./front-breaks.test-support.ts";
import { headBreaks } from "./head-breaks.test-support.ts";
import { receiveBreaks } from "./receive-breaks.test-support.ts";
import { scopeBreaks } from "./scope-breaks.test-support.ts";
import { environBreaks, resultBreaks } from "./sync-breaks.test-support.ts";

/** What this host cannot do either. */
const UNABLE = cases
  .map(({ name }) => name)
  .filter((name) => /UNHEARD-OF|raw (UTF-8 )?octet|REQUEST_URI (shows|of)/.test(name));

testAdapter({
  name: "the sound host behind others",
  runner: { describe, test, beforeAll, afterAll },
  serve: (app, log) => serveBy({ first: setFront, Transport: BehindOthers }, app, log),
  cases: casesInFront(FRONT),
});

testAdapter({
  name: "the sound host",
  runner: { describe, test, beforeAll, afterAll },
  serve: (app, log) => serveBy({}, app, log),
  skip: {
    ...casesThatNeed("tls", "The connection is plain"),
    ...casesThatNeed("lifespan", "It runs no lifespan"),
    ...Object.fromEntries(UNABLE.map((name) => [name, "Node's parser, or core's scope, does not do it"])),
  },
});

const BREAKS: readonly Break[] = [
  ...scopeBreaks,
  ...receiveBreaks,
  ...environBreaks,
  ...headBreaks,
  ...frontBreaks,
  ...bodyBreaks,
  ...errorBreaks,
  ...extensionBreaks,
  ...resultBreaks,
  ...refusalBreaks,
];

describe("a broken adapter is caught", () => {
  test.each(BREAKS)("that $does", async ({ bridge, caughtBy, because, ...parts }) => {
    const found = [...cases, ...casesInFront(FRONT)].filter(({ name }) => name === caughtBy);
    expect(found).toHaveLength(1);
    const report = await runSuite({
      name: "broken",
      serve: (app, log) => serveBy(parts, app, log),
      cases: found,
      // A case that is meant to hang need not be waited for.
      timeLimit: because.test("The case did not end within") ? 400 : 5_000,
      ...(bridge && { bridge }),
    });
    expect(report.results).toMatchObject([{ name: caughtBy, state: "failed" }]);
    expect(report.results[0]?.error).toMatch(because);
  });
});
