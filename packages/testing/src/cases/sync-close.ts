// The end of a sync app's result: its iteration ends and close() is called, exactly once, on every path.
// Source: PEP 3333 "Specification Details" (close); Plack::Test::Suite "call close"; wsgiref testCloseOnError.

import type { RequirementId } from "../requirements/requirements.ts";
import type { Case, SyncCaseApp } from "../suite/case.ts";
import { equal } from "../suite/check.ts";
import type { CaseRequest, Client } from "../suite/client.ts";
import type { Stage } from "../suite/stage.ts";

/** Pieces with a `close` that leaves a note, as do the begin and the end of the iteration; they fail at its end if told so. */
function closable(stage: Stage, pieces: Iterable<string>, fails: boolean = false): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      stage.note("begin");
      try {
        yield* pieces;
        if (fails) throw new Error("the iteration fails");
      } finally {
        stage.note("finally");
      }
    },
    close() {
      stage.note("close");
    },
  } as Iterable<string>;
}

interface CloseRow {
  readonly says: string;
  readonly app: SyncCaseApp;
  readonly request?: CaseRequest;
  readonly proves: readonly RequirementId[];
}

const CLOSED: readonly CloseRow[] = [
  {
    says: "at the normal end",
    proves: ["W43"],
    app(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      return closable(stage, ["one", "two"]);
    },
  },
  {
    says: "when the iteration fails before the head",
    proves: ["W43", "W50"],
    app: (_environ, _startResponse, stage) => closable(stage, [], true),
  },
  {
    says: "when the iteration fails after a piece",
    proves: ["W43", "W50"],
    app(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      return closable(stage, ["one"], true);
    },
  },
  {
    says: "for HEAD",
    proves: ["W43", "W48"],
    request: { method: "HEAD" },
    app(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      return closable(stage, ["one", "two", "three"]);
    },
  },
  {
    says: "for 304",
    proves: ["W43", "W47"],
    app(_environ, startResponse, stage) {
      startResponse("304 Not Modified", []);
      return closable(stage, ["one", "two"]);
    },
  },
  {
    says: "when Content-Length is reached",
    proves: ["W43", "W46"],
    app(_environ, startResponse, stage) {
      startResponse("200 OK", [["Content-Length", "3"]]);
      return closable(stage, ["abc", "def", "ghi"]);
    },
  },
  {
    says: "when startResponse was never called",
    proves: ["W43", "W38"],
    app: (_environ, _startResponse, stage) => closable(stage, ["one"]),
  },
  {
    says: "of an array with a close, which is only closed",
    proves: ["W43"],
    app(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      return Object.assign(["one", "two"], { close: () => stage.note("close") });
    },
  },
];

/** The result was closed once, and its iteration ended once if it was begun. */
async function wasClosedOnce(client: Client): Promise<void> {
  let notes = await client.notes(1);
  while (!notes.includes("close")) notes = await client.notes(notes.length + 1);
  // A round trip later, a second call would have left its note.
  notes = (await client.ask()).notes;
  equal(notes, notes.includes("begin") ? ["begin", "finally", "close"] : ["close"], "the notes");
}

/** The cases about the end of a result. */
export const syncCloseCases: readonly Case[] = [
  ...CLOSED.map(({ says, app, request = {}, proves }): Case => ({
    name: `sync result: close() is called once ${says}`,
    proves,
    needs: ["memory"],
    breaks: true,
    syncApp: app,
    async client(client) {
      await client.read(client.start(await client.connect(), request)).catch(() => {});
      await wasClosedOnce(client);
    },
  })),
  {
    name: "sync result: close() is called once when the client goes away",
    proves: ["W43", "W51"],
    needs: ["reset", "memory"],
    syncApp(_environ, startResponse, stage) {
      startResponse("200 OK", []);
      function* endless(): Generator<string, void> {
        for (;;) yield "x".repeat(1000);
      }
      return closable(stage, endless());
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      await exchange.head();
      await exchange.read();
      exchange.reset();
      await wasClosedOnce(client);
    },
  },
];
