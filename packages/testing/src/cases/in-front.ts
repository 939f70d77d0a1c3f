// What something in front of the app has set on the response: each field arrives once, and none of the app's is lost or doubled.
// Sources: connect, Express and Fastify, whose middleware sets fields before it calls on; requirement list A42, X17.

import { inBoth, type Case } from "../suite/case.ts";
import { equal } from "../suite/check.ts";
import { valuesOf, type CaseRequest, type CaseResponse } from "../suite/client.ts";
import type { WireField } from "../wire/wire.ts";
import { last, piece, start } from "./answers.ts";

/** Asks for the fields by a header, and by a path for what must not read headers to know. */
const FRONT: CaseRequest = { target: "/in-front", headers: [["x-tsgi-front", "1"]] };

const COOKIES = ["mine=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "second=2"];

const OWN: readonly WireField[] = [
  ["set-cookie", COOKIES[0] ?? ""],
  ["x-own", "1"],
  ["set-cookie", COOKIES[1] ?? ""],
];

const OWN_SYNC: [string, string][] = OWN.map(([name, value]) => [name, value]);

/**
 * The cases of an adapter that is a framework, or has one in front: they are no part of `cases`, as most have nothing there.
 *
 * @param fields - What is set in front of the app on the responses to requests that have the field `x-tsgi-front`,
 *   which are those to `/in-front`.
 * @example
 * const front = [["x-powered-by", "us"], ["set-cookie", "session=1"]];
 * testAdapter({ ...adapter, cases: [...cases, ...casesInFront(front)] });
 */
export function casesInFront(fields: readonly WireField[]): readonly Case[] {
  const names = [...new Set(fields.map(([name]) => name.toLowerCase()))];
  const inFront = (name: string): string[] => valuesOf({ headers: fields }, name);

  function areThere(response: CaseResponse): void {
    for (const name of names) {
      const wanted = name === "set-cookie" ? [...inFront(name), ...COOKIES] : inFront(name);
      equal(response.all(name).toSorted(), wanted.toSorted(), `${name}, in any order`);
    }
    equal(
      response.all("set-cookie").filter((value) => COOKIES.includes(value)),
      COOKIES,
      "the app's own cookies",
    );
    equal(response.all("x-own"), ["1"], "the app's own field");
  }

  return [
    ...inBoth({
      name: "in front: fields set before the app is called and its own are all there, once",
      proves: ["A42", "X17", "W34"],
      async app(_scope, _receive, send) {
        await start(send, 200, OWN);
        await last(send, "body");
      },
      syncApp(_environ, startResponse) {
        startResponse("200 OK", OWN_SYNC);
        return ["body"];
      },
      async client(client) {
        const response = await client.request(FRONT);
        equal([response.status, response.text], [200, "body"]);
        areThere(response);
      },
    }),
    ...inBoth({
      name: "in front: they are all there, once, on a 404 in pieces too",
      proves: ["A42", "X17", "X31"],
      async app(_scope, _receive, send) {
        await start(send, 404, OWN);
        await piece(send, "no");
        await last(send, "thing");
      },
      syncApp(_environ, startResponse) {
        startResponse("404 Not Found", OWN_SYNC);
        return ["no", "thing"];
      },
      async client(client) {
        const response = await client.request(FRONT);
        equal([response.status, response.text], [404, "nothing"]);
        areThere(response);
      },
    }),
    {
      name: "in front: what was set for one request is not on the next one of its connection",
      proves: ["S27", "X17"],
      async app(_scope, _receive, send) {
        await start(send, 200, OWN);
        await last(send, "body");
      },
      async client(client) {
        const connection = await client.connect();
        areThere(await client.send(connection, FRONT));
        const next = await client.send(connection, {});
        equal(next.all("set-cookie"), COOKIES, "the cookies");
        for (const name of names)
          if (name !== "set-cookie") equal(next.all(name), [], `${name} of the next response`);
      },
    },
  ];
}
