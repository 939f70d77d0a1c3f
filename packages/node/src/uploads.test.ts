// Request bodies: wanted, unwanted, too long, late, and never sent.

import { once } from "node:events";
import { latin1Decode, latin1Encode, type AsgiApp, type HttpReceiveEvent, type SendEvent } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { HOSTS } from "./fixtures/hosts.ts";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { gate } from "./fixtures/running.ts";
import { expectNoStrays, turns } from "./fixtures/strays.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };
const LAST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const post = (fields: string, body = "", line = "POST /up HTTP/1.1"): string =>
  `${line}\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
const EXPECT = "Content-Length: 5\r\nExpect: 100-continue";

/** Answers with what it read. */
const echo: AsgiApp = async (scope, receive, send) => {
  if (scope.type !== "http") return;
  let body = "";
  for (;;) {
    const event = (await receive()) as HttpReceiveEvent;
    if (event.type === "http.disconnect") return;
    body += latin1Decode(event.body);
    if (!event.more_body) break;
  }
  await send(START);
  await send({ type: "http.response.body", body: latin1Encode(`<${body}>`) });
};

/** Answers without a look at the body. */
const deaf: AsgiApp = async (scope, _receive, send) => {
  if (scope.type !== "http") return;
  await send(START);
  await send({ type: "http.response.body", body: scope.path });
};

expectNoStrays();

describe.each(HOSTS)("%s", (_name, start) => {
  describe("100 Continue", () => {
    test("goes out when the app first reads, once [A32]", async () => {
      const { port } = await start(echo);
      const client = await rawClient(port);
      await client.send(post(EXPECT)).until("100 Continue\r\n\r\n");
      client.send(`he`);
      await turns();
      client.send(`llo${LAST}`);
      const received = await client.ended;
      expect(statuses(received)).toEqual([100, 200, 200]);
      expect(received).toContain("<hello>");
    });

    test("does not go out once the head has, however late the app reads [A32]", async () => {
      const { port } = await start(async (scope, receive, send) => {
        if (scope.type !== "http") return;
        await send(START);
        await send({ type: "http.response.body", body: "begun", more_body: true });
        const event = (await receive()) as HttpReceiveEvent;
        await send({
          type: "http.response.body",
          body: event.type === "http.request" ? event.body : "gone",
        });
      });
      const client = await rawClient(port);
      await client.send(post(EXPECT)).until("begun");
      client.send("hello");
      const received = await client.ended;
      expect(statuses(received)).toEqual([200]);
      expect(received).toMatch(/\r\n5\r\nbegun\r\n5\r\nhello\r\n0\r\n\r\n$/);
    });

    test("never goes out for an app that does not read; the connection ends with the answer [A32 A49]", async () => {
      const { port } = await start(deaf);
      const received = await rawExchange(port, post(EXPECT));
      expect(statuses(received)).toEqual([200]);
      expect(received).toMatch(/\r\nConnection: close\r\n/i);
    });

    test("never goes out for a body that is too long: that is a 413 [A32 S8]", async () => {
      const { port } = await start(echo, { maxBodySize: 4 });
      const received = await rawExchange(port, post(EXPECT));
      expect(statuses(received)).toEqual([413]);
    });

    test.each(["100-Continue", "100-continue, later", "later;100-continue"])(
      "goes out for what Node takes for the expectation: %s [A32]",
      async (expectation) => {
        const { port } = await start(echo);
        const client = await rawClient(port);
        await client.send(post(`Content-Length: 5\r\nExpect: ${expectation}`)).until("100 Continue\r\n\r\n");
        client.send(`hello${LAST}`);
        expect(statuses(await client.ended)).toEqual([100, 200, 200]);
      },
    );

    test("is dropped for HTTP/1.0, which has none [A32]", async () => {
      const { port } = await start(echo);
      const received = await rawExchange(port, post(EXPECT, "hello", "POST / HTTP/1.0"));
      expect(statuses(received)).toEqual([200]);
    });

    test("of a request behind another leaves after that one's answer [A32 A46]", async () => {
      const first = gate();
      const read = gate();
      const { port } = await start(async (scope, receive, send) => {
        if (scope.type !== "http") return;
        if (scope.path === "/up") read.open();
        else await first.passed;
        await echo(scope, receive, send);
      });
      const client = await rawClient(port);
      client.send(`GET /first HTTP/1.1\r\nHost: a\r\n\r\n${post(EXPECT)}`);
      await read.passed;
      await turns();
      expect(client.received).toBe("");
      first.open();
      await client.until("100 Continue");
      client.send(`hello${LAST}`);
      expect(statuses(await client.ended)).toEqual([200, 100, 200, 200]);
    });
  });

  describe("a body that nobody reads", () => {
    const maxDiscard = 1_000;

    test("is passed over up to the limit, and the connection kept [A46 A49]", async () => {
      const { port } = await start(deaf, { maxDiscard });
      const body = "b".repeat(maxDiscard);
      const received = await rawExchange(port, post("Content-Length: 1000", body + LAST));
      expect(statuses(received)).toEqual([200, 200]);
      expect(received).toMatch(/\/last$/);
    });

    test("ends the connection above, which is said beforehand [A46 A49]", async () => {
      const { port } = await start(deaf, { maxDiscard });
      const body = "b".repeat(maxDiscard + 1);
      const received = await rawExchange(port, post("Content-Length: 1001", body + LAST));
      expect(statuses(received)).toEqual([200]);
      expect(received).toMatch(/\r\nConnection: close\r\n/i);
    });

    test("in chunks, likewise, though nobody can tell beforehand [A46 A49]", async () => {
      const { port } = await start(deaf, { maxDiscard });
      const chunk = (size: number): string => `${size.toString(16)}\r\n${"b".repeat(size)}\r\n`;
      const chunked = (size: number): string =>
        post("Transfer-Encoding: chunked", `${chunk(size)}0\r\n\r\n${LAST}`);
      expect(statuses(await rawExchange(port, chunked(maxDiscard)))).toEqual([200, 200]);
      const above = await rawClient(port);
      await above.send(post("Transfer-Encoding: chunked")).until("/up");
      above.send(`${chunk(maxDiscard + 1)}0\r\n\r\n${LAST}`);
      expect(statuses(await above.ended)).toEqual([200]);
    });

    test("not one byte of it, if so wanted [A46 A49]", async () => {
      const { port } = await start(deaf, { maxDiscard: 0 });
      expect(statuses(await rawExchange(port, post("Content-Length: 1", `b${LAST}`)))).toEqual([200]);
      expect(statuses(await rawExchange(port, post("Content-Length: 0", LAST)))).toEqual([200, 200]);
    });

    test("and never comes to its end, has the connection closed after a while [A46 A49 S9]", async () => {
      const { port } = await start(deaf, { discardTimeout: 50 });
      const client = await rawClient(port);
      const drip = setInterval(() => client.send("b"), 5);
      client.send(post("Content-Length: 100000"));
      const received = await client.ended;
      clearInterval(drip);
      expect(statuses(received)).toEqual([200]);
    });

    test("and comes to its end in time, has the connection kept as long as any [A46]", async () => {
      const { port } = await start(deaf, { discardTimeout: 50 });
      const client = await rawClient(port);
      await client.send(post("Content-Length: 5")).until("/up");
      client.send("hello");
      // Another connection runs into the limit, so this one has had as much time.
      const late = await rawClient(port);
      await late.send(post("Content-Length: 5")).ended;
      expect(statuses(await client.send(LAST).ended)).toEqual([200, 200]);
    });

    test("behind another response, it ends the connection after that one [A46 A49]", async () => {
      const first = gate();
      const { port } = await start(
        async (scope, receive, send) => {
          if (scope.type === "http" && scope.path === "/first") await first.passed;
          await deaf(scope, receive, send);
        },
        { maxDiscard },
      );
      const client = await rawClient(port);
      client.send(`GET /first HTTP/1.1\r\nHost: a\r\n\r\n${post("Content-Length: 5000", "b".repeat(4_000))}`);
      await turns();
      first.open();
      const received = await client.ended;
      expect(statuses(received)).toEqual([200, 200]);
      expect(received).toMatch(/\/first.*\/up$/s);
    });

    test("of a client that said it would close: its answer arrives before the end does [A49]", async () => {
      const { port } = await start(deaf);
      const client = await rawClient(port);
      await client.send(post("Content-Length: 100000\r\nConnection: close")).until("/up");
      const error = await new Promise((resolve) => client.socket.write("b".repeat(100_000), resolve));
      expect(error ?? null).toBeNull();
      expect(statuses(await client.ended)).toEqual([200]);
    });

    test("of a client that leaves: nothing is left of it [A49 A8]", async () => {
      const { port, server, logged } = await start(deaf);
      const connected = once(server, "connection");
      const client = await rawClient(port);
      const [socket] = (await connected) as [NodeJS.EventEmitter];
      await client.send(post("Content-Length: 100000", "b")).until("/up");
      const closed = new Promise((resolve) => socket.on("close", resolve));
      client.socket.resetAndDestroy();
      await closed;
      expect(logged).toEqual([]);
    });
  });

  describe("a limit to bodies", () => {
    const maxBodySize = 5;

    test.each<[what: string, request: string, status: number[]]>([
      ["a length at the limit", post("Content-Length: 5", "hello"), [200, 200]],
      ["a length above it", post("Content-Length: 6", "hello!"), [413]],
      ["chunks at the limit", post("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"), [200, 200]],
      ["chunks above it", post("Transfer-Encoding: chunked", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"), [413]],
      ["a length with zeros in front", post("Content-Length: 0005", "hello"), [200, 200]],
      ["a length above it with zeros in front", post("Content-Length: 0006", "hello!"), [413]],
    ])("%s: %j [S8]", async (_what, request, expected) => {
      const { port } = await start(echo, { maxBodySize });
      const received = await rawExchange(port, request + LAST);
      expect(statuses(received)).toEqual(expected);
      if (expected[0] === 200) expect(received).toContain("<hello>");
      else expect(received).toMatch(/\r\nConnection: close\r\n/i);
    });

    test("passed after the answer has begun cuts it [S8 A45]", async () => {
      const { port } = await start(
        async (scope, receive, send) => {
          if (scope.type !== "http") return;
          await send(START);
          await send({ type: "http.response.body", body: "begun", more_body: true });
          for (;;) {
            const event = (await receive()) as HttpReceiveEvent;
            if (event.type === "http.disconnect") return;
          }
        },
        { maxBodySize },
      );
      const received = await rawExchange(
        port,
        post("Transfer-Encoding: chunked", "6\r\nhello!\r\n0\r\n\r\n") + LAST,
      );
      expect(statuses(received)).toEqual([200]);
      expect(received).not.toContain("\r\n0\r\n\r\n");
    });

    test("passed behind another request is refused after the answer to that [S8 A46]", async () => {
      const first = gate();
      const { port } = await start(
        async (scope, receive, send) => {
          if (scope.type === "http" && scope.path === "/first") await first.passed;
          await echo(scope, receive, send);
        },
        { maxBodySize },
      );
      const client = await rawClient(port);
      client.send(
        `GET /first HTTP/1.1\r\nHost: a\r\n\r\n${post("Transfer-Encoding: chunked", "6\r\nhello!\r\n")}`,
      );
      await turns();
      first.open();
      expect(statuses(await client.ended)).toEqual([200, 413]);
    });
  });

  describe("what a body may look like", () => {
    test.each<[what: string, request: string, body: string]>([
      ["none", post("X: 1"), ""],
      ["none, of length 0", post("Content-Length: 0"), ""],
      ["none, in chunks", post("Transfer-Encoding: chunked", "0\r\n\r\n"), ""],
      ["one of GET", post("Content-Length: 5", "hello", "GET /up HTTP/1.1"), "hello"],
      [
        "one of GET in chunks",
        post("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n", "GET /up HTTP/1.1"),
        "hello",
      ],
      ["one of DELETE", post("Content-Length: 5", "hello", "DELETE /up HTTP/1.1"), "hello"],
      [
        "one with trailers",
        post("Transfer-Encoding: chunked\r\nTrailer: X-T", "5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n"),
        "hello",
      ],
      [
        "one with chunk extensions",
        post("Transfer-Encoding: chunked", "2;a=b\r\nhe\r\n3;c\r\nllo\r\n0;d\r\n\r\n"),
        "hello",
      ],
      ["one in chunks, Chunked", post("Transfer-Encoding: Chunked", "5\r\nhello\r\n0\r\n\r\n"), "hello"],
      ["one of octets", post("Content-Length: 4", "\x00\xff\r\n"), "\x00\xff\r\n"],
    ])("%s [A27 A28 A30 X21]", async (_what, request, body) => {
      const { port } = await start(echo);
      const received = await rawExchange(port, request + LAST);
      expect(statuses(received)).toEqual([200, 200]);
      expect(received).toContain(`\r\n\r\n<${body}>HTTP`);
    });

    test("in pieces of one byte it is the same body [A28 A29]", async () => {
      const { port } = await start(echo);
      const client = await rawClient(port);
      client.socket.setNoDelay(true);
      client.send(post("Transfer-Encoding: chunked"));
      for (const byte of "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n") {
        client.send(byte);
        await turns();
      }
      await client.until("<hello world>");
      client.destroy();
    });

    test("a client that leaves amid it is a disconnect, and no end [A31]", async () => {
      for (const framing of ["Content-Length: 10", "Transfer-Encoding: chunked"]) {
        const began = gate();
        const over = gate<unknown>();
        const { port, logged } = await start(async (scope, receive) => {
          if (scope.type !== "http") return;
          await receive();
          began.open();
          over.open([await receive(), await receive()]);
        });
        const client = await rawClient(port);
        client.send(post(framing, "5\r\nhello\r\n"));
        await began.passed;
        client.socket.resetAndDestroy();
        expect(await over.passed).toEqual([{ type: "http.disconnect" }, { type: "http.disconnect" }]);
        expect(logged).toEqual([]);
      }
    });

    test("many that wait for a piece are served in order [A33]", async () => {
      const { port } = await start(async (scope, receive, send) => {
        if (scope.type !== "http") return;
        const events = (await Promise.all([receive(), receive(), receive()])) as HttpReceiveEvent[];
        const seen = events.map((event) =>
          event.type === "http.request" ? latin1Decode(event.body) : event.type,
        );
        await send(START);
        await send({ type: "http.response.body", body: seen.join("|") });
      });
      const client = await rawClient(port);
      client.send(post("Transfer-Encoding: chunked", "1\r\na\r\n"));
      await turns();
      client.send("1\r\nb\r\n");
      await turns();
      client.send("1\r\nc\r\n");
      await client.until("a|b|c");
      client.destroy();
    });

    test("a thousand that wait for pieces of a byte, which come all at once, each have theirs [A33 S8]", async () => {
      const { port } = await start(async (scope, receive, send) => {
        if (scope.type !== "http") return;
        const events = (await Promise.all(Array.from({ length: 1_000 }, receive))) as HttpReceiveEvent[];
        const seen = events.map((event) => (event.type === "http.request" ? latin1Decode(event.body) : ""));
        await send(START);
        await send({ type: "http.response.body", body: `<${seen.join("")}>` });
      });
      const letters = Array.from({ length: 1_000 }, (_, i) => String.fromCharCode(97 + (i % 26)));
      const chunks = letters.map((letter) => `1\r\n${letter}\r\n`).join("");
      const client = await rawClient(port);
      await client
        .send(post("Transfer-Encoding: chunked", `${chunks}0\r\n\r\n`))
        .until(`<${letters.join("")}>`);
      client.destroy();
    });

    test("an app that reads a piece now and then holds the client back [A29 S10]", async () => {
      const word = gate();
      const { port, server } = await start(async (scope, receive, send) => {
        if (scope.type !== "http") return;
        let read = 0;
        for (let more = true; more;) {
          const event = (await receive()) as HttpReceiveEvent;
          if (event.type === "http.disconnect") return;
          read += event.body.byteLength;
          more = event.more_body;
          await word.passed;
        }
        await send(START);
        await send({ type: "http.response.body", body: `<${read}>` });
      });
      const connected = once(server, "connection");
      const client = await rawClient(port);
      const [socket] = (await connected) as [{ bytesRead: number }];
      const size = 30_000_000;
      client.send(post(`Content-Length: ${size}`, "b".repeat(size)));
      // Other connections get on: had this one been read, it would be read by now.
      for (let i = 0; i < 20; i += 1) await rawExchange(port, "GET / HTTP/1.1\r\n\r\n");
      expect(socket.bytesRead).toBeLessThan(1_000_000);
      word.open();
      await client.until(`<${size}>`);
      client.destroy();
    });
  });
});
