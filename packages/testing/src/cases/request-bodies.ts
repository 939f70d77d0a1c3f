// Request bodies as the app reads them, in both interfaces: of announced and of unknown length, empty, large, unread.
// Sources: ASGI HTTP 2.5 "Request"; PEP 3333 "Input and Error Streams"; RFC 9112 §6, §7.1; RFC 9110 §10.1.1 (100-continue).

import { utf8Encode, type HttpReceiveEvent } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import { reply } from "../suite/app.ts";
import { inBoth, type Case, type Need } from "../suite/case.ts";
import { equal, ok } from "../suite/check.ts";
import type { CaseRequest } from "../suite/client.ts";
import { bodyOf, digest, join, json, noise, syncBodyOf, syncJson } from "./answers.ts";

const MIB = 1024 * 1024;
const ALL_OCTETS = Uint8Array.from({ length: 256 }, (_, i) => i);

interface BodyRow {
  readonly says: string;
  readonly request: () => CaseRequest;
  readonly body: () => Uint8Array;
  readonly proves: readonly RequirementId[];
  readonly needs?: readonly Need[];
}

const ROWS: readonly BodyRow[] = [
  {
    says: "a POST without a body has an empty one",
    request: () => ({ method: "POST" }),
    body: () => new Uint8Array(0),
    proves: ["A27", "W21", "X21"],
  },
  {
    says: "a body of announced length 0 is empty",
    request: () => ({ method: "POST", body: "" }),
    body: () => new Uint8Array(0),
    proves: ["A27", "X21"],
  },
  {
    says: "a body of announced length arrives",
    request: () => ({ method: "POST", body: "name=value" }),
    body: () => utf8Encode("name=value"),
    proves: ["A28", "W22", "X21"],
  },
  {
    says: "all 256 octets arrive",
    request: () => ({ method: "POST", body: ALL_OCTETS }),
    body: () => ALL_OCTETS,
    proves: ["A28", "W21"],
  },
  {
    says: "a GET may have a body",
    request: () => ({ method: "GET", body: "of a GET" }),
    body: () => utf8Encode("of a GET"),
    proves: ["A28", "X21"],
  },
  {
    says: "a DELETE may have a body",
    request: () => ({ method: "DELETE", body: "of a DELETE" }),
    body: () => utf8Encode("of a DELETE"),
    proves: ["A28", "X21"],
  },
  {
    says: "1 MiB of noise arrives octet by octet",
    request: () => ({ method: "PUT", body: noise(MIB) }),
    body: () => noise(MIB),
    proves: ["A28", "W22", "W24", "X21"],
  },
  {
    says: "a body of unknown length arrives joined in order",
    request: () => ({ method: "POST", pieces: ["one ", "two ", "three"] }),
    body: () => utf8Encode("one two three"),
    proves: ["A25", "A28", "W25", "X21"],
  },
  {
    says: "an empty body of unknown length is empty",
    request: () => ({ method: "POST", pieces: [] }),
    body: () => new Uint8Array(0),
    proves: ["A25", "A28", "W25"],
  },
  {
    says: "1 MiB of noise of unknown length arrives octet by octet",
    request: () => ({ method: "POST", pieces: [noise(300_000), noise(MIB - 300_000, 2)] }),
    body: () => join([noise(300_000), noise(MIB - 300_000, 2)]),
    proves: ["A25", "A28", "W25", "X21"],
  },
];

function bodyCases({ says, request, body, proves, needs = [] }: BodyRow): Case[] {
  return inBoth({
    name: `request bodies: ${says}`,
    proves,
    needs,
    app: async (_scope, receive, send) => json(send, digest(await bodyOf(receive))),
    syncApp: (environ, startResponse) => syncJson(startResponse, digest(syncBodyOf(environ))),
    async client(client) {
      equal(await client.json(request()), digest(body()));
    },
  });
}

