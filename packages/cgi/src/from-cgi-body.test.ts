// Bodies on their way to a program and back: lengths, limits, back-pressure.

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bytesOf } from "@tsgi/core";
import { fileSpool } from "@tsgi/process";
import { createTestClient } from "@tsgi/testing";
import { fromCgi, type FromCgiOptions } from "./from-cgi.ts";
import { clientOf, openFiles, scriptDirectory, whenClosed } from "./scripts.test-support.ts";

const scripts = scriptDirectory();

const ECHO = scripts.script(
  "echo",
  'printf "Content-Type: text/plain\\nX-Length: $CONTENT_LENGTH\\n\\n"; cat',
);
const COUNT = scripts.script(
  "count",
  'n=$(wc -c); printf "Content-Type: text/plain\\n\\n%s %s" "$CONTENT_LENGTH" $n',
);
const IGNORE = scripts.script("ignore", 'exec <&-; printf "Content-Type: text/plain\\n\\nHello"');

/** Bytes that are not the same everywhere. */
function someBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

/** The same in pieces, so that no length is announced. */
function* inPieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("a body with a length", () => {
  test.each([0, 1, 65_536, 1_048_577])("of %i bytes arrives and comes back [CH12 X21]", async (length) => {
    const body = someBytes(length);
    const response = await clientOf(fromCgi(ECHO)).post("/", { body });
    expect(response.header("x-length")).toBe(String(length));
    expect(Buffer.compare(response.body, body)).toBe(0);
  });

  test("ends where it said, for a program that reads to the end [CH12]", async () => {
    expect((await clientOf(fromCgi(COUNT)).post("/", { body: "12345" })).text()).toBe("5 5");
  });

  test("is streamed: the answer may begin before the body is complete [CH12]", async () => {
    const exchange = clientOf(fromCgi(ECHO)).open("POST", "/", { headers: { "content-length": "6" } });
    await exchange.sendBody("one");
    expect((await exchange.head).status).toBe(200);
    expect(new TextDecoder().decode((await exchange.read()) ?? undefined)).toBe("one");
    await exchange.sendBody("two");
    exchange.endBody();
    expect(new TextDecoder().decode((await exchange.read()) ?? undefined)).toBe("two");
    expect(await exchange.read()).toBeNull();
    await exchange.done;
  });

  test("may be longer than allowed: 413 before the program is started, with its edge at the byte [S8]", async () => {
    const client = clientOf(fromCgi(COUNT, { maxBodySize: 10 }));
    expect((await client.post("/", { body: "x".repeat(10) })).text()).toBe("10 10");
    const response = await client.post("/", { body: "x".repeat(11) });
    expect(response).toMatchObject({ status: 413, close: true });
  });

  test("that a middleware has read is a 500, and no program waits for it [CH12]", async () => {
    const app = fromCgi(COUNT);
    const client = createTestClient(
      async (scope, receive, send) => {
        await receive();
        await app(scope, receive, send);
      },
      { raiseAppErrors: false },
    );
    const response = client.post("/", { body: ["12", "345"], headers: { "content-length": "5" } });
    await expect(response).resolves.toMatchObject({ status: 500 });
  });

  test("with a length that is none is 400 [CH8]", async () => {
    const client = clientOf(fromCgi(COUNT));
    expect((await client.post("/", { body: [], headers: { "content-length": "5x" } })).status).toBe(400);
  });
});

describe("a program that does not read its body", () => {
  test.each([10, 5_000_000])("answers, whatever is left of %i bytes [CH12]", async (length) => {
    const before = openFiles();
    const response = await clientOf(fromCgi(IGNORE)).post("/", { body: someBytes(length) });
    expect(response).toMatchObject({ status: 200, complete: true, log: [] });
    expect(response.text()).toBe("Hello");
    await whenClosed(before);
  });

  test("and ends at once gets no more of it [CH12]", async () => {
    const script = scripts.script("leaves", 'printf "Status: 403\\n\\n"');
    const response = await clientOf(fromCgi(script)).post("/", { body: someBytes(5_000_000) });
    expect(response).toMatchObject({ status: 403, complete: true, log: [] });
  });

  test("but closes its input gets no more of it, and may take its time [CH12]", async () => {
    const script = scripts.script(
      "closes",
      'exec <&-; printf "Content-Type: text/plain\\n\\none"; printf two',
    );
    const response = await clientOf(fromCgi(script)).post("/", {
      body: inPieces(someBytes(5_000_000), 65_536),
    });
    expect(response.text()).toBe("onetwo");
  });
});

