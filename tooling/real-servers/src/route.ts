// A route: a real server in front, the suite's app behind, and every guest in turn. The suite's client speaks to the server.

import { afterAll, beforeAll, describe, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import {
  cases,
  http1Wire,
  reportWriter,
  testAdapter,
  type Adapter,
  type Case,
  type Wire,
} from "@tsgi/testing";
import { expressGuest } from "./guests/express.ts";
import { fastifyGuest } from "./guests/fastify.ts";
import type { Guest } from "./guests/guest.ts";
import { honoGuest } from "./guests/hono.ts";
import { asyncGuest, syncGuest } from "./guests/plain.ts";
import { makePlace, type Place } from "./place.ts";
import { describeWith } from "./programs.ts";
import type { RunningServer } from "./running-program.ts";
import type { Skips } from "./skips.ts";

/** How long a case may take, in milliseconds: a machine that starts servers has more to do. */
const TIME_LIMIT = Number(process.env["TSGI_TIME_LIMIT"] ?? 18_000);

/** The cases of a framework behind a server where another has shown all of them: the way in, and the way out. */
const IN_AND_OUT: Choice =
  /^(?:sync )?(?:(?:methods|paths|request bodies|response bodies|response heads|streaming): |errors: a throw )/;

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

/** Cases, by their names. TSGI_ALL_SERVERS=1 runs the others too, which takes minutes. */
export type Choice = RegExp | ReadonlySet<string>;

/** A way from a client to an app. */
export interface Route {
  /** As it stands in the report: what serves, and behind what. */
  readonly name: string;
  /** The programs and files it needs. */
  readonly programs: readonly string[];
  /** Default: all five. */
  readonly guests?: readonly Guest[];
  /** The cases frameworks run by default: what shows the way in and the way out is enough, where one server has shown all. */
  readonly frameworks?: Choice;
  /** The cases the plain guests run by default. Default: all. */
  readonly plain?: Choice;
  /** What the server in front cannot do, by case. */
  readonly skip: Skips;
  /** The mount prefix. Default: `""`. */
  readonly rootPath?: string;
  /** How the server is reached. Default: the wire of HTTP/1.1. */
  readonly wire?: (port: number) => Wire;
  /** Default: all of the guest's. */
  readonly only?: (found: Case) => boolean;
  /** Starts the app and the server in front of it. */
  start(parts: RouteParts): Promise<RunningServer>;
}

/** The cases that are chosen; all of them where TSGI_ALL_SERVERS=1 says so. */
export function unlessAll(choice: Choice): NonNullable<Route["only"]> {
  if (process.env["TSGI_ALL_SERVERS"] === "1") return () => true;
  return ({ name }) => (choice instanceof RegExp ? choice.test(name) : choice.has(name));
}

/** Registers the suite for every guest of a route. */
export function testRoute(route: Route): void {
  describeWith(route.programs, route.name, () => {
    for (const guest of route.guests ?? ALL) testGuest(route, guest);
  });
}

function testGuest(route: Route, guest: Guest): void {
  const { rootPath = "", only = () => true, frameworks = IN_AND_OUT, plain = /./ } = route;
  const { wire = (port) => http1Wire({ port }) } = route;
  const found = casesOf(guest)
    .filter(only)
    .filter(unlessAll(guest.runs === "both" ? frameworks : plain));
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
    timeLimit: TIME_LIMIT,
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
        return { wire: wire(started.port), close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  });
}

const ALL: readonly Guest[] = [asyncGuest, syncGuest, expressGuest, fastifyGuest, honoGuest];

function casesOf({ runs }: Guest): readonly Case[] {
  return runs === "both" ? cases : cases.filter((found) => "syncApp" in found === (runs === "sync"));
}

/** A failure says what the server logged last, and before all else that it has ended, if it has. */
function testWithLog(log: () => string): Parameters<typeof testAdapter>[0]["runner"]["test"] {
  return (name, body) =>
    test(name, async (context) => {
      try {
        await body(context);
      } catch (error) {
        const logged = log();
        const ended = /^--- (.* has ended: .*)\n?$/m.exec(logged)?.[1];
        if (error instanceof Error && (ended !== undefined || error.stack === error.message)) {
          const said = `${error.message}\n${logged.slice(-1500)}`;
          const text = ended === undefined ? said : `${ended}\n${said}`;
          throw Object.assign(new Error(text), { stack: text });
        }
        throw error;
      }
    });
}
