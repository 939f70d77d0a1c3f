// `npm start` as a newcomer types it: it says where it is, answers there, and ends on SIGTERM with status 0.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { ROOT } from "./tree.js";

/** Long enough to build everything on a busy machine. */
const TIME_LIMIT_MS = 120_000;

const child = spawn("npm", ["start", "--", "--port", "0"], {
  cwd: ROOT,
  stdio: ["ignore", "pipe", "inherit"],
  detached: true,
});
const timer = setTimeout(() => signalAll("SIGKILL"), TIME_LIMIT_MS);
const exited = once(child, "exit");

/** Signals npm and what it started. */
function signalAll(signal) {
  if (child.pid !== undefined) process.kill(-child.pid, signal);
}

/** The address the demo prints. */
async function addressOf(output) {
  let text = "";
  for await (const chunk of output.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
    if (found !== null) return found[0];
  }
  throw new Error(`npm start ended without an address:\n${text}`);
}

try {
  const url = await addressOf(child.stdout);
  const page = await fetch(url, { headers: { accept: "text/html" } });
  const text = await page.text();
  if (page.status !== 200 || !text.includes("<title>TSGI demo</title>"))
    throw new Error(`the page is ${page.status}`);
  const seen = await (await fetch(`${url}/see?a=b`)).json();
  if (seen.path !== "/see" || seen.query_string !== "a=b") throw new Error("/see shows another request");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  signalAll("SIGTERM");
  const [status, signal] = await exited;
  clearTimeout(timer);
  // npm itself may be ended by the signal that it passes on.
  if (status !== 0 && signal !== "SIGTERM" && status !== 143) {
    console.error(`npm start ended with ${signal ?? status}`);
    process.exitCode = 1;
  }
}
