// The runner itself: what becomes of a case, and what of a skip list.

import { describe, expect, test } from "vitest";
import { serveBy } from "../broken/host.test-support.ts";
import { reply } from "./app.ts";
import type { Case } from "./case.ts";
import { equal, fail } from "./check.ts";
import { casesThatNeed, runSuite, testAdapter, type Adapter, type Runner } from "./run.ts";

const PASSES: Case = {
  name: "group: it passes",
  proves: ["A1"],
  app: (_scope, _receive, send) => reply(send, 200, "ok"),
  async client(client) {
    equal((await client.request()).text, "ok");
  },
};

const FAILS: Case = {
  ...PASSES,
  name: "group: it fails",
  client: async (client) => equal((await client.request()).text, "not ok", "the text"),
};

const FAILS_INSIDE: Case = {
  ...PASSES,
  name: "group: it fails inside",
  app: () => fail("the app saw it"),
};

const FAILS_LATE: Case = {
  ...PASSES,
  name: "group: it fails inside after its response",
  async app(_scope, _receive, send) {
    await reply(send, 200, "ok");
    fail("the app saw it late");
  },
};

const SYNC_FAILS_LATE: Case = {
  name: "sync group: it fails within its generator",
  proves: ["W1"],
  *syncApp(_environ, startResponse) {
    startResponse("200 OK", []);
    yield "o";
    fail("the sync app saw it");
  },
  client: async (client) => void (await client.request().catch(() => {})),
};

const HANGS: Case = {
  ...PASSES,
  name: "group: it hangs",
  app: () => new Promise<void>(() => {}),
};

function adapter(cases: readonly Case[], more: Partial<Adapter> = {}): Adapter {
  return { name: "an adapter", serve: (app, log) => serveBy({}, app, log), cases, timeLimit: 2000, ...more };
}

async function errorOf(found: Case, more: Partial<Adapter> = {}): Promise<string | undefined> {
  const { results } = await runSuite(adapter([found], more));
  return results[0]?.error;
}

test("a report has a line for each case, with its ids and nothing that changes from run to run", async () => {
  const skip = { [FAILS.name]: "it is known" };
  expect(await runSuite(adapter([PASSES, FAILS, FAILS_INSIDE], { skip }))).toEqual({
    adapter: "an adapter",
    results: [
      { name: PASSES.name, proves: ["A1"], state: "passed" },
      { name: FAILS.name, proves: ["A1"], state: "skipped", reason: "it is known" },
      {
        name: FAILS_INSIDE.name,
        proves: ["A1"],
        state: "failed",
        error: "CaseFailure: Inside the app: the app saw it",
      },
    ],
  });
});

test("what the client found is told", async () => {
  expect(await errorOf(FAILS)).toBe('CaseFailure: the text is "ok", expected "not ok"');
});

test("what an app found after its response is told", async () => {
  expect(await errorOf(FAILS_LATE)).toContain("the app saw it late");
  expect(await errorOf(SYNC_FAILS_LATE)).toContain("the sync app saw it");
});

test("a case that hangs has failed", async () => {
  expect(await errorOf(HANGS, { timeLimit: 50 })).toBe("Error: The case did not end within 50 ms");
});

test("a server that does not start fails the run", async () => {
  const serve = (): Promise<never> => Promise.reject(new Error("no port"));
  await expect(runSuite(adapter([PASSES], { serve }))).rejects.toThrow("no port");
});

test("a request whose octets a case writes goes below the mount prefix, too", async () => {
  const WRITES: Case = {
    ...PASSES,
    app: (scope, _receive, send) => reply(send, 200, scope.raw_path ?? ""),
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("GET /a?b HTTP/1.1", ["Host: a", "Connection: close"]));
      equal((await client.read(octets.response("GET"))).text, "/the%20mount/a");
    },
  };
  expect(await errorOf(WRITES, { rootPath: "/the mount" })).toBeUndefined();
});

describe("a skip list is refused", () => {
  test("if no case has the name", async () => {
    await expect(runSuite(adapter([PASSES], { skip: { "group: it pases": "why" } }))).rejects.toThrow(
      'an adapter skips "group: it pases": no case has this name',
    );
  });

  test("if it gives no reason", async () => {
    await expect(runSuite(adapter([PASSES], { skip: { [PASSES.name]: " " } }))).rejects.toThrow(
      "without a reason",
    );
  });
});

test("two cases of one name are refused", async () => {
  await expect(runSuite(adapter([PASSES, PASSES]))).rejects.toThrow("the same name");
});

test("a name that cannot travel in a header is refused", async () => {
  await expect(runSuite(adapter([{ ...PASSES, name: "group: caf\u00e9" }]))).rejects.toThrow("not ASCII");
});

test("a skip list of a need has the cases that have it, and no other", () => {
  const cases: Case[] = [
    PASSES,
    { ...FAILS, needs: ["trailers", "memory"] },
    { ...HANGS, needs: ["memory"] },
  ];
  expect(casesThatNeed("trailers", "there are none", cases)).toEqual({ [FAILS.name]: "there are none" });
});

test("every case is a test of the runner that is given, which cites its ids; the report comes last", async () => {
  const told: string[] = [];
  const steps: (() => unknown)[] = [];
  const last: (() => unknown)[] = [];
  const runner: Runner = {
    describe(name, body) {
      told.push(name);
      body();
    },
    test(name, body) {
      steps.push(async () => {
        told.push(name);
        await body({ skip: (reason) => told.push(`skipped: ${reason}`) });
      });
    },
    beforeAll: (body) => steps.unshift(body),
    afterAll: (body) => last.push(body),
  };
  testAdapter({
    ...adapter([PASSES, FAILS], { skip: { [FAILS.name]: "it is known" } }),
    runner,
    onReport: ({ results }) => void told.push(results.map(({ state }) => state).join(" ")),
  });
  for (const step of [...steps, ...last]) await step();
  expect(told).toEqual([
    "an adapter",
    `${PASSES.name} [A1]`,
    `${FAILS.name} [A1]`,
    "skipped: it is known",
    "passed skipped",
  ]);
});
