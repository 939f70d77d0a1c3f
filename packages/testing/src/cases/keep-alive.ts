// Several requests on one connection: in order, each with its own scope, and nothing left over between them.
// Sources: RFC 9112 §9.3; ASGI 3.0; requirement list A46, S27, S32.

import { reply } from "../suite/app.ts";
import { inBoth, type Case } from "../suite/case.ts";
import { equal, ok } from "../suite/check.ts";
import { bodyOf, digest, last, noise, piece, start, syncText } from "./answers.ts";

/** Enough for Node to warn of listeners that pile up on a connection, which it does at eleven. */
const REQUESTS = 1000;

interface Warned {
  process?: { on(event: "warning", listener: (warning: { name: string }) => void): unknown };
}

let leaks = -1;

/** How often Node has warned of too many listeners since this was first asked; 0 where there is no Node. */
function leaksSeen(): number {
  if (leaks === -1) {
    leaks = 0;
    (globalThis as Warned).process?.on("warning", ({ name }) => {
      if (name === "MaxListenersExceededWarning") leaks += 1;
    });
  }
  return leaks;
}

/** The cases about connections that carry more than one request. */
export const keepAliveCases: readonly Case[] = [
  ...inBoth({
    name: `keep-alive: ${REQUESTS} requests on one connection are answered in order, and no listener is left behind`,
    proves: ["A46", "S32", "S27"],
    async app(scope, receive, send) {
      const before = leaksSeen();
      const gone = new Promise((resolve) => scope.signal.addEventListener("abort", resolve));
      const body = await bodyOf(receive);
      await Promise.race([
        gone,
        reply(send, 200, `${scope.path.slice(scope.root_path.length)} ${digest(body)} ${before}`),
      ]);
    },
    syncApp: (environ, startResponse) =>
      syncText(startResponse, `${environ.PATH_INFO} ${digest(environ["wsgi.input"].read())} ${leaksSeen()}`),
    async client(client) {
      const connection = await client.connect();
      const before = (await client.send(connection, { target: "/first" })).text.split(" ")[2];
      for (let i = 0; i < REQUESTS; i += 1) {
        const body = i % 3 === 0 ? noise(i % 50, i) : null;
        const method = body === null ? "GET" : "POST";
        const { text } = await client.send(connection, { method, target: `/${i}`, body });
        equal(text, `/${i} ${digest(body ?? new Uint8Array(0))} ${before}`);
      }
      await connection.finish();
    },
  }),
  ...inBoth({
    name: "keep-alive: pipelined requests are answered in their order, each from its own scope",
    proves: ["A46", "W22"],
    needs: ["octets"],
    app: async (scope, receive, send) => {
      const body = new TextDecoder().decode(await bodyOf(receive));
      await reply(send, 200, `${scope.method} ${scope.path.slice(scope.root_path.length)} ${body}`);
    },
    syncApp: (environ, startResponse) =>
      syncText(
        startResponse,
        `${environ.REQUEST_METHOD} ${environ.PATH_INFO} ${new TextDecoder().decode(environ["wsgi.input"].read())}`,
      ),
    async client(client) {
      const octets = await client.octets();
      const get = (path: string): string => client.head(`GET ${path} HTTP/1.1`, ["Host: a"]);
      const post = client.head("POST /2 HTTP/1.1", ["Host: a", "Content-Length: 4"]);
      const chunked = client.head("POST /4 HTTP/1.1", ["Host: a", "Transfer-Encoding: chunked"]);
      await octets.write(`${get("/1")}${post}body${get("/3")}${chunked}3\r\nabc\r\n0\r\n\r\n${get("/5")}`);
      const expected = ["GET /1 ", "POST /2 body", "GET /3 ", "POST /4 abc", "GET /5 "];
      for (const text of expected) {
        equal((await client.read(octets.response(text.split(" ", 1)[0] ?? ""))).text, text);
      }
      octets.end();
      equal(await octets.rest(), "", "what follows");
    },
  }),
  {
    name: "keep-alive: a response that is ready early waits for the one before it",
    proves: ["A46"],
    needs: ["octets", "memory"],
    async app(scope, _receive, send, stage) {
      if (scope.path.endsWith("/slow")) await stage.gate("slow may answer");
      await start(send);
      await piece(send, scope.path.slice(scope.root_path.length));
      await last(send, ".");
    },
    async client(client) {
      const octets = await client.octets();
      for (const path of ["/slow", "/fast"]) {
        await octets.write(client.head(`GET ${path} HTTP/1.1`, ["Host: a"]));
      }
      await client.ask();
      await client.open("slow may answer");
      equal((await client.read(octets.response("GET"))).text, "/slow.");
      equal((await client.read(octets.response("GET"))).text, "/fast.");
    },
  },
  {
    name: "keep-alive: an app behind another on its connection learns that the client went away",
    proves: ["A30", "A34", "A46"],
    needs: ["octets", "memory"],
    async app(scope, receive, _send, stage) {
      await bodyOf(receive);
      stage.note(`called ${scope.path.slice(scope.root_path.length)}`);
      const { type } = await receive();
      stage.note(`${type} ${scope.path.slice(scope.root_path.length)}`);
    },
    async client(client) {
      const connection = await client.connect();
      ok(connection.octets !== null, "octets");
      await connection.octets.write(client.head("GET /1 HTTP/1.1", ["Host: a"]));
      await client.notes(1);
      await connection.octets.write(client.head("GET /2 HTTP/1.1", ["Host: a"]));
      await client.ask();
      connection.reset();
      let notes = await client.notes(2);
      // A server may hold the second request back until the first is answered: then its app was never called.
      if (notes.includes("called /2")) notes = await client.notes(4);
      ok(notes.includes("http.disconnect /1"), "the first app is told");
      equal(
        notes.includes("http.disconnect /2"),
        notes.includes("called /2"),
        "whether the second app is told",
      );
    },
  },
  {
    name: "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served",
    proves: ["A46", "A38"],
    needs: ["octets", "memory"],
    app: (scope, _receive, send) => reply(send, 200, scope.path.slice(scope.root_path.length)),
    async client(client) {
      const { calls } = await client.ask();
      const octets = await client.octets();
      await octets.write(
        client.head("GET /1 HTTP/1.1", ["Host: a", "Connection: close"]) +
          client.head("GET /2 HTTP/1.1", ["Host: a"]),
      );
      equal((await client.read(octets.response("GET"))).text, "/1");
      equal(await octets.rest(), "", "what follows");
      equal((await client.ask()).calls, calls + 1, "the calls of the app");
    },
  },
  ...inBoth({
    name: "keep-alive: an unread body of unknown length is no part of the next request",
    proves: ["W29", "A46"],
    app: (scope, _receive, send) => reply(send, 200, scope.path.slice(scope.root_path.length)),
    syncApp: (environ, startResponse) => syncText(startResponse, environ.PATH_INFO),
    async client(client) {
      const connection = await client.connect();
      const pieces = ["GET /evil HTTP/1.1\r\n\r\n", "0\r\n\r\n"];
      equal((await client.send(connection, { method: "POST", target: "/1", pieces })).text, "/1");
      equal((await client.send(connection, { target: "/2" })).text, "/2");
      await connection.finish();
    },
  }),
  ...inBoth({
    name: "keep-alive: the connection serves on after a 500 of the app",
    proves: ["A10", "A46"],
    breaks: true,
    async app(scope, _receive, send) {
      if (scope.path.endsWith("/fail")) throw new Error("the app fails");
      await reply(send, 200, "ok");
    },
    syncApp(environ, startResponse) {
      if (environ.PATH_INFO === "/fail") throw new Error("the app fails");
      return syncText(startResponse, "ok");
    },
    async client(client) {
      const connection = await client.connect();
      equal((await client.send(connection, { target: "/fail" })).status, 500);
      equal((await client.send(connection, {})).text, "ok");
      await connection.finish();
    },
  }),
];
