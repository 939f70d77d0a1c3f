// A failure without an error is told as a failure, wherever it is told.

import { describe, expect, test } from "vitest";
import type { AsgiApp, WsgiApp } from "./app.ts";
import { GatewayError } from "./errors.ts";
import { MemoryTransport, scopeOf } from "./memory-transport.test-support.ts";
import { errorOf } from "./thrown.ts";
import { serve } from "./transport.ts";
import { errorCodes, runSync } from "./wsgi.test-support.ts";

const NOTHINGS = [undefined, null];

/** A sync app that throws a value. */
function throwing(value: unknown): WsgiApp {
  return () => {
    throw value;
  };
}

test.each([0, "", false, new Error("x")])("%j is thrown as it is [A10]", (value) => {
  expect(errorOf(value)).toBe(value);
});

describe.each(NOTHINGS)("%s", (nothing) => {
  test.each<[how: string, app: AsgiApp]>([
    [
      "thrown by an app",
      () => {
        throw nothing;
      },
    ],
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    ["that an app's promise is rejected with", () => Promise.reject(nothing)],
  ])("%s is a 500 and an error in the log [A10 A45]", async (_how, app) => {
    const transport = new MemoryTransport();
    serve(app, scopeOf(), transport);
    await transport.detached;
    expect(transport.head?.status).toBe(500);
    expect(transport.errors).toEqual([expect.any(GatewayError)]);
    expect(errorCodes(transport)).toEqual(["TSGI_ERR_THROWN"]);
  });

  test.each([false, true])(
    "thrown by a sync app is the same (behind a middleware: %s) [A10 W50]",
    async (plain) => {
      const transport = await runSync(throwing(nothing), { plain });
      expect(transport.head?.status).toBe(500);
      expect(errorCodes(transport)).toEqual(["TSGI_ERR_THROWN"]);
    },
  );

  test("thrown by a sync app is an error for those it has asked to be called after the response [W54]", async () => {
    const told: unknown[] = [];
    await runSync((environ) => {
      (environ["tsgi.after_response"] as unknown[]).push((...call: unknown[]) => told.push(call[3]));
      throw nothing;
    });
    expect(told).toEqual([expect.objectContaining({ code: "TSGI_ERR_THROWN" })]);
  });

  test("thrown by such a callback, or by close(), is an error in the log [A10 W54]", async () => {
    const transport = await runSync((environ, startResponse) => {
      (environ["tsgi.after_response"] as unknown[]).push(throwing(nothing));
      startResponse("200 OK", []);
      return Object.assign(["a"], { close: throwing(nothing) });
    });
    expect([transport.text(), errorCodes(transport)]).toEqual(["a", ["TSGI_ERR_THROWN", "TSGI_ERR_THROWN"]]);
  });
});
