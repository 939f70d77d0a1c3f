// From a program's output to events: the same for pipes and for records.

import { describe, expect, test } from "vitest";
import { ROOM, latin1Decode, latin1Encode, type GatewayError, type SendEvent } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { ScriptResponse, type ScriptResponseOptions } from "./script-response.ts";

const LIMITS = { maxHeadSize: 65_536, maxHeadLines: 1_000 };

interface Sent {
  readonly response: ScriptResponse;
  readonly events: SendEvent[];
  readonly logged: string[];
  drained: number;
}

function respond(method: string, changes: Partial<ScriptResponseOptions> = {}): Sent {
  const events: SendEvent[] = [];
  const logged: string[] = [];
  const sent: Sent = {
    events,
    logged,
    drained: 0,
    response: new ScriptResponse({
      ...LIMITS,
      form: "cgi",
      requireContentType: true,
      redirectsLocally: false,
      failure: 500,
      scope: { method, extensions: {} } as ScriptResponseOptions["scope"],
      send: (event) => {
        events.push(event);
        return ROOM;
      },
      drained: () => {
        sent.drained += 1;
      },
      log: (level, message) => logged.push(`${level}: ${message}`),
      ...changes,
    }),
  };
  return sent;
}

/** Feeds pieces of output, each in a turn of its own, and ends it. */
async function outcome(
  pieces: readonly string[],
  method = "GET",
  changes: Partial<ScriptResponseOptions> = {},
): Promise<{
  status: number;
  headers: unknown;
  body: string;
  ended: boolean;
  to: unknown;
  error: unknown;
  logged: string[];
}> {
  const { response, events, logged } = respond(method, changes);
  for (const piece of pieces) {
    response.dataReceived(latin1Encode(piece));
    await Promise.resolve();
  }
  response.ended();
  let to: unknown = "cut";
  let error: unknown = null;
  try {
    to = await response.done;
  } catch (reason) {
    error = reason;
  }
  const start = events[0]?.type === "http.response.start" ? events[0] : null;
  let body = "";
  let ended = false;
  for (const event of events) {
    if (event.type !== "http.response.body") continue;
    expect(ended).toBe(false);
    body += typeof event.body === "string" ? event.body : latin1Decode(event.body ?? new Uint8Array(0));
    ended = event.more_body !== true;
  }
  return { status: start?.status ?? 0, headers: start?.headers, body, ended, to, error, logged };
}

describe("a response", () => {
  test("arrives in one start and one body if it was there at once, with its end [CH22]", async () => {
    const { response, events } = respond("GET");
    response.dataReceived(latin1Encode("Content-Type: text/plain\n\nHello"));
    response.ended();
    expect(await response.done).toBeNull();
    expect(events.map((event) => event.type)).toEqual(["http.response.start", "http.response.body"]);
    expect(events[1]).toMatchObject({ more_body: false });
  });

  test("leaves piece by piece, its head before its body if that takes its time [CH22 FC22]", async () => {
    const { response, events } = respond("GET");
    response.dataReceived(latin1Encode("Content-Type: text/plain\n\n"));
    await Promise.resolve();
    expect(events).toHaveLength(2);
    expect(events[1]).toMatchObject({ more_body: true });
    response.dataReceived(latin1Encode("one"));
    expect(events).toHaveLength(3);
    response.dataReceived(latin1Encode("two"));
    response.ended();
    expect(events.slice(3)).toMatchObject([{ more_body: true }, { more_body: false }]);
    expect(await response.done).toBeNull();
  });

  test("is the same wherever its output is cut [CH13 FC12]", async () => {
    const output = "Status: 201 Made\r\nContent-Length: 5\r\nA: b\r\n\r\nHello";
    for (let cut = 0; cut <= output.length; cut += 1) {
      const pieces = [output.slice(0, cut), output.slice(cut)];
      expect(await outcome(pieces)).toMatchObject({ status: 201, body: "Hello", ended: true, to: null });
    }
  });

  test("passes its bytes on, and copies none [CH22]", () => {
    const { response, events } = respond("GET");
    const head = latin1Encode("Content-Type: text/plain\n\n");
    const body = latin1Encode("Hello");
    response.dataReceived(head);
    response.dataReceived(body);
    response.dataReceived(latin1Encode("!"));
    expect((events[1] as { body: Uint8Array }).body).toBe(body);
  });

  test("has its reason phrase where there is a place for it [CH16]", () => {
    const scope = { method: "GET", extensions: { "tsgi.reason": {} } } as ScriptResponseOptions["scope"];
    for (const [given, reason] of [
      [{ scope }, "Teapot"],
      [{}, null],
    ] as const) {
      const { response, events } = respond("GET", given);
      response.dataReceived(latin1Encode("Status: 299 Teapot\n\n"));
      response.ended();
      expect(events[0]).toMatchObject({ status: 299, reason });
    }
  });
});

