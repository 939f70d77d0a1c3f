// Management records, BEGIN_REQUEST and multiplexing, as a web server sees them.
// Source: FastCGI 1.0 §3, §4, §5.1, §5.5, appendix B.

import { describe, expect, test } from "vitest";
import { joinBytes, rawRecord, type ReadRecord } from "./record.test-support.ts";
import {
  AUTHORIZER,
  BEGIN_REQUEST,
  CANT_MPX_CONN,
  END_REQUEST,
  FILTER,
  GET_VALUES,
  GET_VALUES_RESULT,
  OVERLOADED,
  PARAMS,
  STDIN,
  STDOUT,
  UNKNOWN_ROLE,
  UNKNOWN_TYPE,
} from "./constants.ts";
import { decodePairs } from "./pairs.ts";
import {
  GET,
  POST,
  begin,
  clientOf,
  connectTo,
  gates,
  getOf,
  keptLog,
  pairsOf,
  params,
  request,
  serveForTest,
  stdin,
  textAnswer,
  textApp,
} from "./raw-client.test-support.ts";

const hello = textApp(() => "hello");

describe("management records", () => {
  const ask = (...names: string[]): Uint8Array =>
    rawRecord(GET_VALUES, 0, pairsOf(names.map((name) => [name, ""] as const)));

  test("GET_VALUES is answered with the limits there are, before any request [F8 F9 F66]", async () => {
    const client = await clientOf(hello, {
      maxConnections: 7,
      maxRequests: 50,
      maxRequestsPerConnection: 20,
    });
    client.send(ask("FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS", "FCGI_NO_SUCH", "FCGI_MAX_CONNS"));
    await client.until(() => client.records.length === 1);
    const [{ type, id, content }] = client.records as [ReadRecord];
    expect([type, id]).toEqual([GET_VALUES_RESULT, 0]);
    expect(decodePairs(content)).toEqual(
      [
        ["FCGI_MAX_CONNS", "7"],
        ["FCGI_MAX_REQS", "20"],
        ["FCGI_MPXS_CONNS", "1"],
      ].flat(),
    );
  });

  test("nothing is told that was not asked; without multiplexing the answer is 0 [F9 F20]", async () => {
    const client = await clientOf(hello, { multiplexing: false });
    client.send(ask("FCGI_MPXS_CONNS"), ask("FCGI_NO_SUCH"), ask());
    await client.until(() => client.records.length === 3);
    expect(client.records.map(({ content }) => content)).toEqual([pairsOf({ FCGI_MPXS_CONNS: "0" }), "", ""]);
  });

  test("GET_VALUES in the middle of a request is answered at once, and the app does not notice [F8]", async () => {
    const client = await clientOf(hello);
    client.send(begin(), ask("FCGI_MPXS_CONNS"), params(), ask("FCGI_MPXS_CONNS"), stdin());
    const { stdout } = await client.answer();
    expect(stdout).toBe(textAnswer("hello"));
    expect(client.records.filter(({ type }) => type === GET_VALUES_RESULT)).toHaveLength(2);
  });

  test("a GET_VALUES that comes octet by octet is answered [F1 F8]", async () => {
    const client = await clientOf(hello);
    for (const octet of ask("FCGI_MPXS_CONNS")) client.send(Uint8Array.of(octet));
    await client.until(() => client.records.length === 1);
    expect(client.records[0]?.content).toBe(pairsOf({ FCGI_MPXS_CONNS: "1" }));
  });

  test("a malformed GET_VALUES closes the connection [F10]", async () => {
    const client = await clientOf(hello);
    client.send(rawRecord(GET_VALUES, 0, "\x7f\x7fabc"));
    await client.ended;
    expect(client.records).toEqual([]);
  });

  test.each([0, 2, 3, PARAMS, STDIN, STDOUT, 8, GET_VALUES_RESULT, UNKNOWN_TYPE, 12, 99, 255])(
    "type %i with id 0 is answered UNKNOWN_TYPE, and the connection serves on [F11]",
    async (type) => {
      const client = await clientOf(hello);
      client.send(rawRecord(type, 0, "content", { padding: 3 }), request());
      await client.answer();
      expect(client.records[0]).toEqual({
        type: UNKNOWN_TYPE,
        id: 0,
        content: `${String.fromCharCode(type)}\0\0\0\0\0\0\0`,
      });
    },
  );

  test("BEGIN_REQUEST with id 0 closes the connection [F11]", async () => {
    const client = await clientOf(hello);
    client.send(begin(0));
    await client.ended;
    expect(client.records).toEqual([]);
  });
});

