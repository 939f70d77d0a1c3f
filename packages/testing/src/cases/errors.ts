// What an app does wrong, and what becomes of it: a clean 500 before the head, a cut response after it, one line in the log.
// Sources: ASGI 3.0 "Error Handling"; HTTP 2.5 "Response Start"; PEP 3333 "Error Handling".

import { UnsupportedScopeError } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import type { Case, CaseApp } from "../suite/case.ts";
import { equal, fail, matches, ok } from "../suite/check.ts";
import { finalHead, readBody, type Client } from "../suite/client.ts";
import { WireError, type WireExchange } from "../wire/wire.ts";
import { bodyOf, last, piece, start } from "./answers.ts";

const SECRET = "secret-of-the-app";

/** The response breaks off: the client can tell that it is not whole. */
export function isCut(exchange: WireExchange): Promise<void> {
  return breaksOff(exchange, () => finalHead(exchange));
}

async function breaksOff(
  exchange: WireExchange,
  before: () => Promise<unknown> = async () => {},
): Promise<void> {
  try {
    await before();
    await readBody(exchange);
  } catch (error) {
    if (error instanceof WireError && (error.kind === "cut" || error.kind === "closed")) return;
    throw error;
  }
  fail("A response that is not complete must not look complete");
}

/** A 500 that tells nothing. */
export async function isPlain500(client: Client): Promise<void> {
  const response = await client.request();
  equal(response.status, 500, "the status");
  matches(response.all("content-type")[0], /^text\/plain/, "the type of an error page");
  const all = JSON.stringify([response.text, response.headers]);
  ok(!all.includes(SECRET), "the error's text does not reach the client");
  ok(!/\bat \S+ \(|\.[jt]s:\d+|node:internal/.test(all), "no stack and no path reaches the client");
  ok(!response.all("x-from-app").length, "the app's head is not sent");
}

interface ErrorRow {
  readonly says: string;
  readonly app: CaseApp;
  readonly proves: readonly RequirementId[];
}

const CLEAN: readonly ErrorRow[] = [
  {
    says: "a throw before the start",
    proves: ["A45", "A10", "S20", "S18"],
    async app() {
      throw new Error(SECRET);
    },
  },
  {
    says: "a throw that is not of a promise",
    proves: ["A45", "A1"],
    app() {
      throw new Error(SECRET);
    },
  },
  {
    says: "a throw after the body was read",
    proves: ["A45"],
    async app(_scope, receive) {
      await bodyOf(receive);
      throw new Error(SECRET);
    },
  },
  {
    says: "a throw between the start and the first piece",
    proves: ["A36", "A45"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["x-from-app", "1"]]);
      throw new Error(SECRET);
    },
  },
  {
    says: "a throw of something that is no error",
    proves: ["A45", "A10"],
    app() {
      // oxlint-disable-next-line no-throw-literal
      throw SECRET;
    },
  },
  {
    says: "a rejection with undefined",
    proves: ["A45", "A10"],
    // oxlint-disable-next-line prefer-promise-reject-errors
    app: () => Promise.reject(),
  },
  {
    says: "a scope type the app does not know",
    proves: ["A6", "A45"],
    app(scope) {
      throw new UnsupportedScopeError(scope.type);
    },
  },
  { says: "a return without a start", proves: ["A44"], async app() {} },
  { says: "a return without a promise and without a start", proves: ["A44", "A1"], app() {} },
  {
    says: "a return between the start and the first piece",
    proves: ["A44", "A36"],
    app: (_scope, _receive, send) => start(send, 200, [["x-from-app", "1"]]),
  },
  {
    says: "a result that is not undefined",
    proves: ["A1"],
    app: (() => Promise.resolve("a value")) as unknown as CaseApp,
  },
  {
    says: "a function as the result, as of an ASGI 2 app",
    proves: ["A14", "A1"],
    app: (() => () => {}) as unknown as CaseApp,
  },
];

const CUT: readonly ErrorRow[] = [
  {
    says: "a throw after the first piece",
    proves: ["A45", "A10"],
    async app(_scope, _receive, send) {
      await start(send);
      await piece(send, "begun");
      throw new Error(SECRET);
    },
  },
  {
    says: "a throw within the announced length",
    proves: ["A45"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["content-length", "100"]]);
      await piece(send, "begun");
      throw new Error(SECRET);
    },
  },
  {
    says: "a return before the last piece",
    proves: ["A44"],
    async app(_scope, _receive, send) {
      await start(send);
      await piece(send, "begun");
    },
  },
  {
    says: "a last piece that leaves the body shorter than Content-Length",
    proves: ["A40"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["content-length", "10"]]);
      await piece(send, "begun");
      await last(send);
    },
  },
  {
    says: "a piece that makes the body longer than Content-Length",
    proves: ["A40"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["content-length", "10"]]);
      await piece(send, "begun");
      await piece(send, "and more than that");
    },
  },
];

