// Trailers: fields after the body, for clients that ask for them.
// Sources: ASGI extensions "HTTP Trailers"; RFC 9110 §6.5, §10.1.4 (TE); RFC 9112 §7.1.2.

import type { Send } from "@tsgi/core";
import type { Case } from "../suite/case.ts";
import { equal, ok, rejects } from "../suite/check.ts";
import type { WireField } from "../wire/wire.ts";
import { isCut } from "./errors.ts";
import { last, piece, start } from "./answers.ts";

const ASKS: readonly WireField[] = [["TE", "trailers"]];
const FORBIDDEN = [
  "content-length",
  "transfer-encoding",
  "host",
  "trailer",
  "set-cookie",
  "content-type",
  "connection",
];

function startWithTrailers(send: Send, headers: WireField[] = []): Promise<void> {
  return send({ type: "http.response.start", status: 200, headers, trailers: true });
}

function trailers(send: Send, headers: readonly WireField[], more: boolean = false): Promise<void> {
  return send({ type: "http.response.trailers", headers, more_trailers: more });
}

/** The cases about trailers. */
export const trailerCases: readonly Case[] = [
  {
    name: "trailers: fields after the body reach a client that asks for them",
    proves: ["A52", "A12", "X25"],
    needs: ["trailers"],
    async app(scope, _receive, send) {
      ok("http.response.trailers" in scope.extensions, "trailers are offered");
      await startWithTrailers(send, [["trailer", "x-sum"]]);
      await piece(send, "one ");
      await last(send, "two");
      await trailers(send, [
        ["x-sum", "12"],
        ["x-sum", "34"],
      ]);
    },
    async client(client) {
      const response = await client.request({ headers: ASKS });
      // A host may join them, as a list (RFC 9110 section 5.3).
      const values = response.trailers
        .filter(([name]) => name.toLowerCase() === "x-sum")
        .map(([, value]) => value);
      equal([response.text, values.join(", ")], ["one two", "12, 34"]);
    },
  },
  {
    name: "trailers: several events add up",
    proves: ["A52"],
    needs: ["trailers"],
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await last(send, "body");
      await trailers(send, [["x-a", "1"]], true);
      await trailers(send, [], true);
      await trailers(send, [["x-b", "2"]]);
    },
    async client(client) {
      const response = await client.request({ headers: ASKS });
      const names = response.trailers.map(([name, value]) => `${name.toLowerCase()}=${value}`);
      equal([response.text, names.join(" ")], ["body", "x-a=1 x-b=2"]);
    },
  },
  {
    name: "trailers: the member of TE is found in any case and among others",
    proves: ["A52"],
    needs: ["trailers", "octets"],
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await last(send, "body");
      await trailers(send, [["x-a", "1"]]);
    },
    async client(client) {
      const response = await client.request({ headers: [["te", "gzip;q=0.5, Trailers"]] });
      equal(response.trailers.length, 1);
    },
  },
  {
    name: "trailers: a client that does not ask gets a whole response without them",
    proves: ["A52"],
    needs: ["trailers"],
    async app(_scope, _receive, send) {
      await startWithTrailers(send, [["trailer", "x-sum"]]);
      await last(send, "body");
      await trailers(send, [["x-sum", "12"]]);
    },
    async client(client) {
      const connection = await client.connect();
      const response = await client.send(connection, {});
      equal([response.text, response.trailers, response.all("trailer")], ["body", [], []]);
      equal((await client.send(connection, {})).text, "body", "the next response on the connection");
      await connection.finish();
    },
  },
  {
    name: "trailers: a response of announced length drops them and still ends",
    proves: ["A52"],
    needs: ["trailers", "HTTP/1.1"],
    async app(_scope, _receive, send) {
      await startWithTrailers(send, [["content-length", "4"]]);
      await last(send, "body");
      await trailers(send, [["x-sum", "12"]]);
    },
    async client(client) {
      const connection = await client.connect();
      const response = await client.send(connection, { headers: ASKS });
      equal([response.text, response.trailers], ["body", []]);
      equal((await client.send(connection, {})).text, "body", "the next response on the connection");
      await connection.finish();
    },
  },
  {
    name: "trailers: a HEAD response drops them and still ends",
    proves: ["A52", "A47"],
    needs: ["trailers"],
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await last(send, "body");
      await trailers(send, [["x-sum", "12"]]);
    },
    async client(client) {
      const connection = await client.connect();
      equal((await client.send(connection, { method: "HEAD", headers: ASKS })).status, 200);
      equal((await client.send(connection, {})).text, "body", "the next response on the connection");
      await connection.finish();
    },
  },
  {
    name: "trailers: an HTTP/1.0 client gets a whole response without them",
    proves: ["A52"],
    needs: ["trailers", "octets"],
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await last(send, "body");
      await trailers(send, [["x-sum", "12"]]);
    },
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("GET / HTTP/1.0", ["TE: trailers"]));
      const response = await client.read(octets.response("GET"));
      equal([response.text, response.trailers], ["body", []]);
    },
  },
  {
    name: "trailers: a response that announced them and returns without is cut",
    proves: ["A53"],
    needs: ["trailers"],
    breaks: true,
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await last(send, "body");
    },
    client: async (client) => isCut(client.start(await client.connect(), { headers: ASKS })),
  },
  {
    name: "trailers: they are refused if the start did not announce them",
    proves: ["A53"],
    needs: ["trailers"],
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send);
      await rejects(
        trailers(send, [["x-a", "1"]]),
        "TSGI_ERR_EVENT_ORDER",
        "trailers that were not announced",
      );
      await piece(send, "bo");
      await rejects(
        trailers(send, [["x-a", "1"]]),
        "TSGI_ERR_EVENT_ORDER",
        "trailers that were not announced",
      );
      await last(send, "dy");
    },
    async client(client) {
      const response = await client.request({ headers: ASKS });
      equal([response.text, response.trailers], ["body", []]);
    },
  },
  {
    name: "trailers: they are refused before the end of the body",
    proves: ["A52"],
    needs: ["trailers"],
    breaks: true,
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await piece(send, "bo");
      await rejects(trailers(send, [["x-a", "1"]]), "TSGI_ERR_EVENT_ORDER", "trailers within the body");
      await last(send, "dy");
      await trailers(send, [["x-a", "2"]]);
    },
    async client(client) {
      const response = await client.request({ headers: ASKS });
      equal([response.text, response.trailers.map(([, value]) => value)], ["body", ["2"]]);
    },
  },
  {
    name: "trailers: a body after the last piece is refused while they are due",
    proves: ["A52"],
    needs: ["trailers"],
    breaks: true,
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await last(send, "body");
      await rejects(last(send, "more"), "TSGI_ERR_EVENT_ORDER", "a body after the last piece");
      await trailers(send, [["x-a", "1"]]);
    },
    async client(client) {
      const response = await client.request({ headers: ASKS });
      equal([response.text, response.trailers.length], ["body", 1]);
    },
  },
  ...FORBIDDEN.map((name): Case => ({
    name: `trailers: ${name} is refused as one`,
    proves: ["A52", "S4"],
    needs: ["trailers"],
    breaks: true,
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await last(send, "body");
      await rejects(trailers(send, [[name, "5"]]), "TSGI_ERR_HEADER", name);
      await trailers(send, [["x-a", "1"]]);
    },
    async client(client) {
      const response = await client.request({ headers: ASKS });
      equal([response.text, response.trailers.map(([, value]) => value)], ["body", ["1"]]);
    },
  })),
  ...["a\r\nb", "a\nb", "a\0b", "\u0100"].map((value): Case => ({
    name: `trailers: the value ${JSON.stringify(value).replace("\u0100", "\\u0100")} is refused`,
    proves: ["A52", "S4"],
    needs: ["trailers"],
    breaks: true,
    async app(_scope, _receive, send) {
      await startWithTrailers(send);
      await last(send, "body");
      await rejects(trailers(send, [["x-a", value]]), "TSGI_ERR_HEADER", "the value");
      await send({ type: "http.response.trailers" });
    },
    async client(client) {
      const response = await client.request({ headers: ASKS });
      equal([response.text, response.trailers], ["body", []]);
    },
  })),
];
