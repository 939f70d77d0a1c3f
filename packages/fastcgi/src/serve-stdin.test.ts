// STDIN and DATA: the request body, and what a filter is to filter.
// Source: FastCGI 1.0 §5.3, §6.2, §6.3, §6.4; requirements F34 to F40.

import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { utf8Decode, wsgi, type AsgiApp, type HttpScope, type ReceiveEvent } from "@tsgi/core";
import { AUTHORIZER, FILTER, REQUEST_COMPLETE, STDOUT } from "./constants.ts";
import {
  GET,
  POST,
  begin,
  clientOf,
  connectTo,
  data,
  gate,
  gates,
  getOf,
  params,
  request,
  serveForTest,
  stdin,
  textAnswer,
  textApp,
} from "./raw-client.test-support.ts";
import type { FastCgiExtension } from "./request-scope.ts";

/** An app that answers with its request body. */
const echo: AsgiApp = async (_scope, receive, send) => {
  const body: string[] = [];
  for (let more = true; more;) {
    const event = (await receive()) as { type: string; body: Uint8Array; more_body: boolean };
    if (event.type === "http.disconnect") return;
    body.push(utf8Decode(event.body));
    more = event.more_body;
  }
  await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
  await send({ type: "http.response.body", body: body.join("") });
};

/** The same, sync. */
const syncEcho = wsgi((environ, startResponse) => {
  const body = environ["wsgi.input"].read();
  startResponse("200 OK", [["content-type", "text/plain"]]);
  return [body];
});

const both: [name: string, app: AsgiApp][] = [
  ["an async app", echo],
  ["a sync app", syncEcho],
];

describe.each(both)("%s", (_name, app) => {
  test("reads a body in one record, in many, and in records without content between [F34]", async () => {
    const client = await clientOf(app);
    client.send(request({ ...POST, CONTENT_LENGTH: "5" }, 1, "hello"));
    expect((await client.answer()).stdout).toBe(textAnswer("hello"));
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }));
    for (const letter of "hello") client.send(stdin(letter));
    client.send(stdin());
    expect((await client.answer(1, 3)).stdout).toBe(textAnswer("hello"));
  });

  test("is not given what is beyond CONTENT_LENGTH [F35 W22]", async () => {
    const client = await clientOf(app);
    client.send(
      begin(),
      params({ ...POST, CONTENT_LENGTH: "5" }),
      stdin("hel"),
      stdin("lo, more"),
      stdin("more"),
    );
    client.send(stdin());
    expect((await client.answer()).stdout).toBe(textAnswer("hello"));
  });

  test("a body that is shorter than CONTENT_LENGTH is answered 400 [F35 C7]", async () => {
    const client = await clientOf(app);
    client.send(request({ ...POST, CONTENT_LENGTH: "6" }, 1, "hello"));
    expect((await client.answer()).stdout).toMatch(/^Status: 400 Bad Request\r\n/);
    client.send(request({ ...POST, CONTENT_LENGTH: "1" }, 1, "x"));
    expect((await client.answer(1, 3)).stdout).toBe(textAnswer("x"));
  });

  test.each<[string, Record<string, string>]>([
    ["without CONTENT_LENGTH", POST],
    ["with an empty CONTENT_LENGTH", { ...POST, CONTENT_LENGTH: "" }],
    ["with CONTENT_LENGTH -1", { ...POST, CONTENT_LENGTH: "-1" }],
    ["with a transfer coding", { ...GET, HTTP_TRANSFER_ENCODING: "chunked" }],
  ])("%s all of STDIN is the body [F35]", async (_how, pairs) => {
    const client = await clientOf(app);
    client.send(begin(), params(pairs), stdin("all of "), stdin("it"), stdin());
    expect((await client.answer()).stdout).toBe(textAnswer("all of it"));
  });

  test.each<[string, Record<string, string>]>([
    ["no CONTENT_LENGTH", GET],
    ["an empty CONTENT_LENGTH", { ...GET, CONTENT_LENGTH: "" }],
    ["CONTENT_LENGTH 0", { ...POST, CONTENT_LENGTH: "0" }],
  ])(
    "answers a request with %s before the end of STDIN, which may come late [F36 F13]",
    async (_how, pairs) => {
      const client = await clientOf(app);
      client.send(begin(), params(pairs));
      expect((await client.answer()).stdout).toBe(textAnswer(""));
      client.send(stdin(), request(GET, 1));
      expect((await client.answer(1, 3)).stdout).toBe(textAnswer(""));
    },
  );

  test("answers a request whose body is complete before the end of STDIN [F36]", async () => {
    const client = await clientOf(app);
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }), stdin("hello"));
    expect((await client.answer()).stdout).toBe(textAnswer("hello"));
  });

  test("STDIN after its end is ignored [F38]", async () => {
    const client = await clientOf(app);
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "-1" }), stdin("a"), stdin(), stdin("b"), stdin());
    expect((await client.answer()).stdout).toBe(textAnswer("a"));
  });

  test("STDIN that comes before the end of PARAMS is the body all the same [F34]", async () => {
    const client = await clientOf(app);
    client.send(begin(), stdin("hello, more"), stdin(), params({ ...POST, CONTENT_LENGTH: "5" }));
    expect((await client.answer()).stdout).toBe(textAnswer("hello"));
    client.send(begin(), stdin("hel"), stdin(), params({ ...POST, CONTENT_LENGTH: "5" }));
    expect((await client.answer(1, 3)).stdout).toMatch(/^Status: 400 /);
  });

  test("DATA is nothing for a responder [F39]", async () => {
    const client = await clientOf(app);
    client.send(begin(), params(POST), data("x"), stdin("a"), data(), stdin());
    expect((await client.answer()).stdout).toBe(textAnswer("a"));
  });
});