describe("back-pressure", () => {
  test("is told to the source, which is told when it is over [CH22 FC11]", async () => {
    let resolve = (): void => {};
    const sent = respond("GET", {
      send: (event) => {
        sent.events.push(event);
        return event.type === "http.response.start" ? ROOM : new Promise((done) => (resolve = done));
      },
    });
    const { response, events } = sent;
    response.dataReceived(latin1Encode("Content-Type: a/b\n\none"));
    await Promise.resolve();
    expect(response.dataReceived(latin1Encode("two"))).toBe(false);
    expect(events).toHaveLength(2);
    resolve();
    await turn();
    expect(events).toHaveLength(3);
    expect(sent.drained).toBe(0);
    resolve();
    await turn();
    expect(sent.drained).toBe(1);
    response.ended();
    let settled = false;
    void response.done.then(() => (settled = true));
    await turn();
    expect(settled).toBe(false);
    resolve();
    await response.done;
  });

  test("that the source was not told of is not told to be over either [CH22]", async () => {
    const sent = respond("GET", { send: () => new Promise((resolve) => setImmediate(resolve)) });
    // The head leaves after the call has returned, and only then there is no room.
    expect(sent.response.dataReceived(latin1Encode("Content-Type: a/b\n\none"))).toBe(true);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(sent.drained).toBe(0);
    expect(sent.response.dataReceived(latin1Encode("two"))).toBe(false);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(sent.drained).toBe(1);
  });

  test("of a middleware that returns nothing is none [CH22]", async () => {
    const sent = respond("GET", {
      send: (event) => void sent.events.push(event) as unknown as Promise<void>,
    });
    sent.response.dataReceived(latin1Encode("Content-Type: a/b\n\none"));
    sent.response.ended();
    expect(await sent.response.done).toBeNull();
    expect(sent.events).toHaveLength(2);
  });

  test("a client that is gone ends it [CH24]", async () => {
    const gone = new Error("gone");
    const { response } = respond("GET", { send: () => Promise.reject(gone) });
    response.dataReceived(latin1Encode("Content-Type: a/b\n\none"));
    await expect(response.done).rejects.toBe(gone);
    expect(response.isOver).toBe(true);
  });

  test("a send that throws sends nothing more [CH24]", async () => {
    let calls = 0;
    const { response } = respond("GET", {
      send: () => {
        calls += 1;
        throw new Error("refused");
      },
    });
    response.dataReceived(latin1Encode("Content-Type: a/b\n\none"));
    await expect(response.done).rejects.toThrow("refused");
    expect(calls).toBe(1);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("Content-Length", () => {
  test("is a limit: what is beyond it is left out, with one line in the log [CH20 FC18]", async () => {
    for (const pieces of [
      ["Content-Type: a/b\nContent-Length: 3\n\nabcdef"],
      ["Content-Type: a/b\nContent-Length: 3\n\n", "abc", "def"],
      ["Content-Type: a/b\nContent-Length: 3\n\na", "bcd", "ef"],
    ]) {
      const result = await outcome(pieces);
      expect(result).toMatchObject({ status: 200, body: "abc", ended: true, to: null });
      expect(result.logged).toHaveLength(1);
    }
  });

  test("tells how much was too much [FC18]", () => {
    const { response } = respond("GET");
    response.dataReceived(latin1Encode("Content-Type: a/b\nContent-Length: 3\n\nabcd"));
    response.dataReceived(latin1Encode("ef"));
    expect(response.extra).toBe(3);
  });

  test("that is not reached cuts the response [CH20 FC18]", async () => {
    const result = await outcome(["Content-Type: a/b\nContent-Length: 6\n\nabc"]);
    expect(result).toMatchObject({ status: 200, body: "abc", ended: false, to: "cut" });
    expect((result.error as GatewayError).code).toBe("TSGI_ERR_SCRIPT_BODY");
  });

  test("of zero is a whole response [CH20]", async () => {
    const result = await outcome(["Content-Type: a/b\nContent-Length: 0\n\n"]);
    expect(result).toMatchObject({ status: 200, body: "", ended: true, to: null });
  });
});

describe("a response without a body", () => {
  test.each([
    ["HEAD", "Content-Type: a/b\nContent-Length: 9\n\n"],
    ["HEAD", "Content-Type: a/b\n\n"],
    ["GET", "Status: 204\n\n"],
    ["GET", "Status: 304\nContent-Length: 9\n\n"],
  ])("of %s and %j has none, whatever is written, or not [CH21 FC18]", async (method, head) => {
    for (const body of ["", "Hello"]) {
      const result = await outcome([head + body, body], method);
      expect(result).toMatchObject({ body: "", ended: true, to: null, logged: [] });
    }
  });

  test("of HEAD keeps its length [CH21]", async () => {
    const result = await outcome(["Content-Type: a/b\nContent-Length: 9\n\n"], "HEAD");
    expect(result.headers).toContainEqual(["Content-Length", "9"]);
  });
});

describe("output that is no response", () => {
  test.each([
    ["", "is empty"],
    ["Content-Type: text/plain", "ended within its head"],
    ["Content-Type: text/plain\n", "ended within its head"],
    ["\nHello", "neither Content-Type"],
    ["Hello\n\n", "no header field"],
    ["Status: 42\n\n", "status of the response is none"],
  ])(
    "%j is 500 of a program, 502 of an upstream; the log knows why [CH13 CH14 CH15 FC14]",
    async (output, why) => {
      for (const failure of [500, 502] as const) {
        const result = await outcome([output], "GET", { failure });
        expect(result).toMatchObject({ status: failure, ended: true, to: null });
        expect(result.body).not.toContain("Hello");
        expect(result.logged.join()).toContain(why);
      }
    },
  );

  test("that is longer than a head may be is refused before it is read to the end [CH13 S8]", () => {
    const { response, events } = respond("GET", { maxHeadSize: 100 });
    response.dataReceived(latin1Encode("x".repeat(101)));
    expect(events[0]).toMatchObject({ status: 500 });
    expect(response.isOver).toBe(true);
  });
});

describe("a source that fails", () => {
  test("before the head is answered with its status [CH25 FC21]", async () => {
    const { response, events, logged } = respond("GET");
    response.dataReceived(latin1Encode("Content-Type: te"));
    response.failed(504, new Error("too slow"));
    expect(await response.done).toBeNull();
    expect(events[0]).toMatchObject({ status: 504 });
    expect(logged).toEqual(["error: too slow"]);
  });

  test("after the head cuts the response [CH25 FC21]", async () => {
    const { response, events } = respond("GET");
    response.dataReceived(latin1Encode("Content-Type: a/b\n\none"));
    await Promise.resolve();
    const slow = new Error("too slow");
    response.failed(504, slow);
    await expect(response.done).rejects.toBe(slow);
    expect(events.at(-1)).toMatchObject({ more_body: true });
  });

  test("after the response is no news [CH26]", async () => {
    const { response, logged } = respond("GET");
    response.dataReceived(latin1Encode("Content-Type: a/b\n\none"));
    response.ended();
    response.failed(504, new Error("too late"));
    response.abandoned(new Error("gone"));
    response.ended();
    expect(await response.done).toBeNull();
    expect(logged).toEqual([]);
  });

  test("because the client is gone sends nothing more [CH24]", async () => {
    const { response, events } = respond("GET");
    const gone = new Error("gone");
    response.abandoned(gone);
    response.dataReceived(latin1Encode("Content-Type: a/b\n\none"));
    response.ended();
    await expect(response.done).rejects.toBe(gone);
    expect(events).toEqual([]);
  });
});

describe("Location", () => {
  test("of another path is the caller's if it can serve it; nothing is sent then [CH18]", async () => {
    const result = await outcome(["Location: /other?x\n\nignored"], "GET", { redirectsLocally: true });
    expect(result).toMatchObject({ to: "/other?x", status: 0 });
  });

  test("of another path is the client's if not [CH18]", async () => {
    const result = await outcome(["Location: /other?x\n\n"]);
    expect(result).toMatchObject({ to: null, status: 302, headers: [["Location", "/other?x"]], ended: true });
  });
});

describe("an NPH script", () => {
  test("is read as HTTP, its interim heads left out [CH29]", async () => {
    const output =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Taken\r\nConnection: close\r\nA: b\r\n\r\nHello";
    const result = await outcome([output], "GET", { form: "http", requireContentType: false });
    expect(result).toMatchObject({ status: 202, headers: [["A", "b"]], body: "Hello", ended: true });
  });

  test("may not send interim heads without end [CH29 S8]", async () => {
    const interim = "HTTP/1.1 100 Continue\r\n\r\n";
    const nph = { form: "http", requireContentType: false } as const;
    const last = "HTTP/1.1 200 OK\r\n\r\n";
    expect(await outcome([interim.repeat(16) + last], "GET", nph)).toMatchObject({ status: 200 });
    expect(await outcome([interim.repeat(17) + last], "GET", nph)).toMatchObject({ status: 500 });
  });
});

test("on an exchange a response that is there at once gets its Content-Length [X34]", async () => {
  const client = createTestClient(async (scope, _receive, send) => {
    if (scope.type !== "http") return;
    const { response } = respond("GET", { scope, send });
    response.dataReceived(latin1Encode("Content-Type: text/plain\n\nHello"));
    response.ended();
    await response.done;
  });
  const answer = await client.get("/");
  expect(answer.text()).toBe("Hello");
  expect(answer.headers).toContainEqual(["content-length", "5"]);
});
