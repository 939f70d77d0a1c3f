// The Responses a fetch handler returns: of every kind of body, standard and fast, through the faster door and as an app.

import { describe, expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { createTestClient, type TestClientOptions } from "@tsgi/testing";
import { FastResponse } from "./fast-response.ts";
import { fromFetch } from "./from-fetch.ts";
import type { FetchHandler } from "./serve-guest.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A stream of these pieces, each given when it is asked for. */
function streamOf(pieces: readonly unknown[], type?: "bytes"): ReadableStream {
  let at = 0;
  const source = {
    async pull(controller: ReadableStreamDefaultController | ReadableByteStreamController): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      if (at === pieces.length) controller.close();
      else controller.enqueue(pieces[at] as never);
      at += 1;
    },
  };
  return type === "bytes" ? new ReadableStream({ ...source, type }) : new ReadableStream(source);
}

type Door = [string, (handler: FetchHandler) => AsgiApp];
const doors: Door[] = [
  ["through the faster door", (handler) => fromFetch(handler)],
  [
    "behind a middleware",
    (handler) => {
      const app = fromFetch(handler);
      return (scope, receive, send) => app(scope, receive, send);
    },
  ],
];
const classes: [string, typeof Response][] = [
  ["Response", Response],
  ["FastResponse", FastResponse],
];

const quiet: TestClientOptions = { raiseAppErrors: false };

