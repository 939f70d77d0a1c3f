// Connections to upstreams: kept or not, how many, who waits, what is asked twice, and which of several upstreams is asked.

import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import { BEGIN_REQUEST, GET_VALUES, GET_VALUES_RESULT, KEEP_CONN } from "./constants.ts";
import type { FromFastCgiOptions } from "./from-fastcgi-options.ts";
import { encodePair } from "./pairs.ts";
import { serveForTest } from "./raw-client.test-support.ts";
import { rawRecord } from "./record.test-support.ts";
import {
  clientOf,
  deferred,
  echo,
  scriptedUpstream,
  turns,
  type Script,
} from "./scripted-upstream.test-support.ts";

/** A port that nobody listens on. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("a connection", () => {
  test("ends with its request, unless it is to be kept [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(echo);
    const client = clientOf(target);
    await client.get("/");
    await client.get("/");
    expect(connections).toHaveLength(2);
    expect(connections[0]?.records[0]?.content.charCodeAt(2)).toBe(0);
  });

  test("is kept for the next request, which begins after END_REQUEST, with another id [FC6 FC19]", async () => {
    const { target, connections } = await scriptedUpstream(echo);
    const client = clientOf(target, { keepAlive: true });
    for (let i = 0; i < 5; i += 1) expect((await client.put("/", { body: `${i}` })).text()).toBe(`PUT ${i}`);
    expect(connections).toHaveLength(1);
    const begins = connections[0]?.records.filter(({ type }) => type === BEGIN_REQUEST);
    expect(begins?.map(({ id, content }) => [id, content.charCodeAt(2)])).toEqual(
      [1, 2, 3, 4, 5].map((id) => [id, KEEP_CONN]),
    );
  });

  test("on which anything follows END_REQUEST is not kept [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.write(
        rawRecord(6, 1, "\r\nbody"),
        rawRecord(3, 1, "\0\0\0\0\0\0\0\0"),
        rawRecord(6, 1, "late"),
      );
      await connection.closed;
    });
    const client = clientOf(target, { keepAlive: true });
    await client.get("/");
    await client.get("/");
    expect(connections).toHaveLength(2);
  });

  test("on which something comes while nobody asks is closed [FC19]", async () => {
    const said = deferred<void>();
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.answer("");
      await said.promise;
      await connection.stdout("unasked");
      await connection.closed;
      said.resolve();
    });
    const client = clientOf(target, { keepAlive: true });
    await client.get("/");
    said.resolve();
    await connections[0]?.closed;
    await client.get("/");
    expect(connections).toHaveLength(2);
  });

  test("whose request was answered before its body was sent is not kept [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.head();
      await connection.answer("early");
      await connection.closed;
    });
    const client = clientOf(target, { keepAlive: true });
    const exchange = client.open("POST", "/", { headers: { "content-length": "5" } });
    expect((await exchange.response()).text()).toBe("early");
    await connections[0]?.closed;
    await client.get("/");
    expect(connections).toHaveLength(2);
  });

  test("that is closed while nobody asks is no error [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.answer("x");
      connection.socket.end();
    });
    const client = clientOf(target, { keepAlive: true });
    for (let i = 0; i < 3; i += 1) {
      const response = await client.post("/", { body: "b" });
      expect([response.status, response.log]).toEqual([200, []]);
      await connections[i]?.closed;
    }
    expect(connections).toHaveLength(3);
  });

  test("is kept for a while only [FC21]", async () => {
    const { target, connections } = await scriptedUpstream(echo);
    const client = clientOf(target, { keepAlive: true, idleTimeout: 20 });
    await client.get("/");
    // It is the gateway that closes it.
    await connections[0]?.closed;
    await client.get("/");
    expect(connections).toHaveLength(2);
  });

  test("that is kept keeps no process alive [FC19]", async () => {
    const { target } = await scriptedUpstream(echo, "unix");
    const pipes = (): number => process.getActiveResourcesInfo().filter((name) => name === "PipeWrap").length;
    const before = pipes();
    await clientOf(target, { keepAlive: true }).get("/");
    await turns();
    // The upstream's end of it does, and only that.
    expect(pipes()).toBe(before + 1);
  });

  test("is kept with few others [FC21]", async () => {
    const all = deferred<void>();
    const { target, connections } = await scriptedUpstream(async (connection, index) => {
      for (;;) {
        await connection.request();
        // Each is accepted, and says so.
        await connection.stderr("");
        if (index === 4) all.resolve();
        await all.promise;
        await connection.answer("x");
      }
    });
    const client = clientOf(target, { keepAlive: true, maxIdle: 2 });
    await Promise.all(Array.from({ length: 5 }, () => client.get("/")));
    await turns();
    expect(connections.filter(({ socket }) => !socket.readableEnded)).toHaveLength(2);
    await Promise.all([client.get("/"), client.get("/")]);
    expect(connections).toHaveLength(5);
  });

  /** Serves one connection after the other, as fcgiwrap does, and a PHP with one process. */
  function oneProcess(): Script {
    let busy: Promise<void> = Promise.resolve();
    return (connection) => {
      busy = busy.then(async () => {
        await Promise.race([echo(connection, 0), connection.closed]).catch(() => {});
      });
    };
  }

  test.each([0, 5])(
    "gives way to one that has waited %d ms to be accepted: the upstream may serve one after the other [FC19]",
    async (acceptDelay) => {
      const { target, connections } = await scriptedUpstream(oneProcess());
      const client = clientOf(target, { keepAlive: true, acceptDelay });
      const responses = await Promise.all(Array.from({ length: 4 }, () => client.get("/")));
      expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(connections).toHaveLength(4);
    },
  );

  test("stays where others were accepted at once, however many there are [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(echo);
    const client = clientOf(target, { keepAlive: true, maxIdle: 10, acceptDelay: 10_000 });
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 10 }, () => client.get("/")));
      await turns();
    }
    expect(connections).toHaveLength(10);
  });
});

