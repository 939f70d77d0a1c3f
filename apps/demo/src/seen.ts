// What an app sees of a request, as plain data that can be shown.

import type { HttpScope } from "@tsgi/core";

/** The scope without what does not belong on a page: `signal`, `state`, and the headers in their second form. */
export function seen(scope: HttpScope): Record<string, unknown> {
  const { signal: _signal, state: _state, rawHeaders: _raw, extensions, ...rest } = scope;
  return { ...rest, extensions: Object.keys(extensions).toSorted() };
}
