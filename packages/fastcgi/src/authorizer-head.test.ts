// The authorizer middleware and HEAD, whose answers have no body: a yes is no yes before its end all the same.

import { expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { fastCgiAuthorizer } from "./authorizer.ts";
import { UNKNOWN_ROLE } from "./constants.ts";
import { scriptedUpstream, type Script } from "./scripted-upstream.test-support.ts";

/** What HEAD gets, and whether the app was asked. */
async function head(script: Script): Promise<readonly [status: number, served: boolean]> {
  const { target } = await scriptedUpstream(script);
  let served = false;
  const app: AsgiApp = async (_scope, _receive, send) => {
    served = true;
    await send({ type: "http.response.start", status: 204, headers: [] });
    await send({ type: "http.response.body" });
  };
  const guarded = fastCgiAuthorizer(target, { log: () => {} })(app);
  const { status } = await createTestClient(guarded, { raiseAppErrors: false }).head("/");
  return [status, served];
}

test("a yes lets HEAD through, and the authorizer is told the method [FC24]", async () => {
  let method: string | undefined;
  const script: Script = async (connection) => {
    ({ REQUEST_METHOD: method } = (await connection.request()).params);
    await connection.answer("", "Status: 200\r\n");
    connection.close();
  };
  expect(await head(script)).toEqual([204, true]);
  expect(method).toBe("HEAD");
});

test.each<[string, Script]>([
  ["its connection closed", (connection) => connection.close()],
  ["what is no FastCGI", (connection) => connection.write("garbage!")],
  ["a protocol status", (connection) => connection.end(0, UNKNOWN_ROLE)],
])("a yes with %s in place of its end lets nobody through [FC24]", async (_what, instead) => {
  const script: Script = async (connection, index) => {
    await connection.request();
    await connection.stdout("Status: 200\r\n\r\n");
    await instead(connection, index);
  };
  expect(await head(script)).toEqual([502, false]);
});

test("a no is the answer, body or not [FC24]", async () => {
  const script: Script = async (connection) => {
    await connection.request();
    await connection.answer("no", "Status: 403\r\nContent-Type: text/plain\r\n");
    connection.close();
  };
  expect(await head(script)).toEqual([403, false]);
});