describe("records for nobody", () => {
  test.each([0, END_REQUEST, STDOUT, 7, 42, 255])(
    "type %i with the id of a request is ignored, with all of its content [F12]",
    async (type) => {
      const client = await clientOf(hello);
      const odd = rawRecord(type, 1, "12345678", { padding: 1 });
      client.send(begin(), odd, params(), odd, stdin(), odd);
      const { stdout } = await client.answer();
      expect(stdout).toBe(textAnswer("hello"));
      client.send(request(GET, 2));
      await client.answer(2);
      expect(client.records.every(({ type: answered }) => answered !== UNKNOWN_TYPE)).toBe(true);
    },
  );

  test.each([2, PARAMS, STDIN, 8])("type %i for an id that is not in use is ignored [F13]", async (type) => {
    const client = await clientOf(hello);
    client.send(rawRecord(type, 9, "x"), rawRecord(type, 9), request());
    await client.answer();
    client.send(rawRecord(type, 1, "x"), rawRecord(type, 1), request());
    const { stdout } = await client.answer(1, 3);
    expect(stdout).toBe(textAnswer("hello"));
    expect(client.records.every(({ id }) => id === 1)).toBe(true);
  });
});

describe("BEGIN_REQUEST", () => {
  test.each([0, 7, 9, 65_535])("with %i octets of content closes the connection [F14]", async (length) => {
    const { log, lines } = keptLog();
    const client = await clientOf(hello, { log });
    client.send(rawRecord(BEGIN_REQUEST, 1, "\0".repeat(length)));
    await client.ended;
    expect(client.records).toEqual([]);
    expect(lines).toEqual([expect.stringMatching(/^warn: .*BEGIN_REQUEST/)]);
  });

  test("in pieces is one all the same [F1 F14]", async () => {
    const client = await clientOf(hello);
    for (const octet of request()) client.send(Uint8Array.of(octet));
    expect((await client.answer()).stdout).toBe(textAnswer("hello"));
  });

  test.each([0xfe, 0x80, 0x02])(
    "flags %i mean that the connection is closed: only bit 0 counts [F15 F51]",
    async (flags) => {
      const client = await clientOf(hello);
      client.send(request(GET, 1, "", flags));
      await client.answer();
      await client.ended;
    },
  );

  test("flags with bit 0 and others keep the connection [F15 F53]", async () => {
    const client = await clientOf(hello);
    client.send(request(GET, 1, "", 0xff));
    await client.answer();
    client.send(request(GET, 1, "", 0xff));
    expect((await client.answer(1, 3)).stdout).toBe(textAnswer("hello"));
  });

  test("of an id whose request is still being sent closes the connection, and the app is told [F16]", async () => {
    const { log, lines } = keptLog();
    let told: unknown;
    const app = textApp(async (scope) => {
      const { signal } = scope as { signal: AbortSignal };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      told = (signal.reason as Error).name;
      return "";
    });
    const client = await clientOf(app, { log });
    client.send(begin(), params(POST), begin());
    await client.ended;
    expect([client.records, told, lines.length]).toEqual([[], "ClientDisconnected", 1]);
  });

  test.each([1, 2, 255, 256, 65_535])("id %i works [F17]", async (id) => {
    const client = await clientOf(hello);
    client.send(request(GET, id));
    expect((await client.answer(id)).stdout).toBe(textAnswer("hello"));
  });

  test("ids may have gaps, come in any order, and come again [F17]", async () => {
    const client = await clientOf(hello);
    for (const id of [5, 1, 3, 1, 5]) {
      const before = client.records.filter((record) => record.id === id).length;
      client.send(request(GET, id));
      expect((await client.answer(id, before)).stdout).toBe(textAnswer("hello"));
    }
  });
});

