// One vitest run over the whole workspace, from source: the "@tsgi/source" condition maps every package to its src.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// vitest hands these to node as well: "import" among them would give a require() the module meant for import.
const conditions = ["@tsgi/source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "tooling/{checks,real-servers}/src/**/*.test.ts",
    ],
    reporters: ["default", "./tooling/checks/src/closing-line.js"],
    // Much of the time goes to processes and servers that are waited for.
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
