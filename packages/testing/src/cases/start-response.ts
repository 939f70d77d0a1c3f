// startResponse and write: what they refuse, when the head leaves, and how a second call replaces the first.
// Source: PEP 3333 "The start_response() Callable", "The write() Callable", "Error Handling".

import type { StartResponse, WsgiHeader } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import type { Case } from "../suite/case.ts";
import { equal, fail, quoted, throws } from "../suite/check.ts";
import { isPlain500 } from "./errors.ts";

const OURS = /^TSGI_ERR_/;

const BAD_STATUSES: readonly unknown[] = [
  "200",
  "20X OK",
  "200OK",
  "20 OK",
  "2000 OK",
  " 200 OK",
  "099 Low",
  "100 Continue",
  "200 OK\r\n",
  "200 O\nK",
  "200 O\0K",
  "",
  null,
  undefined,
  99,
  1000,
];

const BAD_HEADERS: readonly unknown[] = [
  [["a b", "v"]],
  [["a:", "v"]],
  [["", "v"]],
  [["a\r\nb", "v"]],
  [["n\xe4me", "v"]],
  [["x", "a\r\nEvil: 1"]],
  [["x", "a\nb"]],
  [["x", "a\0b"]],
  [["x", "a\x7f"]],
  [["x", "\u0100"]],
  [["x", 5]],
  [["Status", "200 OK"]],
  [["status", "404"]],
  ["x: 1"],
  [null],
  null,
  5,
];

function refused(startResponse: StartResponse, status: unknown, headers: unknown, what: string): void {
  throws(() => startResponse(status as string, headers as WsgiHeader[]), OURS, what);
}

function refusal(what: string, status: unknown, headers: unknown, proves: readonly RequirementId[]): Case {
  return {
    name: `sync startResponse: ${what} is refused at the call, and no octet is sent`,
    proves,
    breaks: true,
    syncApp(_environ, startResponse) {
      refused(startResponse, status, headers, what);
      startResponse("201 Right", [["X-Right", "1"]], new Error("the first call was refused"));
      return ["right"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text, response.all("x-right")], [201, "right", ["1"]]);
      equal([response.all("evil"), response.all("x")], [[], []]);
    },
  };
}

/** The cases about startResponse. */
export const startResponseCases: readonly Case[] = [
  ...BAD_STATUSES.map((status) =>
    refusal(
      `the status ${typeof status === "string" ? quoted(status) : String(status)}`,
      status,
      [],
      ["W30", "S4"],
    ),
  ),
  ...BAD_HEADERS.map((headers) =>
    refusal(
      `headers ${quoted(JSON.stringify(headers))}`,
      "200 OK",
      headers,
      JSON.stringify(headers).toLowerCase().includes("status") ? ["W32"] : ["W31", "S4"],
    ),
  ),
  {
    name: "sync startResponse: a bare number is taken for the standard status",
    proves: ["W30"],
    syncApp(_environ, startResponse) {
      startResponse(404, []);
      return ["ok"];
    },
    breaks: true,
    async client(client) {
      equal((await client.request()).status, 404);
    },
  },
  {
    name: "sync startResponse: a second call without an error is refused, and the first stands",
    proves: ["W36"],
    breaks: true,
    syncApp(_environ, startResponse) {
      startResponse("201 First", [["X-First", "1"]]);
      refused(startResponse, "202 Second", [], "a second call");
      return ["ok"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.all("x-first")], [201, ["1"]]);
    },
  },
  {
    name: "sync startResponse: a second call is refused even when the first threw",
    proves: ["W36"],
    breaks: true,
    syncApp(_environ, startResponse) {
      refused(startResponse, "bad", [], "a bad status");
      refused(startResponse, "200 OK", [], "a second call");
      startResponse("203 Replaced", [], new Error("why"));
      return ["ok"];
    },
    async client(client) {
      equal((await client.request()).status, 203);
    },
  },
  {
    name: "sync startResponse: a call with an error replaces status and headers that were not sent",
    proves: ["W36", "W35"],
    syncApp(_environ, startResponse) {
      startResponse("200 First", [["X-First", "1"]]);
      startResponse("503 Second", [["X-Second", "2"]], new Error("why"));
      return ["ok"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.all("x-first"), response.all("x-second")], [503, [], ["2"]]);
    },
  },
  {
    name: "sync startResponse: empty pieces send no head, so an error after them still replaces it",
    proves: ["W35", "W36"],
    *syncApp(_environ, startResponse) {
      startResponse("200 First", [["X-First", "1"]]);
      yield "";
      yield new Uint8Array(0);
      startResponse("503 Second", [["X-Second", "2"]], new Error("why"));
      yield "second";
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text, response.all("x-first")], [503, "second", []]);
    },
  },
  {
    name: "sync startResponse: a call with an error after the head was sent throws that very error",
    proves: ["W36"],
    breaks: true,
    *syncApp(_environ, startResponse) {
      startResponse("200 OK", [["Content-Length", "9"]]);
      yield "first ";
      const why = new Error("why");
      try {
        startResponse("500 Too Late", [], why);
        fail("startResponse after the head throws");
      } catch (error) {
        equal(error === why, true, "whether the thrown error is the very one");
      }
      yield "end";
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text], [200, "first end"]);
    },
  },
  {
    name: "sync startResponse: it may be called as late as in the first step of the iteration",
    proves: ["W38"],
    *syncApp(_environ, startResponse) {
      startResponse("201 Late", []);
      yield "late";
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text], [201, "late"]);
    },
  },
  {
    name: "sync startResponse: an app that never calls it is a clean 500",
    proves: ["W38"],
    breaks: true,
    syncApp: () => ["body without a head"],
    client: isPlain500,
  },
  {
    name: "sync startResponse: a piece before the call is a clean 500",
    proves: ["W38"],
    breaks: true,
    *syncApp(_environ, startResponse) {
      yield "too early";
      startResponse("200 OK", [["X-From-App", "1"]]);
    },
    client: isPlain500,
  },
  {
    name: "sync startResponse: write sends its octets before those of the result",
    proves: ["W37"],
    syncApp(_environ, startResponse) {
      const write = startResponse("200 OK", [["X-Right", "1"]]);
      write("one ");
      write(new Uint8Array([116, 119, 111, 32]));
      write("");
      return ["three ", "four"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text, response.all("x-right")], [200, "one two three four", ["1"]]);
    },
  },
  {
    name: "sync startResponse: write alone makes a whole response",
    proves: ["W37"],
    syncApp(_environ, startResponse) {
      const write = startResponse("200 OK", [["Content-Length", "3"]]);
      write("abc");
      return [];
    },
    async client(client) {
      const response = await client.request();
      equal([response.text, response.all("content-length")], ["abc", ["3"]]);
    },
  },
  {
    name: "sync startResponse: write after the iteration began is refused",
    proves: ["W37"],
    breaks: true,
    *syncApp(_environ, startResponse) {
      const write = startResponse("200 OK", []);
      yield "one ";
      throws(() => write("never"), OURS, "write within the iteration");
      yield "two";
    },
    async client(client) {
      equal((await client.request()).text, "one two");
    },
  },
  {
    name: "sync startResponse: write beyond Content-Length is refused",
    proves: ["W37", "W46"],
    breaks: true,
    syncApp(_environ, startResponse) {
      const write = startResponse("200 OK", [["Content-Length", "3"]]);
      throws(() => write("abcdef"), OURS, "write beyond the length");
      write("abc");
      return [];
    },
    async client(client) {
      equal((await client.request()).text, "abc");
    },
  },
];
