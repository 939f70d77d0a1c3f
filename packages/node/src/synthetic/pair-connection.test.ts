// A pair and its socket, compared with node:http itself: back-pressure, timeouts, direct writes, detaching, signals.
// Source: the running Node, as the oracle; every scenario is run both ways.

import { createReadStream } from "node:fs";
import { Duplex, addAbortSignal, finished, pipeline } from "node:stream";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  runBehindHost,
  runNatively,
  runSynthetically,
  stateOf,
  watch,
  undated,
  type Scenario,
} from "./differential.test-support.ts";

const THIS_FILE = fileURLToPath(import.meta.url);

async function bothWays(scenario: Scenario): Promise<void> {
  const native = await runNatively(scenario);
  expect(await runSynthetically(scenario)).toEqual(native);
  expect(undated(await runBehindHost(scenario))).toEqual(undated(native));
}

const LENGTH_6 = ["Content-Length", "6"];
const FOREVER: Scenario["client"] = async (client) => {
  client.send(null);
  await client.response();
};

describe("a timeout", () => {
  test("set on the response is heard there [S9]", () =>
    bothWays({
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        res.on("timeout", (socket: Socket) => log(`given ${socket === req.socket}`));
        res.setTimeout(20, () => res.end("too slow"));
      },
    }));

  test("set on a request that is complete is not heard there: the connection ends [S9]", () =>
    bothWays({
      listener: (req, res, log) => {
        req.on("close", () => log("req close"));
        res.on("close", () => log("res close"));
        req.setTimeout(20, () => log("never"));
        req.resume();
      },
      client: FOREVER,
    }));

  test("set on a request whose body is missing is heard there [S9]", () =>
    bothWays({
      method: "POST",
      headers: LENGTH_6,
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        req.setTimeout(20, () => {
          res.end("give up");
        });
        req.on("data", () => log("data"));
      },
      client: async (client) => {
        client.send("abc");
        await client.logged("data");
        await client.response();
      },
    }));

  test("set on the socket ends the connection, if nobody else listens [S9]", () =>
    bothWays({
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        for (const emitter of [req, res]) emitter.removeAllListeners("timeout");
        req.resume();
        req.socket.setTimeout(20, () => log("socket timeout"));
      },
      client: FOREVER,
    }));

  test("is put off by each write, and can be taken back [S9]", () =>
    bothWays({
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        req.resume();
        res.setTimeout(60_000);
        log(String(req.socket.timeout));
        res.write("a");
        res.setTimeout(0);
        log(String(req.socket.timeout));
        res.end("b");
      },
    }));
});

describe("the socket", () => {
  test("is a net.Socket, and the same one everywhere", () =>
    bothWays({
      listener: (req, res, log) => {
        const { socket } = req;
        log(
          [
            socket instanceof Socket,
            socket instanceof Duplex,
            socket === res.socket,
            socket === req.connection,
            socket === res.connection,
            socket.readable,
            socket.writable,
            socket.destroyed,
            socket.readyState,
            socket.pending,
            socket.connecting,
            socket.writableLength,
            socket.writableHighWaterMark,
            socket.readableHighWaterMark,
            res.writableHighWaterMark,
            res.writableObjectMode,
            (socket as { encrypted?: boolean }).encrypted,
            socket.setNoDelay() === socket,
            socket.setKeepAlive(true, 1000) === socket,
            socket.ref() === socket,
            socket.unref() === socket,
            typeof socket.remotePort,
            socket.remoteFamily,
            typeof socket.localPort,
            socket.localFamily,
            Object.keys(socket.address()).toSorted().join(),
            res.req === req,
          ].join(),
        );
        socket.ref();
        res.end();
      },
    }));

  test("can be written to directly [X22]", () =>
    bothWays({
      listener: (req, res, log) => {
        watch(req, res, log, "no errors");
        const { socket } = req;
        socket.on("finish", () => log("socket finish"));
        socket.write("HTTP/1.1 202 Hijacked\r\nContent-Length: 6\r\nX-Raw: ye");
        socket.write(Buffer.from("s\r\n\r\nby"));
        socket.write(" hand");
      },
      client: async (client) => {
        client.send(null);
        await client.response();
        client.disconnect();
      },
    }));

  test("can be written to directly, and ended [X22]", () =>
    bothWays({
      listener: (req, res) => {
        res.detachSocket(req.socket);
        req.socket.end("HTTP/1.0 200 OK\r\nX-Raw: yes\r\n\r\nuntil the end");
      },
    }));

  test("can be written to directly in chunks, with trailers [X22]", () =>
    bothWays({
      headers: ["TE", "trailers"],
      listener: (req) => {
        req.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n");
        req.socket.write("3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n");
      },
      client: async (client) => {
        client.send(null);
        await client.response();
        client.disconnect();
      },
    }));

  test("may not be assigned twice", () =>
    bothWays({
      listener: (req, res, log) => {
        try {
          res.assignSocket(req.socket);
        } catch (error) {
          log((error as NodeJS.ErrnoException).code ?? "");
        }
        res.end();
      },
    }));

  test("counts what goes through it", () =>
    bothWays({
      method: "POST",
      headers: LENGTH_6,
      listener: (req, res, log) => {
        req.resume();
        req.on("end", () => {
          res.sendDate = false;
          res.end("hello");
          log(String(req.socket.bytesWritten > 0));
          log(String(req.socket.bytesRead >= 6));
        });
      },
      client: async (client) => {
        client.send("abcdef", null);
        await client.response();
      },
    }));
});

