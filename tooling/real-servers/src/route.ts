// A route: a real server in front, the suite's app behind, and every guest in turn. The suite's client speaks to the server.

import { afterAll, beforeAll, describe, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { cases, http1Wire, reportWriter, testAdapter, type Adapter, type Case } from "@tsgi/testing";
import type { Guest } from "./guests/guest.ts";
import { makePlace, type Place } from "./place.ts";
import { describeWith } from "./programs.ts";
import type { RunningServer } from "./running-program.ts";
import type { Skips } from "./skips.ts";

type Log = Parameters<Adapter["serve"]>[1];

/** What a route is started with. */
export interface RouteParts {
  readonly place: Place;
  readonly guest: Guest;
  /** The guest with the suite's app in it, for a route whose app runs in this process. */
  readonly app: AsgiApp;
  readonly log: Log;
  /** Puts something that is to be stopped when the route has ended; the last one goes first. */
  stopLater(stop: () => Promise<unknown>): void;
}

/** A way from a client to an app. */
export interface Route {
  /** As it stands in the report: what serves, and behind what. */
  readonly name: string;
  /** The programs and files it needs. */
  readonly programs: readonly string[];
  readonly guests: readonly Guest[];
  /** What the server in front cannot do, by case. */
  readonly skip: Skips;
  /** The mount prefix. Default: `""`. */
  readonly rootPath?: string;
  /** Default: all of the guest's. */
  readonly only?: (found: Case) => boolean;
  /** Starts the app and the server in front of it. */
  start(parts: RouteParts): Promise<RunningServer>;
}

/** Registers the suite for every guest of a route. */
export function testRoute(route: Route): void {
  describeWith(route.programs, route.name, () => {
    for (const guest of route.guests) testGuest(route, guest);
  });
}

function testGuest(route: Route, guest: Guest): void {
  const { rootPath = "", only = () => true } = route;
  const found = casesOf(guest).filter(only);
  const names = new Set(found.map(({ name }) => name));
  const skip = Object.entries({ ...guest.skip, ...route.skip }).filter(
    // A name that no case has stays: the suite says so.
    ([name]) => names.has(name) || !cases.some((known) => known.name === name),
  );
  let front: RunningServer | null = null;
  testAdapter({
    name: `${route.name}, ${guest.name}`,
    runner: { describe, beforeAll, afterAll, test: testWithLog(() => front?.log() ?? "") },
    onReport: reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]),
    cases: found,
    rootPath,
    skip: Object.fromEntries(skip),
    async serve(app, log) {
      const place = makePlace();
      const stops: (() => unknown)[] = [() => place.remove()];
      const close = async (): Promise<void> => {
        for (const stop of stops.toReversed()) await stop();
      };
      try {
        const parts = { place, guest, log, app: guest.of(app, log) };
        const started = await route.start({ ...parts, stopLater: (stop) => void stops.push(stop) });
        stops.push(() => started.stop());
        front = started;
        return { wire: http1Wire({ port: started.port }), close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  });
}

function casesOf({ runs }: Guest): readonly Case[] {
  return runs === "both" ? cases : cases.filter((found) => "syncApp" in found === (runs === "sync"));
}

/** A failure says what the server logged last. */
function testWithLog(log: () => string): Parameters<typeof testAdapter>[0]["runner"]["test"] {
  return (name, body) =>
    test(name, async (context) => {
      try {
        await body(context);
      } catch (error) {
        if (error instanceof Error && error.stack === error.message) {
          const text = `${error.message}\n${log().slice(-1500)}`;
          throw Object.assign(new Error(text), { stack: text });
        }
        throw error;
      }
    });
}
