// How connections end for a web server that has asked how many requests it may send, as HAProxy does.
// Sources: FastCGI 1.0 §3.5, §4.1, §5.5; requirements F9, F46, F64.

import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { END_REQUEST, GET_VALUES, GET_VALUES_RESULT, STDERR, STDOUT } from "./constants.ts";
import { ConnectionEnd } from "./connection-end.ts";
import {
  GET,
  begin,
  connectTo,
  gates,
  getOf,
  pairsOf,
  params,
  request,
  serveForTest,
  textAnswer,
  type RawClient,
} from "./raw-client.test-support.ts";
import type { RecordSocket } from "./record-socket.ts";
import { NO_RECORD } from "./record-writer.ts";
import { rawRecord } from "./record.test-support.ts";

const ASK = rawRecord(GET_VALUES, 0, pairsOf({ FCGI_MAX_REQS: "", FCGI_MPXS_CONNS: "" }));
const NO_MORE = { type: GET_VALUES_RESULT, id: 0, content: pairsOf({ FCGI_MAX_REQS: "0" }) };

/** Fails in the middle of `/broken…`, and answers all else when its gate opens. */
function failing(): ReturnType<typeof gates> {
  const { app, open, reached } = gates();
  const failsOr: AsgiApp = async (scope, receive, send) => {
    if (scope.type !== "http" || !scope.path.startsWith("/broken")) return app(scope, receive, send);
    await send({ type: "http.response.start", status: 200, headers: [["content-type", "x/y"]] });
    await send({ type: "http.response.body", body: "begun", more_body: true });
    throw new Error("in the middle");
  };
  return { app: failsOr, open, reached };
}

/** What there is besides the answer to the question. */
async function asked(client: RawClient): Promise<() => RawClient["records"]> {
  client.send(ASK);
  await client.until(() => client.records.length === 1);
  return () => client.records.slice(1);
}

const typesOf = (records: RawClient["records"], id: number): number[] =>
  records.filter((record) => record.id === id).map(({ type }) => type);

test("what is kept for the log of the web server has a limit, however many responses are cut [F46 S8]", () => {
  let written = "";
  const out = { write: (records: string) => (written += records) !== "", close() {} };
  const end = new ConnectionEnd(out as unknown as RecordSocket);
  const [first, second] = ["a".repeat(40_000), "b".repeat(65_536 - 40_000)];
  for (const [id, records] of [first, second, "c"].entries()) end.leaveOff(id, records);
  expect([end.breaks, end.isLeftOff(2)]).toEqual([true, true]);
  end.close();
  expect(written).toBe(first + second + NO_RECORD);
});

describe("a response that is cut while others are at work", () => {
  test("has no end, further requests go elsewhere, and the connection breaks off when the others are done [F46 F19 F9]", async () => {
    const { app, open, reached } = failing();
    const client = await connectTo(await serveForTest(app));
    const records = await asked(client);
    client.send(request(getOf("/whole"), 1));
    await reached("/whole");
    client.send(request(getOf("/broken/1"), 3), request(getOf("/broken/2"), 5));
    await client.until(() => typesOf(records(), 5).length > 0);
    // One that was on its way is served.
    client.send(request(getOf("/late"), 7));
    await reached("/late");
    await open("/whole");
    expect((await client.answer(1)).stdout).toBe(textAnswer("/whole"));
    await open("/late");
    await client.ended;
    expect(typesOf(records(), 7)).toEqual([STDOUT, STDOUT, END_REQUEST]);
    for (const id of [3, 5]) expect(typesOf(records(), id)).toEqual([STDOUT, STDERR, STDERR]);
    expect(records().filter(({ id }) => id === 0)).toEqual([NO_MORE]);
    expect(client.broken).toBe(true);
  });

  test("keeps its id: a request that begins with it breaks the connection at once [F46 F17]", async () => {
    const { app, open, reached } = failing();
    const client = await connectTo(await serveForTest(app));
    const records = await asked(client);
    client.send(request(getOf("/whole"), 1));
    await reached("/whole");
    client.send(request(getOf("/broken"), 3));
    await client.until(() => records().some(({ id }) => id === 0));
    client.send(begin(3));
    await client.ended;
    await open("/whole");
    expect(records().map(({ type }) => type)).not.toContain(END_REQUEST);
  });

  test("waits for requests that were under way when it was told that none is wanted, even alone [F46 F9]", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { app, open } = failing();
    const client = await connectTo(await serveForTest(app));
    const records = await asked(client);
    client.send(request(getOf("/broken"), 3));
    await client.until(() => records().some(({ id }) => id === 0));
    expect(records()).toEqual([expect.objectContaining({ type: STDOUT, id: 3 }), NO_MORE]);
    client.send(request(getOf("/late"), 5));
    await open("/late");
    expect((await client.answer(5)).stdout).toBe(textAnswer("/late"));
    vi.advanceTimersByTime(50);
    await client.ended;
    expect(typesOf(records(), 3)).toEqual([STDOUT, STDERR, STDERR]);
    expect(client.broken).toBe(true);
  });

  test("breaks the connection off at once if nobody was told [F46]", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const client = await connectTo(await serveForTest(failing().app));
    client.send(request(getOf("/broken"), 3));
    await client.ended;
    expect(client.broken).toBe(true);
  });
});

