// What a pair says and is told, compared with node:http itself: methods, targets, statuses, heads, framings, interim heads.
// Source: the running Node, as the oracle; every scenario is run both ways.

import { ServerResponse, type IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import {
  runBehindHost,
  runNatively,
  runSynthetically,
  watch,
  type Log,
  undated,
  type Scenario,
} from "./differential.test-support.ts";

type Listener = Scenario["listener"];

async function bothWays(scenario: Scenario): Promise<void> {
  const native = await runNatively(scenario);
  expect(await runSynthetically(scenario)).toEqual(native);
  expect(undated(await runBehindHost(scenario))).toEqual(undated(native));
}

/** For what our own host refuses before a listener sees it. */
async function sameInMemory(scenario: Scenario): Promise<void> {
  const native = await runNatively(scenario);
  expect(await runSynthetically(scenario)).toEqual(native);
}

/** Logs what the request says, and answers. */
function tell(req: IncomingMessage, res: ServerResponse, log: Log): void {
  log(JSON.stringify([req.method, req.url, req.httpVersion, req.httpVersionMajor, req.httpVersionMinor]));
  log(JSON.stringify([req.rawHeaders, req.headers, req.headersDistinct, req.trailers, req.rawTrailers]));
  log(
    JSON.stringify([
      (req as { upgrade?: unknown }).upgrade,
      req.statusCode,
      req.statusMessage,
      req.aborted,
      req.complete,
    ]),
  );
  res.end("told");
}

const sendSix: Scenario["client"] = async (client) => {
  client.send("abcdef", null);
  await client.response();
};

describe("a request", () => {
  test.each(["GET", "PURGE", "TRACE", "DELETE", "PROPFIND", "M-SEARCH", "QUERY", "OPTIONS", "PATCH"])(
    "with method %s [X1 A16]",
    (method) => bothWays({ method, headers: ["Content-Length", "0"], listener: tell }),
  );

  test.each([
    "/",
    "/a/../b//c/./d",
    "//x/../y?a=%2F",
    "/%5c%2e%2e/%00",
    "/a%2Fb;c=d,e@f",
    "/caf%C3%A9?q=caf%c3%a9",
    "/x?a=b?c=d&e[]=f",
    "/x?%zz",
    "/x?",
    "http://other.test:8080/a/../b?q",
    "http://other.test?q",
    "HTTPS://other.test",
    "*",
  ])("with target %s [X2 A19]", (target) => bothWays({ method: "OPTIONS", target, listener: tell }));

  const DUPLICATES: string[][] = [
    ["Cookie", "a=1", "cookie", "b=2", "COOKIE", "c=3"],
    ["X-Custom", "1", "x-custom", "2", "X-CUSTOM", "3"],
    ["Accept", "a/b", "Accept", "c/d"],
    ["User-Agent", "one", "User-Agent", "two"],
    ["Authorization", "Basic x", "authorization", "Basic y"],
    ["Content-Type", "text/plain", "Content-Type", "text/html"],
    ["If-Modified-Since", "x", "If-Modified-Since", "y", "Referer", "a", "Referer", "b"],
    ["Set-Cookie", "a", "Set-Cookie", "b"],
    ["Forwarded", "for=1", "X-Forwarded-For", "1.1.1.1", "X-Forwarded-For", "2.2.2.2"],
    ["Max-Forwards", "1", "Max-Forwards", "2", "From", "a", "From", "b", "Age", "1", "Age", "2"],
    ["Empty", "", "x-Latin", "caf\u00e9", "Tab", "a\tb"],
    ["constructor", "x", "__proto__", "y", "toString", "z", "hasOwnProperty", "w"],
    ["Origin", "a", "Origin", "b", "Date", "c", "Date", "d", "Via", "e", "Via", "f", "Host", "other.test"],
  ];
  test.each(DUPLICATES)("with fields %s %s … [X18 A22 S3]", (...headers) =>
    sameInMemory({ headers, listener: tell }),
  );

  test("with a body on GET [A27]", () =>
    bothWays({
      headers: ["Content-Length", "6"],
      listener: (req, res, log) => {
        req.on("data", (chunk: Buffer) => log(String(chunk)));
        req.on("end", () => tell(req, res, log));
      },
      client: sendSix,
    }));

  test("with a chunked body [A25]", () =>
    bothWays({
      method: "PUT",
      headers: ["Transfer-Encoding", "chunked"],
      listener: (req, res, log) => {
        req.setEncoding("utf8");
        req.on("data", (chunk: string) => log(chunk));
        req.on("end", () => tell(req, res, log));
      },
      client: sendSix,
    }));

  test("with a body of no bytes [A27]", () =>
    bothWays({
      method: "POST",
      headers: ["Content-Length", "0"],
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        req.on("end", () => tell(req, res, log));
        req.resume();
      },
    }));
});

