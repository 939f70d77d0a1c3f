// Expect: 100-continue: the interim response comes when the app wants the body, and not before.
// Sources: RFC 9110 §10.1.1; ASGI HTTP 2.5; PEP 3333 "HTTP 1.1 Expect/Continue".

import { reply } from "../suite/app.ts";
import { inBoth, type Case } from "../suite/case.ts";
import { equal } from "../suite/check.ts";
import { bodyOf, syncBodyOf, syncText } from "./answers.ts";

const EXPECT = ["Host: a", "Content-Length: 4", "Expect: 100-continue"];

/** The cases about 100-continue. */
export const continueCases: readonly Case[] = [
  ...inBoth({
    name: "continue: a client that waits for 100 is told to go on when the body is wanted",
    proves: ["A32", "W28"],
    needs: ["octets"],
    app: async (_scope, receive, send) => reply(send, 200, new TextDecoder().decode(await bodyOf(receive))),
    syncApp: (environ, startResponse) =>
      syncText(startResponse, new TextDecoder().decode(syncBodyOf(environ))),
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("POST / HTTP/1.1", EXPECT));
      const exchange = octets.response("POST");
      equal((await exchange.head()).status, 100, "the interim status");
      await octets.write("body");
      const { status, text, interim } = await client.read(exchange);
      equal([status, text, interim.length], [200, "body", 0]);
    },
  }),
  {
    name: "continue: an app that answers first sends no 100",
    proves: ["A32"],
    needs: ["octets"],
    app: (_scope, _receive, send) => reply(send, 417, "no"),
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("POST / HTTP/1.1", EXPECT));
      const { status, interim } = await client.read(octets.response("POST"));
      equal([status, interim.length], [417, 0]);
    },
  },
  {
    name: "continue: the octets after a refused expectation are never taken for a request",
    proves: ["A32", "A46", "S5"],
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 417, "no"),
    async client(client) {
      const { calls } = await client.ask();
      const octets = await client.octets();
      const smuggled = client.head("GET /evil HTTP/1.1", ["Host: a"]);
      const lines = ["Host: a", `Content-Length: ${smuggled.length}`, "Expect: 100-continue"];
      await octets.write(client.head("POST / HTTP/1.1", lines) + smuggled);
      equal((await client.read(octets.response("POST"))).status, 417);
      octets.end();
      equal(await octets.rest(), "", "what follows the response");
      equal((await client.ask()).calls, calls + 1, "the calls of the app");
    },
  },
  ...inBoth({
    name: "continue: an HTTP/1.0 client is sent no 100",
    proves: ["W28"],
    needs: ["octets"],
    app: async (_scope, receive, send) => reply(send, 200, new TextDecoder().decode(await bodyOf(receive))),
    syncApp: (environ, startResponse) =>
      syncText(startResponse, new TextDecoder().decode(syncBodyOf(environ))),
    async client(client) {
      const octets = await client.octets();
      await octets.write(`${client.head("POST / HTTP/1.0", EXPECT)}body`);
      const { status, text, interim } = await client.read(octets.response("POST"));
      equal([status, text, interim.length], [200, "body", 0]);
    },
  }),
];
