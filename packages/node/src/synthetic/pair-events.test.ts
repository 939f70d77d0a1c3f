// What happens to a pair and when, compared with node:http itself: normal ends, destruction, clients that go away.
// Source: the running Node, as the oracle; every scenario is run both ways.

import { pipeline } from "node:stream";
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

const LENGTH_6 = ["Content-Length", "6"];

const SCENARIOS: Record<string, Scenario> = {
  "a GET answered at once": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      res.end("hello");
      log(stateOf(req, res));
    },
  },
  "a GET answered a turn later": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      setImmediate(() => {
        res.end("hello");
        log(stateOf(req, res));
      });
    },
  },
  "a GET whose listener reads": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.on("data", () => log("data"));
      req.on("end", () => res.end("read"));
    },
  },
  "a POST read to its end": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.on("data", (chunk: Buffer) => log(`data ${chunk.toString()}`));
      req.on("end", () => {
        log(stateOf(req, res));
        res.end("got it");
      });
      log("ready");
    },
    client: async (client) => {
      client.send("abc");
      await client.logged("data abc");
      client.send("def", null);
      await client.response();
    },
  },
  "a POST read with an async iterator": {
    method: "POST",
    headers: LENGTH_6,
    listener: async (req, res, log) => {
      watch(req, res, log, "errors");
      for await (const chunk of req) log(`data ${String(chunk)}`);
      log(stateOf(req, res));
      res.end("got it");
    },
    client: async (client) => {
      client.send("abc");
      await client.logged("data abc");
      client.send("def", null);
      await client.response();
    },
  },
  "a POST nobody reads": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      res.end("no, thanks");
      log("answered");
    },
    client: async (client) => {
      client.send("abcdef", null);
      await client.response();
    },
  },
  "a response ended while the body is being read": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.on("data", (chunk: Buffer) => {
        log(`data ${chunk.toString()}`);
        if (!res.writableEnded) res.end("early");
      });
    },
    client: async (client) => {
      client.send("abc");
      await client.logged("data abc");
      await client.logged("res finish");
      client.send("def", null);
      await client.response();
      await client.logged("req end");
    },
  },
  "a client that goes away before it has sent its body": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      log("ready");
      res.on("close", () => log(stateOf(req, res)));
    },
    client: async (client) => {
      client.send("abc");
      await client.logged("ready");
      client.disconnect();
      await client.logged("req close");
    },
  },
  "a client that goes away while its body is read": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.on("data", (chunk: Buffer) => log(`data ${chunk.toString()}`));
      res.on("close", () => log(stateOf(req, res)));
    },
    client: async (client) => {
      client.send("abc");
      await client.logged("data abc");
      client.disconnect();
      await client.logged("req close");
    },
  },
  "a client that goes away while its body is read, and nobody listens to errors": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "no errors");
      req.on("data", (chunk: Buffer) => log(`data ${chunk.toString()}`));
    },
    client: async (client) => {
      client.send("abc");
      await client.logged("data abc");
      client.disconnect();
      await client.logged("req close");
    },
  },
  "a client that goes away after its body was read": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.on("data", () => {});
      req.on("end", () => log("all read"));
      res.on("close", () => {
        log(stateOf(req, res));
        log("res.write");
        log(String(res.write("late")));
      });
    },
    client: async (client) => {
      client.send("abcdef", null);
      await client.logged("req close");
      client.disconnect();
      await client.logged("res close");
    },
  },
  "a client that goes away after a GET nobody read": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      setImmediate(() => log("ready"));
      res.on("close", () => log(stateOf(req, res)));
    },
    client: async (client) => {
      client.send(null);
      await client.logged("ready");
      client.disconnect();
      await client.logged("req close");
    },
  },
  "a client that goes away in the middle of the response": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.resume();
      res.write("part");
      res.on("close", () => log(stateOf(req, res)));
    },
    client: async (client) => {
      client.send(null);
      await client.head();
      await client.logged("req close");
      client.disconnect();
      await client.logged("res close");
    },
  },
  "the socket of a client that goes away while its body is read": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      req.on("data", () => log("data"));
      res.on("close", () => log(`res close ${res.errored === null}`));
      req.socket.on("error", () => log("socket error"));
      req.socket.on("close", (hadError) => log(`socket close ${hadError}`));
    },
    client: async (client) => {
      client.send("abc");
      await client.logged("data");
      client.disconnect();
      await client.logged("socket close true");
    },
  },
  "the socket of a client that goes away after its body was read": {
    listener: (req, res, log) => {
      req.resume();
      req.on("close", () => log("req close"));
      res.on("close", () => log("res close"));
      req.socket.on("error", () => log("socket error"));
      req.socket.on("close", (hadError) => log(`socket close ${hadError}`));
    },
    client: async (client) => {
      client.send(null);
      await client.logged("req close");
      client.disconnect();
      await client.logged("socket close false");
    },
  },
  "res.destroy() before anything was written": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      res.destroy();
      log(stateOf(req, res));
    },
  },
  "res.destroy(error) in the middle": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.resume();
      res.write("part");
      setImmediate(() => {
        res.destroy(new Error("broken"));
        log(stateOf(req, res));
      });
    },
  },
  "req.destroy()": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.destroy();
      log(stateOf(req, res));
    },
  },
  "req.destroy(error) of a half-read body": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.on("data", () => {
        req.destroy(new Error("enough"));
        log(stateOf(req, res));
      });
    },
    client: async (client) => {
      client.send("abc");
      await client.response();
    },
  },
  "socket.destroy()": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.socket.destroy();
      log(stateOf(req, res));
    },
  },
  "res.end() twice": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      res.end("one", () => log("first callback"));
      res.end(() => log("second callback"));
    },
  },
  "res.end() with data after the end": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      res.end("one");
      res.end("two");
    },
  },
  "res.write() after the end": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      res.end("one");
      log(String(res.write("two", (error) => log(`callback ${(error as NodeJS.ErrnoException)?.code}`))));
    },
  },
  "res.write() after the response was closed": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      res.on("close", () => {
        log(String(res.write("two", (error) => log(`callback ${(error as NodeJS.ErrnoException)?.code}`))));
      });
      res.end("one");
    },
  },
  "write callbacks": {
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.resume();
      res.write("a", () => log("wrote a"));
      res.write("b", () => {
        log("wrote b");
        res.end("c", () => log("ended"));
      });
    },
  },
  "a request piped into its response": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      req.pipe(res);
    },
    client: async (client) => {
      client.send("abc");
      await client.head();
      client.send("def", null);
      await client.response();
    },
  },
  "pipeline() from request to response": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      pipeline(req, res, (error) => log(`pipeline ${error?.message}`));
    },
    client: async (client) => {
      client.send("abc");
      await client.head();
      client.send("def", null);
      await client.response();
    },
  },
  "pipeline() whose client goes away": {
    method: "POST",
    headers: LENGTH_6,
    listener: (req, res, log) => {
      watch(req, res, log, "errors");
      pipeline(req, res, (error) => log(`pipeline ${error?.code}`));
    },
    client: async (client) => {
      client.send("abc");
      await client.head();
      client.disconnect();
      await client.logged("res close");
    },
  },
};

