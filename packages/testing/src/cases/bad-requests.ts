// Requests that are not HTTP, or could be read in two ways: refused and the connection closed, the app not called.
// Sources: RFC 9112 §2.2, §3, §5.1, §5.2, §6.1, §6.3, §7.1, §11.2 (smuggling); RFC 9110 §7.2 (Host).

import type { RequirementId } from "../requirements/requirements.ts";
import { reply } from "../suite/app.ts";
import type { Case } from "../suite/case.ts";
import { equal, fail, ok, quoted } from "../suite/check.ts";
import type { Client } from "../suite/client.ts";

/** What a smuggler would like to have served as a request of its own. */
const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

interface BadHead {
  readonly says: string;
  readonly line?: string;
  readonly lines?: readonly string[];
  /** What follows the head. Default: something to smuggle. */
  readonly rest?: string;
  readonly proves?: readonly RequirementId[];
}

const HOST = "Host: a";

const FRAMING: readonly BadHead[] = [
  ...[
    ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked", "Content-Length: 5"],
    ["Content-Length: 5", "Content-Length: 6"],
    ["Content-Length: 5", "Content-Length: 5"],
    ["Content-Length: 5, 5"],
    ["Content-Length: +5"],
    ["Content-Length: -0"],
    ["Content-Length: -5"],
    ["Content-Length: 0_5"],
    ["Content-Length: 0x5"],
    ["Content-Length: 5 5"],
    ["Content-Length: 5\x0b"],
    ["Content-Length: "],
    ["Content-Length: five"],
    ["Content-Length: 99999999999999999999"],
    ["Content-Length : 5"],
    ["Transfer-Encoding : chunked"],
    ["Transfer-Encoding: chunked, identity"],
    ["Transfer-Encoding: identity, chunked"],
    ["Transfer-Encoding: chunked, chunked"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: identity"],
    ["Transfer-Encoding: gzip"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding: chunkedx"],
    ["Transfer-Encoding: \x0bchunked"],
    ['Transfer-Encoding: "chunked"'],
    ["Transfer-Encoding: "],
    ["Transfer-Encoding:\r\n chunked"],
  ].map((lines): BadHead => ({ says: lines.join(" + "), line: "POST / HTTP/1.1", lines: [HOST, ...lines] })),
  {
    says: "Transfer-Encoding of an HTTP/1.0 client",
    line: "POST / HTTP/1.0",
    lines: [HOST, "Transfer-Encoding: chunked"],
    rest: `0\r\n\r\n${SMUGGLED}`,
  },
];

const FIELDS: readonly BadHead[] = [
  ...[
    "X-Bad : 1",
    " X-Bad: 1",
    "X-Bad",
    ": 1",
    "X(Bad): 1",
    "X-B\xe4d: 1",
    "X\0: 1",
    "X-Bad: a\0b",
    "X-Bad: a\rb",
  ].map((field): BadHead => ({ says: `the field ${quoted(field)}`, lines: [HOST, field] })),
  { says: "a folded field", lines: [HOST, "X-Bad: one\r\n two"] },
  { says: "a field folded with a tab", lines: [HOST, "X-Bad: one\r\n\ttwo"] },
  { says: "a bare LF within a field", lines: [HOST, "X-Bad: one\n Content-Length: 5"] },
];

const REQUEST_LINES: readonly BadHead[] = [
  "G\xcbT / HTTP/1.1",
  "G ET / HTTP/1.1",
  "GET / HTTP/1.1 x",
  "GET / a HTTP/1.1",
  "GET /\0 HTTP/1.1",
  "GET / HTTP/0.99",
  "GET / HTTP/111",
  "GET / HTTP/1.1.1",
  "GET / HTTP/2.0",
  "GET / http/1.1",
  "GET / HTTQ/1.1",
  "GET * HTTP/1.1",
  "GET a:443 HTTP/1.1",
  "GET foo/bar HTTP/1.1",
  "CONNECT a:443 HTTP/1.1",
  "(GET) / HTTP/1.1",
].map((line): BadHead => ({ says: `the request line ${quoted(line)}`, line, lines: [HOST] }));

const HOSTS: readonly BadHead[] = [
  { says: "an HTTP/1.1 request without Host", lines: [] },
  { says: "two different Hosts", lines: [HOST, "Host: b"] },
  { says: "the same Host twice", lines: [HOST, HOST] },
  ...["a b", "a/b", "a@b", "a, b", "a\\b", "a?b", "a#b", "<a>", "a:b", "a\x7f"].map((host): BadHead => ({
    says: `the Host ${quoted(host)}`,
    lines: [`Host: ${host}`],
  })),
];

const BAD_CHUNKS: readonly [says: string, chunks: string][] = [
  ["a size with a plus sign", "+5\r\nhello\r\n0\r\n\r\n"],
  ["a negative size", "-5\r\nhello\r\n0\r\n\r\n"],
  ["a size with an underscore", "0_5\r\nhello\r\n0\r\n\r\n"],
  ["a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"],
  ["a size that is no number", "g\r\nhello\r\n0\r\n\r\n"],
  ["no size", "\r\nhello\r\n0\r\n\r\n"],
  ["an extension without a size", ";ext\r\nhello\r\n0\r\n\r\n"],
  ["a blank after the size", "5 \r\nhello\r\n0\r\n\r\n"],
  ["a blank before the size", " 5\r\nhello\r\n0\r\n\r\n"],
  ["a size beyond 2^64", "10000000000000005\r\nhello\r\n0\r\n\r\n"],
  ["a size that ends with a bare LF", "5\nhello\r\n0\r\n\r\n"],
  ["a chunk longer than its size", "5\r\nhelloX\r\n0\r\n\r\n"],
  ["a chunk that ends with a bare LF", "5\r\nhello\n0\r\n\r\n"],
  ["a NUL in an extension", "5;a=\0\r\nhello\r\n0\r\n\r\n"],
  ["a bare LF in an extension", "5;a=b\nX\r\nhello\r\n0\r\n\r\n"],
  ["a last chunk with a blank", "5\r\nhello\r\n0 \r\n\r\n"],
  ["a Content-Length after the last chunk", "5\r\nhello\r\n0\r\nContent-Length: 99\r\n\r\n"],
  ["a Transfer-Encoding after the last chunk", "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["a bad field after the last chunk", "5\r\nhello\r\n0\r\nX Bad: 1\r\n\r\n"],
];

/** At most one response, which is an error, and the end of the connection. */
function isRefusal(answer: string): void {
  const statuses = [...answer.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
  ok(statuses.length <= 1, `one request gets one response, not ${statuses.join(" and ")}`);
  const status = statuses[0] ?? 400;
  ok(status >= 400 && status <= 599, `the status is an error, not ${status}`);
  ok(!/\bat \S+ \(|\.[jt]s:\d+/.test(answer), "no stack reaches the client");
}

async function isRefused(client: Client, request: string): Promise<void> {
  const { calls } = await client.ask();
  const octets = await client.octets();
  await octets.write(request);
  // Most servers close by themselves; one that waits for more is told that there is none.
  octets.end();
  isRefusal(await octets.rest());
  equal((await client.ask()).calls, calls, "the calls of the app");
}

function badHeadCase({
  says,
  line = "GET / HTTP/1.1",
  lines = [],
  rest,
  proves = ["S5", "S6", "A26"],
}: BadHead): Case {
  return {
    name: `bad requests: ${says.replace(/[^ -~]/g, (unit) => quoted(unit).slice(1, -1))} is refused`,
    proves,
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    async client(client) {
      // The fields of the case come last: what is wrong is seen before they are.
      await isRefused(client, client.head(line, lines) + (rest ?? `0\r\n\r\n${SMUGGLED}`));
    },
  };
}

/** The cases about requests that must be refused. */
export const badRequestCases: readonly Case[] = [
  ...[...FRAMING, ...FIELDS, ...REQUEST_LINES].map(badHeadCase),
  ...HOSTS.map((row) => badHeadCase({ ...row, proves: ["S7", "S6", "X16"] })),
  ...BAD_CHUNKS.map(([says, chunks]): Case => ({
    name: `bad requests: a chunked body with ${says} never looks complete`,
    proves: ["S5", "S6", "A31"],
    needs: ["octets", "memory"],
    async app(_scope, receive, send, stage) {
      for (;;) {
        const event = await receive();
        if (event.type !== "http.request") return;
        if (!event.more_body) break;
      }
      stage.note("complete");
      await reply(send, 200, "served");
    },
    async client(client) {
      const { calls } = await client.ask();
      const octets = await client.octets();
      await octets.write(
        client.head("POST / HTTP/1.1", [HOST, "Transfer-Encoding: chunked"]) + chunks + SMUGGLED,
      );
      octets.end();
      isRefusal(await octets.rest());
      const report = await client.ask();
      equal(report.notes, [], "the notes");
      ok(report.calls <= calls + 1, "the smuggled request is not served");
    },
  })),
  {
    name: "bad requests: the connection is closed after a refusal, and nothing sent behind is served",
    proves: ["S6", "S5"],
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    async client(client) {
      const { calls } = await client.ask();
      const octets = await client.octets();
      await octets.write(client.head("GET / HTTP/1.1", [HOST, "X Bad: 1"]));
      const answer = octets.rest();
      await octets.write(client.head("GET / HTTP/1.1", [HOST]));
      isRefusal(await answer);
      equal((await client.ask()).calls, calls, "the calls of the app");
    },
  },
  {
    name: "bad requests: a good request before a bad one is answered, and the bad one refused",
    proves: ["S5", "S6", "A46"],
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    async client(client) {
      const { calls } = await client.ask();
      const octets = await client.octets();
      await octets.write(client.head("GET / HTTP/1.1", [HOST]));
      equal((await client.read(octets.response("GET"))).text, "served");
      await octets.write(client.head("GET / HTTP/1.1", [HOST, "X Bad: 1"]));
      isRefusal(await octets.rest());
      equal((await client.ask()).calls, calls + 1, "the calls of the app");
    },
  },
  {
    name: "bad requests: a head that breaks off is never served",
    proves: ["S5", "A26"],
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    client: (client) => isRefused(client, client.head("GET / HTTP/1.1", [HOST]).slice(0, -2)),
  },
  {
    name: "bad requests: octets that are no HTTP at all are refused",
    proves: ["S5", "A26"],
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    client: (client) => isRefused(client, "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"),
  },
  {
    name: "bad requests: a head in single octets is served as one in a piece",
    proves: ["A26"],
    needs: ["octets"],
    app: (scope, _receive, send) => reply(send, 200, scope.path.slice(scope.root_path.length)),
    async client(client) {
      const octets = await client.octets();
      for (const octet of client.head("GET /slowly HTTP/1.1", [HOST])) await octets.write(octet);
      equal((await client.read(octets.response("GET"))).text, "/slowly");
    },
  },
  {
    name: "bad requests: fields after a chunked body are no headers of the request",
    proves: ["S5", "X25"],
    needs: ["octets"],
    async app(scope, receive, send) {
      while (((await receive()) as { more_body?: boolean }).more_body === true);
      if (scope.headers.some(([name]) => name === "x-late")) fail("a trailer is no header");
      await reply(send, 200, "served");
    },
    async client(client) {
      const octets = await client.octets();
      const head = client.head("POST / HTTP/1.1", [HOST, "Transfer-Encoding: chunked"]);
      await octets.write(`${head}5\r\nhello\r\n0\r\nX-Late: 1\r\n\r\n`);
      equal((await client.read(octets.response("POST"))).text, "served");
    },
  },
];
