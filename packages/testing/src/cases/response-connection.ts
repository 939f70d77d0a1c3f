// The fields of the connection in a response: they are the host's, but for the wish to close.
// Sources: RFC 9110 §7.6.1 (hop-by-hop); RFC 9112 §6, §9.6; PEP 3333 "Other HTTP Features".

import type { Case } from "../suite/case.ts";
import { equal, ok } from "../suite/check.ts";
import { valuesOf } from "../suite/client.ts";
import { last, start } from "./answers.ts";

/** Fields of the connection, which are the host's alone. */
const HOP_BY_HOP = [
  ["Transfer-Encoding", "gzip"],
  ["Keep-Alive", "timeout=4711"],
  ["Upgrade", "evil"],
  ["TE", "evil"],
  ["Proxy-Connection", "evil"],
] as const;

/** The cases about the fields of the connection. */
export const responseConnectionCases: readonly Case[] = [
  {
    name: "response heads: fields of the connection are not taken from the app, and one framing is left",
    proves: ["A38", "X34"],
    async app(_scope, _receive, send) {
      await start(send, 200, [...HOP_BY_HOP, ["content-length", "2"]]);
      await last(send, "ok");
    },
    breaks: true,
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text], [200, "ok"]);
      for (const [name, value] of HOP_BY_HOP) {
        ok(!response.all(name.toLowerCase()).includes(value), `${name} is not the app's`);
      }
    },
  },
  {
    name: "sync response heads: a field of the connection is refused or left out, and never sent",
    proves: ["W33", "X34"],
    breaks: true,
    syncApp(environ, startResponse) {
      startResponse("200 OK", [HOP_BY_HOP[Number(environ.PATH_INFO.slice(1))] ?? ["X", "x"]]);
      return ["ok"];
    },
    async client(client) {
      for (const [i, [name, value]] of HOP_BY_HOP.entries()) {
        const response = await client.request({ target: `/${i}` });
        ok(!response.all(name.toLowerCase()).includes(value), `${name} is not the app's`);
      }
    },
  },
  {
    name: "response heads: connection: close of the app closes the connection after the response",
    proves: ["A38"],
    needs: ["octets"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["connection", "close"]]);
      await last(send, "ok");
    },
    breaks: true,
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("GET / HTTP/1.1", ["Host: a"]));
      const response = await client.read(octets.response("GET"));
      equal(response.text, "ok");
      equal(
        valuesOf(response, "connection").map((value) => value.toLowerCase()),
        ["close"],
      );
      equal(await octets.rest(), "", "what follows");
    },
  },
];