/** The cases about errors of async apps. */
export const errorCases: readonly Case[] = [
  ...CLEAN.map(({ says, app, proves }): Case => ({
    name: `errors: ${says} is a clean 500 that tells nothing`,
    proves,
    breaks: true,
    app,
    client: isPlain500,
  })),
  ...CUT.map(({ says, app, proves }): Case => ({
    name: `errors: ${says} cuts the response`,
    proves,
    breaks: true,
    app,
    client: async (client) => isCut(client.start(await client.connect(), {})),
  })),
  ...[...CLEAN, ...CUT].map(({ says, app, proves }): Case => ({
    name: `errors: ${says} is logged once, with the method and path`,
    proves: [...new Set<RequirementId>(["A10", ...proves])],
    needs: ["log"],
    breaks: true,
    app,
    async client(client) {
      const exchange = client.start(await client.connect(), { target: "/the-path" });
      await finalHead(exchange)
        .then(() => readBody(exchange))
        .catch(() => {});
      const [entry] = await client.logged(1);
      equal(entry?.level, "error", "the level");
      matches(entry?.message, /GET.*the-path/, "the line");
      await client.ask();
      equal((await client.logged(1)).length, 1, "the number of lines");
    },
  })),
  ...["throws", "returns"].map((ends): Case => ({
    name: `errors: an app that ${ends} when the client has all it sent so far cuts the response`,
    proves: ["A44", "A45"],
    needs: ["memory"],
    breaks: true,
    async app(_scope, _receive, send, stage) {
      await start(send);
      await piece(send, "begun");
      await stage.gate("all is read");
      if (ends === "throws") throw new Error(SECRET);
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      equal((await finalHead(exchange)).status, 200);
      await exchange.read();
      await client.open("all is read");
      await breaksOff(exchange);
    },
  })),
  {
    name: "errors: a cut response on HTTP/1.0 is a reset, since its clean end would look complete",
    proves: ["A44", "A45"],
    needs: ["octets", "memory"],
    breaks: true,
    async app(_scope, _receive, send, stage) {
      await start(send);
      await piece(send, "begun");
      // The client must have read: what arrives together with a reset, libuv reports as a clean end.
      await stage.gate("all is read");
      throw new Error(SECRET);
    },
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("GET / HTTP/1.0"));
      const exchange = octets.response("GET");
      equal((await finalHead(exchange)).framing, "close");
      await exchange.read();
      await client.open("all is read");
      await breaksOff(exchange);
    },
  },
  {
    name: "errors: a throw after the response is logged, and the response and its connection stand",
    proves: ["S26", "A10"],
    needs: ["log"],
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send);
      await last(send, "whole");
      throw new Error(SECRET);
    },
    async client(client) {
      const connection = await client.connect();
      equal((await client.send(connection, {})).text, "whole");
      matches((await client.logged(1))[0]?.message, /GET/, "the line");
      equal((await client.send(connection, {})).text, "whole", "the next response on the connection");
    },
  },
  {
    name: "errors: a refused send that nobody awaits does not bring the process down",
    proves: ["A10", "S26"],
    breaks: true,
    async app(_scope, _receive, send) {
      void send({ type: "http.response.body", body: "too early" });
      await start(send);
      void start(send);
      await last(send, "whole");
    },
    async client(client) {
      equal((await client.request()).text, "whole");
      equal((await client.request()).text, "whole", "the next response");
    },
  },
  {
    name: "errors: one app's failure leaves the response on another connection alone",
    proves: ["A10"],
    needs: ["memory"],
    breaks: true,
    async app(scope, _receive, send, stage) {
      if (scope.path.endsWith("/fail")) throw new Error(SECRET);
      await start(send);
      await piece(send, "one ");
      stage.note("begun");
      await stage.gate("failed");
      await last(send, "two");
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      await client.notes(1);
      equal((await client.request({ target: "/fail" })).status, 500);
      await client.open("failed");
      equal((await client.read(exchange)).text, "one two");
    },
  },
];
