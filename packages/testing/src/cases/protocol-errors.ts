// Events that break the protocol: refused at the call that broke it, with nothing written, and a correct answer is still taken.
// Sources: ASGI 3.0 "Error Handling"; HTTP 2.5; RFC 9110 §5.1, §5.5 (names and values); response splitting (CWE-113).

import type { Send, SendEvent } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import type { Case } from "../suite/case.ts";
import { equal, quoted, rejects } from "../suite/check.ts";
import { last, piece, start } from "./answers.ts";

interface WrongEvent {
  readonly says: string;
  readonly event: unknown;
  readonly code: string;
  readonly proves: readonly RequirementId[];
}

const head = (fields: object): unknown => ({ type: "http.response.start", status: 200, ...fields });

const BAD_STATUSES: readonly unknown[] = [
  undefined,
  null,
  "200",
  99,
  100,
  101,
  199,
  1000,
  200.5,
  Number.NaN,
  -1,
];
const BAD_NAMES: readonly string[] = [
  "",
  " ",
  "a b",
  "a:b",
  ":status",
  "a\r\nb",
  "a\n",
  "\0",
  "n\xe4me",
  "a\u0100",
  "(a)",
  "a\x7f",
];
const BAD_VALUES: readonly string[] = [
  "a\r\nSet-Cookie: evil=1",
  "a\rb",
  "a\nb",
  "\n",
  "a\0b",
  "a\x7f",
  "a\x01",
  "a\u0100",
  "a\u{1f600}",
];
const BAD_LENGTHS: readonly string[] = ["", "-1", "+5", "5, 5", "0x5", "1e3", "5 5", "99999999999999999999"];

const BEFORE_START: readonly WrongEvent[] = [
  {
    says: "an event of an unknown type",
    event: { type: "http.response.unheard-of" },
    code: "TSGI_ERR_EVENT",
    proves: ["A5"],
  },
  {
    says: "an event of another protocol",
    event: { type: "websocket.accept" },
    code: "TSGI_ERR_EVENT",
    proves: ["A5"],
  },
  {
    says: "an event of the other direction",
    event: { type: "http.request" },
    code: "TSGI_ERR_EVENT",
    proves: ["A5"],
  },
  { says: "an event without a type", event: {}, code: "TSGI_ERR_EVENT", proves: ["A5"] },
  { says: "undefined for an event", event: undefined, code: "TSGI_ERR_EVENT", proves: ["A5"] },
  { says: "null for an event", event: null, code: "TSGI_ERR_EVENT", proves: ["A5"] },
  { says: "a string for an event", event: "http.response.start", code: "TSGI_ERR_EVENT", proves: ["A5"] },
  {
    says: "a body before the start",
    event: { type: "http.response.body", body: "x" },
    code: "TSGI_ERR_EVENT_ORDER",
    proves: ["A35", "A5"],
  },
  {
    says: "the test clients' debug event where it is not offered",
    event: { type: "http.response.debug", info: {} },
    code: "TSGI_ERR_EXTENSION",
    proves: ["A13", "A57"],
  },
  {
    says: "a push where it is not offered",
    event: { type: "http.response.push", path: "/pushed", headers: [] },
    code: "TSGI_ERR_EXTENSION",
    proves: ["A13", "A56"],
  },
  ...BAD_STATUSES.map((status): WrongEvent => ({
    says: `the status ${JSON.stringify(status) ?? "undefined"}${Number.isNaN(status) ? " (NaN)" : ""}`,
    event: head({ status }),
    code: "TSGI_ERR_STATUS",
    proves: ["A35", "A5", "X20"],
  })),
  ...BAD_NAMES.map((name): WrongEvent => ({
    says: `the header name ${quoted(name)}`,
    event: head({ headers: [[name, "v"]] }),
    code: "TSGI_ERR_HEADER",
    proves: ["A37", "S4"],
  })),
  ...BAD_VALUES.map((value): WrongEvent => ({
    says: `the header value ${quoted(value)}`,
    event: head({ headers: [["x-v", value]] }),
    code: "TSGI_ERR_HEADER",
    proves: ["A37", "S4"],
  })),
  ...BAD_LENGTHS.map((value): WrongEvent => ({
    says: `the Content-Length ${quoted(value)}`,
    event: head({ headers: [["content-length", value]] }),
    code: "TSGI_ERR_HEADER",
    proves: ["A40", "X34"],
  })),
  {
    says: "two lengths that differ",
    event: head({
      headers: [
        ["content-length", "1"],
        ["Content-Length", "2"],
      ],
    }),
    code: "TSGI_ERR_HEADER",
    proves: ["X34"],
  },
  {
    says: "a reason with a line end",
    event: head({ reason: "OK\r\nEvil: 1" }),
    code: "TSGI_ERR_STATUS",
    proves: ["S4"],
  },
  { says: "a number for headers", event: head({ headers: 5 }), code: "TSGI_ERR_HEADER", proves: ["A5"] },
  {
    says: "headers that are no pairs",
    event: head({ headers: ["x-v: 1"] }),
    code: "TSGI_ERR_HEADER",
    proves: ["A5", "A37"],
  },
  {
    says: "a number for a header value",
    event: head({ headers: [["x-v", 1]] }),
    code: "TSGI_ERR_HEADER",
    proves: ["A5", "A37"],
  },
  { says: "a string for trailers", event: head({ trailers: "yes" }), code: "TSGI_ERR_EVENT", proves: ["A5"] },
];