/** The cases about request bodies. */
export const requestBodyCases: readonly Case[] = [
  ...ROWS.flatMap(bodyCases),
  {
    name: "request bodies: every piece has body and more_body, the last alone says false, and only the last may be empty",
    proves: ["A27", "A28", "A3"],
    async app(_scope, receive, send) {
      for (;;) {
        const event = (await receive()) as HttpReceiveEvent;
        ok(event.type === "http.request", `the event is http.request, not ${event.type}`);
        ok(event.body instanceof Uint8Array, "body is bytes");
        equal(typeof event.more_body, "boolean", "the type of more_body");
        ok(event.body.byteLength > 0 || !event.more_body, "a piece that more follows is not empty");
        ok(Object.getPrototypeOf(event) === Object.prototype, "an event is a plain object");
        equal(Object.keys(structuredClone(event)).toSorted(), ["body", "more_body", "type"], "the keys");
        if (!event.more_body) break;
      }
      await reply(send, 200, "ok");
    },
    async client(client) {
      for (const request of [
        {},
        { body: noise(200_000) },
        { pieces: [noise(100_000), "", "end"] },
      ] satisfies CaseRequest[]) {
        equal((await client.request({ method: "POST", ...request })).status, 200);
      }
    },
  },
  {
    name: "request bodies: Transfer-Encoding is listed, and the pieces come without chunk sizes",
    proves: ["A25"],
    needs: ["HTTP/1.1"],
    async app(scope, receive, send) {
      equal(
        scope.headers.filter(([name]) => name === "transfer-encoding"),
        [["transfer-encoding", "chunked"]],
      );
      await json(send, digest(await bodyOf(receive)));
    },
    async client(client) {
      equal(
        await client.json({ method: "POST", pieces: ["5\r\nhello\r\n"] }),
        digest(utf8Encode("5\r\nhello\r\n")),
      );
    },
  },
  {
    name: "sync request bodies: one of unknown length gets its exact length, and Transfer-Encoding is gone",
    proves: ["W25"],
    syncApp(environ, startResponse) {
      equal("HTTP_TRANSFER_ENCODING" in environ, false, "whether HTTP_TRANSFER_ENCODING is there");
      equal(environ["wsgi.input_terminated"], true, "wsgi.input_terminated");
      return syncJson(startResponse, [environ.CONTENT_LENGTH, environ["wsgi.input"].read().byteLength]);
    },
    async client(client) {
      equal(await client.json({ method: "POST", pieces: ["12345", "6789"] }), ["9", 9]);
    },
  },
  {
    name: "request bodies: pieces an app keeps are not written over by later ones",
    proves: ["S27"],
    async app(_scope, receive, send, stage) {
      const kept: Uint8Array[] = [];
      for (;;) {
        const event = (await receive()) as HttpReceiveEvent;
        ok(event.type === "http.request", "the body is complete");
        kept.push(event.body);
        stage.note(digest(event.body));
        if (!event.more_body) break;
      }
      await stage.gate("others are done");
      await json(send, digest(join(kept)));
    },
    needs: ["memory", "writing"],
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, { method: "POST" }, 400_000);
      await exchange.write(noise(200_000));
      await client.notes(1);
      await exchange.write(noise(200_000, 2));
      await exchange.end();
      for (let i = 0; i < 50; i += 1) await client.ask();
      await client.open("others are done");
      equal(
        JSON.parse((await client.read(exchange)).text),
        digest(join([noise(200_000), noise(200_000, 2)])),
      );
    },
  },
  ...inBoth({
    name: "request bodies: a body the app does not read is no part of the next request",
    proves: ["W29", "A46", "W22"],
    app: (scope, _receive, send) => reply(send, 200, scope.path),
    syncApp(environ, startResponse) {
      startResponse("200 OK", []);
      return [environ.PATH_INFO];
    },
    async client(client) {
      const connection = await client.connect();
      const unread = await client.send(connection, {
        method: "POST",
        target: "/1",
        body: "GET /evil HTTP/1.1\r\n\r\n",
      });
      const next = await client.send(connection, { target: "/2" });
      equal([unread.status, next.status], [200, 200]);
      ok(unread.text.endsWith("/1") && next.text.endsWith("/2"), "each response is that of its request");
      await connection.finish();
    },
  }),
  {
    name: "request bodies: a response given before a large body was read arrives whole",
    proves: ["A49"],
    app: (_scope, _receive, send) => reply(send, 403, "no".repeat(2000)),
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, { method: "POST" }, 8 * MIB);
      const written = (async () => {
        for (let i = 0; i < 8; i += 1) await exchange.write(noise(MIB));
      })();
      const { status, text } = await client.read(exchange);
      equal([status, text], [403, "no".repeat(2000)]);
      connection.reset();
      await written;
    },
  },
];
