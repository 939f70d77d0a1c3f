import { describe, expect, test } from "vitest";
import type { AsgiApp } from "./app.ts";
import type { SendEvent } from "./events.ts";
import type { HttpScopeInit } from "./scope.ts";
import { MemoryTransport, scopeOf } from "./memory-transport.test-support.ts";
import { serve } from "./transport.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };
const END: SendEvent = { type: "http.response.body" };

async function run(app: AsgiApp, scope: Partial<HttpScopeInit> = {}, transport = new MemoryTransport()) {
  serve(app, scopeOf(scope), transport);
  await transport.detached;
  return transport;
}

function sending(...events: unknown[]): AsgiApp {
  return async (_scope, _receive, send) => {
    for (const event of events) await send(event as SendEvent);
  };
}

/** The code of the error that a send of the last event gives, after the others. */
async function codeOf(...events: unknown[]): Promise<unknown> {
  let code: unknown;
  await run(async (_scope, _receive, send) => {
    for (const event of events.slice(0, -1)) await send(event as SendEvent);
    await send(events.at(-1) as SendEvent).catch((error: { code?: unknown }) => (code = error.code));
  });
  return code;
}

describe("early hints", () => {
  test("become one 103 with a Link field each, before the start, any number of times [A51]", async () => {
    const hint: SendEvent = {
      type: "http.response.early_hint",
      links: [" </a.css>; rel=preload ", "</b.js>; rel=preload"],
    };
    const transport = await run(sending(hint, hint, START, END));
    expect(transport.interim).toEqual([
      [103, ["link", "</a.css>; rel=preload", "link", "</b.js>; rel=preload"]],
      [103, ["link", "</a.css>; rel=preload", "link", "</b.js>; rel=preload"]],
    ]);
  });

  test("are refused after the start [A51]", async () => {
    expect(await codeOf(START, { type: "http.response.early_hint", links: ["<a>"] })).toBe(
      "TSGI_ERR_EVENT_ORDER",
    );
  });

  test("are dropped on HTTP/1.0 and when there is no link [A51]", async () => {
    const hint: SendEvent = { type: "http.response.early_hint", links: ["<a>"] };
    expect((await run(sending(hint, START, END), { http_version: "1.0" })).interim).toEqual([]);
    expect((await run(sending({ ...hint, links: [] }, START, END))).interim).toEqual([]);
  });

  test.each([[["<a>\r\nx: y"]], [["<a>\0"]], [[5]]])("with links %j are refused [A51 S4]", async (links) => {
    expect(await codeOf({ type: "http.response.early_hint", links })).toBe("TSGI_ERR_HEADER");
  });

  test.each([["<a>"], [undefined], [5]])(
    "without a list of links (%j) are refused [A51 A5]",
    async (links) => {
      expect(await codeOf({ type: "http.response.early_hint", links })).toBe("TSGI_ERR_EVENT");
    },
  );
});

describe("informational responses", () => {
  test("go out with their fields [X24]", async () => {
    const transport = await run(
      sending({ type: "tsgi.informational", status: 102, headers: [["x", "1"]] }, START, END),
    );
    expect(transport.interim).toEqual([[102, ["x", "1"]]]);
  });

  test.each([[100], [101], [200], [1.5]])("with status %s are refused [A35 X20]", async (status) => {
    expect(await codeOf({ type: "tsgi.informational", status })).toBe("TSGI_ERR_STATUS");
  });
});