const AFTER_START: readonly WrongEvent[] = [
  { says: "a second start", event: head({}), code: "TSGI_ERR_EVENT_ORDER", proves: ["A35"] },
  {
    says: "a number for a body",
    event: { type: "http.response.body", body: 5 },
    code: "TSGI_ERR_EVENT",
    proves: ["A5"],
  },
  {
    says: "an array for a body",
    event: { type: "http.response.body", body: [1, 2] },
    code: "TSGI_ERR_EVENT",
    proves: ["A5"],
  },
  {
    says: "null for a body",
    event: { type: "http.response.body", body: null },
    code: "TSGI_ERR_EVENT",
    proves: ["A5"],
  },
  {
    says: "a string for more_body",
    event: { type: "http.response.body", body: "x", more_body: "true" },
    code: "TSGI_ERR_EVENT",
    proves: ["A5"],
  },
];

function wrong(send: Send, { event, code, says }: WrongEvent): Promise<unknown> {
  return rejects(send(event as SendEvent), code, says);
}

/** The cases about events that break the protocol. */
export const protocolErrorCases: readonly Case[] = [
  ...BEFORE_START.map((row): Case => ({
    name: `protocol errors: ${row.says} is refused, and the right start is still taken`,
    proves: row.proves,
    breaks: true,
    async app(_scope, _receive, send) {
      await wrong(send, row);
      await start(send, 201, [["x-right", "1"]]);
      await last(send, "right");
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text, response.all("x-right")], [201, "right", ["1"]]);
      equal([response.all("evil"), response.all("x-v"), response.all("set-cookie")], [[], [], []]);
    },
  })),
  ...AFTER_START.map((row): Case => ({
    name: `protocol errors: ${row.says} after the start is refused, and the right body is still taken`,
    proves: row.proves,
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send, 201, [["x-right", "1"]]);
      await wrong(send, row);
      await piece(send, "right ");
      await wrong(send, row);
      await last(send, "body");
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text, response.all("x-right")], [201, "right body", ["1"]]);
    },
  })),
  {
    name: "protocol errors: a body longer than Content-Length at once is refused with its own code, before any octet",
    proves: ["A40"],
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send, 200, [["content-length", "3"]]);
      await rejects(last(send, "abcdef"), "TSGI_ERR_CONTENT_LENGTH", "a body that is too long");
      await last(send, "abc");
    },
    async client(client) {
      equal((await client.request()).text, "abc");
    },
  },
  {
    name: "protocol errors: keys an event does not know are ignored",
    proves: ["A4"],
    async app(_scope, _receive, send) {
      await send({ type: "http.response.start", status: 200, headers: [], extra: 1 } as SendEvent);
      await send({ type: "http.response.body", body: "ok", more_body: false, extra: { a: 1 } } as SendEvent);
    },
    async client(client) {
      equal((await client.request()).text, "ok");
    },
  },
  {
    name: "protocol errors: what is sent after a complete response is ignored",
    proves: ["A9"],
    needs: ["memory"],
    breaks: true,
    async app(_scope, _receive, send, stage) {
      await start(send);
      await last(send, "whole");
      await piece(send, "ignored");
      await last(send, "ignored");
      await start(send, 500);
      stage.note("ignored");
    },
    async client(client) {
      const connection = await client.connect();
      equal((await client.send(connection, {})).text, "whole");
      equal(await client.notes(1), ["ignored"]);
      equal((await client.send(connection, {})).text, "whole", "the next response on the connection");
      await connection.finish();
    },
  },
  {
    name: "protocol errors: pieces sent without waiting go out in the order of the calls",
    proves: ["A7"],
    async app(_scope, _receive, send) {
      const all = [start(send)];
      for (let i = 0; i < 100; i += 1) all.push(piece(send, `${i},`));
      all.push(last(send, "end"));
      await Promise.all(all);
    },
    async client(client) {
      const expected = `${Array.from({ length: 100 }, (_, i) => `${i},`).join("")}end`;
      equal((await client.request()).text, expected);
    },
  },
];