describe.each(doors)("%s", (_door, appOf) => {
  describe.each(classes)("a %s", (_class, ResponseOf) => {
    const BODIES: [string, () => BodyInit | null, string | null, string][] = [
      ["a string", () => "caf\u00e9", "text/plain;charset=UTF-8", "caf\u00e9"],
      ["an empty string", () => "", "text/plain;charset=UTF-8", ""],
      ["null", () => null, null, ""],
      ["bytes", () => bytes("bytes"), null, "bytes"],
      ["a part of a buffer", () => bytes("a part of it").subarray(2, 6), null, "part"],
      ["an ArrayBuffer", () => bytes("buffer").buffer, null, "buffer"],
      ["a DataView", () => new DataView(bytes("a view").buffer, 2), null, "view"],
      ["a Blob", () => new Blob(["blob"], { type: "image/x" }), "image/x", "blob"],
      ["an empty Blob", () => new Blob([]), null, ""],
      [
        "URLSearchParams",
        () => new URLSearchParams({ a: "1 2" }),
        "application/x-www-form-urlencoded;charset=UTF-8",
        "a=1+2",
      ],
      ["a stream", () => streamOf([bytes("one "), bytes("two")]), null, "one two"],
      ["a byte stream", () => streamOf([bytes("one "), bytes("two")], "bytes"), null, "one two"],
      ["an empty stream", () => streamOf([]), null, ""],
    ];
    test.each(BODIES)(
      "of %s arrives, with its type and nothing added [S18 A39]",
      async (_of, body, type, text) => {
        const client = createTestClient(appOf(() => new ResponseOf(body(), { status: 201 })));
        const response = await client.get("/");
        expect([response.status, response.text()]).toEqual([201, text]);
        expect(response.headers.find(([name]) => name === "content-type")?.[1] ?? null).toBe(type);
      },
    );

    test("of a form arrives, with its boundary", async () => {
      const form = new FormData();
      form.set("name", "value");
      const response = await createTestClient(appOf(() => new ResponseOf(form))).get("/");
      const type = response.headers.find(([name]) => name === "content-type")?.[1] ?? "";
      const read = await new Response(new Uint8Array(response.body), {
        headers: { "content-type": type },
      }).formData();
      expect([...read]).toEqual([["name", "value"]]);
    });

    test("of a known length says so, and one of a stream says nothing [A39]", async () => {
      const lengthOf = async (body: BodyInit | null): Promise<string | undefined> =>
        (await createTestClient(appOf(() => new ResponseOf(body))).get("/")).headers.find(
          ([name]) => name === "content-length",
        )?.[1];
      expect(await lengthOf("caf\u00e9")).toBe("5");
      expect(await lengthOf(bytes("12"))).toBe("2");
      expect(await lengthOf(null)).toBe("0");
      expect(await lengthOf(streamOf([bytes("1")]))).toBeUndefined();
    });

    test("keeps each Set-Cookie apart, and in order [A42]", async () => {
      const init = { headers: new Headers() };
      init.headers.append("set-cookie", "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT");
      init.headers.append("x-one", "1");
      init.headers.append("set-cookie", "b=2");
      const response = await createTestClient(appOf(() => new ResponseOf(null, init))).get("/");
      expect(response.headers.filter(([name]) => name === "set-cookie").map(([, value]) => value)).toEqual([
        "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT",
        "b=2",
      ]);
    });

    test("gives its statusText as the reason, where there is a place for one [X20]", async () => {
      const app = appOf(() => new ResponseOf("", { status: 404, statusText: "Gone Fishing" }));
      expect((await createTestClient(app).get("/")).reason).toBe("Gone Fishing");
      expect((await createTestClient(app, { httpVersion: "2" }).get("/")).status).toBe(404);
    });

    test("has no body for HEAD, 204 and 304, and its stream is cancelled [A47 A48]", async () => {
      let cancelled = 0;
      const body = (): ReadableStream =>
        new ReadableStream({ cancel: () => void (cancelled += 1) }, { highWaterMark: 0 });
      const head = await createTestClient(appOf(() => new ResponseOf(body()))).head("/");
      expect([head.status, head.body.byteLength, cancelled]).toEqual([200, 0, 1]);
      for (const status of [204, 304]) {
        const response = await createTestClient(appOf(() => new ResponseOf(null, { status }))).get("/");
        expect([response.status, response.body.byteLength]).toEqual([status, 0]);
      }
      expect((await createTestClient(appOf(() => new ResponseOf("text"))).head("/")).body.byteLength).toBe(0);
    });

    test("of a stream that is read slowly is not pulled [A50]", async () => {
      let pulled = 0;
      const body = new ReadableStream(
        {
          pull(controller) {
            pulled += 1;
            controller.enqueue(new Uint8Array(16_384));
          },
        },
        { highWaterMark: 0 },
      );
      const exchange = createTestClient(
        appOf(() => new ResponseOf(body)),
        { highWaterMark: 65_536 },
      ).open("GET", "/");
      await exchange.head;
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(pulled).toBeLessThanOrEqual(6);
      exchange.disconnect();
      await exchange.done;
    });

    test("400 MB to a client that stalls again and again stay on this side of it [A50]", async () => {
      const piece = new Uint8Array(1024 * 1024);
      let pulled = 0;
      let most = 0;
      let taken = 0;
      const body = new ReadableStream(
        {
          pull(controller) {
            pulled += 1;
            most = Math.max(most, pulled - taken);
            if (pulled > 400) controller.close();
            else controller.enqueue(piece);
          },
        },
        { highWaterMark: 0 },
      );
      const exchange = createTestClient(appOf(() => new ResponseOf(body))).open("GET", "/");
      for await (const part of exchange.pieces) {
        taken += part.byteLength / piece.byteLength;
        if (taken % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      expect([taken, pulled]).toEqual([400, 401]);
      expect(most).toBeLessThanOrEqual(4);
    });

    test("of a stream that waits is cancelled when the client goes away, once [A34]", async () => {
      const reasons: unknown[] = [];
      let asked!: () => void;
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const body = new ReadableStream(
        {
          start: (controller) => controller.enqueue(bytes("first")),
          pull: () => {
            asked();
            return new Promise(() => {});
          },
          cancel: (reason) => void reasons.push(reason),
        },
        { highWaterMark: 0 },
      );
      const exchange = createTestClient(
        appOf(() => new ResponseOf(body)),
        quiet,
      ).open("GET", "/");
      expect(new TextDecoder().decode((await exchange.read()) ?? undefined)).toBe("first");
      await isAsked;
      exchange.disconnect();
      await exchange.done;
      expect(reasons).toEqual([expect.objectContaining({ code: "ECONNRESET" })]);
      expect(exchange.log).toEqual([]);
    });

    test("of a stream that has nothing yet lets its head leave [A41]", async () => {
      let give!: (controller: ReadableStreamDefaultController) => void;
      const body = new ReadableStream({
        start(controller) {
          give = () => {
            controller.enqueue(bytes("late"));
            controller.close();
          };
        },
      });
      const exchange = createTestClient(appOf(() => new ResponseOf(body, { status: 202 }))).open("GET", "/");
      expect((await exchange.head).status).toBe(202);
      give(undefined as never);
      expect(new TextDecoder().decode((await exchange.read()) ?? undefined)).toBe("late");
      expect(await exchange.read()).toBeNull();
    });

    test("of a stream that fails is cut, and logged once [A45]", async () => {
      const failing = (): ReadableStream =>
        new ReadableStream({
          start: (controller) => controller.enqueue(bytes("first")),
          pull: () => new Promise((_, reject) => setImmediate(() => reject(new Error("the disk is gone")))),
        });
      const exchange = createTestClient(
        appOf(() => new ResponseOf(failing())),
        quiet,
      ).open("GET", "/");
      expect((await exchange.head).status).toBe(200);
      expect(await exchange.read()).not.toBeNull();
      await expect(exchange.read()).rejects.toThrow();
      await exchange.done;
      expect(exchange.log.map(({ error }) => String(error))).toEqual(["Error: the disk is gone"]);
    });

    test("of a stream that gives no bytes is an error, and not what the client gets [A5]", async () => {
      for (const piece of ["text", 7, {}]) {
        const exchange = createTestClient(
          appOf(() => new ResponseOf(streamOf([bytes("1"), piece]))),
          quiet,
        ).open("GET", "/");
        await expect(
          (async () => {
            while ((await exchange.read()) !== null);
          })(),
        ).rejects.toThrow();
        await exchange.done;
        expect(exchange.log).toHaveLength(1);
      }
    });

    test("that was read, or is being read, is a 500 that says so in the log [A45 S20]", async () => {
      const read = new ResponseOf("read");
      await read.text();
      const locked = new ResponseOf(streamOf([bytes("1")]));
      locked.body?.getReader();
      for (const response of [read, locked]) {
        const answer = await createTestClient(
          appOf(() => response),
          quiet,
        ).get("/");
        expect([answer.status, answer.text()]).toEqual([500, "Internal Server Error"]);
        expect(answer.log).toEqual([
          expect.objectContaining({ error: expect.objectContaining({ code: "TSGI_ERR_GUEST_RESPONSE" }) }),
        ]);
      }
    });

    test("that was cloned is still whole", async () => {
      const response = new ResponseOf("whole", { headers: { "x-one": "1" } });
      const copy = response.clone();
      const answer = await createTestClient(appOf(() => response)).get("/");
      expect([answer.text(), await copy.text(), copy.headers.get("x-one")]).toEqual(["whole", "whole", "1"]);
    });

    test("can be a redirect, and an error is a 500 [A45]", async () => {
      const redirect = await createTestClient(appOf(() => ResponseOf.redirect("http://a/b", 303))).get("/");
      expect([redirect.status, redirect.headers]).toEqual([
        303,
        expect.arrayContaining([["location", "http://a/b"]]),
      ]);
      const failed = await createTestClient(
        appOf(() => ResponseOf.error()),
        quiet,
      ).get("/");
      expect([failed.status, failed.text()]).toEqual([500, "Internal Server Error"]);
    });
  });

  test.each([undefined, null, "text", 7, {}, { status: 200 }])(
    "%j, which is no Response, is a 500 [A1 S20]",
    async (value) => {
      const answer = await createTestClient(
        appOf(() => value as unknown as Response),
        quiet,
      ).get("/");
      expect([answer.status, answer.text()]).toEqual([500, "Internal Server Error"]);
      expect(answer.log).toHaveLength(1);
    },
  );

  test("a handler that throws, or is rejected, is a 500, logged once, and says nothing of it [A10 S20]", async () => {
    for (const handler of [
      () => {
        throw new Error("a secret");
      },
      () => Promise.reject(new Error("a secret")),
    ] as FetchHandler[]) {
      const answer = await createTestClient(appOf(handler), quiet).get("/");
      expect([answer.status, answer.text()]).toEqual([500, "Internal Server Error"]);
      expect(answer.log.map(({ error }) => String(error))).toEqual(["Error: a secret"]);
    }
  });

  test("the Response of another implementation is read by its properties", async () => {
    const foreign = {
      status: 203,
      statusText: "",
      bodyUsed: false,
      headers: new Map([["x-one", "1"]]),
      body: streamOf([bytes("foreign")]),
    };
    const answer = await createTestClient(appOf(() => foreign as unknown as Response)).get("/");
    expect([answer.status, answer.text(), answer.headers[0]]).toEqual([203, "foreign", ["x-one", "1"]]);
  });
});
