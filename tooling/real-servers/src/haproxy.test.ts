// The conformance suite through HAProxy, which asks for GET_VALUES, keeps connections and carries several requests over one.

import { expect, onTestFinished, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import { serveFastCgi } from "@tsgi/fastcgi";
import { onUnixSocket } from "./fastcgi-here.ts";
import { HAPROXY, MULTIPLEXED } from "./haproxy-skips.ts";
import { startHaproxy } from "./haproxy.ts";
import { makePlace, type Place } from "./place.ts";
import { describeWith } from "./programs.ts";
import { testRoute, unlessAll } from "./route.ts";
import type { RunningServer } from "./running-program.ts";
import { asyncGuest, syncGuest } from "./guests/plain.ts";

testRoute({
  name: "serveFastCgi behind HAProxy",
  programs: ["haproxy"],
  skip: HAPROXY,
  async start(parts) {
    const path = await onUnixSocket(parts, { scriptName: "" });
    return startHaproxy({
      place: parts.place,
      backend: `
    option abortonclose
    use-fcgi-app app
    server app unix@${path} proto fcgi`,
      sections: `
fcgi-app app
    docroot ${parts.place.folder}
    pass-header Authorization
    option keep-conn
    option get-values`,
    });
  },
});

/** Several requests over one connection at a time. */
function startMultiplexing(place: Place, path: string): Promise<RunningServer> {
  return startHaproxy({
    place,
    backend: `
    http-reuse always
    use-fcgi-app app
    server app unix@${path} proto fcgi`,
    sections: `
fcgi-app app
    docroot ${place.folder}
    option keep-conn
    option get-values
    option mpxs-conns`,
  });
}

testRoute({
  name: "serveFastCgi behind HAProxy, multiplexed",
  programs: ["haproxy"],
  guests: [asyncGuest, syncGuest],
  only: unlessAll(/^(?:sync )?(?:paths|request bodies|response bodies|response heads|streaming): /),
  skip: MULTIPLEXED,
  async start(parts) {
    return startMultiplexing(parts.place, await onUnixSocket(parts, { scriptName: "" }));
  },
});

describeWith(["haproxy"], "HAProxy with mpxs-conns", () => {
  test("has several requests at work on one connection, and each gets its own answer [F9 F19]", async () => {
    const REQUESTS = 8;
    const waiting: (() => void)[] = [];
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
      if (scope.path !== "/first") {
        await new Promise<void>((resolve) => {
          if (waiting.push(resolve) === REQUESTS) for (const wake of waiting) wake();
        });
      }
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
      await send({ type: "http.response.body", body: scope.path });
    };
    const place = makePlace();
    onTestFinished(() => place.remove());
    const path = place.path("app.sock");
    const server = await serveFastCgi(app, { path, mode: 0o666, scriptName: "", shutdownTimeout: 0 });
    onTestFinished(async () => void (await server.close()));
    let connections = 0;
    server.server?.on("connection", () => (connections += 1));
    const web = await startMultiplexing(place, path);
    onTestFinished(() => web.stop());
    const get = async (target: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${web.port}${target}`)).text();
    // What GET_VALUES says is known after the first.
    expect(await get("/first"), web.log()).toBe("/first");
    const targets = Array.from({ length: REQUESTS }, (_, n) => `/${n}`);
    expect(await Promise.all(targets.map(get)), web.log()).toEqual(targets);
    expect(connections).toBeLessThan(REQUESTS);
  });
});