describe("an app that is called", () => {
  test("is called at the end of PARAMS, and may answer before the body has come [F34 F36]", async () => {
    const client = await clientOf(textApp(() => "early"));
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }));
    expect((await client.answer()).stdout).toBe(textAnswer("early"));
    client.send(stdin("hello"), stdin(), request());
    expect((await client.answer(1, 3)).stdout).toBe(textAnswer("early"));
  });

  test("gets a disconnect when STDIN ends too early, and the web server 400 [F35]", async () => {
    const events: string[] = [];
    const over = gate();
    const client = await clientOf(async (_scope, receive) => {
      for (let type = ""; type !== "http.disconnect";) {
        ({ type } = await receive());
        events.push(type);
      }
      over.open();
    });
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }), stdin("hel"), stdin());
    expect((await client.answer()).stdout).toMatch(/^Status: 400 /);
    await over.promise;
    expect(events.at(-1)).toBe("http.disconnect");
  });

  test("whose response has begun is cut when STDIN ends too early [F35 F46]", async () => {
    const client = await clientOf(async (_scope, receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [["content-length", "5"]] });
      await send({ type: "http.response.body", body: "hel", more_body: true });
      for (let event = await receive(); event.type !== "http.disconnect";) event = await receive();
    });
    client.send(begin(), params({ ...POST, CONTENT_LENGTH: "5" }));
    await client.until(() => client.records.length === 1);
    client.send(stdin("hel"), stdin());
    await client.ended;
    expect([client.broken, client.records.map(({ type }) => type)]).toEqual([true, [STDOUT]]);
  });

  test("keeps pieces that are not written to again [S27]", async () => {
    const kept: Uint8Array[] = [];
    const client = await clientOf(async (_scope, receive, send) => {
      for (let more = true; more;) {
        const event = (await receive()) as ReceiveEvent & { body: Uint8Array; more_body: boolean };
        if (event.body.length > 0) kept.push(event.body);
        more = event.more_body;
      }
      await send({ type: "http.response.start", status: 204 });
      await send({ type: "http.response.body" });
    });
    for (let i = 0; i < 200; i += 1) {
      client.send(request(POST, 1, String(i).padStart(100, "x")));
      await client.answer(1, 3 * i);
    }
    expect(kept.map(utf8Decode)).toEqual(Array.from({ length: 200 }, (_, i) => String(i).padStart(100, "x")));
  });
});

