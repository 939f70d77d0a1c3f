import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { FastifyReply } from "fastify";
import { expect, test } from "vitest";
import { cookiesOf, layHeaders } from "./set-headers.ts";

test.each([
  ["a=1", "b=2", ["a=1", "b=2"]],
  ["a=1", ["b=2", "c=3"], ["a=1", "b=2", "c=3"]],
  [["a=1", "b=2"], ["c=3"], ["a=1", "b=2", "c=3"]],
  [["a=1"], ["a=1", "b=2"], ["a=1", "b=2"]],
  [["a=1", "b=2"], "a=1", ["b=2", "a=1"]],
])("of cookies set before, %j, and since, %j, each is there once [A42 X17]", (before, since, expected) => {
  expect(cookiesOf(before, since)).toEqual(expected);
});

/** A reply of a Fastify of its own: every copy of Fastify has another symbol for where it keeps them. */
function replyOf(place: symbol, fields: Record<string, string>): FastifyReply {
  const raw = new ServerResponse(new IncomingMessage(new Socket()));
  return {
    raw,
    [place]: fields,
    getHeaders: () => ({ ...raw.getHeaders(), ...fields }),
  } as unknown as FastifyReply;
}

test("fields of replies are laid on the response, whichever copy of Fastify the reply is of", () => {
  const [first, second, unknown] = ["fastify.reply.headers", "fastify.reply.headers", "elsewhere"].map(
    Symbol,
  );
  const replies = [first, second, unknown, first].map((place, i) =>
    replyOf(place as symbol, { "x-reply": String(i) }),
  );
  for (const reply of replies) layHeaders(reply);
  expect(replies.map(({ raw }) => raw.getHeader("x-reply"))).toEqual(["0", "1", "2", "3"]);
});
