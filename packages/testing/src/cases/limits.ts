// Limits: what is too large or too much is refused with its own status, and the app is not called.
// Sources: RFC 6585 §5 (431); RFC 9110 §15.5.14 (413), §15.5.15 (414); asgiref's limit on duplicates.

import { reply } from "../suite/app.ts";
import type { Case } from "../suite/case.ts";
import { equal, ok, quoted } from "../suite/check.ts";
import type { WireField } from "../wire/wire.ts";
import { syncText } from "./answers.ts";

/** What is surely over every sensible limit, in octets. */
const TOO_LONG = 256 * 1024;

/** Sends what is too long while it reads: the server may well answer before it has all. */
async function refusedBefore(
  client: Parameters<Case["client"]>[0],
  request: string,
  statuses: readonly number[],
): Promise<void> {
  const { calls } = await client.ask();
  const octets = await client.octets();
  const written = octets.write(request);
  const answer = await octets.rest();
  await written;
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? Number.NaN);
  ok(statuses.includes(status), `the status is ${statuses.join(" or ")}, not ${status}`);
  equal((await client.ask()).calls, calls, "the calls of the app");
}

/** The cases about limits. */
export const limitCases: readonly Case[] = [
  {
    name: "limits: a head of 256 KiB is a 431, and the connection is closed",
    proves: ["S8", "A26", "S6"],
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    client: (client) =>
      refusedBefore(
        client,
        client.head("GET / HTTP/1.1", ["Host: a", `X-Long: ${"v".repeat(TOO_LONG)}`]),
        [431],
      ),
  },
  {
    name: "limits: 5000 header fields are a 431, and none of them is dropped silently",
    proves: ["S8", "A26"],
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    async client(client) {
      const many = Array.from({ length: 5000 }, (_, i) => `X${i}: 1`);
      await refusedBefore(client, client.head("GET / HTTP/1.1", ["Host: a", ...many]), [431]);
    },
  },
  {
    name: "limits: a target of 256 KiB is a 414 or a 431, and the connection is closed",
    proves: ["S8", "A26", "S6"],
    needs: ["octets", "memory"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    client: (client) =>
      refusedBefore(client, client.head(`GET /${"p".repeat(TOO_LONG)} HTTP/1.1`, ["Host: a"]), [414, 431]),
  },
  {
    name: "limits: a head of 8 KiB is served",
    proves: ["S8"],
    app: (scope, _receive, send) =>
      reply(send, 200, String(scope.headers.find(([name]) => name === "x-long")?.[1].length)),
    async client(client) {
      equal((await client.request({ headers: [["X-Long", "v".repeat(8192)]] })).text, "8192");
    },
  },
  {
    name: "sync limits: a header that is repeated a hundred times is served, and once more is a 400",
    proves: ["A91", "S8"],
    needs: ["memory"],
    syncApp(environ, startResponse, stage) {
      stage.note("called");
      return syncText(startResponse, String(environ["HTTP_X_MANY"]).split(",").length.toString());
    },
    async client(client) {
      const many = (count: number): WireField[] => Array.from({ length: count }, () => ["X-Many", "1"]);
      equal((await client.request({ headers: many(100) })).text, "100");
      equal((await client.request({ headers: many(101) })).status, 400);
      equal((await client.ask()).notes, ["called"], "the notes");
    },
  },
  {
    name: "limits: three hundred connections that send nothing, or half a head, do not stop others",
    proves: ["S14"],
    needs: ["octets"],
    app: (_scope, _receive, send) => reply(send, 200, "served"),
    async client(client) {
      for (let i = 0; i < 300; i += 1) {
        const octets = await client.octets();
        if (i % 2 === 0) await octets.write("GET / HTTP/1.1\r\nHost: a\r\nX-Half:");
      }
      equal((await client.request()).text, "served");
    },
  },
  {
    name: "limits: a path cannot write lines of its own into the log",
    proves: ["S30"],
    needs: ["log"],
    breaks: true,
    app() {
      throw new Error("the app fails");
    },
    async client(client) {
      await client.request({ target: "/a%0D%0AForged:%20line%1b[2J" });
      for (const { message } of await client.logged(1))
        ok(!/\p{Cc}/u.test(message), `a line of the log has no control character: ${quoted(message)}`);
    },
  },
];
