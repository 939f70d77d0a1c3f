// One vitest run over the whole workspace, from source: the "@tsgi/source" condition maps every package to its src.
import { defineConfig } from "vitest/config";

const conditions = ["@tsgi/source", "node", "module", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "tooling/checks/src/**/*.test.ts"],
    reporters: ["default", "./tooling/checks/src/closing-line.js"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