/** Node 24 and later have a signal of their own; elsewhere these say nothing. */
const SIGNAL_SCENARIOS: Record<string, Scenario> = {
  "the signal of a request whose response is whole": {
    listener: (req, res, log) => {
      const { signal } = req as { signal?: AbortSignal };
      signal?.addEventListener("abort", () => log("abort"));
      req.socket.on("close", () => {});
      res.on("close", () => log(`closed, aborted ${signal?.aborted}`));
      res.end("x");
    },
  },
  "the signal of a request whose client goes away": {
    listener: (req, res, log) => {
      const { signal } = req as { signal?: AbortSignal };
      signal?.addEventListener("abort", () => log("abort"));
      setImmediate(() => log("ready"));
      res.on("close", () => log(`closed, aborted ${signal?.aborted}`));
      req.on("close", () => log("req close"));
    },
    client: async (client) => {
      client.send(null);
      await client.logged("ready");
      client.disconnect();
      await client.logged("req close");
    },
  },
};
Object.assign(SCENARIOS, SIGNAL_SCENARIOS);

describe("a synthetic pair lives as a native one does", () => {
  test.each(Object.keys(SCENARIOS))("%s [X23 A30 A31]", async (name) => {
    const scenario = SCENARIOS[name] as Scenario;
    const native = await runNatively(scenario);
    expect(await runSynthetically(scenario)).toEqual(native);
    expect(undated(await runBehindHost(scenario))).toEqual(undated(native));
  });
});