describe("a request on a kept connection", () => {
  /** Answers the first request of a connection, and closes it when the second has come. */
  const oneOnly: Script = async (connection) => {
    await connection.request();
    await connection.answer("one");
    await connection.request();
    connection.close();
  };

  test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "that turns out to be closed: %s is sent again [FC19]",
    async (method) => {
      const { target, connections } = await scriptedUpstream(oneOnly);
      const client = clientOf(target, { keepAlive: true });
      const body = method === "PUT" ? "the body" : null;
      for (let i = 0; i < 3; i += 1) expect((await client.request(method, "/", { body })).status).toBe(200);
      expect(connections).toHaveLength(3);
      const puts = connections[1]?.records.filter(({ type }) => type === 5).map(({ content }) => content);
      if (method === "PUT") expect(puts?.slice(0, 2)).toEqual(["the body", ""]);
    },
  );

  test("is one that may be sent again: POST and PATCH get a fresh one, in place of the kept one [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(oneOnly);
    const client = clientOf(target, { keepAlive: true });
    for (const method of ["GET", "POST", "PATCH", "POST"]) {
      expect((await client.request(method, "/")).status).toBe(200);
    }
    expect(connections).toHaveLength(4);
    await Promise.all(connections.slice(0, 3).map(({ closed }) => closed));
    // What is kept of POST is good enough for GET, which is sent again where it is not.
    expect((await client.get("/")).status).toBe(200);
    expect(connections).toHaveLength(5);
  });

  test("on which others are turns out to be closed: POST is not sent again [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      const first = await connection.request();
      await connection.answer("one", undefined, first.id);
      await connection.request();
      connection.close();
    });
    const client = clientOf(target, { multiplex: true });
    expect((await client.post("/")).status).toBe(200);
    expect((await client.post("/")).status).toBe(502);
    expect(connections).toHaveLength(1);
  });

  test("on which others were had been closed before: POST finds out, and takes another [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      const { id } = await connection.request();
      await connection.answer("x", undefined, id);
      connection.close();
    });
    const client = clientOf(target, { multiplex: true });
    // The end of the connection is on its way while the next request begins.
    for (let i = 0; i < 20; i += 1) expect((await client.post("/", { body: "b" })).status).toBe(200);
    expect(connections).toHaveLength(20);
  });

  test("with more of its body sent than is kept is not sent again [FC19]", async () => {
    for (const [size, status] of [
      [65_536, 200],
      [65_537, 502],
    ] as const) {
      const { target } = await scriptedUpstream(oneOnly);
      const client = clientOf(target, { keepAlive: true });
      await client.get("/");
      expect((await client.put("/", { body: "x".repeat(size) })).status).toBe(status);
    }
  });

  test("is sent again once only, and not at all without retry [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection, index) => {
      await connection.request();
      if (index === 0) await connection.answer("x");
      if (index === 0) await connection.request();
      connection.close();
    });
    const client = clientOf(target, { keepAlive: true });
    expect((await client.get("/")).status).toBe(200);
    expect((await client.get("/")).status).toBe(502);
    expect(connections).toHaveLength(2);

    const other = await scriptedUpstream(oneOnly);
    const never = clientOf(other.target, { keepAlive: true, retry: false });
    await never.get("/");
    expect((await never.get("/")).status).toBe(502);
  });

  test("of whose answer something came is not sent again [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.answer("x");
      await connection.request();
      await connection.stdout("Status: 2");
      connection.close();
    });
    const client = clientOf(target, { keepAlive: true });
    await client.get("/");
    expect((await client.get("/")).status).toBe(502);
    expect(connections).toHaveLength(1);
  });

  test("a first failure on a fresh connection is final [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.request();
      connection.close();
    });
    expect((await clientOf(target, { keepAlive: true }).get("/")).status).toBe(502);
    expect(connections).toHaveLength(1);
  });
});

