// A sync app in a process that serves this request only: nothing waits for the event loop.
// Sources: PEP 3333 "Input and Error Streams", "environ Variables"; RFC 3875 §4.2.

import { expect, test } from "vitest";
import { latin1Decode, utf8Encode } from "./bytes.ts";
import { MemoryTransport } from "./memory-transport.test-support.ts";
import type { Environ } from "./pep3333.ts";
import type { BlockingBody } from "./transport.ts";
import { environOf, errorCodes, startSync } from "./wsgi.test-support.ts";
import type { WsgiApp } from "./app.ts";
import type { WsgiOptions } from "./wsgi-settings.ts";

/** A transport whose body can be waited for; it counts what was asked for. */
class BlockingTransport extends MemoryTransport {
  readonly body: BlockingBody;
  readonly asked: number[] = [];
  isDone = false;

  constructor(text: string, length: number = text.length) {
    super({ body: [] });
    let rest = utf8Encode(text);
    this.body = {
      length,
      readSync: (size) => {
        this.asked.push(size);
        const bytes = rest.subarray(0, size);
        rest = rest.subarray(size);
        return bytes;
      },
    };
  }

  block(): BlockingBody {
    return this.body;
  }

  override detach(): void {
    this.isDone = true;
    super.detach();
  }
}

/** Runs an app, which must be done by then: no turn of the event loop is given to it. */
function run(app: WsgiApp, transport: BlockingTransport, options: WsgiOptions = {}): BlockingTransport {
  startSync(app, { transport, options });
  expect(transport.isDone).toBe(true);
  expect(transport.reads).toBe(0);
  return transport;
}

const echo: WsgiApp = (environ, startResponse) => {
  startResponse("200 OK", []);
  return [environ["wsgi.input"].read()];
};

test("a request is served from beginning to end without a turn of the event loop [C28 W17]", () => {
  let environ: Environ | undefined;
  const app: WsgiApp = (given, startResponse) => {
    environ = given;
    return echo(given, startResponse);
  };
  expect(run(app, new BlockingTransport("hello")).text()).toBe("hello");
  expect(environ).toMatchObject({
    "wsgi.run_once": true,
    "wsgi.multiprocess": true,
    "wsgi.multithread": false,
  });
});

test("elsewhere the same app learns that others may be served as well [C28 W17]", async () => {
  expect(await environOf()).toMatchObject({ "wsgi.run_once": false, "wsgi.multiprocess": false });
});

test("any number of pieces are written in one go, and the clock is not looked at [C28]", () => {
  const app: WsgiApp = (_environ, startResponse) => {
    startResponse("200 OK", []);
    return Array.from({ length: 1000 }, () => "x");
  };
  expect(run(app, new BlockingTransport(""), { piecesPerTurn: 1, turnTime: 0 }).pieces).toHaveLength(1000);
});

test("a body within memoryLimit is read before the app is called, and one beyond it as the app asks [W22 W24]", () => {
  const calls: number[] = [];
  const transport = new BlockingTransport("one\ntwo\nthree");
  const app: WsgiApp = (environ, startResponse) => {
    calls.push(transport.asked.length);
    const input = environ["wsgi.input"];
    startResponse("200 OK", []);
    return [input.readline(), "|", input.read(2), "|", input.read(), "|", input.read()];
  };
  run(app, transport, { memoryLimit: 13 });
  expect(calls).toEqual([1]);
  const again = new BlockingTransport("one\ntwo\nthree");
  expect(
    run((environ, startResponse) => app(environ, startResponse), again, { memoryLimit: 12 }).text(),
  ).toBe("one\n|tw|o\nthree|");
  expect(again.text()).toBe(transport.text());
  const lazy = new BlockingTransport("one\ntwo\nthree");
  run(
    (environ, startResponse) => {
      calls.push(lazy.asked.length);
      startResponse("200 OK", []);
      return [environ["wsgi.input"].read(3)];
    },
    lazy,
    { memoryLimit: 12 },
  );
  expect(calls.at(-1)).toBe(0);
  expect(lazy.asked).toEqual([3]);
});

test("a body of unknown length is read ahead, and CONTENT_LENGTH tells how long it is [W25]", () => {
  const app: WsgiApp = (environ, startResponse) => {
    startResponse("200 OK", []);
    return [`${environ.CONTENT_LENGTH}:`, environ["wsgi.input"].read()];
  };
  expect(run(app, new BlockingTransport("hello", -1), { memoryLimit: 0 }).text()).toBe("5:hello");
});

test.each([4, -1])(
  "a body over maxBodySize is a 413, the app not called, if %i bytes are announced [W24]",
  (length) => {
    const transport = new BlockingTransport("abcd", length);
    run(() => expect.unreachable(), transport, { maxBodySize: 3 });
    expect(transport.head?.status).toBe(413);
    expect(run(echo, new BlockingTransport("abc", length === -1 ? -1 : 3), { maxBodySize: 3 }).text()).toBe(
      "abc",
    );
  },
);

test("a short body that breaks off is a 400, and the app is not called [C7 W24]", () => {
  const transport = new BlockingTransport("abc", 10);
  run(() => expect.unreachable(), transport);
  expect(transport.head?.status).toBe(400);
  expect(transport.logs).toEqual([]);
});

test("a long body that breaks off throws into the app, and is a 400 if it lets that through [C7]", () => {
  const transport = run(echo, new BlockingTransport("abc", 10), { memoryLimit: 2 });
  expect(transport.head?.status).toBe(400);
  expect(transport.logs).toEqual([]);
  const caught: WsgiApp = (environ, startResponse) => {
    let seen = "";
    try {
      environ["wsgi.input"].read();
    } catch (error) {
      seen = (error as { code: string }).code;
    }
    startResponse("200 OK", []);
    return [seen];
  };
  expect(run(caught, new BlockingTransport("abc", 10), { memoryLimit: 2 }).text()).toBe(
    "TSGI_ERR_BODY_TRUNCATED",
  );
});

test("a long body that breaks off under a response that has begun cuts it [C7]", () => {
  const transport = run(
    function* app(environ, startResponse) {
      startResponse("200 OK", []);
      yield "begun";
      yield environ["wsgi.input"].read();
    },
    new BlockingTransport("abc", 10),
    { memoryLimit: 2 },
  );
  expect([transport.text(), transport.state]).toEqual(["begun", "aborted"]);
});

test("an input that fails is a 500, and the log says why", () => {
  const transport = new BlockingTransport("", 5);
  Object.assign(transport.body, {
    readSync() {
      throw Object.assign(new Error("broken"), { code: "EIO" });
    },
  });
  run(echo, transport);
  expect(transport.head?.status).toBe(500);
  expect(errorCodes(transport)).toEqual(["EIO"]);
});

test("what is read is bytes of the body, whatever they are", () => {
  const transport = new BlockingTransport("caf\u00e9", 5);
  expect(latin1Decode(run(echo, transport).bytes())).toBe("caf\xc3\xa9");
});
