// receive(): pulled, pending after the body, and one meaning of http.disconnect.
// Sources: ASGI HTTP 2.5 "Request", "Disconnect"; asgiref issues 47 and 53 (cancellation).

import type { HttpReceiveEvent } from "@tsgi/core";
import type { Case } from "../suite/case.ts";
import { equal, ok, rejects } from "../suite/check.ts";
import { readBody } from "../suite/client.ts";
import { bodyOf, digest, join, json, last, noise, piece, start } from "./answers.ts";

const MIB = 1024 * 1024;
/** More than any kernel holds for two sockets of this machine. */
const TOO_MUCH = 96 * MIB;

/** The cases about receive. */
export const receiveCases: readonly Case[] = [
  {
    name: "receive: an app that does not read holds the client back",
    proves: ["A29"],
    needs: ["writing", "memory"],
    async app(_scope, receive, send, stage) {
      await stage.gate("read now");
      let length = 0;
      for (let more = true; more;) {
        const event = (await receive()) as HttpReceiveEvent;
        ok(event.type === "http.request", "the body is complete");
        length += event.body.byteLength;
        more = event.more_body;
      }
      await json(send, length);
    },
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, { method: "POST" }, "unknown");
      const part = noise(MIB);
      let taken = 0;
      const held = new AbortController();
      const writing = (async () => {
        while (!held.signal.aborted) {
          await exchange.write(part);
          taken += part.byteLength;
        }
        await exchange.end();
      })();
      try {
        for (let equalTimes = 0, before = -1; equalTimes < 30; equalTimes += 1) {
          await client.ask();
          if (taken !== before) equalTimes = 0;
          before = taken;
          ok(taken <= TOO_MUCH, `a client may not write ${taken} bytes to an app that reads nothing`);
        }
      } finally {
        held.abort();
      }
      await client.open("read now");
      const { text } = await client.read(exchange);
      await writing;
      equal(Number(text), taken, "what the app read in the end");
    },
  },
  {
    name: "receive: after the body it waits, and gives http.disconnect when the response is complete",
    proves: ["A30", "X23"],
    needs: ["memory"],
    async app(scope, receive, send, stage) {
      await bodyOf(receive);
      let settled = false;
      const next = receive().then((event) => {
        settled = true;
        return event;
      });
      await start(send);
      await piece(send, "first");
      await stage.gate("go on");
      equal(settled, false, "whether receive() was settled before the response was complete");
      await last(send);
      equal(await next, { type: "http.disconnect" });
      equal(await receive(), { type: "http.disconnect" }, "the next event");
      equal(await receive(), { type: "http.disconnect" }, "the event after it");
      stage.note(`aborted: ${scope.signal.aborted}`);
    },
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, { method: "POST" }, 4);
      await exchange.write(new Uint8Array(4));
      await exchange.end();
      await exchange.head();
      await exchange.read();
      await client.ask();
      await client.open("go on");
      await readBody(exchange);
      equal(await client.notes(1), ["aborted: false"]);
    },
  },
  {
    name: "receive: a client that goes away in the middle of its body gives http.disconnect, never a last piece",
    proves: ["A31", "A34", "X23", "X21"],
    needs: ["reset", "memory"],
    async app(scope, receive, _send, stage) {
      const { signal } = scope;
      const first = (await receive()) as HttpReceiveEvent;
      ok(first.type === "http.request" && first.more_body, "the first piece says that more follows");
      stage.note("first piece");
      for (;;) {
        const event = (await receive()) as HttpReceiveEvent;
        if (event.type === "http.disconnect") break;
        ok(event.more_body, "a cut body does not look complete");
      }
      equal(await receive(), { type: "http.disconnect" }, "the next event");
      equal(signal.aborted, true, "whether the signal is aborted");
      stage.note("disconnect");
    },
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, { method: "POST" }, 1000);
      await exchange.write(noise(100));
      await client.notes(1);
      exchange.reset();
      equal(await client.notes(2), ["first piece", "disconnect"]);
    },
  },
  {
    name: "receive: a client that half-closes in the middle of its body gives no last piece either",
    proves: ["A31"],
    needs: ["octets", "memory"],
    async app(_scope, receive, _send, stage) {
      for (;;) {
        const event = (await receive()) as HttpReceiveEvent;
        stage.note(
          event.type === "http.request" ? `${event.body.byteLength} ${event.more_body}` : event.type,
        );
        if (event.type === "http.disconnect" || !event.more_body) break;
      }
    },
    async client(client) {
      const octets = await client.octets();
      await octets.write(`${client.head("POST / HTTP/1.1", ["Host: a", "Content-Length: 10"])}12345`);
      equal(await client.notes(1), ["5 true"]);
      octets.end();
      equal(await client.notes(2), ["5 true", "http.disconnect"]);
    },
  },
  {
    name: "receive: a client that goes away before its body gives http.disconnect to a pending receive",
    proves: ["A30", "A31", "A34"],
    needs: ["reset", "memory"],
    async app(scope, receive, _send, stage) {
      scope.signal.addEventListener("abort", () => {
        const reason = scope.signal.reason as { code?: unknown };
        stage.note(`abort ${String(reason.code)}`);
      });
      const pending = receive();
      stage.note("waiting");
      stage.note((await pending).type);
    },
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, { method: "POST" }, 1000);
      await client.notes(1);
      exchange.reset();
      const notes = await client.notes(3);
      equal([...notes].toSorted(), ["abort ECONNRESET", "http.disconnect", "waiting"]);
    },
  },
  {
    name: "receive: a client that goes away while the app thinks aborts the signal, once",
    proves: ["A34", "A30", "X23"],
    needs: ["reset", "memory"],
    async app(scope, receive, _send, stage) {
      await bodyOf(receive);
      const gone = new Promise<void>((resolve) =>
        scope.signal.addEventListener("abort", () => {
          stage.note("abort");
          resolve();
        }),
      );
      stage.note("thinking");
      await gone;
      stage.note((await receive()).type);
    },
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, {});
      await client.notes(1);
      exchange.reset();
      equal(await client.notes(3), ["thinking", "abort", "http.disconnect"]);
      equal((await client.ask()).notes.length, 3, "the notes a little later");
    },
  },
  {
    name: "receive: a client that goes away in the middle of the response aborts the signal, once",
    proves: ["A34", "A30", "X23"],
    needs: ["reset", "memory"],
    async app(scope, receive, send, stage) {
      await bodyOf(receive);
      const gone = new Promise<void>((resolve) =>
        scope.signal.addEventListener("abort", () => {
          stage.note("abort");
          resolve();
        }),
      );
      await start(send);
      await piece(send, "begun");
      stage.note("begun");
      await gone;
      stage.note((await receive()).type);
      stage.note((await receive()).type);
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      await exchange.head();
      await exchange.read();
      await client.notes(1);
      exchange.reset();
      equal(await client.notes(4), ["begun", "abort", "http.disconnect", "http.disconnect"]);
      equal((await client.ask()).notes.length, 4, "the notes a little later");
    },
  },
  {
    name: "receive: send to a client that went away in the middle of the response is rejected with ECONNRESET",
    proves: ["A8", "A30", "A34"],
    needs: ["reset", "memory", "log"],
    async app(scope, receive, send, stage) {
      await bodyOf(receive);
      await start(send);
      await piece(send, "begun");
      stage.note("begun");
      equal(await receive(), { type: "http.disconnect" });
      equal(scope.signal.aborted, true, "whether the signal is aborted");
      const error = await rejects(piece(send, "too late"), "ECONNRESET", "a piece after the loss");
      await rejects(last(send), "ECONNRESET", "the last piece after the loss");
      stage.note("told");
      throw error;
    },
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, {});
      await exchange.head();
      await client.notes(1);
      exchange.reset();
      equal(await client.notes(2), ["begun", "told"]);
      await client.ask();
      equal(await client.logged(0), [], "what was logged: a client's going is no error");
    },
  },
  {
    name: "receive: two calls at once are both answered, in order",
    proves: ["A33"],
    needs: ["writing", "memory"],
    breaks: true,
    async app(_scope, receive, send, stage) {
      const order: string[] = [];
      const first = receive().finally(() => order.push("first"));
      const second = receive().finally(() => order.push("second"));
      stage.note("two calls");
      const pieces: Uint8Array[] = [];
      let event = (await first) as HttpReceiveEvent;
      ok(event.type === "http.request", "the first call gets a piece");
      pieces.push(event.body);
      let next = second as Promise<HttpReceiveEvent>;
      while (event.more_body) {
        event = await next;
        ok(event.type === "http.request", "a later call gets a piece");
        pieces.push(event.body);
        next = receive() as Promise<HttpReceiveEvent>;
      }
      await json(send, digest(join(pieces)));
      equal(await next, { type: "http.disconnect" }, "a call after the body");
      await second;
      equal(order, ["first", "second"], "the order of the two calls");
    },
    async client(client) {
      const connection = await client.connect();
      const exchange = client.start(connection, { method: "POST" }, 6);
      await client.notes(1);
      await exchange.write(new Uint8Array([1, 2, 3]));
      await client.ask();
      await exchange.write(new Uint8Array([4, 5, 6]));
      await exchange.end();
      const { text } = await client.read(exchange);
      equal(JSON.parse(text), digest(new Uint8Array([1, 2, 3, 4, 5, 6])));
    },
  },
];