describe("the number of connections", () => {
  test("has a limit: who comes later waits, in order [FC21]", async () => {
    const gates = Array.from({ length: 6 }, () => deferred<void>());
    const order: string[] = [];
    const { target, connections } = await scriptedUpstream(async (connection, index) => {
      const { params } = await connection.request();
      order.push(params["QUERY_STRING"] ?? "");
      await gates[index]?.promise;
      await connection.answer("x");
      connection.close();
    });
    const client = clientOf(target, { maxConns: 2 });
    const responses = Array.from({ length: 6 }, (_, i) => client.get(`/?${i}`));
    await turns();
    expect(connections).toHaveLength(2);
    for (const gate of gates) gate.resolve();
    await Promise.all(responses);
    expect(order).toEqual(["0", "1", "2", "3", "4", "5"]);
  });

  test("has a queue, which has a limit: 503 [FC21]", async () => {
    const gate = deferred<void>();
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await gate.promise;
      await connection.answer("x");
      connection.close();
    });
    const client = clientOf(target, { maxConns: 1, maxQueue: 2 });
    const served = Array.from({ length: 3 }, () => client.get("/"));
    expect((await client.get("/")).status).toBe(503);
    gate.resolve();
    expect((await Promise.all(served)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(connections).toHaveLength(3);
  });

  test("is waited for no longer than allowed: 503 [FC21]", async () => {
    const gate = deferred<void>();
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await gate.promise;
      await connection.answer("x");
      connection.close();
    });
    const client = clientOf(target, { maxConns: 1, queueTimeout: 10 });
    const first = client.get("/");
    expect((await client.get("/")).status).toBe(503);
    gate.resolve();
    expect((await first).status).toBe(200);
  });

  test("whose client goes away waits no longer, and takes no place [FC20 FC21]", async () => {
    const gate = deferred<void>();
    const asked: string[] = [];
    const { target } = await scriptedUpstream(async (connection) => {
      const { params } = await connection.request();
      asked.push(params["QUERY_STRING"] ?? "");
      await gate.promise;
      await connection.answer("x");
      connection.close();
    });
    const client = clientOf(target, { maxConns: 1, maxQueue: 1 });
    const first = client.get("/?first");
    await turns();
    const gone = client.open("GET", "/?gone");
    await turns();
    gone.disconnect();
    await gone.done;
    const last = client.get("/?last");
    gate.resolve();
    expect([(await first).status, (await last).status]).toEqual([200, 200]);
    expect(asked).toEqual(["first", "last"]);
  });
});

