// The head of a response on the wire: status, reason, fields, their order, repetition and case, and what belongs to the host.
// Sources: ASGI HTTP 2.5 "Response Start"; PEP 3333 "The start_response() Callable"; RFC 9110 §5.3, §6.6.1, §15; RFC 9112 §4.

import { inBoth, type Case } from "../suite/case.ts";
import { equal, matches, ok } from "../suite/check.ts";
import { last, start } from "./answers.ts";

const STATUSES = [200, 201, 206, 226, 299, 300, 302, 400, 404, 418, 451, 500, 503];
const UNUSUAL_STATUSES = [600, 799, 999];

const COOKIES = [
  ["Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
  ["Set-Cookie", "b=2"],
] as const;

const DUPLICATES = [
  ["X-One", "1"],
  ["X-Two", "first"],
  ["x-one", "2"],
  ["X-Two", "second, with a comma"],
] as const;

function statusCases(status: number): Case[] {
  return inBoth({
    name: `response heads: status ${status} arrives`,
    proves: ["A35", "X20"],
    async app(_scope, _receive, send) {
      await start(send, status);
      await last(send, "body");
    },
    syncApp(_environ, startResponse) {
      startResponse(`${status} Some reason`, []);
      return ["body"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text], [status, "body"]);
    },
  });
}

