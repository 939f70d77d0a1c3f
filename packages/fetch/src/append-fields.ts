// Fields into a Headers object, one by one: half the cost of giving the whole list to its constructor.

import type { Headers as Fields } from "@tsgi/core";

/** Adds the fields of a scope, in their order. */
export function appendFields(headers: Headers, fields: Fields): void {
  for (let i = 0; i < fields.length; i += 1) {
    const field = fields[i] as readonly [string, string];
    headers.append(field[0], field[1]);
  }
}
