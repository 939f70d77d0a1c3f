// Pieces on their way: each leaves before the next is asked for, and a client that does not read holds the app back.
// Sources: ASGI HTTP 2.5 "Response Body"; PEP 3333 "Buffering and Streaming"; RFC 9112 §7.1.

import { inBoth, type Case } from "../suite/case.ts";
import { equal, ok } from "../suite/check.ts";
import { readBody } from "../suite/client.ts";
import type { WireExchange } from "../wire/wire.ts";
import { digest, join, last, noise, piece, start } from "./answers.ts";

const PART = 64 * 1024;
/** 400 MiB in parts. */
const TOO_MANY = 6400;
/** 64 MiB in parts: more than any kernel holds for two sockets of this machine. */
const MOST = 1024;
/** 16 MiB in parts. */
const MANY = 256;

/** An empty piece, so that an app can wait for its client; not for ever, as an adapter that collects pieces must end. */
function giveUp(pieces: number): string {
  ok(pieces < 10_000_000, "ten million pieces were taken before the client could say that it has the first");
  return "";
}

async function readText(exchange: WireExchange, length: number): Promise<string> {
  let text = "";
  while (text.length < length) {
    const bytes = await exchange.read();
    ok(bytes !== null, `the body goes on after ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(bytes);
  }
  return text;
}

/** The cases about streaming and back-pressure. */
export const streamingCases: readonly Case[] = [
  {
    name: "streaming: the client has a piece before the app is asked for the next",
    proves: ["A7", "X22"],
    needs: ["memory"],
    async app(_scope, _receive, send, stage) {
      await start(send, 200, [["content-type", "text/event-stream"]]);
      for (const name of ["one", "two", "three"]) {
        await piece(send, `${name},`);
        await stage.gate(name);
      }
      await last(send, "end");
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      equal((await exchange.head()).status, 200);
      for (const name of ["one", "two", "three"]) {
        equal(await readText(exchange, name.length + 1), `${name},`);
        await client.open(name);
      }
      equal(await readText(exchange, 3), "end");
      equal(await exchange.read(), null);
    },
  },
  {
    name: "streaming: an empty first piece lets the head leave",
    proves: ["A7", "A41"],
    needs: ["memory"],
    async app(_scope, _receive, send, stage) {
      await start(send, 200, [["x-early", "1"]]);
      await piece(send, "");
      await stage.gate("head seen");
      await last(send, "body");
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      equal((await exchange.head()).status, 200);
      await client.open("head seen");
      equal(new TextDecoder().decode(await readBody(exchange)), "body");
    },
  },
  {
    name: "sync streaming: the client has pieces of a generator that has not ended",
    proves: ["W41"],
    needs: ["memory"],
    *syncApp(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      yield "first,";
      for (let i = 0; !stage.isOpen("first seen"); i += 1) yield giveUp(i);
      yield "last";
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      equal((await exchange.head()).status, 200);
      equal(await readText(exchange, 6), "first,");
      await client.open("first seen");
      equal(new TextDecoder().decode(await readBody(exchange)), "last");
    },
  },
  ...inBoth({
    name: "streaming: a client that does not read holds the app back",
    proves: ["A7", "A50", "W42", "S10", "X22"],
    needs: ["reading", "memory"],
    async app(_scope, _receive, send, stage) {
      await start(send);
      const part = new Uint8Array(PART);
      for (let i = 0; i < TOO_MANY; i += 1) {
        stage.note("part");
        await piece(send, part);
        // Others get their turn, even if a host takes everything at once.
        if (i % 16 === 15) await new Promise((resolve) => setTimeout(resolve));
      }
      await last(send);
    },
    *syncApp(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      const part = new Uint8Array(PART);
      for (let i = 0; i < TOO_MANY; i += 1) {
        stage.note("part");
        yield part;
      }
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      await exchange.head();
      const parts = await client.settledNotes();
      ok(
        parts <= MOST,
        `${parts} parts of ${PART} bytes were taken from the app for a client that read none`,
      );
      exchange.reset();
    },
  }),
  ...inBoth({
    name: "streaming: an app that was held back goes on when the client reads, and nothing is lost",
    proves: ["A7", "A50", "W41", "W42"],
    needs: ["reading", "memory"],
    async app(_scope, _receive, send, stage) {
      await start(send);
      for (let i = 0; i < MANY; i += 1) {
        stage.note("part");
        await piece(send, noise(PART, i));
      }
      await last(send, "end");
    },
    *syncApp(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      for (let i = 0; i < MANY; i += 1) {
        stage.note("part");
        yield noise(PART, i);
      }
      yield "end";
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      await exchange.head();
      await client.settledNotes();
      const body = await readBody(exchange);
      const parts = Array.from({ length: MANY }, (_, i) => noise(PART, i));
      equal(digest(body), digest(join([...parts, new TextEncoder().encode("end")])));
    },
  }),
  {
    name: "streaming: send to a client that does not read and then goes away is rejected with ECONNRESET",
    proves: ["A7", "A8"],
    needs: ["reading", "reset", "memory"],
    async app(_scope, _receive, send, stage) {
      await start(send);
      const part = new Uint8Array(PART);
      stage.note("begun");
      try {
        for (let i = 0; i < TOO_MANY; i += 1) {
          await piece(send, part);
          if (i % 16 === 15) await new Promise((resolve) => setTimeout(resolve));
        }
      } catch (error) {
        stage.note(String((error as { code?: unknown }).code));
      }
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      await exchange.head();
      await client.notes(1);
      await client.settledNotes();
      exchange.reset();
      equal(await client.notes(2), ["begun", "ECONNRESET"]);
    },
  },
  {
    name: "sync streaming: a long response leaves other requests their turn",
    proves: ["W41"],
    needs: ["memory"],
    *syncApp(environ, startResponse, stage) {
      startResponse("200 OK", []);
      if (environ.PATH_INFO === "/short") {
        stage.note("short");
        yield "short";
        return;
      }
      yield "begun";
      for (let i = 0; !stage.isOpen("short was answered"); i += 1) yield giveUp(i);
      yield " ended";
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      await exchange.head();
      equal((await client.request({ target: "/short" })).text, "short");
      await client.open("short was answered");
      equal(new TextDecoder().decode(await readBody(exchange)), "begun ended");
    },
  },
];
