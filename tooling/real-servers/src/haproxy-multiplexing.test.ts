// What only shows when HAProxy has several clients on one FastCGI connection.
// Sources: HAProxy 2.6.12, src/mux_fcgi.c; https://github.com/haproxy/haproxy/issues/2150.

import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import { serveFastCgi } from "@tsgi/fastcgi";
import { startMultiplexing } from "./haproxy.ts";
import { makePlace } from "./place.ts";
import { describeWith } from "./programs.ts";
import type { RunningServer } from "./running-program.ts";

type Answers = (path: string, send: Parameters<AsgiApp>[2]) => Promise<void>;

interface Front {
  readonly web: RunningServer;
  /** How many connections it has opened to the app. */
  connections(): number;
  get(path: string): Promise<Response>;
}

/** HAProxy in front of an app. What GET_VALUES says is known: it has had one answer. */
async function inFrontOf(answers: Answers): Promise<Front> {
  const app: AsgiApp = async (scope, _receive, send) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    if (scope.path === "/first") await sendText(send, "first");
    else await answers(scope.path, send);
  };
  const place = makePlace();
  onTestFinished(() => place.remove());
  const path = place.path("app.sock");
  const settings = { path, mode: 0o666, scriptName: "", shutdownTimeout: 0, log: () => {} };
  const server = await serveFastCgi(app, settings);
  onTestFinished(async () => void (await server.close()));
  let connections = 0;
  server.server?.on("connection", () => (connections += 1));
  const web = await startMultiplexing(place, path);
  onTestFinished(() => web.stop());
  const get = (target: string): Promise<Response> => fetch(`http://127.0.0.1:${web.port}${target}`);
  expect(await (await get("/first")).text(), web.log()).toBe("first");
  return { web, get, connections: () => connections };
}

async function sendText(send: Parameters<AsgiApp>[2], body: string, more = ""): Promise<void> {
  const headers: [string, string][] = [
    ["content-type", "text/plain"],
    ["x-more", more],
  ];
  await send({ type: "http.response.start", status: 200, headers });
  await send({ type: "http.response.body", body });
}

async function fails(send: Parameters<AsgiApp>[2]): Promise<void> {
  await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
  await send({ type: "http.response.body", body: "begun", more_body: true });
  throw new Error("in the middle");
}

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describeWith(["haproxy"], "HAProxy with several clients on a connection", () => {
  test("has several requests at work on one, and each gets its own answer [F9 F19]", async () => {
    const REQUESTS = 8;
    const waiting: (() => void)[] = [];
    const front = await inFrontOf(async (path, send) => {
      await new Promise<void>((resolve) => {
        if (waiting.push(resolve) === REQUESTS) for (const wake of waiting) wake();
      });
      await sendText(send, path);
    });
    const targets = Array.from({ length: REQUESTS }, (_, n) => `/${n}`);
    const answers = await Promise.all(targets.map(async (target) => (await front.get(target)).text()));
    expect(answers, front.web.log()).toEqual(targets);
    expect(front.connections()).toBe(1);
  });

  test("reads a part of what comes, ends in the middle of a head, and lives [F7 F19]", async () => {
    const body = "x".repeat(17_000);
    const front = await inFrontOf((_path, send) => sendText(send, body, "y".repeat(1_000)));
    for (let round = 0; round < 10; round += 1) {
      const answers = Array.from({ length: 30 }, async (_, n) => (await front.get(`/${n}`)).text());
      const whole = (await Promise.all(answers)).every((answer) => answer === body);
      expect(whole, front.web.log()).toBe(true);
    }
  });

  test("tells that a response was cut while another was at work, which is whole [F46 F19]", async () => {
    const [begun, over] = [gate(), gate()];
    const front = await inFrontOf(async (path, send) => {
      if (path === "/broken") return fails(send);
      begun.open();
      await over.opened;
      return sendText(send, "whole");
    });
    const whole = front.get("/whole");
    await begun.opened;
    const broken = await front.get("/broken");
    over.open();
    await expect(broken.text(), front.web.log()).rejects.toThrow("terminated");
    expect(await (await whole).text(), front.web.log()).toBe("whole");
  });

  test("leaves a connection that a cut response has ended, though a client is still on it [F46 F9]", async () => {
    const front = await inFrontOf((path, send) =>
      path === "/broken" ? fails(send) : sendText(send, `${path} is fine`),
    );
    // It has its answer, and HAProxy waits for the rest of its body, of which it sends what fills a buffer on.
    const slow = connect(front.web.port, "127.0.0.1");
    onTestFinished(() => void slow.destroy());
    slow.write(`POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(100_000)}`);
    await new Promise<void>((resolve) => slow.once("data", () => resolve()));
    await expect((await front.get("/broken")).text(), front.web.log()).rejects.toThrow("terminated");
    for (const path of ["/1", "/2", "/3"]) {
      const answer = await front.get(path);
      expect([answer.status, await answer.text()], front.web.log()).toEqual([200, `${path} is fine`]);
    }
  });
});
