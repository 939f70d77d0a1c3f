// Apps for the tests of the test client.

import type { AsgiApp } from "@tsgi/core";
import { lintAsgi } from "../lint-asgi.ts";

/** Answers 200 with a text. */
export function answering(text: string, headers: readonly (readonly [string, string])[] = []): AsgiApp {
  return async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers });
    await send({ type: "http.response.body", body: text });
  };
}

/** Answers with the request body. */
export const echo: AsgiApp = lintAsgi(async (_scope, receive, send) => {
  await send({ type: "http.response.start", status: 200 });
  for (;;) {
    const event = await receive();
    if (event.type !== "http.request") return;
    await send({ type: "http.response.body", body: event.body, more_body: event.more_body });
    if (!event.more_body) return;
  }
});

/** Resolves once every reaction that is due has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