describe("a body that is too long", () => {
  test.each(both)(
    "is refused by its CONTENT_LENGTH before %s is called; one of the limit is not [S8]",
    async (_name, app) => {
      const client = await clientOf(app, { maxBodySize: 5 });
      client.send(begin(), params({ ...POST, CONTENT_LENGTH: "6" }));
      expect((await client.answer()).stdout).toMatch(/^Status: 413 /);
      client.send(stdin("hello!"), stdin(), request({ ...POST, CONTENT_LENGTH: "5" }, 1, "hello"));
      expect((await client.answer(1, 3)).stdout).toBe(textAnswer("hello"));
    },
  );

  test.each(both)(
    "is refused by counting, where %s is given one of unknown length [S8]",
    async (_name, app) => {
      const client = await clientOf(app, { maxBodySize: 5 });
      client.send(begin(), params(POST), stdin("hello"), stdin());
      expect((await client.answer()).stdout).toBe(textAnswer("hello"));
      client.send(begin(), params(POST), stdin("hello"), stdin("!"), stdin());
      expect((await client.answer(1, 3)).stdout).toMatch(/^Status: 413 /);
    },
  );

  test("whose excess came before PARAMS is refused [S8]", async () => {
    const client = await clientOf(echo, { maxBodySize: 5 });
    client.send(begin(), stdin("hello!"), params(POST), stdin());
    expect((await client.answer()).stdout).toMatch(/^Status: 413 /);
  });

  test("cuts a response that has begun [S8 F46]", async () => {
    const client = await clientOf(
      async (_scope, receive, send) => {
        await send({ type: "http.response.start", status: 200, headers: [["content-length", "9"]] });
        await send({ type: "http.response.body", body: "begun", more_body: true });
        for (let event = await receive(); event.type !== "http.disconnect";) event = await receive();
      },
      { maxBodySize: 5 },
    );
    client.send(begin(), params(POST));
    await client.until(() => client.records.length === 1);
    client.send(stdin("hello!"));
    await client.ended;
    expect([client.broken, client.records.map(({ type }) => type)]).toEqual([true, [STDOUT]]);
  });
});