describe("of several upstreams", () => {
  test("the one that can be reached is asked, the other left alone for a while, and the log told once [FC23]", async () => {
    const { target, connections } = await scriptedUpstream(echo);
    const port = await deadPort();
    const client = clientOf([{ port }, target]);
    const lines: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      const response = await client.post("/", { body: "b" });
      expect(response.status).toBe(200);
      lines.push(...response.log.map(({ level, message }) => `${level}: ${message}`));
    }
    expect(connections).toHaveLength(4);
    expect(lines).toEqual([
      `warn: The FastCGI upstream 127.0.0.1:${port} cannot be reached: another one is asked, and it last for 10000 ms`,
    ]);
  });

  test("none can be reached: 502, and no client learns why [FC23 S20]", async () => {
    const client = clientOf([{ path: "/nowhere/secret.sock" }, { port: await deadPort() }]);
    const response = await client.get("/");
    expect([response.status, response.text()]).toEqual([502, "Bad Gateway"]);
    expect(JSON.stringify(response.headers)).not.toContain("secret");
    expect(response.log).toHaveLength(1);
  });

  test("the least busy is asked, and equals take turns [FC23]", async () => {
    const gate = deferred<void>();
    const slow: Script = async (connection) => {
      await connection.request();
      await gate.promise;
      await connection.answer("x");
      connection.close();
    };
    const upstreams = [
      await scriptedUpstream(slow),
      await scriptedUpstream(slow),
      await scriptedUpstream(slow),
    ];
    const client = clientOf(upstreams.map(({ target }) => target));
    const responses: Promise<unknown>[] = [];
    for (let i = 0; i < 9; i += 1) {
      responses.push(client.get("/"));
      await turns();
    }
    expect(upstreams.map(({ connections }) => connections.length)).toEqual([3, 3, 3]);
    gate.resolve();
    await Promise.all(responses);
  });

  test("one that is overloaded is passed over [FC14]", async () => {
    const busy = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.end(0, 2);
      connection.close();
    });
    const free = await scriptedUpstream(echo);
    const client = clientOf([busy.target, free.target]);
    for (let i = 0; i < 4; i += 1) expect((await client.post("/", { body: "b" })).text()).toBe("POST b");
    expect(busy.connections.length).toBeGreaterThan(0);
    const all = clientOf([busy.target, (await scriptedUpstream(busyScript)).target]);
    expect((await all.get("/")).status).toBe(503);
  });

  const busyScript: Script = async (connection) => {
    await connection.request();
    await connection.end(0, 2);
    connection.close();
  };
});

