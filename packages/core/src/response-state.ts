// How far a response is, and what is said of an event that comes at the wrong time.
// Source: ASGI HTTP 2.5 "Response Start", "Response Body".

import { ClientDisconnected, GatewayError } from "./errors.ts";

/** How far the response is: nothing yet, head held back, head sent, body sent and trailers due, all sent, or cut. */
export type ResponseState = "idle" | "held" | "streaming" | "trailers" | "complete" | "cut";

const WHEN: Readonly<Record<ResponseState, string>> = {
  idle: "before http.response.start",
  held: "after http.response.start",
  streaming: "after the body has begun",
  trailers: "after the body: http.response.trailers is due",
  complete: "after the response is complete",
  cut: "after the connection was lost",
};

/** The error of an event at the wrong time. */
export function misplaced(type: string, state: ResponseState): GatewayError {
  if (state === "cut") return new ClientDisconnected();
  return new GatewayError("TSGI_ERR_EVENT_ORDER", `${type} may not be sent ${WHEN[state]}`);
}

/**
 * The error of an app that returned before its response was complete.
 *
 * @param cause - What an event of the app was refused with, if any was.
 */
export function unfinished(state: ResponseState, cause: unknown): GatewayError {
  return state === "idle"
    ? new GatewayError("TSGI_ERR_NO_RESPONSE", "The app returned without a response", { cause })
    : new GatewayError("TSGI_ERR_INCOMPLETE", "The app returned before its response was complete", { cause });
}

/** Whether an error is what an app may well throw because its client went away. */
export function isAftermath(error: unknown): boolean {
  try {
    return error instanceof ClientDisconnected || (error as { name?: unknown } | null)?.name === "AbortError";
  } catch {
    // An app may throw anything, a proxy or a throwing getter too.
    return false;
  }
}

/** Whether an error is an app's way to hang up: {@link ResponseAborted}, of whichever copy of core. */
export function isHangUp(error: unknown): boolean {
  try {
    return (error as { code?: unknown } | null | undefined)?.code === "TSGI_ERR_ABORTED";
  } catch {
    return false;
  }
}
