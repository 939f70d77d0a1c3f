// What was thrown, as something that cannot be taken for no error: an app may throw `undefined`, a bare `reject()` does.
// Source: ASGI 3.0 "Error Handling"; requirement A10.

import { GatewayError } from "./errors.ts";

/** What a log, or whoever asks whether something failed, is told of a thrown value: the value, or that it says nothing. */
export function errorOf(thrown: unknown): unknown {
  return (
    thrown ??
    new GatewayError("TSGI_ERR_THROWN", `It threw ${String(thrown)}, which does not tell what went wrong`)
  );
}
