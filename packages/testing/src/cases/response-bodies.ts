// Response bodies on the wire: their framing, and the octets of every kind of piece, in both interfaces.
// Sources: ASGI HTTP 2.5 "Response Body"; PEP 3333 "Handling the Content-Length Header"; RFC 9110 §9.3.2, §15; RFC 9112 §6.3.

import { utf8Encode } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import { inBoth, type Case } from "../suite/case.ts";
import { equal } from "../suite/check.ts";
import { octetsOf } from "../suite/client.ts";
import { digest, join, last, noise, piece, start } from "./answers.ts";

const ALL_OCTETS = Uint8Array.from({ length: 256 }, (_, i) => i);

interface PiecesRow {
  readonly says: string;
  readonly pieces: () => readonly (Uint8Array | string)[];
  readonly proves: readonly RequirementId[];
}

const ROWS: readonly PiecesRow[] = [
  { says: "one string", pieces: () => ["body"], proves: ["A41", "W39"] },
  {
    says: "a string beyond ASCII, as UTF-8",
    pieces: () => ["caf\u00e9 \u3042 \u{1f600}"],
    proves: ["A41", "W45"],
  },
  { says: "all 256 octets", pieces: () => [ALL_OCTETS], proves: ["A41", "W49"] },
  { says: "three pieces", pieces: () => ["one ", utf8Encode("two "), "three"], proves: ["A41", "W39"] },
  {
    says: "empty pieces among others",
    pieces: () => ["", "a", "", new Uint8Array(0), "b", ""],
    proves: ["A41", "W35"],
  },
  { says: "lines", pieces: () => ["Bar\nBaz"], proves: ["W49"] },
  {
    says: "what looks like a head",
    pieces: () => ["Foo: Bar\r\n\r\nStatus: 404\r\n\r\nHTTP/1.1 500 No\r\n\r\n"],
    proves: ["W49"],
  },
  { says: "what looks like chunks", pieces: () => ["0\r\n\r\n", "5\r\nhello\r\n"], proves: ["W49", "A41"] },
  {
    says: "1 MiB of noise in pieces",
    pieces: () => [noise(500_000), noise(1, 2), noise(548_575, 3)],
    proves: ["A41", "W49", "X22"],
  },
  { says: "1 MiB of noise at once", pieces: () => [noise(1024 * 1024)], proves: ["A41", "W49"] },
  {
    says: "300 small pieces",
    pieces: () => Array.from({ length: 300 }, (_, i) => `${i},`),
    proves: ["A41", "X22"],
  },
];

function pieceCases({ says, pieces, proves }: PiecesRow): Case[] {
  const whole = (): Uint8Array =>
    join(pieces().map((part) => (typeof part === "string" ? utf8Encode(part) : part)));
  return inBoth({
    name: `response bodies: ${says} arrives`,
    proves,
    async app(_scope, _receive, send) {
      const parts = pieces();
      await start(send, 200, [["content-type", "application/octet-stream"]]);
      for (const part of parts.slice(0, -1)) await piece(send, part);
      await last(send, parts.at(-1));
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
      return pieces();
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, digest(response.body)], [200, digest(whole())]);
    },
  });
}

/** The cases about response bodies and their framing. */
export const responseBodyCases: readonly Case[] = [
  ...ROWS.flatMap(pieceCases),
  ...inBoth({
    name: "response bodies: a body that is one piece gets its Content-Length, in octets",
    proves: ["A39", "W45"],
    async app(_scope, _receive, send) {
      await start(send);
      await last(send, "caf\u00e9");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", []);
      return ["caf\u00e9"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.all("content-length"), octetsOf(response.body)], [["5"], "caf\xc3\xa9"]);
    },
  }),
  ...inBoth({
    name: "response bodies: an empty body arrives as such, and the connection serves on",
    proves: ["A39", "W40"],
    async app(_scope, _receive, send) {
      await start(send);
      await send({ type: "http.response.body" });
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", []);
      return [];
    },
    async client(client) {
      const connection = await client.connect();
      equal((await client.send(connection, {})).body.byteLength, 0);
      equal((await client.send(connection, {})).body.byteLength, 0);
      await connection.finish();
    },
  }),
  ...inBoth({
    name: "response bodies: pieces without Content-Length are chunked on HTTP/1.1",
    proves: ["A39", "W47"],
    needs: ["HTTP/1.1"],
    async app(_scope, _receive, send) {
      await start(send);
      await piece(send, "a");
      await last(send, "b");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", []);
      return ["a", "b"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.framing, response.text, response.all("content-length")], ["chunked", "ab", []]);
    },
  }),
  ...inBoth({
    name: "response bodies: pieces without Content-Length end with the connection on HTTP/1.0",
    proves: ["A39"],
    needs: ["octets"],
    async app(_scope, _receive, send) {
      await start(send);
      await piece(send, "a");
      await last(send, "b");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", []);
      return ["a", "b"];
    },
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("GET / HTTP/1.0"));
      const response = await client.read(octets.response("GET"));
      equal([response.framing, response.text, response.all("transfer-encoding")], ["close", "ab", []]);
    },
  }),
  ...inBoth({
    name: "response bodies: nothing is encoded that the app has not encoded",
    proves: ["S25"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["content-type", "text/plain"]]);
      await last(send, "a".repeat(5000));
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      return ["a".repeat(5000)];
    },
    async client(client) {
      const response = await client.request({ headers: [["Accept-Encoding", "gzip, br, deflate"]] });
      equal([response.all("content-encoding"), response.text], [[], "a".repeat(5000)]);
    },
  }),
  ...inBoth({
    name: "response bodies: a 404 of the app is the answer, whatever else the host serves",
    proves: ["X31"],
    async app(_scope, _receive, send) {
      await start(send, 404, [["content-type", "text/plain"]]);
      await last(send, "of the app");
    },
    syncApp(_environ, startResponse) {
      startResponse("404 Not Found", [["Content-Type", "text/plain"]]);
      return ["of the app"];
    },
    async client(client) {
      const response = await client.request();
      equal([response.status, response.text], [404, "of the app"]);
    },
  }),
  ...inBoth({
    name: "response bodies: the app's Content-Length is sent once and frames the body",
    proves: ["A40", "W46", "X34"],
    async app(_scope, _receive, send) {
      await start(send, 200, [["content-length", "6"]]);
      await piece(send, "abc");
      await last(send, "def");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", [["Content-Length", "6"]]);
      return ["abc", "def"];
    },
    async client(client) {
      const response = await client.request();
      equal(
        [response.all("content-length"), response.all("transfer-encoding"), response.text],
        [["6"], [], "abcdef"],
      );
    },
  }),
];
