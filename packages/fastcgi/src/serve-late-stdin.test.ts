// STDIN that was on its way when its request was aborted.
// Sources: FastCGI 1.0 §5.4, §5.5; requirements F38, F45, F56.

import { expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { POST, abort, begin, clientOf, gate, params, stdin } from "./raw-client.test-support.ts";
import { rawRecord } from "./record.test-support.ts";

test("STDIN after ABORT_REQUEST changes nothing: END_REQUEST waits for the app, and there is no answer [F38 F56]", async () => {
  const started = gate();
  const mayEnd = gate();
  const app: AsgiApp = async () => {
    started.open();
    await mayEnd.promise;
  };
  const client = await clientOf(app);
  client.send(begin(), params({ ...POST, CONTENT_LENGTH: "10" }), stdin("some"));
  await started.promise;
  // The management record's answer tells that all before it was read.
  client.send(abort(), stdin("more"), stdin(), rawRecord(99, 0));
  await client.until(() => client.records.some(({ id }) => id === 0));
  expect(client.records).toHaveLength(1);
  mayEnd.open();
  expect((await client.answer()).stdout).toBe("");
});