describe("roles", () => {
  test.each([0, AUTHORIZER, FILTER, 4, 256, 257, 65_535])(
    "role %i, which nobody serves, is answered UNKNOWN_ROLE, and what follows of it ignored [F18]",
    async (role) => {
      let calls = 0;
      const client = await clientOf(textApp(() => String((calls += 1))));
      client.send(begin(1, 1, role), params(), stdin("x"), stdin());
      expect(await client.answer()).toMatchObject({ stdout: "", appStatus: 0, protocolStatus: UNKNOWN_ROLE });
      client.send(request());
      expect((await client.answer(1, 1)).stdout).toBe(textAnswer("1"));
      expect(calls).toBe(1);
    },
  );

  test("a role that nobody serves closes a connection that is not to be kept [F18 F51]", async () => {
    const client = await clientOf(hello);
    client.send(begin(1, 0, 4));
    expect(await client.answer()).toMatchObject({ protocolStatus: UNKNOWN_ROLE });
    await client.ended;
  });
});

describe("multiplexing", () => {
  test("interleaved requests run at the same time, and end in their own order: appendix B.4 [F19 F70]", async () => {
    const { app, open } = gates();
    const client = await clientOf(app);
    client.send(
      begin(1),
      rawRecord(PARAMS, 1, pairsOf(getOf("/one"))),
      begin(2),
      rawRecord(PARAMS, 2, pairsOf(getOf("/two"))),
      rawRecord(PARAMS, 1),
      rawRecord(PARAMS, 2),
      stdin("", 2),
      stdin("", 1),
    );
    client.send(request(getOf("/three"), 7));
    const ids = [7, 2, 1];
    for (const [i, name] of ["/three", "/two", "/one"].entries()) {
      await open(name);
      await client.answer(ids[i]);
    }
    const ends = client.records.filter(({ type }) => type === END_REQUEST).map(({ id }) => id);
    expect(ends).toEqual(ids);
    for (const [i, name] of ["/three", "/two", "/one"].entries()) {
      expect((await client.answer(ids[i])).stdout).toBe(textAnswer(name));
    }
  });

  test("off, a second request is answered CANT_MPX_CONN, and the first not disturbed [F20]", async () => {
    const client = await clientOf(hello, { multiplexing: false });
    client.send(begin(1), begin(2), params(GET, 2), stdin("", 2), params(GET, 1), stdin("", 1));
    expect(await client.answer(2)).toMatchObject({ stdout: "", protocolStatus: CANT_MPX_CONN });
    expect(await client.answer(1)).toMatchObject({ stdout: textAnswer("hello"), protocolStatus: 0 });
    client.send(request(GET, 2));
    expect((await client.answer(2, 1)).stdout).toBe(textAnswer("hello"));
  });

  test("so many requests of a connection are served, one more is answered OVERLOADED [F21 F22]", async () => {
    const client = await clientOf(hello, { maxRequestsPerConnection: 2 });
    client.send(begin(1), begin(2), begin(3));
    expect(await client.answer(3)).toMatchObject({ stdout: "", protocolStatus: OVERLOADED });
    client.send(params(GET, 1), params(GET, 2));
    expect((await client.answer(1)).stdout).toBe(textAnswer("hello"));
    expect((await client.answer(2)).stdout).toBe(textAnswer("hello"));
    client.send(request(GET, 3));
    expect((await client.answer(3, 1)).stdout).toBe(textAnswer("hello"));
  });

  test("so many requests of a server are served, one more is answered OVERLOADED [F21 F22]", async () => {
    const server = await serveForTest(hello, { maxRequests: 1 });
    const [one, two] = [await connectTo(server), await connectTo(server)];
    one.send(begin(1), rawRecord(GET_VALUES, 0));
    await one.until(() => one.records.length === 1);
    two.send(request());
    expect(await two.answer()).toMatchObject({ protocolStatus: OVERLOADED });
    one.send(params());
    expect((await one.answer()).stdout).toBe(textAnswer("hello"));
    two.send(request());
    expect((await two.answer(1, 1)).stdout).toBe(textAnswer("hello"));
  });

  test("a hundred requests of a connection are served at a time, if nothing else is said [F21 S8]", async () => {
    const client = await clientOf(hello);
    client.send(...Array.from({ length: 101 }, (_, i) => begin(i + 1)));
    expect(await client.answer(101)).toMatchObject({ protocolStatus: OVERLOADED });
    client.send(joinBytes(...Array.from({ length: 100 }, (_, i) => params(GET, i + 1))));
    for (let id = 1; id <= 100; id += 1) expect((await client.answer(id)).stdout).toBe(textAnswer("hello"));
  });
});
