// Servers for the tests of the lints: a good one, of which each test breaks one thing.

import type {
  AsgiApp,
  HttpScope,
  LifespanScope,
  ReceiveEvent,
  Scope,
  SendEvent,
  WebSocketScope,
} from "@tsgi/core";
import { requestScope } from "../client/request-scope.ts";
import { lintAsgi, type LintAsgiOptions } from "../lint-asgi.ts";
import type { LintError } from "./lint-error.ts";

const NOTHING = Object.freeze({});

/** The scope of `POST /a%20b?q=1` with 4 bytes of body, everything offered. */
export function goodScope(changes: object = {}): HttpScope {
  const scope = requestScope(
    {
      method: "POST",
      target: "/a%20b?q=1",
      headers: [
        ["Host", "localhost"],
        ["Content-Length", "4"],
      ],
    },
    {
      rootPath: "",
      client: ["127.0.0.1", 50_000],
      server: ["localhost", 80],
      scheme: "http",
      httpVersion: "2",
      extensions: {
        "http.response.early_hint": NOTHING,
        "http.response.trailers": NOTHING,
        "http.response.pathsend": NOTHING,
        "http.response.zerocopysend": NOTHING,
        "http.response.push": NOTHING,
        "http.response.debug": NOTHING,
        "tsgi.informational": NOTHING,
      },
    },
    null,
  );
  return Object.assign(scope, { signal: new AbortController().signal }, changes);
}

/** The scope of a WebSocket handshake that offers the subprotocols a and b. */
export function goodWebSocketScope(changes: object = {}): WebSocketScope {
  const { method: _method, ...rest } = goodScope();
  const extensions = { "websocket.http.response": NOTHING };
  return { ...rest, type: "websocket", scheme: "ws", subprotocols: ["a", "b"], extensions, ...changes };
}

export function goodLifespanScope(changes: object = {}): LifespanScope {
  const scope = { type: "lifespan", asgi: { version: "3.0", spec_version: "2.0" }, state: {} } as const;
  return Object.assign({}, scope, changes);
}

/** The events of a request with a body of 4 bytes. */
export const BODY: readonly unknown[] = [
  { type: "http.request", body: new Uint8Array([1, 2]), more_body: true },
  { type: "http.request", body: new Uint8Array([3, 4]), more_body: false },
];

/** What a server does in a test. */
export interface TestedCall {
  readonly scope?: object;
  /** What `receive()` gives, one by one; then it stays pending. Default: {@link BODY}. */
  readonly events?: readonly unknown[];
  /** Default: takes everything. */
  readonly send?: (event: SendEvent) => unknown;
  /** Default: gives {@link TestedCall.events}. */
  readonly receive?: () => unknown;
  readonly options?: LintAsgiOptions;
}

/** What a call came to: the findings that were reported, and what it was rejected with. */
export interface Outcome {
  readonly findings: readonly LintError[];
  readonly error: unknown;
  readonly sent: readonly SendEvent[];
}

/** Calls an app under the lint once, with a report. */
export async function call(app: AsgiApp, tested: TestedCall = {}): Promise<Outcome> {
  const findings: LintError[] = [];
  const linted = lintAsgi(app, { report: (finding) => findings.push(finding), ...tested.options });
  return { findings, ...(await callBare(linted, tested)) };
}

/** Calls an app as a server would. */
export async function callBare(app: AsgiApp, tested: TestedCall = {}): Promise<Omit<Outcome, "findings">> {
  const events = [...(tested.events ?? BODY)];
  const sent: SendEvent[] = [];
  const receive = (): Promise<ReceiveEvent> =>
    events.length === 0 ? new Promise(() => {}) : Promise.resolve(events.shift() as ReceiveEvent);
  const send = (event: SendEvent): unknown => {
    sent.push(event);
    return tested.send === undefined ? Promise.resolve() : tested.send(event);
  };
  try {
    await app(
      (tested.scope ?? goodScope()) as Scope,
      (tested.receive ?? receive) as typeof receive,
      send as (event: SendEvent) => Promise<void>,
    );
    return { error: null, sent };
  } catch (error) {
    return { error, sent };
  }
}

/** The rule and side of each finding. */
export function rulesOf({ findings }: Pick<Outcome, "findings">): string[] {
  return findings.map(({ rule, side }) => `${rule} ${side}`);
}

/** Sends one event after the other, whatever their types. */
export function sending(...events: readonly object[]): AsgiApp {
  return async (_scope, _receive, send) => {
    for (const event of events) await send(event as SendEvent);
  };
}
