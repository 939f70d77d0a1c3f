// The matrix of hosts and guests, apart from the tests: `npm run test:matrix`.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@tsgi/source", "node"];

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/**/*.matrix.ts"],
    reporters: [
      "verbose",
      fileURLToPath(new URL("../../tooling/checks/src/closing-line.js", import.meta.url)),
    ],
    // @hono/node-server writes what cuts a response to stderr; an audit tells what it found.
    silent: process.env["TSGI_MATRIX_AUDIT"] === undefined ? "passed-only" : false,
    // Each test is a whole suite.
    testTimeout: 600_000,
    hookTimeout: 20_000,
    maxWorkers: availableParallelism(),
  },
});
