// A server's process: `node server.js COLUMN ENDPOINT...` starts the column's server for each endpoint and answers the
// bench's questions about its CPU time and memory.
import { setTimeout } from "node:timers/promises";
import { answerParent } from "./answer.ts";
import type { Serve } from "./column.ts";
import type { CpuUsage, MemoryUse, ServerReady } from "./messages.ts";
import { EXTENSION } from "./scenario.ts";

/** How long the server may take to notice opened and closed connections, in milliseconds, and how often it looks. */
const SETTLE_LIMIT = 3000;
const SETTLE_STEP = 10;

/** The most garbage collections for one answer, and how few bytes one may free to be the last. */
const MAX_COLLECTIONS = 20;
const SETTLED = 1024;

const [column, ...endpoints] = process.argv.slice(2);
const { serve, usage = ownUsage } = (await import(
  new URL(`./servers/${column}${EXTENSION}`, import.meta.url).href
)) as {
  readonly serve: Serve;
  readonly usage?: () => CpuUsage;
};

const ports: Record<string, number | null> = {};
for (const endpoint of endpoints) ports[endpoint] = await serve(endpoint);

const ready: ServerReady = { node: process.versions.node, ports };
answerParent(ready, (question) => {
  switch (question.ask) {
    case "usage":
      return usage();
    case "memory":
      return memoryUse(question.connections);
    default:
      throw new Error(`A server cannot answer ${question.ask}`);
  }
});

function ownUsage(): CpuUsage {
  return { ...process.cpuUsage(), peak: process.resourceUsage().maxRSS * 1024 };
}

async function memoryUse(connections: number): Promise<MemoryUse> {
  await connectionsAre(connections);
  // Again and again: what finalizers, closed handles and weak references let go is freed by a later collection.
  let heap = Number.POSITIVE_INFINITY;
  for (let times = 0; times < MAX_COLLECTIONS; times += 1) {
    globalThis.gc?.();
    const before = heap;
    heap = heapSize();
    if (before - heap < SETTLED) break;
    await setTimeout(SETTLE_STEP);
  }
  return { heap, rss: process.memoryUsage.rss() };
}

function heapSize(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Waits until the server has noticed every connection that was opened or closed. */
async function connectionsAre(expected: number): Promise<void> {
  const deadline = performance.now() + SETTLE_LIMIT;
  for (;;) {
    const open = process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
    if (open === expected) return;
    if (performance.now() > deadline)
      throw new Error(`The server has ${open} connections instead of ${expected}`);
    await setTimeout(SETTLE_STEP);
  }
}
