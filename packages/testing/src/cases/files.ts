// Files as bodies: a whole file by its path, and pieces of an open one.
// Source: ASGI extensions "Path Send", "Zero Copy Send".

import type { FileHandle } from "node:fs/promises";
import type { Send, SendEvent } from "@tsgi/core";
import type { Case, CaseApp } from "../suite/case.ts";
import { equal, ok, rejects } from "../suite/check.ts";
import { digest, join, last, noise, piece, start } from "./answers.ts";
import { isCut, isPlain500 } from "./errors.ts";

const SIZE = 300_000;

/** Runs an app with a file of noise, which is gone afterwards. The suite runs elsewhere than on Node too, so Node comes late. */
function withFile(app: (send: Send, path: string, file: FileHandle) => Promise<void>): CaseApp {
  return async (_scope, _receive, send) => {
    const { mkdtemp, open, rm, writeFile } = await import("node:fs/promises");
    const { tmpdir } = await import("node:os");
    const folder = await mkdtemp(`${tmpdir()}/tsgi-`);
    const path = `${folder}/a file.bin`;
    await writeFile(path, noise(SIZE));
    const file = await open(path);
    try {
      await app(send, path, file);
    } finally {
      await file.close();
      await rm(folder, { recursive: true });
    }
  };
}

function pathsend(send: Send, path: string): Promise<void> {
  return send({ type: "http.response.pathsend", path });
}

/** The cases about files. */
export const fileCases: readonly Case[] = [
  {
    name: "files: pathsend sends the whole file, and completes the response",
    proves: ["A54", "A12"],
    needs: ["files"],
    app: withFile(async (send, path) => {
      await start(send, 200, [["content-type", "application/octet-stream"]]);
      await pathsend(send, path);
    }),
    async client(client) {
      const connection = await client.connect();
      equal(digest((await client.send(connection, {})).body), digest(noise(SIZE)));
      equal((await client.send(connection, { method: "HEAD" })).body.byteLength, 0, "the octets for HEAD");
      equal(digest((await client.send(connection, {})).body), digest(noise(SIZE)), "the next response");
      await connection.finish();
    },
  },
  {
    name: "files: pathsend keeps the app's Content-Length",
    proves: ["A54"],
    needs: ["files"],
    app: withFile(async (send, path) => {
      await start(send, 200, [["content-length", String(SIZE)]]);
      await pathsend(send, path);
    }),
    async client(client) {
      const response = await client.request();
      equal([response.all("content-length"), digest(response.body)], [[String(SIZE)], digest(noise(SIZE))]);
    },
  },
  {
    name: "files: pathsend of a file that is not there is a clean 500",
    proves: ["A54", "S20"],
    needs: ["files"],
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send, 200, [["x-from-app", "1"]]);
      await pathsend(send, "/secret-of-the-app/not/there");
    },
    client: isPlain500,
  },
  {
    name: "files: pathsend of a file shorter than Content-Length cuts the response",
    proves: ["A54", "A40"],
    needs: ["files"],
    breaks: true,
    app: withFile(async (send, path) => {
      await start(send, 200, [["content-length", String(SIZE + 1)]]);
      await pathsend(send, path);
    }),
    client: async (client) => isCut(client.start(await client.connect(), {})),
  },
  {
    name: "files: pathsend before the start or after a piece of body is refused",
    proves: ["A54", "A35"],
    needs: ["files"],
    breaks: true,
    app: withFile(async (send, path) => {
      await rejects(pathsend(send, path), "TSGI_ERR_EVENT_ORDER", "pathsend before the start");
      await start(send);
      await piece(send, "one ");
      await rejects(pathsend(send, path), "TSGI_ERR_EVENT_ORDER", "pathsend within the body");
      await last(send, "two");
    }),
    async client(client) {
      equal((await client.request()).text, "one two");
    },
  },
  ...[undefined, null, 5, "", "/a\0b"].map((path): Case => ({
    name: `files: pathsend of ${JSON.stringify(path) ?? "undefined"} is refused`,
    proves: ["A54", "A5", "S15"],
    needs: ["files"],
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send);
      const event = { type: "http.response.pathsend", path } as SendEvent;
      await rejects(send(event), "TSGI_ERR_EVENT", "the path");
      await last(send, "right");
    },
    async client(client) {
      equal((await client.request()).text, "right");
    },
  })),
  {
    name: "files: zerocopysend sends count octets from offset, and mixes with pieces of body",
    proves: ["A55", "A12"],
    needs: ["files"],
    app: withFile(async (send, _path, file) => {
      await start(send);
      await piece(send, "<");
      await send({ type: "http.response.zerocopysend", file, offset: 1000, count: 150_000, more_body: true });
      await piece(send, "|");
      await send({
        type: "http.response.zerocopysend",
        file: file.fd,
        offset: 0,
        count: 10,
        more_body: true,
      });
      await last(send, ">");
    }),
    async client(client) {
      const bytes = noise(SIZE);
      const text = (ascii: string): Uint8Array => new TextEncoder().encode(ascii);
      const parts = [text("<"), bytes.subarray(1000, 151_000), text("|"), bytes.subarray(0, 10), text(">")];
      equal(digest((await client.request()).body), digest(join(parts)));
    },
  },
  {
    name: "files: zerocopysend without offset moves the file's position on, and without count goes to its end",
    proves: ["A55"],
    needs: ["files"],
    app: withFile(async (send, _path, file) => {
      await start(send);
      await send({ type: "http.response.zerocopysend", file, count: 100_000, more_body: true });
      await send({ type: "http.response.zerocopysend", file });
    }),
    async client(client) {
      equal(digest((await client.request()).body), digest(noise(SIZE)));
    },
  },
  {
    name: "files: zerocopysend leaves the file open",
    proves: ["A55"],
    needs: ["files", "memory"],
    app: async (scope, receive, send, stage) => {
      const app = withFile(async (sends, _path, file) => {
        await start(sends);
        await sends({ type: "http.response.zerocopysend", file, offset: 0, count: 5 });
        ok((await file.stat()).size === SIZE, "the file is still open");
        stage.note("still open");
      });
      await app(scope, receive, send, stage);
    },
    async client(client) {
      equal((await client.request()).body.byteLength, 5);
      equal(await client.notes(1), ["still open"]);
    },
  },
  ...(
    [
      [{ file: "a path" }, "a string for the file"],
      [{ file: null }, "null for the file"],
      [{ file: 0, offset: -1 }, "a negative offset"],
      [{ file: 0, count: 1.5 }, "a fractional count"],
    ] as const
  ).map(([fields, says]): Case => ({
    name: `files: zerocopysend with ${says} is refused`,
    proves: ["A55", "A5"],
    needs: ["files"],
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send);
      await rejects(
        send({ type: "http.response.zerocopysend", ...fields } as SendEvent),
        "TSGI_ERR_EVENT",
        says,
      );
      await last(send, "right");
    },
    async client(client) {
      equal((await client.request()).text, "right");
    },
  })),
];