const HEADS: Record<string, Listener> = {
  "any status": (_req, res) => res.writeHead(799).end("odd"),
  "a status of no reason and a body": (_req, res) => {
    res.statusCode = 299;
    res.end("body");
  },
  "a reason of its own": (_req, res) => {
    res.statusMessage = "Caf\u00e9 closed";
    res.statusCode = 404;
    res.end();
  },
  "writeHead with a reason and an object after setHeader": (_req, res) => {
    res.setHeader("X-One", "1");
    res.setHeader("X-Two", "2");
    res.writeHead(201, "Made", { "x-two": "two", "X-Three": ["a", "b"] }).end("x");
  },
  "writeHead with a flat array": (_req, res) =>
    res.writeHead(200, ["X-A", "1", "X-A", "2", "Set-Cookie", "a=b", "set-cookie", "c=d"]).end("x"),
  "writeHead with a flat array after setHeader": (_req, res) => {
    res.setHeader("X-B", "0");
    res.writeHead(200, ["X-A", "1", "X-A", "2"]).end("x");
  },
  "writeHead with pairs": (_req, res) =>
    res
      .writeHead(200, [
        ["X-A", "1"],
        ["X-A", "2"],
      ] as unknown as string[])
      .end("x"),
  "arrays of values": (_req, res) => {
    res.setHeader("Set-Cookie", ["a=1", "b=2"]);
    res.setHeader("X-List", ["1", "2"]);
    res.appendHeader("X-List", "3");
    res.end("x");
  },
  "numbers as values": (_req, res) => {
    res.setHeader("X-Number", 7);
    res.setHeader("Content-Length", 3);
    res.end("abc");
  },
  "octets above ASCII, with a string": (_req, res) => {
    res.setHeader("X-Latin", "caf\u00e9");
    res.end("string");
  },
  "octets above ASCII, with bytes": (_req, res) => {
    res.setHeader("X-Latin", "caf\u00e9");
    res.end(Buffer.from("bytes"));
  },
  "octets above ASCII, with a latin1 string": (_req, res) => {
    res.setHeader("X-Latin", "caf\u00e9");
    res.end("th\u00e9", "latin1");
  },
  "no date": (_req, res) => {
    res.sendDate = false;
    res.end("x");
  },
  "a date of its own": (_req, res) => {
    res.setHeader("date", "Tue, 15 Nov 1994 08:12:31 GMT");
    res.end("x");
  },
  "connection: close": (_req, res) => {
    res.setHeader("Connection", "close");
    res.end("x");
  },
  "setHeaders() with a Map": (_req, res) => {
    res.setHeaders(
      new Map([
        ["X-A", "1"],
        ["x-b", "2"],
      ]),
    );
    res.end("x");
  },
  "nothing at all": (_req, res) => res.end(),
  "204 with a body": (_req, res) => res.writeHead(204).end("ignored"),
  "204 with a length": (_req, res) => res.writeHead(204, { "X-A": "1" }).end(),
  "304 with an ETag": (_req, res) => res.writeHead(304, { ETag: '"x"' }).end("ignored"),
  "304 with a length": (_req, res) => res.writeHead(304, { "Content-Length": "12" }).end(),
  "205": (_req, res) => res.writeHead(205).end(),
  "206 with a range": (_req, res) => res.writeHead(206, { "Content-Range": "bytes 0-1/5" }).end("ab"),
  "fields in mixed case": (_req, res) =>
    res.writeHead(200, { "x-LoWeR": "a", "CONTENT-TYPE": "b/c" }).end("x"),
  "empty values and blanks": (_req, res) =>
    res.writeHead(200, { "X-Empty": "", "X-Blank": "a b\tc" }).end("x"),
};

