// The demo: one portable app. It knows no server; every server that TSGI has an adapter for can run it as it stands.

import {
  GatewayError,
  UnsupportedScopeError,
  bufferBody,
  type AsgiApp,
  type HttpScope,
  type Receive,
  type Send,
} from "@tsgi/core";
import { page } from "./page.ts";
import { seen } from "./seen.ts";

/** One road of the demo. */
type Road = (scope: HttpScope, receive: Receive, send: Send) => Promise<void>;

const ROADS: Readonly<Record<string, Road>> = {
  "/": home,
  "/see": see,
  "/stream": stream,
  "/echo": echo,
  "/events": events,
};

/** The app. */
export const app: AsgiApp = (scope, receive, send) => {
  if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
  const path = scope.path.slice(scope.root_path.length) || "/";
  return (ROADS[path] ?? notFound)(scope, receive, send);
};

/** A page for browsers, the roads in plain text for everybody else. */
async function home(scope: HttpScope, _receive: Receive, send: Send): Promise<void> {
  if (header(scope, "accept").includes("text/html")) {
    await answer(send, 200, "text/html; charset=utf-8", page(scope.root_path));
    return;
  }
  const at = `${scope.scheme}://${header(scope, "host")}${scope.root_path}`;
  await answer(
    send,
    200,
    "text/plain; charset=utf-8",
    `One app, any server. Try:

  curl '${at}/see?any=query'              what the app sees of your request
  curl -N '${at}/stream'                  ten lines, one at a time
  curl -N '${at}/events'                  server-sent events
  curl -T any-file '${at}/echo' -o copy   your upload, echoed
`,
  );
}

/** What the app sees, as JSON. */
async function see(scope: HttpScope, _receive: Receive, send: Send): Promise<void> {
  await answer(send, 200, "application/json", `${JSON.stringify(seen(scope), null, 2)}\n`);
}

/** Ten lines, one at a time. */
async function stream(scope: HttpScope, _receive: Receive, send: Send): Promise<void> {
  await send({
    type: "http.response.start",
    status: 200,
    headers: [
      ["content-type", "text/plain; charset=utf-8"],
      ["cache-control", "no-store"],
      ["x-accel-buffering", "no"],
    ],
  });
  for (let line = 1; line <= 10; line += 1) {
    await send({ type: "http.response.body", body: `line ${line} of 10\n`, more_body: true });
    if (line < 10) await pause(300, scope.signal);
  }
  await send({ type: "http.response.body" });
}

/** The longest upload that is echoed, in bytes. */
const MAX_UPLOAD = 64 * 1024 * 1024;

/** The request body, sent back once it is all there: browsers read no response before they have sent everything. */
async function echo(scope: HttpScope, receive: Receive, send: Send): Promise<void> {
  if (scope.method !== "POST" && scope.method !== "PUT") {
    await answer(send, 405, "text/plain; charset=utf-8", "Send something with POST or PUT.\n", [
      ["allow", "POST, PUT"],
    ]);
    return;
  }
  let body: Uint8Array;
  try {
    ({ body } = await bufferBody(scope, receive, MAX_UPLOAD));
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== "TSGI_ERR_BODY_TOO_LARGE") throw error;
    await answer(send, 413, "text/plain; charset=utf-8", `The demo echoes up to ${MAX_UPLOAD} bytes.\n`);
    return;
  }
  const type = header(scope, "content-type") || "application/octet-stream";
  await answer(send, 200, type, body, [
    ["content-disposition", "attachment"],
    ["x-content-type-options", "nosniff"],
  ]);
}

/** Server-sent events: the time, once a second, until the client leaves. */
async function events(scope: HttpScope, _receive: Receive, send: Send): Promise<void> {
  await send({
    type: "http.response.start",
    status: 200,
    headers: [
      ["content-type", "text/event-stream"],
      ["cache-control", "no-store"],
      ["x-accel-buffering", "no"],
    ],
  });
  await send({ type: "http.response.body", body: "retry: 2000\n\n", more_body: true });
  for (let id = 1; !scope.signal.aborted; id += 1) {
    const data = JSON.stringify({ id, time: new Date().toISOString() });
    await send({
      type: "http.response.body",
      body: `id: ${id}\nevent: tick\ndata: ${data}\n\n`,
      more_body: true,
    });
    await pause(1000, scope.signal);
  }
}

async function notFound(_scope: HttpScope, _receive: Receive, send: Send): Promise<void> {
  await answer(send, 404, "text/plain; charset=utf-8", "There is nothing here. Start at /.\n");
}

async function answer(
  send: Send,
  status: number,
  type: string,
  body: string | Uint8Array,
  more: readonly (readonly [string, string])[] = [],
): Promise<void> {
  await send({ type: "http.response.start", status, headers: [["content-type", type], ...more] });
  await send({ type: "http.response.body", body });
}

function header(scope: HttpScope, name: string): string {
  return scope.headers.find((entry) => entry[0] === name)?.[1] ?? "";
}

/** Waits, or rejects with the signal's reason as soon as the client leaves. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const left = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", left);
      resolve();
    }, milliseconds);
    if (signal.aborted) left();
    else signal.addEventListener("abort", left, { once: true });
  });
}
