// `npm start`: the demo on the default server, until Ctrl-C.

import { parseArgs } from "node:util";
import { GatewayError } from "@tsgi/core";
import { serveNode } from "@tsgi/node";
import { lintAsgi } from "@tsgi/testing";
import { app } from "./app.ts";

const HELP = `usage: npm start -- [--port PORT] [--host HOST]

  --port PORT   where to listen (default: the variable PORT, or 3000; 0 for any free port)
  --host HOST   the address to listen on (default: 127.0.0.1)`;

/** What was typed, or `null` if it makes no sense. */
function typed(): { port: string; host: string; help: boolean } | null {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: process.env["PORT"] ?? "3000" },
        host: { type: "string", default: "127.0.0.1" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return null;
  }
}

const values = typed();
if (values === null) {
  console.error(`\n${HELP}`);
  process.exitCode = 64;
} else if (values.help) {
  console.log(HELP);
} else {
  try {
    // While one develops, the lint watches the app and the server; it says which rule was broken, and by whom.
    const watched = process.env["NODE_ENV"] === "production" ? app : lintAsgi(app);
    const server = await serveNode(watched, { host: values.host, port: Number(values.port), signals: true });
    console.log(`
  The TSGI demo is at ${server.url}

  Open it in a browser, or try:  curl ${server.url}
  Ctrl-C ends it.
`);
    await server.closed;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const next = error.code === "TSGI_ERR_LISTEN" ? "\nTry another port: npm start -- --port 3001" : "";
    console.error(`${error.message}${next}`);
    process.exitCode = 1;
  }
}
