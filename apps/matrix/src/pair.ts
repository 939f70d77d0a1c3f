// What the matrix is made of: hosts, which serve an app, and guests, which the app is made into first.

import type { AsgiApp } from "@tsgi/core";
import {
  cases,
  casesInFront,
  runSuite,
  type Adapter,
  type Case,
  type Report,
  type WireField,
} from "@tsgi/testing";

type Log = Parameters<Adapter["serve"]>[1];

/** Names of cases, each with the reason why it cannot pass. */
export type Skips = Readonly<Record<string, string>>;

/** A server, or a framework that stands in for one. */
export interface Host {
  readonly name: string;
  /** Whether a guest that speaks node:http gets the very request and response of the connection. */
  readonly native: boolean;
  /** What its clients speak. */
  readonly http: "1.1" | "2" | "fetch";
  /** What it sets on a response before the app is called, if the request asks for it. */
  readonly front: readonly WireField[];
  skip(guest: Guest): Skips;
  serve: Adapter["serve"];
}

/** An app of some kind, made of the suite's own. */
export interface Guest {
  readonly name: string;
  /** What it speaks to its host: the portable interface, node:http, or fetch. */
  readonly speaks: "app" | "node" | "fetch";
  /** The interface of the cases it runs: `null` for both. */
  readonly runs: "async" | "sync" | null;
  /** What it sets on a response before the suite's app is called, if the request asks for it. */
  readonly front: readonly WireField[];
  skip(host: Host): Skips;
  of(app: AsgiApp, log: Log): AsgiApp;
}

/** The cases of a pair; those about a framework in front only where there is one. */
export function casesOf(host: Host, guest: Guest): readonly Case[] {
  const front = [...host.front, ...guest.front];
  const all = front.length === 0 ? cases : [...cases, ...casesInFront(front)];
  if (guest.runs === null) return all;
  return all.filter((one) => "syncApp" in one === (guest.runs === "sync"));
}

/** The skips of a pair: what its host cannot do, and what its guest cannot. */
export function skipsOf(host: Host, guest: Guest): Skips {
  const own = new Set(casesOf(host, guest).map(({ name }) => name));
  const isElsewhere = new Set(cases.map(({ name }) => name).filter((name) => !own.has(name)));
  const both = { ...guest.skip(host), ...host.skip(guest) };
  // A name that no case has stays: the suite says so.
  return Object.fromEntries(Object.entries(both).filter(([name]) => !isElsewhere.has(name)));
}

/** Runs the suite on a pair. */
export function runPair(
  host: Host,
  guest: Guest,
  options: Pick<Adapter, "timeLimit" | "skip" | "cases"> = {},
): Promise<Report> {
  return runSuite({
    name: `${guest.name} on ${host.name}`,
    serve: (app, log) => host.serve(guest.of(app, log), log),
    cases: casesOf(host, guest),
    skip: skipsOf(host, guest),
    ...options,
  });
}
