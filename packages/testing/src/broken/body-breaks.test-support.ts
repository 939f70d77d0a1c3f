// Adapters that break a rule about the body of a response, or let through what must be refused.

import type { Chunk, Send, SendEvent } from "@tsgi/core";
import type { Break } from "./break.test-support.ts";
import { SoundTransport } from "./host.test-support.ts";

/** A transport that always says that there is room. */
class Roomy extends SoundTransport {
  override write(chunk: Chunk): boolean {
    super.write(chunk);
    return true;
  }
}

/** A transport that keeps everything until the end. */
class Hoarder extends SoundTransport {
  readonly #chunks: Uint8Array[] = [];

  override write(chunk: Chunk): boolean {
    this.#chunks.push(Buffer.from(chunk as Uint8Array));
    return true;
  }

  override end(chunk: Chunk | null): void {
    super.end(Buffer.concat([...this.#chunks, Buffer.from((chunk ?? "") as Uint8Array)]));
  }
}

/** A transport that ends a cut response as if it were whole. */
class CleanCut extends SoundTransport {
  override abort(): void {
    this.res.end();
  }
}

/** A transport that sends the body of a HEAD response. */
class HeadWithBody extends SoundTransport {
  override end(chunk: Chunk | null): void {
    super.end(chunk);
    if (this.req.method === "HEAD") this.req.socket.write("body");
  }
}

/** Adapters that break a rule about the body. */
export const bodyBreaks: readonly Break[] = [
  {
    does: "sends the body of a HEAD response",
    Transport: HeadWithBody,
    caughtBy: "response bodies: HEAD gets the head of the GET and no octet of the body",
    because: /Not a status line/,
  },
  {
    does: "ends a cut response as if it were whole",
    Transport: CleanCut,
    caughtBy: "errors: a throw after the first piece cuts the response",
    because: /must not look complete/,
  },
  {
    does: "ignores back-pressure",
    Transport: Roomy,
    caughtBy: "streaming: a client that does not read holds the app back",
    because: /parts of 65536 bytes were taken/,
  },
  {
    does: "keeps a streamed response until its end",
    Transport: Hoarder,
    caughtBy: "streaming: the client has a piece before the app is asked for the next",
    because: /did not end within/,
  },
  {
    does: "sends two pieces in the wrong order",
    around: (app) => (scope, receive, send) => {
      let held: SendEvent | null = null;
      const swapped: Send = async (event) => {
        if (event.type === "http.response.body" && event.more_body === true && held === null) {
          held = event;
          return;
        }
        if (event.type === "http.response.body" && event.more_body === true) {
          await send(event);
          return;
        }
        if (held !== null) await send(held);
        await send(event);
      };
      return app(scope, receive, swapped);
    },
    caughtBy: "protocol errors: pieces sent without waiting go out in the order of the calls",
    because: /"1,2,3/,
  },
];

/** Adapters that let through what must be refused. */
export const refusalBreaks: readonly Break[] = [
  {
    does: "parses requests leniently",
    server: { insecureHTTPParser: true },
    caughtBy: "bad requests: Content-Length: 5 + Transfer-Encoding: chunked is refused",
    because: /calls of the app|an error, not 200/,
  },
  {
    does: "takes heads of any size",
    server: { maxHeaderSize: 1024 * 1024 },
    caughtBy: "limits: a head of 256 KiB is a 431, and the connection is closed",
    because: /431, not 200|did not end/,
  },
  {
    does: "drops header fields beyond a number in silence",
    scope: (scope) => ({ ...scope, headers: scope.headers.slice(0, 40) }),
    caughtBy: "request headers: sixty different headers all arrive",
    because: /expected 60/,
  },
];
