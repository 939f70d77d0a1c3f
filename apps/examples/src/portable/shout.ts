// The async half (ASGI 3): it greets, and sends back in capitals what it is sent, piece by piece as it comes.

import { UnsupportedScopeError, type HttpScope, type Receive, type Scope, type Send } from "@tsgi/core";

/** What the lifespan leaves for every request. */
export interface State {
  greeting: string;
}

/** The app. */
export async function shout(scope: Scope<State>, receive: Receive, send: Send): Promise<void> {
  if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
  await send({
    type: "http.response.start",
    status: 200,
    headers: [["content-type", "text/plain; charset=utf-8"]],
  });
  if (scope.method === "POST") await capitals(receive, send);
  else await send({ type: "http.response.body", body: greeting(scope) });
}

function greeting({ state, root_path, path }: HttpScope<State>): string {
  // A server without a lifespan has no state.
  return `${state?.greeting ?? "Hello"} from ${path.slice(root_path.length)} below ${root_path || "nothing"}\n`;
}

async function capitals(receive: Receive, send: Send): Promise<void> {
  const decoder = new TextDecoder();
  for (;;) {
    const event = await receive();
    if (event.type !== "http.request") return; // the client has left
    const text = decoder.decode(event.body, { stream: event.more_body });
    await send({ type: "http.response.body", body: text.toUpperCase(), more_body: event.more_body });
    if (!event.more_body) return;
  }
}
