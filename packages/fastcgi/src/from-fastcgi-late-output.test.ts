// An upstream that still says something of a request it has ended, on a connection that has the request of another client by then.

import { expect, test } from "vitest";
import { clientOf, scriptedUpstream } from "./scripted-upstream.test-support.ts";
import { BEGIN_REQUEST } from "./constants.ts";

test.each([false, true])(
  "late output is for nobody: the next client gets its own response (multiplexed: %j) [FC15 FC19]",
  async (multiplex) => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      const first = await connection.request();
      await connection.answer("first", undefined, first.id);
      for (;;) {
        const next = await connection.request();
        await connection.answer("late", undefined, first.id);
        await connection.answer("own", undefined, next.id);
      }
    });
    const client = clientOf(target, { keepAlive: true, multiplex });
    expect((await client.get("/")).text()).toBe("first");
    expect((await client.get("/")).text()).toBe("own");
    expect(connections).toHaveLength(1);
    // Who does such a thing is not asked again, where it can be helped.
    expect((await client.get("/")).text()).toBe(multiplex ? "own" : "first");
    expect(connections).toHaveLength(multiplex ? 1 : 2);
  },
);

test("an id comes again when all have had their turn, and one octet is enough for them [FC4 FC19]", async () => {
  const { target, connections } = await scriptedUpstream(async (connection) => {
    for (;;) {
      const { id } = await connection.request();
      await connection.answer("x", undefined, id);
    }
  });
  const client = clientOf(target, { keepAlive: true });
  for (let i = 0; i < 257; i += 1) await client.get("/");
  const ids = connections[0]?.records.filter(({ type }) => type === BEGIN_REQUEST).map(({ id }) => id);
  expect(ids).toEqual([...Array.from({ length: 255 }, (_, i) => i + 1), 1, 2]);
});
