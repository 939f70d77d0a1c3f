// An app in the authorizer role that fails: what it has said so far lets nobody in.
// Sources: FastCGI 1.0 §6.3 "Authorizer"; requirements F40, F46.

import { expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { AUTHORIZER } from "./constants.ts";
import { begin, clientOf, params, stdin, textApp, type RawClient } from "./raw-client.test-support.ts";

const ASKED = {
  REQUEST_METHOD: "GET",
  REQUEST_URI: "/x",
  SERVER_PROTOCOL: "HTTP/1.1",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
};

/** Answers with this status and the beginning of a body, and then fails, or does not. */
function authorizerOf(status: number, fails: boolean): AsgiApp {
  return async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status, headers: [["Variable-USER", "bob"]] });
    await send({ type: "http.response.body", body: "some", more_body: true });
    if (fails) throw new Error("The database has gone");
    await send({ type: "http.response.body", body: "more" });
  };
}

async function ask(authorizer: AsgiApp): Promise<RawClient> {
  const client = await clientOf(
    textApp(() => ""),
    { authorizer },
  );
  // Another request on the connection, so that it is not simply broken off.
  client.send(begin(2), begin(1, 1, AUTHORIZER), params(ASKED), stdin());
  return client;
}

test("an authorizer that fails after its 200 has not said yes [F40 F46]", async () => {
  const { stdout, appStatus } = await (await ask(authorizerOf(200, true))).answer(1);
  expect(stdout).toBe("");
  expect(appStatus).toBe(1);
});

test("an authorizer that says yes in pieces says it at its end, without a body [F40]", async () => {
  const { stdout, appStatus } = await (await ask(authorizerOf(200, false))).answer(1);
  expect(stdout).toBe("Status: 200 OK\r\nVariable-USER: bob\r\n\r\n");
  expect(appStatus).toBe(0);
});

test("an authorizer that says no says it as it goes [F40]", async () => {
  const { stdout } = await (await ask(authorizerOf(403, false))).answer(1);
  expect(stdout).toMatch(/^Status: 403 Forbidden\r\n.*\r\n\r\nsomemore$/s);
});