describe("a body without a length", () => {
  test.each([1, 65_536, 65_537, 1_000_000])(
    "of %i bytes is counted first, in memory or in a file [CH9]",
    async (length) => {
      const body = someBytes(length);
      const before = openFiles();
      const response = await clientOf(fromCgi(ECHO)).post("/", { body: inPieces(body, 1000) });
      expect(response.header("x-length")).toBe(String(length));
      expect(Buffer.compare(response.body, body)).toBe(0);
      await whenClosed(before);
    },
  );

  test("goes to a file beyond what memory may hold, and the file is gone at once [CH9 S8]", async () => {
    let opened = 0;
    const files = fileSpool({ directory: scripts.path });
    const spool = {
      open: () => {
        opened += 1;
        return files.open();
      },
    };
    const client = clientOf(fromCgi(COUNT, { memoryLimit: 1_000, spool }));
    expect((await client.post("/", { body: inPieces(someBytes(1_000), 100) })).text()).toBe("1000 1000");
    expect(opened).toBe(0);
    expect((await client.post("/", { body: inPieces(someBytes(1_001), 100) })).text()).toBe("1001 1001");
    expect(opened).toBe(1);
    expect(readdirSync(scripts.path).filter((name) => name.endsWith(".body"))).toEqual([]);
  });

  test("of no bytes is none [CH8 CH9]", async () => {
    const response = await clientOf(fromCgi(COUNT)).post("/", { body: [] });
    expect(response.text()).toBe(" 0");
  });

  test("is no body of a GET [CH8]", async () => {
    expect((await clientOf(fromCgi(COUNT)).get("/")).text()).toBe(" 0");
  });

  test.each<[FromCgiOptions, number, number]>([
    [{ maxUnsizedBody: 100 }, 100, 200],
    [{ maxUnsizedBody: 100 }, 101, 413],
    [{ maxBodySize: 100 }, 100, 200],
    [{ maxBodySize: 100 }, 101, 413],
    [{ maxUnsizedBody: 0 }, 1, 411],
  ])("has a limit: with %j %i bytes are %i [CH9 S8]", async (options, length, status) => {
    const before = openFiles();
    const client = clientOf(fromCgi(COUNT, options));
    expect((await client.post("/", { body: inPieces(someBytes(length), 7) })).status).toBe(status);
    await whenClosed(before);
  });

  test("whose client goes away starts no program [CH24]", async () => {
    const exchange = clientOf(fromCgi("/no/such/program")).open("POST", "/");
    await exchange.sendBody("one");
    exchange.disconnect();
    await exchange.done;
    expect(exchange.log).toEqual([]);
  });

  test("that no file takes is a 500 [CH9]", async () => {
    const options = { memoryLimit: 0, spool: fileSpool({ directory: "/no/such/directory" }) };
    const response = await clientOf(fromCgi(COUNT, options)).post("/", { body: inPieces(someBytes(10), 5) });
    expect(response.status).toBe(500);
  });
});

describe("a response of a program", () => {
  test("of 20 MB arrives whole [CH22]", async () => {
    const script = scripts.script("large", 'printf "Content-Type: a/b\\n\\n"; head -c 20000000 /dev/zero');
    const response = await clientOf(fromCgi(script)).get("/");
    expect(response.body).toHaveLength(20_000_000);
    expect(response.complete).toBe(true);
  });

  test("arrives as it is made: events, one by one [CH22 FC22]", async () => {
    // Each event is made when the one before has arrived.
    const script = scripts.script(
      "events",
      'printf "Content-Type: text/event-stream\\n\\n"; while read line; do printf "data: %s\\n\\n" "$line"; done',
    );
    const exchange = clientOf(fromCgi(script)).open("POST", "/", { headers: { "content-length": "6" } });
    expect((await exchange.head).status).toBe(200);
    const events = exchange.serverSentEvents();
    for (const line of ["a", "b", "c"]) {
      await exchange.sendBody(`${line}\n`);
      expect((await events.next()).value?.data).toBe(line);
    }
    exchange.endBody();
    expect((await events.next()).done).toBe(true);
  });

  test("waits for a slow client, and so does the program: memory stays flat [CH22 S10]", async () => {
    const script = scripts.script(
      "endless",
      'printf "Content-Type: a/b\\n\\n"; head -c 50000000 /dev/zero; printf done >&2',
    );
    const client = createTestClient(fromCgi(script), { highWaterMark: 16_384 });
    const exchange = client.open("GET", "/");
    await exchange.head;
    exchange.pause();
    // Many turns, in which a program that is not held up would have written all of it.
    for (let turn = 0; turn < 2_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(exchange.buffered).toBeLessThan(1_000_000);
    expect(exchange.log).toEqual([]);
    exchange.resume();
    let size = 0;
    for await (const piece of exchange.pieces) size += piece.length;
    expect(size).toBe(50_000_000);
    await exchange.done;
    expect(exchange.log).toHaveLength(1);
  });

  test("keeps its pieces: nobody writes to them later [S27]", async () => {
    const script = scripts.script(
      "pieces",
      'printf "Content-Type: a/b\\n\\n"; i=0; while [ $i -lt 50 ]; do head -c 5000 /dev/zero | tr "\\000" "x"; i=$((i+1)); done',
    );
    const exchange = clientOf(fromCgi(script)).open("GET", "/");
    const kept: Uint8Array[] = [];
    for await (const piece of exchange.pieces) kept.push(piece);
    expect(Buffer.concat(kept).equals(Buffer.from(bytesOf("x".repeat(250_000))))).toBe(true);
  });
});

test("a body that is not taken is not read: the client waits for a slow program [CH12 S10]", async () => {
  const script = scripts.script(
    "slow-reader",
    'printf "Content-Type: a/b\\n\\nready"; while [ ! -e "$HTTP_X_GO" ]; do sleep 0.01; done; wc -c',
  );
  const go = `${scripts.path}/go`;
  const length = 10_000_000;
  const exchange = clientOf(fromCgi(script)).open("POST", "/", {
    headers: { "content-length": String(length), "x-go": go },
  });
  let sent = 0;
  const upload = (async () => {
    for (; sent < length; sent += 100_000) await exchange.sendBody(new Uint8Array(100_000));
    exchange.endBody();
  })();
  await exchange.head;
  for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toBeLessThan(2_000_000);
  scripts.file("go", "");
  await upload;
  let text = "";
  for await (const piece of exchange.pieces) text += new TextDecoder().decode(piece);
  expect(text.trim()).toBe(`ready${length}`);
});
