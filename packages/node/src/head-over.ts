// A response head on top of what something in front has set: a framework's cookies, its X-Powered-By.
// Source: https://nodejs.org/docs/latest-v20.x/api/http.html#responsewriteheadstatuscode-statusmessage-headers.

import type { ServerResponse } from "node:http";

/**
 * Writes a head, fields flat. A field replaces what was set under its name, but cookies come on top. `writeHead` with a
 * list would keep one value of each name only.
 */
export function writeHeadOver(res: ServerResponse, status: number, fields: readonly string[]): void {
  const values = new Map<string, string[]>();
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const key = name.toLowerCase();
    const list = values.get(key);
    if (list === undefined) values.set(key, [fields[i + 1] as string]);
    else list.push(fields[i + 1] as string);
  }
  // How long the body is, and what follows it, is for who writes it to say.
  for (const name of ["content-length", "trailer"]) if (res.hasHeader(name)) res.removeHeader(name);
  for (const [name, list] of values) {
    if (name === "set-cookie") res.appendHeader(name, list);
    else res.setHeader(name, list.length === 1 ? (list[0] as string) : list);
  }
  res.writeHead(status);
}