describe("several requests on one connection", () => {
  /** Answers all requests together, in reverse order, once there are as many as it says. */
  function together(count: number): Script {
    return async (connection) => {
      const ids: number[] = [];
      while (ids.length < count) {
        const { type, id, content } = await connection.record();
        if (type === 5 && content === "") ids.push(id);
      }
      for (const id of ids.toReversed()) await connection.stdout(`X-Id: ${id}\r\n\r\n`, id);
      for (const id of ids) await connection.stdout(`body of ${id}`, id);
      for (const id of ids.toReversed()) await connection.end(0, 0, id);
      await connection.closed;
    };
  }

  test("are for upstreams that take them, by option [FC4]", async () => {
    const { target, connections } = await scriptedUpstream(together(3));
    const client = clientOf(target, { multiplex: true });
    const opened = client.open("GET", "/");
    await turns();
    const responses = await Promise.all([opened.response(), client.get("/"), client.get("/")]);
    expect(responses.map((response) => response.text())).toEqual(["body of 1", "body of 2", "body of 3"]);
    expect(connections).toHaveLength(1);
  });

  test.each([
    ["without a length, is cut", "X-A: b\r\n\r\nbegun", true, [200, false, "begun"]],
    [
      "that was begun and has all its octets, is whole",
      "Content-Length: 5\r\n\r\nbegun",
      true,
      [200, true, "begun"],
    ],
    ["alone on its connection, is whole, as PHP's is", "X-A: b\r\n\r\nbegun", false, [200, true, "begun"]],
  ] as const)(
    "a response that ends with status 1 %s [FC4 FC14]",
    async (_what, output, multiplex, expected) => {
      const begun = deferred<void>();
      const { target } = await scriptedUpstream(async (connection) => {
        const { id } = await connection.request();
        await connection.stdout(output, id);
        await begun.promise;
        await connection.end(1, 0, id);
      });
      const exchange = clientOf(target, { multiplex }).open("GET", "/");
      await exchange.head;
      begun.resolve();
      const response = await exchange.response();
      expect([response.status, response.complete, response.text()]).toEqual(expected);
    },
  );

  test("one that our own server has to cut does not look whole, and costs no other one [FC4 F46]", async () => {
    const [fails, goesOn] = [deferred<void>(), deferred<void>()];
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      await send({ type: "http.response.body", body: "begun", more_body: true });
      await (scope.path === "/fails" ? fails : goesOn).promise;
      if (scope.path === "/fails") throw new Error("no more");
      await send({ type: "http.response.body", body: ", and whole" });
    };
    const { address } = await serveForTest(app);
    const [host, port] = address as [string, number];
    const client = clientOf({ host, port }, { multiplex: true });
    const whole = client.open("GET", "/");
    await whole.head;
    const cut = client.open("GET", "/fails");
    await cut.head;
    fails.resolve();
    const response = await cut.response();
    expect([response.status, response.complete, response.text()]).toEqual([200, false, "begun"]);
    goesOn.resolve();
    const other = await whole.response();
    expect([other.complete, other.text()]).toEqual([true, "begun, and whole"]);
  });

  test("have a limit [FC4 S8]", async () => {
    const gate = deferred<void>();
    const { target, connections } = await scriptedUpstream(async (connection) => {
      for (;;) {
        const { id } = await connection.request();
        void gate.promise.then(() => connection.answer("x", undefined, id));
      }
    });
    const client = clientOf(target, { multiplex: true, maxRequests: 2 });
    const responses: Promise<unknown>[] = [];
    for (const expected of [1, 1, 2, 2, 3]) {
      responses.push(client.get("/"));
      await turns();
      expect(connections).toHaveLength(expected);
    }
    gate.resolve();
    await Promise.all(responses);
  });

  test("do not wait for one whose client is slow, up to a limit [FC4 S10]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      const slow = await connection.request();
      const quick = await connection.request();
      await connection.stdout("X-A: slow\r\n\r\n", slow.id);
      for (let i = 0; i < 10; i += 1) await connection.stdout("s".repeat(10_000), slow.id);
      await connection.answer("quick", undefined, quick.id);
      await connection.end(0, 0, slow.id);
    });
    const client = clientOf(target, { multiplex: true }, { highWaterMark: 1 });
    const slow = client.open("GET", "/slow");
    slow.pause();
    await turns();
    expect((await client.get("/quick")).text()).toBe("quick");
    slow.resume();
    const { body, complete } = await slow.response();
    expect([body.length, complete]).toEqual([100_000, true]);
    expect(connections).toHaveLength(1);
  });

  test("stop together where one of them is held back for longer than is kept [FC4 S10]", async () => {
    let written = 0;
    const { target } = await scriptedUpstream(async (connection) => {
      const slow = await connection.request();
      await connection.stdout("X-A: slow\r\n\r\n", slow.id);
      for (; written < 24_000_000; written += 64_000) await connection.stdout("s".repeat(64_000), slow.id);
      await connection.end(0, 0, slow.id);
    });
    const client = clientOf(target, { multiplex: true, maxHeld: 100_000 }, { highWaterMark: 1 });
    const slow = client.open("GET", "/slow");
    slow.pause();
    await slow.head;
    for (let before = -1; before !== written;) {
      before = written;
      await turns();
      await turns();
    }
    expect(written).toBeLessThan(12_000_000);
    slow.resume();
    expect((await slow.response()).body.length).toBe(24_000_000);
  });

  test("refused by the upstream after all: each has its own from then on [FC4 FC14]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      if (connections.length > 1) return echo(connection, 1);
      const first = await connection.request();
      const second = await connection.request();
      await connection.end(0, 1, second.id);
      await connection.answer("first", undefined, first.id);
      await echo(connection, 0);
    });
    const client = clientOf(target, { multiplex: true });
    const first = client.open("POST", "/", { body: "a" });
    await turns();
    const second = await client.post("/", { body: "b" });
    expect([(await first.response()).text(), second.text()]).toEqual(["first", "POST b"]);
    const more = await Promise.all([client.get("/"), client.get("/"), client.get("/")]);
    expect(more.map(({ status }) => status)).toEqual([200, 200, 200]);
    // None was refused a second time.
    const ends = connections.map(
      ({ records }) => records.filter(({ type }) => type === BEGIN_REQUEST).length,
    );
    expect(ends.reduce((sum, count) => sum + count, 0)).toBe(2 + 1 + 3);
  });

  test("one that is given up is aborted, and the others go on [FC20]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      const gone = await connection.request();
      const stays = await connection.request();
      const abort = await connection.record();
      await connection.stdout("\r\nnobody listens", gone.id);
      await connection.end(0, 0, gone.id);
      await connection.answer(`${abort.type} ${abort.id}`, undefined, stays.id);
      const third = await connection.request();
      await connection.answer(`third ${third.id}`, undefined, third.id);
    });
    const client = clientOf(target, { multiplex: true });
    const gone = client.open("GET", "/");
    await turns();
    const stays = client.get("/");
    await turns();
    gone.disconnect();
    expect((await stays).text()).toBe("2 1");
    expect((await client.get("/")).text()).toBe("third 3");
    expect(connections).toHaveLength(1);
  });
});