describe("an app that does not read", () => {
  const LIMIT = 20_000;

  /** An app that reads nothing until it is told to. */
  function slow(): { app: AsgiApp; read: () => void; size: Promise<number> } {
    const told = gate();
    let done = (_size: number): void => {};
    const size = new Promise<number>((resolve) => {
      done = resolve;
    });
    const app: AsgiApp = async (scope, receive, send) => {
      if ((scope as HttpScope).method === "POST") await told.promise;
      let length = 0;
      for (let more = true; more;) {
        const event = (await receive()) as { type: string; body?: Uint8Array; more_body?: boolean };
        length += event.body?.length ?? 0;
        more = event.more_body === true;
      }
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      await send({ type: "http.response.body", body: String(length) });
      if ((scope as HttpScope).method === "POST") done(length);
    };
    return { app, read: told.open, size };
  }

  test("does not hold up others of its connection within its buffer [F37 F19]", async () => {
    const { app, read } = slow();
    const client = await clientOf(app, { bodyBuffer: LIMIT });
    client.send(begin(1), params({ ...POST, CONTENT_LENGTH: String(LIMIT + 1) }, 1));
    client.send(stdin("x".repeat(LIMIT), 1), request(GET, 2));
    expect((await client.answer(2)).stdout).toBe(textAnswer("0"));
    read();
    client.send(stdin("x", 1), stdin("", 1));
    expect((await client.answer(1)).stdout).toBe(textAnswer(String(LIMIT + 1)));
  });

  test("beyond its buffer it stops the connection, until it reads; little more than the buffer is held [F37 S10]", async () => {
    const { app, read } = slow();
    const total = 20_000_000;
    const server = await serveForTest(app, { bodyBuffer: LIMIT });
    const paused = gate();
    let taken: Socket | undefined;
    server.server?.once("connection", (socket: Socket) => {
      taken = socket;
      socket.once("pause", paused.open);
    });
    const client = await connectTo(server);
    client.send(begin(1), params({ ...POST, CONTENT_LENGTH: String(total) }, 1));
    for (let sent = 0; sent < total; sent += 50_000) client.socket.write(stdin("x".repeat(50_000), 1));
    client.send(request(GET, 2));
    await paused.promise;
    // Another connection is served meanwhile, and this one is not read from.
    const other = await connectTo(server);
    for (let i = 0; i < 20; i += 1) {
      other.send(request());
      await other.answer(1, 3 * i);
    }
    // What was read with the last piece, and what Node reads ahead of a stream that is paused.
    expect(taken?.bytesRead).toBeLessThan(LIMIT + 4 * 65_536);
    expect(client.records).toEqual([]);
    read();
    expect((await client.answer(1)).stdout).toBe(textAnswer(String(total)));
    expect((await client.answer(2)).stdout).toBe(textAnswer("0"));
  });

  test("and answers lets go of what was held for it [F37]", async () => {
    const { app, open } = gates();
    const client = await clientOf(app, { bodyBuffer: 10 });
    const post = { ...POST, PATH_INFO: "/1", REQUEST_URI: "/1", CONTENT_LENGTH: "200000" };
    client.send(begin(1), params(post, 1), stdin("x".repeat(60_000), 1), stdin("x".repeat(60_000), 1));
    client.send(stdin("x".repeat(60_000), 1), stdin("x".repeat(20_000), 1), stdin("", 1));
    client.send(request(getOf("/2"), 2));
    await open("/1");
    expect((await client.answer(1)).stdout).toBe(textAnswer("/1"));
    await open("/2");
    expect((await client.answer(2)).stdout).toBe(textAnswer("/2"));
  });
});

describe("an authorizer", () => {
  const pairs = {
    REQUEST_METHOD: "GET",
    REQUEST_URI: "/a%20b/c?q=1",
    QUERY_STRING: "q=1",
    SERVER_PROTOCOL: "HTTP/1.1",
    HTTP_AUTHORIZATION: "Basic eDp5",
  };
  const nothing = textApp(() => "responder");

  /** What an authorizer's answer is to the web server. */
  async function authorized(app: AsgiApp): Promise<string> {
    const client = await clientOf(nothing, { authorizer: app });
    client.send(begin(1, 1, AUTHORIZER), params(pairs), stdin());
    const { stdout, protocolStatus } = await client.answer();
    expect(protocolStatus).toBe(REQUEST_COMPLETE);
    return stdout;
  }

  test("is told of the request, its path from REQUEST_URI, and has no body [F40 F67]", async () => {
    let seen: HttpScope | undefined;
    const client = await clientOf(nothing, {
      authorizer: async (scope, receive, send) => {
        seen = scope as HttpScope;
        expect(await receive()).toMatchObject({ type: "http.request", more_body: false });
        await send({ type: "http.response.start", status: 200 });
        await send({ type: "http.response.body" });
      },
    });
    client.send(begin(1, 1, AUTHORIZER), params({ ...pairs, CONTENT_LENGTH: "5" }));
    await client.answer();
    expect(seen).toMatchObject({
      path: "/a b/c",
      root_path: "",
      raw_path: "/a%20b/c",
      query_string: "q=1",
    });
    expect(seen?.extensions["fastcgi"]).toMatchObject({ role: "AUTHORIZER" });
    client.send(stdin("hello"), stdin());
  });

  test("that lets the client in leaves variables alone: no body, no other header [F40]", async () => {
    const stdout = await authorized(async (_scope, _receive, send) => {
      const headers: [string, string][] = [
        ["Variable-AUTH_METHOD", "database lookup"],
        ["content-type", "text/plain"],
        ["variable-USER", "x"],
        ["Variable-", "no name"],
        ["set-cookie", "a=1"],
      ];
      await send({ type: "http.response.start", status: 200, headers });
      await send({ type: "http.response.body", body: "in ", more_body: true });
      await send({ type: "http.response.body", body: "you come" });
    });
    expect(stdout).toBe(
      "Status: 200 OK\r\nVariable-AUTH_METHOD: database lookup\r\nvariable-USER: x\r\n\r\n",
    );
  });

  test("that does not answers as anybody does [F40]", async () => {
    const stdout = await authorized(async (_scope, _receive, send) => {
      const headers: [string, string][] = [
        ["www-authenticate", "Basic"],
        ["content-type", "text/plain"],
      ];
      await send({ type: "http.response.start", status: 401, headers });
      await send({ type: "http.response.body", body: "no" });
    });
    expect(stdout).toBe(
      "Status: 401 Unauthorized\r\nwww-authenticate: Basic\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nno",
    );
  });

  test("that throws lets nobody in [F40 F46]", async () => {
    const stdout = await authorized(async () => {
      throw new Error("secret");
    });
    expect(stdout).toMatch(/^Status: 500 /);
    expect(stdout).not.toMatch(/secret/);
  });
});