describe("streams", () => {
  test("a file through pipeline() [A42]", () =>
    bothWays({
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        pipeline(createReadStream(THIS_FILE), res, (error) => log(`done ${error?.message}`));
      },
      client: async (client) => {
        client.send(null);
        await client.response();
        await client.logged("done undefined");
      },
    }));

  test("a file through pipe() to HEAD [A47]", () =>
    bothWays({
      method: "HEAD",
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        createReadStream(THIS_FILE).pipe(res);
      },
      client: async (client) => {
        client.send(null);
        await client.response();
        await client.logged("res close");
      },
    }));

  test("finished() on both, after a whole response [X23]", () =>
    bothWays({
      listener: (req, res, log) => {
        finished(req, (error) => log(`req finished ${error?.code}`));
        finished(res, (error) => log(`res finished ${error?.code}`));
        req.resume();
        res.end("x");
      },
    }));

  test("finished() on both, after the client went away [X23]", () =>
    bothWays({
      listener: (req, res, log) => {
        finished(req, (error) => log(`req finished ${error?.code}`));
        finished(res, (error) => log(`res finished ${error?.code}`));
        res.write("x");
      },
      client: async (client) => {
        client.send(null);
        await client.head();
        client.disconnect();
        await client.logged("res finished ERR_STREAM_PREMATURE_CLOSE");
      },
    }));

  test("an abort signal [A34]", () =>
    bothWays({
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        const controller = new AbortController();
        addAbortSignal(controller.signal, req);
        setImmediate(() => {
          controller.abort();
          log(stateOf(req, res));
        });
      },
      client: FOREVER,
    }));

  test("a paused request [A29]", () =>
    bothWays({
      method: "POST",
      headers: LENGTH_6,
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        req.on("data", (chunk: Buffer) => {
          log(`data ${chunk.toString()}`);
          req.pause();
          log(String(req.isPaused()));
          setImmediate(() => req.resume());
        });
        req.on("end", () => res.end());
      },
      client: async (client) => {
        client.send("abc");
        await client.logged("data abc");
        client.send("def", null);
        await client.response();
      },
    }));

  test("a request read by hand [A29]", () =>
    bothWays({
      method: "POST",
      headers: LENGTH_6,
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        req.on("readable", () => {
          for (let got = req.read(2) as Buffer | null; got !== null; got = req.read(2) as Buffer | null)
            log(`read ${got.toString()}`);
        });
        req.on("end", () => res.end());
      },
      client: async (client) => {
        client.send("abcd");
        await client.logged("read cd");
        client.send("ef", null);
        await client.response();
      },
    }));

  test("a full response, and drain [A50 A7]", () =>
    bothWays({
      listener: (req, res, log) => {
        req.resume();
        log(String(res.write("x".repeat(res.writableHighWaterMark + 1))));
        log(String(res.writableNeedDrain));
        res.on("drain", () => {
          log("drain");
          log(String(res.writableNeedDrain));
          log(String(res.writableLength));
          res.end();
        });
      },
    }));
});

describe("a connection that ends with its response", () => {
  const close = ["Connection", "close"];
  test("because the client says so [A38]", () =>
    bothWays({
      headers: close,
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        log(String(res.shouldKeepAlive));
        req.socket.on("close", () => log("socket close"));
        res.end("x");
      },
    }));

  test("because the listener says so [A38]", () =>
    bothWays({
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        req.socket.on("close", () => log("socket close"));
        res.writeHead(200, { connection: "close" });
        res.write("a");
        res.end("b");
      },
    }));

  test("because nothing else tells where it ends [A39]", () =>
    bothWays({
      listener: (req, res, log) => {
        watch(req, res, log, "errors");
        req.socket.on("close", () => log("socket close"));
        res.removeHeader("transfer-encoding");
        res.write("a");
        setImmediate(() => res.end("b"));
      },
    }));
});
