// Adapters that break a rule about interim responses, trailers or files.

import type { HttpScopeInit } from "@tsgi/core";
import type { Break } from "./break.test-support.ts";
import { SoundTransport } from "./host.test-support.ts";

/** A transport that takes interim responses and drops them, though they are offered. */
class NoInterim extends SoundTransport {
  override writeInformational(): void {}
}

/** A transport that sends interim responses to HTTP/1.0 too, because it does not know the scope's version. */
const interimForAll = (scope: HttpScopeInit): HttpScopeInit => ({ ...scope, http_version: "1.1" });

/** A transport that drops trailers, though they are offered. */
class NoTrailers extends SoundTransport {
  override writeTrailers(): void {}
}

/** A transport that sends the first step of a file only. */
class FirstStep extends SoundTransport {
  override async openFile(
    file: Parameters<SoundTransport["openFile"]>[0],
  ): ReturnType<SoundTransport["openFile"]> {
    const source = await super.openFile(file);
    let steps = 0;
    return { ...source, read: async (size, at) => (steps++ > 0 ? new Uint8Array(0) : source.read(size, at)) };
  }
}

/** A transport that closes the files it is lent. */
class Closer extends SoundTransport {
  override async openFile(
    file: Parameters<SoundTransport["openFile"]>[0],
  ): ReturnType<SoundTransport["openFile"]> {
    const source = await super.openFile(file);
    const lent = file as { close?: () => Promise<void> };
    return { ...source, close: async () => lent.close?.() };
  }
}

/** Adapters that break a rule about an extension. */
export const extensionBreaks: readonly Break[] = [
  {
    does: "drops early hints it offers",
    Transport: NoInterim,
    caughtBy: "interim: an early hint is a 103 with a Link field for each link, before the final head",
    because: /\[200,"body",0\]/,
  },
  {
    does: "sends interim responses to HTTP/1.0",
    scope: interimForAll,
    caughtBy: "interim: an HTTP/1.0 client is sent none, silently",
    because: /\[1,"body"\]/,
  },
  {
    does: "drops trailers it offers",
    Transport: NoTrailers,
    caughtBy: "trailers: fields after the body reach a client that asks for them",
    because: /"one two",""/,
  },
  {
    does: "sends trailers to every client",
    scope: (scope) => ({ ...scope, headers: [...scope.headers, ["te", "trailers"]] }),
    caughtBy: "trailers: a client that does not ask gets a whole response without them",
    because: /x-sum/,
  },
  {
    does: "sends the first 64 KiB of a file",
    Transport: FirstStep,
    caughtBy: "files: pathsend sends the whole file, and completes the response",
    because: /"65536:/,
  },
  {
    does: "closes a file it was lent",
    Transport: Closer,
    caughtBy: "files: zerocopysend leaves the file open",
    because: /EBADF|closed|did not end/,
  },
];
