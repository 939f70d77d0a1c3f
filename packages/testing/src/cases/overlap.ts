// Requests that are under way at the same time: each has its own scope, body and response, whatever a framework shares.
// Sources: ASGI 3.0 "Applications"; requirement list A2, S27. Frameworks that keep a request's things per route have mixed them up.

import type { Case } from "../suite/case.ts";
import { equal } from "../suite/check.ts";
import { finalHead, readBody, valuesOf } from "../suite/client.ts";
import type { WireExchange } from "../wire/wire.ts";
import { bodyOf, digest, last, noise, piece, start } from "./answers.ts";

const REQUESTS = 12;

/** The bodies differ in length too. */
const bodyFor = (own: number): Uint8Array => noise(1000 + own, own + 1);

/** The cases about requests that overlap. */
export const overlapCases: readonly Case[] = [
  {
    name: `overlap: ${REQUESTS} requests of one route, answered in the opposite order, each keep their own scope, body and response`,
    proves: ["A2", "S27", "X21"],
    needs: ["memory"],
    async app(scope, receive, send, stage) {
      const { path, query_string, headers } = scope;
      const own = headers.find(([name]) => name === "x-own")?.[1] ?? "";
      stage.note("called");
      await stage.gate("read");
      const body = digest(await bodyOf(receive));
      await stage.gate(`answer ${own}`);
      await start(send, 200, [
        ["x-own", own],
        ["set-cookie", `own=${own}`],
      ]);
      await piece(send, `${own};`);
      await stage.gate(`end ${own}`);
      // What it says now is what it said before the others came.
      equal([scope.path, scope.query_string, scope.headers], [path, query_string, headers], "the scope");
      await last(send, `${query_string};${body}`);
    },
    async client(client) {
      const all: { readonly own: number; readonly exchange: WireExchange }[] = [];
      for (let own = 0; own < REQUESTS; own += 1) {
        const request = {
          method: "POST",
          target: `/one?own=${own}`,
          headers: [["X-Own", `${own}`]] as const,
        };
        all.push({ own, exchange: client.start(await client.connect(), request, "unknown") });
      }
      await client.notes(REQUESTS);
      await client.open("read");
      for (const { own, exchange } of all) {
        await exchange.write(bodyFor(own));
        await exchange.end();
      }
      for (const { own, exchange } of all.toReversed()) {
        await client.open(`answer ${own}`);
        const head = await finalHead(exchange);
        equal([valuesOf(head, "x-own"), valuesOf(head, "set-cookie")], [[`${own}`], [`own=${own}`]]);
      }
      for (const { own, exchange } of all) {
        await client.open(`end ${own}`);
        const text = new TextDecoder().decode(await readBody(exchange));
        equal(text, `${own};own=${own};${digest(bodyFor(own))}`);
      }
    },
  },
];