describe("a response", () => {
  test.each(Object.keys(HEADS))("with %s [A35 A42 X19 X20]", async (name) => {
    const listener = HEADS[name] as Listener;
    await bothWays({ listener });
    await bothWays({ method: "HEAD", listener });
  });

  test.each([
    ["Buffer", Buffer.from("bytes")],
    ["string", "caf\u00e9 \u{1f600}"],
    ["empty string", ""],
    ["empty bytes", Buffer.alloc(0)],
    ["long string", "é".repeat(40_000)],
    ["long bytes", Buffer.alloc(100_000, 0x80)],
  ])("written as %s, at once and in pieces [X22 A42]", async (_name, chunk) => {
    await bothWays({ listener: (_req, res) => res.end(chunk) });
    await bothWays({
      listener: (_req, res) => {
        res.write(chunk);
        res.write(chunk);
        res.end(chunk);
      },
    });
    await bothWays({
      listener: (_req, res) => {
        res.setHeader("Content-Length", 3 * Buffer.byteLength(chunk));
        res.write(chunk);
        setImmediate(() => {
          res.write(chunk);
          res.end(chunk);
        });
      },
    });
  });

  test.each(["hex", "base64", "latin1", "ucs2", "ascii"] as const)(
    "written in %s [X22]",
    async (encoding) => {
      const text = Buffer.from("some text").toString(encoding);
      await bothWays({ listener: (_req, res) => res.end(text, encoding) });
      await bothWays({
        listener: (_req, res) => {
          res.write(text, encoding);
          res.end(text, encoding);
        },
      });
    },
  );

  test("whose head is flushed first [A36]", () =>
    bothWays({
      listener: (req, res, log) => {
        res.writeHead(200, { "X-A": "1" });
        res.flushHeaders();
        log("flushed");
        req.on("aborted", () => log("aborted"));
        setTimeout(() => {}, 0);
        res.once("go", () => res.end("late"));
        setImmediate(() => res.emit("go"));
      },
      client: async (client) => {
        client.send(null);
        await client.head();
        await client.response();
      },
    }));

  test("to HEAD, ended later [A47]", () =>
    bothWays({
      method: "HEAD",
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        res.setHeader("Content-Length", "1234");
        res.flushHeaders();
        setImmediate(() => res.end("ignored"));
      },
      client: async (client) => {
        client.send(null);
        await client.response();
        await client.logged("res close");
      },
    }));

  test("corked [X22]", () =>
    bothWays({
      listener: (_req, res) => {
        res.cork();
        res.write("a");
        res.write("b");
        res.uncork();
        res.end("c");
      },
    }));

  test("with strictContentLength [A40]", () =>
    bothWays({
      listener: (_req, res, log) => {
        res.strictContentLength = true;
        res.setHeader("Content-Length", 2);
        try {
          res.end("three");
        } catch (error) {
          log((error as NodeJS.ErrnoException).code ?? "");
          res.destroy();
        }
      },
    }));

  test.each(["setHeader", "removeHeader", "appendHeader", "writeHead"] as const)(
    "whose %s comes after the head [A35]",
    (method) =>
      bothWays({
        listener: (_req, res, log) => {
          res.write("x");
          try {
            if (method === "writeHead") res.writeHead(500);
            else res[method]("x-a", "1");
          } catch (error) {
            log((error as NodeJS.ErrnoException).code ?? "");
          }
          res.end();
        },
      }),
  );

  test("refuses what may not stand in a head [A37 S4]", () =>
    bothWays({
      listener: (_req, res, log) => {
        const attempts = [
          () => res.setHeader("a b", "1"),
          () => res.setHeader("a", "1\r\nb: 2"),
          () => res.setHeader("a", "\u0100"),
          () => res.setHeader("a", undefined as unknown as string),
          () => res.writeHead(99),
          () => res.writeHead(1000),
          () => res.writeHead(200, "a\nb"),
        ];
        for (const attempt of attempts) {
          try {
            attempt();
            log("taken");
          } catch (error) {
            log((error as NodeJS.ErrnoException).code ?? "");
          }
        }
        res.statusMessage = "OK";
        res.statusCode = 200;
        res.end();
      },
    }));
});

describe("before and after a response", () => {
  test("103 with links [A51 X24]", () =>
    bothWays({
      listener: (_req, res, log) => {
        res.writeEarlyHints({ link: ["</a.css>; rel=preload; as=style", "</b.js>; rel=preload"] }, () =>
          log("hinted"),
        );
        res.writeEarlyHints({ link: "</c.css>; rel=preload; as=style", "x-trace": "7" });
        res.end("x");
      },
    }));

  test("102 [A51]", () =>
    bothWays({
      listener: (_req, res) => {
        res.writeProcessing();
        setImmediate(() => res.end("x"));
      },
    }));

  // Node 24 and later.
  test.skipIf(!("writeInformation" in ServerResponse.prototype))("any other interim status [A51]", () =>
    bothWays({
      listener: (_req, res) => {
        const writing = res as ServerResponse & { writeInformation(status: number, headers: object): void };
        writing.writeInformation(110, { "x-a": "1" });
        res.end("x");
      },
    }),
  );

  test("trailers that were announced [A52 X25]", () =>
    bothWays({
      headers: ["TE", "trailers"],
      listener: (_req, res) => {
        res.writeHead(200, { Trailer: "X-Sum, X-Other" });
        res.write("body");
        res.addTrailers({ "X-Sum": "1", "x-other": "2" });
        res.end();
      },
    }));

  test("trailers that were not announced, to a client that takes some [A52 X25]", () =>
    bothWays({
      headers: ["TE", "gzip, Trailers"],
      listener: (_req, res) => {
        res.write("body");
        res.addTrailers({ "X-Sum": "1" });
        res.end();
      },
    }));
});