describe("trailers", () => {
  const te = { headers: [["te", "gzip, Trailers;q=1"]] as const };
  const start: SendEvent = { ...START, headers: [["trailer", "x-sum"]], trailers: true };
  const trailers = { type: "http.response.trailers", headers: [["x-sum", "1"]] };

  test("follow the body when the client asked for them [A52]", async () => {
    const transport = await run(sending(start, { ...END, body: "abc" }, trailers), te);
    expect(transport.trailers).toEqual(["x-sum", "1"]);
    expect(transport.head).toMatchObject({ trailers: true, length: -1, headers: ["trailer", "x-sum"] });
    expect(transport.state).toBe("ended");
  });

  test("of several events are joined [A52]", async () => {
    const transport = await run(sending(start, END, { ...trailers, more_trailers: true }, trailers), te);
    expect(transport.trailers).toEqual(["x-sum", "1", "x-sum", "1"]);
  });

  test.each([
    ["the client did not ask", start, { headers: [["te", "gzip"]] }],
    ["the client speaks HTTP/1.0", start, { ...te, http_version: "1.0" }],
    [
      "the length is known",
      {
        ...start,
        headers: [
          ["content-length", "0"],
          ["trailer", "x-sum"],
        ],
      },
      te,
    ],
    ["there is no body", start, { ...te, method: "HEAD" }],
  ])("are taken and dropped when %s, and the response still ends [A52 A47]", async (_why, head, scope) => {
    const transport = await run(sending(head, END, trailers), scope as Partial<HttpScopeInit>);
    expect(transport.trailers).toBeNull();
    expect(transport.head?.trailers).toBe(false);
    expect(transport.head?.headers).not.toContain("trailer");
    expect(transport.state).toBe("ended");
    expect(transport.errors).toEqual([]);
  });

  test("that never come leave the response incomplete [A53]", async () => {
    const transport = await run(sending(start, END), te);
    expect(transport.state).toBe("aborted");
    expect(transport.errors[0]).toMatchObject({ code: "TSGI_ERR_INCOMPLETE" });
  });

  test("that were not announced, or come before the body ended, are refused [A53]", async () => {
    expect(await codeOf(START, trailers)).toBe("TSGI_ERR_EVENT_ORDER");
    expect(await codeOf(START, { ...END, more_body: true }, trailers)).toBe("TSGI_ERR_EVENT_ORDER");
    expect(await codeOf(start, { ...END, more_body: true }, trailers)).toBe("TSGI_ERR_EVENT_ORDER");
  });

  test("body after the body is refused while trailers are due [A52 A35]", async () => {
    expect(await codeOf(start, END, END)).toBe("TSGI_ERR_EVENT_ORDER");
  });

  test.each(["content-length", "Transfer-Encoding", "host", "set-cookie", "trailer", "authorization"])(
    "may not carry %s [A52]",
    async (name) => {
      expect(await codeOf(start, END, { ...trailers, headers: [[name, "1"]] })).toBe("TSGI_ERR_HEADER");
    },
  );
});

