import { constants, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { http2Wire } from "./http2.ts";
import type { WireConnection, WireExchange } from "./wire.ts";

let server: Http2Server | null = null;

afterEach(() => {
  server?.close();
});

async function connectTo(serve: (stream: ServerHttp2Stream, raw: string[]) => void): Promise<WireConnection> {
  const listening = createServer();
  // The types of Node 20 leave the fourth argument out.
  listening.on("stream", ((stream: ServerHttp2Stream, _headers: unknown, _flags: number, raw: string[]) => {
    stream.on("error", () => {});
    serve(stream, raw);
  }) as (stream: ServerHttp2Stream) => void);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return http2Wire({ port: (listening.address() as AddressInfo).port }).open();
}

async function bodyOf(exchange: WireExchange): Promise<string> {
  let body = "";
  for (let piece = await exchange.read(); piece !== null; piece = await exchange.read())
    body += String(Buffer.from(piece));
  return body;
}

const REQUEST = { method: "GET", target: "/", headers: [], body: null } as const;

test("repeated fields go out and come in one by one, and pseudo-headers stay out", async () => {
  const connection = await connectTo((stream, raw) => {
    const seen = raw.filter((_, i) => i % 2 === 1 && raw[i - 1] === "x-a").join("|");
    stream.respond({ ":status": 200, "x-seen": seen, "set-cookie": ["a=1", "b=2"] });
    stream.end("body");
  });
  const exchange = connection.request({
    ...REQUEST,
    headers: [
      ["X-A", "1"],
      ["x-a", "2"],
    ],
  });
  const { status, headers, framing } = await exchange.head();
  expect([status, framing]).toEqual([200, "stream"]);
  expect(headers.filter(([name]) => name !== "date")).toEqual([
    ["x-seen", "1|2"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ]);
  expect(await bodyOf(exchange)).toBe("body");
  await connection.finish();
});

test("interim heads and trailers are seen", async () => {
  const connection = await connectTo((stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</a>" });
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "1" }));
    stream.end("body");
  });
  const exchange = connection.request(REQUEST);
  expect([(await exchange.head()).status, (await exchange.head()).status]).toEqual([103, 200]);
  expect([await bodyOf(exchange), exchange.trailers]).toEqual(["body", [["x-sum", "1"]]]);
  await connection.finish();
});

test("a stream that is reset within its body is cut", async () => {
  const connection = await connectTo((stream) => {
    stream.respond({ ":status": 200 });
    stream.write("begun", () => stream.destroy(new Error("cut")));
  });
  const exchange = connection.request(REQUEST);
  await exchange.head();
  await expect(bodyOf(exchange)).rejects.toMatchObject({ name: "WireError", kind: "cut" });
  connection.reset();
});

test("a stream that is reset before its head is closed", async () => {
  const connection = await connectTo((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
  await expect(connection.request(REQUEST).head()).rejects.toMatchObject({
    name: "WireError",
    kind: "closed",
  });
  connection.reset();
});