/** The cases about the heads of responses. */
export const responseHeadCases: readonly Case[] = [
  ...[...STATUSES, ...UNUSUAL_STATUSES].flatMap(statusCases),
  ...inBoth({
    name: "response heads: a 404 of the app is its answer, with a body and without",
    proves: ["X31", "A35"],
    async app(scope, _receive, send) {
      await start(send, 404, [["x-mine", "1"]]);
      await last(send, scope.path.endsWith("/body") ? "nothing here" : "");
    },
    syncApp(environ, startResponse) {
      startResponse("404 Not Found", [["X-Mine", "1"]]);
      return environ.PATH_INFO.endsWith("/body") ? ["nothing here"] : [];
    },
    async client(client) {
      for (const [target, body] of [
        ["/body", "nothing here"],
        ["/empty", ""],
      ] as const) {
        const { status, text, all } = await client.request({ target });
        equal([status, text, all("x-mine")], [404, body, ["1"]]);
      }
    },
  }),
  ...inBoth({
    name: "response heads: repeated fields stay apart and in order",
    proves: ["A42", "W34"],
    async app(_scope, _receive, send) {
      await start(send, 200, DUPLICATES);
      await last(send, "ok");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", DUPLICATES);
      return ["ok"];
    },
    async client(client) {
      const response = await client.request();
      equal(
        [response.all("x-one"), response.all("x-two")],
        [
          ["1", "2"],
          ["first", "second, with a comma"],
        ],
      );
    },
  }),
  {
    name: "response heads: fields keep their order on HTTP/1.1, repeated ones too",
    proves: ["A42", "W34"],
    needs: ["HTTP/1.1"],
    async app(_scope, _receive, send) {
      await start(send, 200, DUPLICATES);
      await last(send, "ok");
    },
    async client(client) {
      const { headers } = await client.request();
      equal(
        headers.filter(([name]) => /^x-(one|two)$/i.test(name)),
        DUPLICATES,
      );
    },
  },
  ...inBoth({
    name: "response heads: every Set-Cookie is a field of its own",
    proves: ["A42", "W34", "X17"],
    async app(_scope, _receive, send) {
      await start(send, 200, COOKIES);
      await last(send, "ok");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", COOKIES);
      return ["ok"];
    },
    async client(client) {
      equal(
        (await client.request()).all("set-cookie"),
        COOKIES.map(([, value]) => value),
      );
    },
  }),
  ...inBoth({
    name: "response heads: octets above 0x7F arrive one by one",
    proves: ["X18", "A37"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["x-high", "caf\xc3\xa9 \xe9\xff"]]);
      await last(send, "ok");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["X-High", "caf\xc3\xa9 \xe9\xff"]]);
      return ["ok"];
    },
    async client(client) {
      equal((await client.request()).all("x-high"), ["caf\xc3\xa9 \xe9\xff"]);
    },
  }),
  ...inBoth({
    name: "response heads: an empty value and a value of 5000 octets arrive",
    proves: ["A42", "W34"],
    async app(_scope, _receive, send) {
      await start(send, 200, [
        ["x-empty", ""],
        ["x-long", "v".repeat(5000)],
      ]);
      await last(send, "ok");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [
        ["X-Empty", ""],
        ["X-Long", "v".repeat(5000)],
      ]);
      return ["ok"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.all("x-empty"), response.all("x-long")], [[""], ["v".repeat(5000)]]);
    },
  }),
  ...inBoth({
    name: "response heads: the app's case of a name is kept on HTTP/1.1",
    proves: ["X19"],
    needs: ["HTTP/1.1"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["X-MiXed-Case", "1"]]);
      await last(send, "ok");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["X-MiXed-Case", "1"]]);
      return ["ok"];
    },
    async client(client) {
      const { headers } = await client.request();
      ok(
        headers.some(([name]) => name === "X-MiXed-Case"),
        `X-MiXed-Case is there: ${headers.map(([name]) => name).join(", ")}`,
      );
    },
  }),
  {
    name: "response heads: headers may be any iterable of pairs, or absent",
    proves: ["A35"],
    async app(scope, _receive, send) {
      const headers = new Map([["x-from", "a map"]]);
      if (scope.path.endsWith("/none")) await send({ type: "http.response.start", status: 200 });
      else await send({ type: "http.response.start", status: 200, headers });
      await last(send, "ok");
    },
    async client(client) {
      equal((await client.request()).all("x-from"), ["a map"]);
      equal((await client.request({ target: "/none" })).text, "ok");
    },
  },
  {
    name: "response heads: a status has its standard reason on HTTP/1.1",
    proves: ["X20"],
    needs: ["HTTP/1.1"],
    async app(scope, _receive, send) {
      await start(send, Number(scope.path.slice(-3)));
      await last(send, "ok");
    },
    async client(client) {
      const reasons = [];
      for (const status of [200, 404, 500])
        reasons.push((await client.request({ target: `/${status}` })).reason);
      equal(reasons, ["OK", "Not Found", "Internal Server Error"]);
    },
  },
  {
    name: "response heads: the app's reason is written where tsgi.reason is offered",
    proves: ["X20"],
    needs: ["HTTP/1.1"],
    async app(scope, _receive, send) {
      ok("tsgi.reason" in scope.extensions, "tsgi.reason is offered");
      await send({ type: "http.response.start", status: 200, reason: "As You Like It" });
      await last(send, "ok");
    },
    async client(client) {
      equal((await client.request()).reason, "As You Like It");
    },
  },
  {
    name: "sync response heads: the app's reason is written on HTTP/1.1",
    proves: ["W30", "X20"],
    needs: ["HTTP/1.1"],
    syncApp(_environ, startResponse) {
      startResponse("404 Nothing Here", []);
      return ["ok"];
    },
    async client(client) {
      equal((await client.request()).reason, "Nothing Here");
    },
  },
  {
    name: "sync response heads: an empty reason stays empty on HTTP/1.1",
    proves: ["W30", "X20"],
    needs: ["HTTP/1.1"],
    syncApp(_environ, startResponse) {
      startResponse("404 ", []);
      return ["ok"];
    },
    async client(client) {
      equal((await client.request()).reason, "");
    },
  },
  ...inBoth({
    name: "response heads: Date is there once, and the app's own one wins",
    proves: ["A43"],
    async app(scope, _receive, send) {
      await start(send, 200, scope.path.endsWith("/own") ? [["date", "Thu, 01 Jan 1970 00:00:00 GMT"]] : []);
      await last(send, "ok");
    },
    syncApp(environ, startResponse) {
      startResponse(
        "200 OK",
        environ.PATH_INFO.endsWith("/own") ? [["Date", "Thu, 01 Jan 1970 00:00:00 GMT"]] : [],
      );
      return ["ok"];
    },
    async client(client) {
      const dates = (await client.request()).all("date");
      equal(dates.length, 1, "the number of Date fields");
      matches(dates[0], / GMT$/, "Date");
      equal((await client.request({ target: "/own" })).all("date"), ["Thu, 01 Jan 1970 00:00:00 GMT"]);
    },
  }),
  {
    name: "response heads: the app's Server field is sent once",
    proves: ["A43"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["server", "mine/1"]]);
      await last(send, "ok");
    },
    async client(client) {
      equal((await client.request()).all("server"), ["mine/1"]);
    },
  },
];
