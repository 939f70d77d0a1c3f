// A runtime as a process that serves: started, asked for its port, and ended by its id.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** How long a runtime may take to listen, in milliseconds. */
const START_LIMIT = 60_000;
/** How many of its last lines are shown when it fails. */
const SHOWN = 20;

/**
 * Starts a process, and waits until it says on which port it listens.
 *
 * @param {string[]} command
 * @param {(level: string, message: string, error: unknown) => void} log - Takes the lines of the server's log.
 * @returns {Promise<{ port: number, said: string[], close: () => Promise<void> }>} `said` are its other last lines.
 */
export async function startRuntime([file, ...args], log) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  // The fourth stream is where workerd tells its ports.
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const said = [];
  const ended = once(child, "close");
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  };
  const listening = new Promise((tell) => {
    const onLine = (line) => {
      const message = parsed(line);
      if (typeof message?.listening === "number") tell(message.listening);
      else if (message?.event === "listen") tell(message.port);
      else if (Array.isArray(message?.log)) log(...message.log);
      else if (said.push(line) > SHOWN) said.shift();
    };
    for (const input of [child.stdout, child.stderr, child.stdio[3]])
      createInterface({ input }).on("line", onLine);
  });
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, START_LIMIT, null);
  });
  const port = await Promise.race([listening, ended.then(() => null), late]);
  clearTimeout(timer);
  if (port !== null) return { port, said, close };
  await close();
  throw new Error(`${file} does not listen:\n${said.join("\n")}`);
}

function parsed(line) {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
