import { expect, test } from "vitest";
import { selfTimes } from "./self-times.ts";

const frame = (functionName: string, url = "", lineNumber = -1) => ({ functionName, url, lineNumber });

test("time goes to the function that ran, over all its callers, idle time left out", () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame("(root)") },
      { id: 2, callFrame: frame("(idle)") },
      { id: 3, callFrame: frame("send", "file:///x/node_modules/send/index.js", 9) },
      { id: 4, callFrame: frame("send", "file:///x/node_modules/send/index.js", 9) },
      { id: 5, callFrame: frame("", "node:net", 0) },
    ],
    samples: [2, 3, 4, 5, 3],
    timeDeltas: [1000, 10, 20, 100, 5],
  };
  expect(selfTimes(profile)).toEqual([
    { what: "(anonymous)  node:net:1", microseconds: 100 },
    { what: "send  send/index.js:10", microseconds: 35 },
  ]);
});