describe("a filter", () => {
  const FILE = { ...POST, CONTENT_LENGTH: "4", FCGI_DATA_LENGTH: "6", FCGI_DATA_LAST_MOD: "1700000000" };

  /** An app that answers with the file it filters, in capitals. */
  const upper: AsgiApp = async (scope, _receive, send) => {
    const { data: file } = (scope as HttpScope).extensions["fastcgi"] as FastCgiExtension;
    if (file === null) throw new Error("No file");
    let text = `${file.length} ${file.lastModified} `;
    for await (const piece of file) text += utf8Decode(piece).toUpperCase();
    await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
    await send({ type: "http.response.body", body: text });
  };

  test("reads the file from DATA, and knows its length and date [F39]", async () => {
    const client = await clientOf(upper, { filter: upper });
    client.send(begin(1, 1, FILTER), params(FILE), stdin("body"), stdin(), data("abc"), data("def"), data());
    expect((await client.answer()).stdout).toBe(textAnswer("6 1700000000 ABCDEF"));
  });

  test("says nothing before the end of STDIN, and may before the end of DATA [F39]", async () => {
    const begun = gate();
    const client = await clientOf(upper, {
      async filter(scope, _receive, send) {
        await send({ type: "http.response.start", status: 200, headers: [["content-length", "6"]] });
        await send({ type: "http.response.body", body: "abc", more_body: true });
        begun.open();
        const { data: file } = (scope as HttpScope).extensions["fastcgi"] as FastCgiExtension;
        await send({ type: "http.response.body", body: (await file?.read()) ?? "" });
      },
    });
    client.send(begin(1, 1, FILTER), params(FILE));
    await begun.promise;
    client.send(request(getOf("/"), 2));
    await client.answer(2);
    expect(client.records.every(({ id }) => id === 2)).toBe(true);
    client.send(stdin("body"), stdin());
    await client.until(() => client.records.some(({ id, type }) => id === 1 && type === STDOUT));
    client.send(data("def"));
    expect((await client.answer()).stdout).toMatch(/\r\n\r\nabcdef$/);
  });

  test("that ends before STDIN does is over only then [F39]", async () => {
    const client = await clientOf(upper, { filter: textApp(() => "done") });
    client.send(begin(1, 1, FILTER), params(FILE), request({ ...GET }, 2));
    await client.answer(2);
    client.send(stdin("body"), stdin());
    expect((await client.answer()).stdout).toBe(textAnswer("done"));
  });

  test.each([
    ["shorter", "abc"],
    ["longer", "abcdefg"],
  ])("is told of a file that is %s than it should be [F39]", async (_how, content) => {
    let seen: unknown;
    const client = await clientOf(upper, {
      async filter(scope, receive, send) {
        try {
          await upper(scope, receive, send);
        } catch (error) {
          seen = error;
          throw error;
        }
      },
    });
    client.send(begin(1, 1, FILTER), params(FILE), stdin("body"), stdin(), data(content), data());
    const { stdout, stderr } = await client.answer();
    expect(stdout).toMatch(/^Status: 500 /);
    expect(stderr).toMatch(/FCGI_DATA_LENGTH says 6/);
    expect(seen).toMatchObject({ code: "TSGI_ERR_FASTCGI_DATA" });
  });

  test("whose parameters are no numbers is answered 400 [F39]", async () => {
    const client = await clientOf(upper, { filter: upper });
    client.send(begin(1, 1, FILTER), params({ ...FILE, FCGI_DATA_LENGTH: "many" }), stdin("body"), stdin());
    expect((await client.answer()).stdout).toMatch(/^Status: 400 /);
  });

  /** A filter, and what became of its reading. */
  function reader(): { readonly filter: AsgiApp; readonly seen: Promise<unknown> } {
    let tell!: (error: unknown) => void;
    const seen = new Promise((resolve) => (tell = resolve));
    const filter: AsgiApp = async (scope, receive, send) => {
      try {
        await upper(scope, receive, send);
        tell(null);
      } catch (error) {
        tell(error);
        throw error;
      }
    };
    return { filter, seen };
  }

  test("whose web server is slow with DATA is answered 408 in time, and told [F39 F22 S9]", async () => {
    const { filter, seen } = reader();
    const client = await clientOf(upper, { filter, requestTimeout: 30 });
    client.send(begin(1, 1, FILTER), params(FILE), stdin("body"), stdin(), data("abc"));
    expect((await client.answer()).stdout).toMatch(/^Status: 408 /);
    expect(await seen).toMatchObject({ code: "ECONNRESET" });
  });

  test("that is slow itself has all the time once DATA is there, be its end still to come [F39 F22]", async () => {
    const ready = gate();
    const filter: AsgiApp = async (scope, receive, send) => {
      await ready.promise;
      return upper(scope, receive, send);
    };
    const options = { filter, requestTimeout: 10, headersTimeout: 10, keepAliveTimeout: 200 };
    const server = await serveForTest(upper, options);
    const [client, clock] = [await connectTo(server), await connectTo(server)];
    client.send(begin(1, 1, FILTER), params(FILE), stdin("body"), stdin(), data("abcdef"));
    // Closed for idleness, it has seen both limits pass.
    await clock.ended;
    ready.open();
    client.send(data());
    expect((await client.answer()).stdout).toBe(textAnswer("6 1700000000 ABCDEF"));
  });

  test("is told of DATA that breaks off with the web server's half of the connection [F39 F55]", async () => {
    const { filter, seen } = reader();
    const client = await clientOf(upper, { filter });
    client.send(begin(1, 1, FILTER), params(FILE), stdin("body"), stdin(), data("abc"));
    client.socket.end();
    expect(await seen).toMatchObject({ code: "ECONNRESET" });
  });

  test("that reads is told when the web server goes away [F39 F55]", async () => {
    const failed = gate();
    let seen: unknown;
    const client = await clientOf(upper, {
      async filter(scope, receive, send) {
        await Promise.resolve(upper(scope, receive, send)).catch((error: unknown) => (seen = error));
        failed.open();
      },
    });
    client.send(begin(1, 1, FILTER), params(FILE), stdin("body"), stdin(), data("abc"));
    client.send(request({ ...GET }, 2));
    await client.answer(2).catch(() => {});
    client.socket.destroy();
    await failed.promise;
    expect(seen).toMatchObject({ code: "ECONNRESET" });
  });
});