describe("whether an upstream multiplexes is asked", () => {
  async function connectionsFor(answer: Script, options: FromFastCgiOptions = {}): Promise<number> {
    const { target, connections } = await scriptedUpstream(async (connection, index) => {
      const { type, id, content } = await connection.record();
      if (type === GET_VALUES) {
        expect([id, content.includes("FCGI_MPXS_CONNS")]).toEqual([0, true]);
        return answer(connection, index);
      }
      for (let requests = 0; ;) {
        const next = await connection.record();
        if (next.type === 5 && next.content === "") requests += 1;
        if (requests === 0) continue;
        await turns();
        await connection.answer("x", undefined, next.id);
      }
    });
    const client = clientOf(target, { multiplex: "ask", ...options });
    await client.get("/");
    await connections.find(({ records }) => records[0]?.type === GET_VALUES)?.closed;
    await turns();
    const before = connections.length;
    // Opened in turn, so that the second finds the connection of the first.
    const first = client.get("/");
    await turns();
    const second = client.get("/");
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    return connections.length - before;
  }

  function values(multiplexes: string): Script {
    const content = encodePair("FCGI_MPXS_CONNS", multiplexes) + encodePair("FCGI_MAX_REQS", "50");
    return (connection) => connection.write(rawRecord(GET_VALUES_RESULT, 0, content));
  }

  test("on a connection of its own: 1 is a yes [FC4 FC5]", async () => {
    expect(await connectionsFor(values("1"))).toBe(1);
  });

  test.each<[string, Script]>([
    ["0", values("0")],
    ["an UNKNOWN_TYPE", (connection) => connection.write(rawRecord(11, 0, "\x09\0\0\0\0\0\0\0"))],
    ["a connection that ends", (connection) => connection.close()],
    ["garbage", (connection) => connection.write("HTTP/1.1 400\r\n")],
    ["pairs that are none", (connection) => connection.write(rawRecord(10, 0, "\xff\xff"))],
  ])("%s is a no [FC5]", async (_, script) => {
    expect(await connectionsFor(script)).toBeGreaterThan(0);
  });

  test("silence is a no, and is not waited for [FC5]", async () => {
    expect(await connectionsFor(() => {}, { askTimeout: 20 })).toBeGreaterThan(0);
  });
});
