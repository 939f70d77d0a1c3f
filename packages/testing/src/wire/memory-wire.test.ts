// The conformance suite against the test client's own host, in memory: as HTTP/1.1 under the lint, and as HTTP/2 without.

import { close, open, read } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, test } from "vitest";
import { startLifespan, stateCopy, type FileSource } from "@tsgi/core";
import { lintAsgi } from "../lint-asgi.ts";
import { casesThatNeed, testAdapter, type Adapter } from "../suite/run.ts";
import { reportWriter } from "../suite/report-writer.ts";
import { memoryWire } from "./memory-wire.ts";

const runner = { describe, test, beforeAll, afterAll };
const onReport = reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]);

/** What no host in memory can show. */
const SKIPPED: Readonly<Record<string, string>> = {
  ...casesThatNeed("octets", "There is no socket"),
  ...casesThatNeed("tls", "There is no TLS"),
  "response heads: Date is there once, and the app's own one wins": "The test client's host adds no Date",
  "sync response heads: Date is there once, and the app's own one wins":
    "The test client's host adds no Date",
};

/** Opens a path; what is open already stays so. */
async function openFile(file: string | number | { readonly fd: number }): Promise<FileSource> {
  const fd =
    typeof file === "string" ? await promisify(open)(file, "r") : typeof file === "number" ? file : file.fd;
  return {
    async read(size, position) {
      const { buffer, bytesRead } = await promisify(read)(fd, new Uint8Array(size), 0, size, position);
      return buffer.subarray(0, bytesRead);
    },
    close: () => (typeof file === "string" ? promisify(close)(fd) : Promise.resolve()),
  };
}

function adapter(httpVersion: "1.1" | "2"): Pick<Adapter, "name" | "serve"> {
  return {
    name: `in memory, HTTP/${httpVersion}`,
    async serve(app, log) {
      const lifespan = await startLifespan(app, { mode: "on", log });
      const state = (): unknown => stateCopy(lifespan.state);
      return {
        wire: memoryWire({ app, httpVersion, state, openFile, log }),
        close: () => lifespan.shutdown(),
      };
    },
  };
}

testAdapter({
  ...adapter("1.1"),
  runner,
  onReport,
  lint: (app) => lintAsgi(app, { headerCase: "any" }),
  skip: {
    ...SKIPPED,
    "response bodies: pieces without Content-Length are chunked on HTTP/1.1": "Nothing is framed in memory",
    "sync response bodies: pieces without Content-Length are chunked on HTTP/1.1":
      "Nothing is framed in memory",
    "receive: two calls at once are both answered, in order": "The lint refuses the second",
    "response bodies: a 204 loses the app's Content-Length": "The lint refuses the Content-Length",
  },
});

testAdapter({
  ...adapter("2"),
  runner,
  onReport,
  skip: { ...SKIPPED, ...casesThatNeed("HTTP/1.1", "HTTP/2 has neither reason phrases nor chunks") },
});
