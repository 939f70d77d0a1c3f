// The sync half (PEP 3333): it counts the words of what it is sent, line by line.

import type { Environ, StartResponse } from "@tsgi/core";

/** The app. */
export function* words(environ: Environ, startResponse: StartResponse): Generator<string> {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  yield `${environ.SCRIPT_NAME}${environ.PATH_INFO}\n`;
  const decoder = new TextDecoder();
  for (const line of environ["wsgi.input"]) {
    const text = decoder.decode(line).trim();
    yield `${text === "" ? 0 : text.split(/\s+/).length}\n`;
  }
}
