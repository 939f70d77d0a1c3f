// Responses that have no body, whatever the app sends: to HEAD, 204, 304.
// Sources: RFC 9110 §9.3.2 (HEAD), §15.3.5 (204), §15.4.5 (304), §8.6; RFC 9112 §6.3; ASGI HTTP 2.5; PEP 3333.

import { inBoth, type Case } from "../suite/case.ts";
import { equal } from "../suite/check.ts";
import { last, piece, start } from "./answers.ts";

/** The cases about responses without a body. */
export const noBodyCases: readonly Case[] = [
  ...inBoth({
    name: "response bodies: HEAD gets the head of the GET and no octet of the body",
    proves: ["A47", "W48"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["content-length", "4"]]);
      await piece(send, "bo");
      await last(send, "dy");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["Content-Length", "4"]]);
      return ["bo", "dy"];
    },
    async client(client) {
      const connection = await client.connect();
      const head = await client.send(connection, { method: "HEAD" });
      equal([head.all("content-length"), head.body.byteLength], [["4"], 0]);
      equal((await client.send(connection, {})).text, "body", "the next response on the connection");
      await connection.finish();
    },
  }),
  ...inBoth({
    name: "response bodies: HEAD without Content-Length announces no chunks that never come",
    proves: ["A47", "W48", "A39"],
    async app(_scope, _receive, send) {
      await start(send);
      await piece(send, "never");
      await last(send, "sent");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", []);
      return ["never", "sent"];
    },
    async client(client) {
      const connection = await client.connect();
      const head = await client.send(connection, { method: "HEAD" });
      equal([head.status, head.body.byteLength, head.all("content-length")], [200, 0, []]);
      equal((await client.send(connection, { method: "HEAD" })).status, 200, "the next status");
      await connection.finish();
    },
  }),
  ...inBoth({
    name: "response bodies: HEAD with a Content-Length and no body passes untouched",
    proves: ["W46", "A47"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["content-length", "12345"]]);
      await last(send);
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["Content-Length", "12345"]]);
      return [];
    },
    async client(client) {
      const head = await client.request({ method: "HEAD" });
      equal([head.status, head.all("content-length")], [200, ["12345"]]);
    },
  }),
  ...[204, 304].flatMap((status) =>
    inBoth({
      name: `response bodies: a ${status} has no octet of a body, no framing and no type of its own`,
      proves: ["A48", "W47"],
      async app(_scope, _receive, send) {
        await start(send, status);
        await piece(send, "never");
        await last(send, "sent");
      },
      syncApp(_environ, startResponse) {
        startResponse(`${status} None`, []);
        return ["never", "sent"];
      },
      breaks: true,
      async client(client) {
        const connection = await client.connect();
        const response = await client.send(connection, {});
        const fields = ["content-type", "content-length", "transfer-encoding"];
        equal([response.status, response.body.byteLength], [status, 0]);
        equal(
          fields.flatMap((name) => response.all(name)),
          [],
          "type and framing",
        );
        equal((await client.send(connection, {})).status, status, "the next status on the connection");
        await connection.finish();
      },
    }),
  ),
  ...inBoth({
    name: "response bodies: a 204 loses the app's Content-Length",
    proves: ["A48", "W47"],
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send, 204, [["content-length", "0"]]);
      await last(send);
    },
    syncApp(_environ, startResponse) {
      startResponse("204 No Content", [["Content-Length", "0"]]);
      return [];
    },
    async client(client) {
      equal((await client.request()).all("content-length"), []);
    },
  }),
];