describe("files", () => {
  const start: SendEvent = { ...START, headers: [["content-length", "5"]] };
  const files = { "/f": "hello" };
  const path: SendEvent = { type: "http.response.pathsend", path: "/f" };

  test("pathsend sends the whole file and completes the response [A54]", async () => {
    const transport = await run(sending(start, path), {}, new MemoryTransport({ files }));
    expect(transport.text()).toBe("hello");
    expect(transport.state).toBe("ended");
    expect(transport.openFiles).toBe(0);
  });

  test("pathsend on HEAD sends no bytes [A54]", async () => {
    const transport = await run(sending(start, path), { method: "HEAD" }, new MemoryTransport({ files }));
    expect(transport.text()).toBe("");
    expect(transport.head?.headers).toEqual(["content-length", "5"]);
    expect(transport.openFiles).toBe(0);
  });

  test("a missing file is a 500 before the head [A54]", async () => {
    const transport = await run(sending(start, path));
    expect(transport.head?.status).toBe(500);
    expect(transport.errors[0]).toMatchObject({ code: "TSGI_ERR_FILE" });
  });

  test("a file that is shorter than promised is cut [A54 A40]", async () => {
    const head = { ...START, headers: [["content-length", "6"]] };
    const transport = await run(sending(head, path), {}, new MemoryTransport({ files }));
    expect(transport.state).toBe("aborted");
  });

  test("an app that does not await pathsend still gets its file sent [A54 A7]", async () => {
    const transport = await run(
      (_scope, _receive, send) => {
        void send(start);
        void send(path);
      },
      {},
      new MemoryTransport({ files }),
    );
    expect(transport.text()).toBe("hello");
    expect(transport.errors).toEqual([]);
  });

  test("pathsend is refused before the start, after a piece, and without a path [A54]", async () => {
    expect(await codeOf(path)).toBe("TSGI_ERR_EVENT_ORDER");
    expect(await codeOf(START, { ...END, more_body: true }, path)).toBe("TSGI_ERR_EVENT_ORDER");
    expect(await codeOf(START, { ...path, path: "" })).toBe("TSGI_ERR_EVENT");
    expect(await codeOf(START, { ...path, path: "/a\0" })).toBe("TSGI_ERR_EVENT");
  });

  test.each([[{ file: "x" }], [{ file: 3, offset: -1 }], [{ file: 3, count: 1.5 }], [{}]])(
    "zerocopysend with %j is refused [A55]",
    async (keys) => {
      expect(await codeOf(START, { type: "http.response.zerocopysend", ...keys })).toBe("TSGI_ERR_EVENT");
    },
  );

  test("zerocopysend is refused before the start [A55]", async () => {
    expect(await codeOf({ type: "http.response.zerocopysend", file: 3 })).toBe("TSGI_ERR_EVENT_ORDER");
  });
});

describe("push and debug", () => {
  const extensions = { "http.response.push": {}, "http.response.debug": {} };
  const push = { type: "http.response.push", path: "/a.css", headers: [["accept", "text/css"]] };

  /** The code of the error that the last of these events gives on a connection that offers both. */
  async function codeWhereOffered(...events: unknown[]): Promise<unknown> {
    let code: unknown;
    await run(
      async (_scope, _receive, send) => {
        for (const event of events.slice(0, -1)) await send(event as SendEvent);
        await send(events.at(-1) as SendEvent).catch((error: { code?: unknown }) => (code = error.code));
      },
      { extensions },
    );
    return code;
  }

  test("a push is taken between the start and the end of the body, and need not be sent [A56]", async () => {
    const transport = await run(sending(START, push, { ...END, body: "a", more_body: true }, push, END), {
      extensions,
    });
    expect(transport.text()).toBe("a");
    expect(transport.errors).toEqual([]);
  });

  test.each([
    ["before the start", push, [], "TSGI_ERR_EVENT_ORDER"],
    ["with a pseudo header", { ...push, headers: [[":path", "/x"]] }, [START], "TSGI_ERR_HEADER"],
    ["without headers", { ...push, headers: undefined }, [START], "TSGI_ERR_HEADER"],
    ["without a path", { ...push, path: undefined }, [START], "TSGI_ERR_EVENT"],
    ["with a path that is none", { ...push, path: "a.css" }, [START], "TSGI_ERR_EVENT"],
  ])("a push %s is refused [A56]", async (_what, event, before, code) => {
    expect(await codeWhereOffered(...before, event)).toBe(code);
  });

  test.each([
    ["after the start", { type: "http.response.debug", info: {} }, [START], "TSGI_ERR_EVENT_ORDER"],
    ["without info", { type: "http.response.debug" }, [], "TSGI_ERR_EVENT"],
  ])("debug %s is refused [A57]", async (_what, event, before, code) => {
    expect(await codeWhereOffered(...before, event)).toBe(code);
  });

  test("debug reaches the transport that offers it [A57]", async () => {
    const infos: unknown[] = [];
    const transport = Object.assign(new MemoryTransport(), { debug: (info: unknown) => infos.push(info) });
    await run(
      sending({ type: "http.response.debug", info: { a: 1 } }, START, END),
      { extensions },
      transport,
    );
    expect(infos).toEqual([{ a: 1 }]);
  });
});
