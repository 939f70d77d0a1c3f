// The host of the test client, in memory.

import { close, open, read } from "node:fs";
import { promisify } from "node:util";
import { startLifespan, stateCopy, type FileSource } from "@tsgi/core";
import { casesNamed, casesThatNeed, memoryWire } from "@tsgi/testing";
import type { Host } from "./pair.ts";

/** The host of the test client. */
export const memoryHost: Host = {
  name: "in memory",
  native: false,
  http: "1.1",
  front: [],
  skip: ({ speaks }) => ({
    ...casesThatNeed("octets", "There is no socket"),
    ...casesThatNeed("tls", "There is no TLS"),
    ...casesNamed(
      "Nothing is framed in memory",
      "response bodies: pieces without Content-Length are chunked on HTTP/1.1",
    ),
    // node:http adds one by itself.
    ...(speaks !== "node" &&
      casesNamed(
        "The test client's host adds no Date",
        "response heads: Date is there once, and the app's own one wins",
      )),
  }),
  async serve(app, log) {
    const lifespan = await startLifespan(app, { log });
    const state = (): unknown => stateCopy(lifespan.state);
    return { wire: memoryWire({ app, state, openFile, log }), close: () => lifespan.shutdown() };
  },
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