describe("a connection that is closed at this end", () => {
  test("after its last request, or idle, says so to who asked [F9 F51 F58]", async () => {
    const { app, open } = gates();
    const server = await serveForTest(app, { keepAliveTimeout: 50 });
    const [last, idle] = [await connectTo(server), await connectTo(server)];
    const [ofLast, ofIdle] = [await asked(last), await asked(idle)];
    last.send(request(getOf("/last"), 1, "", 0));
    await open("/last");
    await last.ended;
    expect(typesOf(ofLast(), 1)).toEqual([STDOUT, STDOUT, END_REQUEST]);
    expect(ofLast().at(-1)).toEqual(NO_MORE);
    await idle.ended;
    expect(ofIdle()).toEqual([NO_MORE]);
  });

  test("because the server ends, says so at once, while what is at work goes on [F9 F64]", async () => {
    const { app, open, reached } = gates();
    const server = await serveForTest(app, { shutdownTimeout: 10_000 });
    const client = await connectTo(server);
    const records = await asked(client);
    client.send(request(getOf("/1")));
    await reached("/1");
    const closed = server.close();
    await client.until(() => records().length === 1);
    expect(records()).toEqual([NO_MORE]);
    await open("/1");
    expect((await client.answer()).stdout).toBe(textAnswer("/1"));
    await client.ended;
    expect(await closed).toMatchObject({ clean: true });
  });

  test.each([
    ["did not ask", []],
    ["asked for something else", [rawRecord(GET_VALUES, 0, pairsOf({ FCGI_MPXS_CONNS: "" }))]],
  ])("says nothing to who %s [F9]", async (_who, questions) => {
    const { app, open } = gates();
    const client = await connectTo(await serveForTest(app));
    client.send(...questions, begin(1, 0), params({ ...GET, ...getOf("/1") }), rawRecord(5, 1));
    await open("/1");
    await client.ended;
    expect(client.records.filter(({ id }) => id === 0)).toHaveLength(questions.length);
    expect(client.records.at(-1)?.type).toBe(END_REQUEST);
  });
});

describe("a server that ends", () => {
  test("answers what the system has of a connection that was idle [F64]", async () => {
    const { app, open } = gates();
    const server = await serveForTest(app, { shutdownTimeout: 5_000 });
    const client = await connectTo(server);
    client.send(request(getOf("/first")));
    await open("/first");
    await client.answer();
    // It has left when `send` returns, and the server does not know of it yet.
    client.send(request(getOf("/second")));
    const closed = server.close();
    await open("/second");
    expect((await client.answer(1, 3)).stdout).toBe(textAnswer("/second"));
    await client.ended;
    expect(await closed).toMatchObject({ clean: true });
  });

  test("answers what was under way of a web server that is told so [F64 F9]", async () => {
    const { app, open, reached } = gates();
    const server = await serveForTest(app, { shutdownTimeout: 5_000 });
    const client = await connectTo(server);
    const records = await asked(client);
    client.send(request(getOf("/first"), 1));
    await reached("/first");
    const closed = server.close();
    await client.until(() => records().length > 0);
    expect(records()).toEqual([NO_MORE]);
    client.send(request(getOf("/second"), 2));
    await open("/second");
    expect((await client.answer(2)).stdout).toBe(textAnswer("/second"));
    await open("/first");
    expect((await client.answer(1)).stdout).toBe(textAnswer("/first"));
    await client.ended;
    expect(await closed).toMatchObject({ clean: true });
  });
});
