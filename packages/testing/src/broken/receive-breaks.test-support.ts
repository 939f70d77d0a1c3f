// Adapters that break a rule about the request body, or about the client's going.

import type { AsgiApp, HttpScope, ReceiveEvent } from "@tsgi/core";
import type { Break } from "./break.test-support.ts";
import { SoundTransport } from "./host.test-support.ts";

const receiveOf = (change: (event: ReceiveEvent) => ReceiveEvent): { around: Break["around"] & object } => ({
  around: (app) => (scope, receive, send) => app(scope, async () => change(await receive()), send),
});

const ONE_BUFFER = new Uint8Array(65_536);

/** A transport that reads the body as it comes, whether or not anybody wants it. */
class Greedy extends SoundTransport {
  readonly #pieces: Buffer[] = [];
  #wanted = false;
  #ended = false;

  override attach(exchange: Parameters<SoundTransport["attach"]>[0]): void {
    super.attach(exchange);
    this.req.on("data", (chunk: Buffer) => {
      this.#pieces.push(chunk);
      this.#give();
    });
    this.req.on("end", () => {
      this.#ended = true;
      this.#give();
    });
  }

  override read(): void {
    this.#wanted = true;
    this.#give();
  }

  #give(): void {
    if (!this.#wanted) return;
    const next = this.#pieces.shift();
    if (next === undefined && !this.#ended) return;
    this.#wanted = false;
    if (next === undefined) this.exchange.eofReceived();
    else this.exchange.dataReceived(next);
  }
}

/** A transport that copies every piece into one buffer. */
class OneBuffer extends SoundTransport {
  override attach(exchange: Parameters<SoundTransport["attach"]>[0]): void {
    super.attach(exchange);
    const received = exchange.dataReceived.bind(exchange);
    exchange.dataReceived = (chunk, last): void => {
      ONE_BUFFER.set(chunk);
      received(ONE_BUFFER.subarray(0, chunk.byteLength), last);
    };
  }
}

/** A transport that says 100 at once. */
class HastyContinue extends SoundTransport {
  override attach(exchange: Parameters<SoundTransport["attach"]>[0]): void {
    if (this.req.headers.expect !== undefined) this.res.writeContinue();
    super.attach(exchange);
  }
}

/** A transport that never says 100. */
class NoContinue extends SoundTransport {
  override read(): void {
    delete this.req.headers.expect;
    super.read();
  }
}

/** A transport that does not notice when the client goes. */
class Deaf extends SoundTransport {
  override attach(exchange: Parameters<SoundTransport["attach"]>[0]): void {
    super.attach(exchange);
    this.res.removeAllListeners("close");
  }
}

/** A transport that does not notice when the client goes in the middle of the response. */
class DeafOnceBegun extends SoundTransport {
  override writeHead(head: Parameters<SoundTransport["writeHead"]>[0]): void {
    super.writeHead(head);
    this.res.removeAllListeners("close");
  }
}

/** A transport that takes a body that breaks off for a whole one. */
class Credulous extends SoundTransport {
  override attach(exchange: Parameters<SoundTransport["attach"]>[0]): void {
    super.attach(exchange);
    this.req.once("error", () => exchange.eofReceived());
    this.res.removeAllListeners("close");
  }
}

const repeated: (app: AsgiApp) => AsgiApp = (app) => (scope, receive, send) => {
  let over = false;
  const again = async (): Promise<ReceiveEvent> => {
    if (over) return { type: "http.request", body: new Uint8Array(0), more_body: false };
    const event = await receive();
    over = event.type === "http.request" && !event.more_body;
    return event;
  };
  return app(scope, again, send);
};

const aborts: (app: AsgiApp) => AsgiApp = (app) => (scope, receive, send) => {
  const controller = new AbortController();
  const ending: typeof send = async (event) => {
    await send(event);
    if (event.type === "http.response.body" && event.more_body !== true) controller.abort();
  };
  return app({ ...(scope as HttpScope), signal: controller.signal }, receive, ending);
};

/** Adapters that break a rule about the request body or the client's going. */
export const receiveBreaks: readonly Break[] = [
  {
    does: "reads the whole body into memory, wanted or not",
    Transport: Greedy,
    caughtBy: "receive: an app that does not read holds the client back",
    because: /may not write \d+ bytes/,
  },
  {
    does: "reuses one buffer for all pieces",
    Transport: OneBuffer,
    caughtBy: "request bodies: pieces an app keeps are not written over by later ones",
    because: /"400000:/,
  },
  {
    does: "says 100 Continue before the app wants the body",
    Transport: HastyContinue,
    caughtBy: "continue: an app that answers first sends no 100",
    because: /\[417,1\]/,
  },
  {
    does: "never says 100 Continue",
    Transport: NoContinue,
    caughtBy: "continue: a client that waits for 100 is told to go on when the body is wanted",
    because: /did not end within/,
  },
  {
    does: "does not tell the app that the client went away",
    Transport: Deaf,
    caughtBy: "receive: a client that goes away while the app thinks aborts the signal, once",
    because: /did not end within/,
  },
  {
    does: "does not tell the app that the client went away in the middle of the response",
    Transport: DeafOnceBegun,
    caughtBy: "receive: a client that goes away in the middle of the response aborts the signal, once",
    because: /did not end within/,
  },
  {
    does: "takes a body that breaks off for a whole one",
    Transport: Credulous,
    caughtBy:
      "receive: a client that goes away in the middle of its body gives http.disconnect, never a last piece",
    because: /a cut body does not look complete/,
  },
  {
    does: "gives an empty http.request again and again after the body",
    around: repeated,
    caughtBy: "receive: after the body it waits, and gives http.disconnect when the response is complete",
    because: /receive\(\) was settled|http\.disconnect/,
  },
  {
    does: "aborts the signal at the normal end",
    around: aborts,
    caughtBy: "receive: after the body it waits, and gives http.disconnect when the response is complete",
    because: /aborted: true/,
  },
  {
    does: "leaves more_body out of the last piece",
    ...receiveOf((event) =>
      event.type === "http.request" && !event.more_body
        ? ({ type: event.type, body: event.body } as ReceiveEvent)
        : event,
    ),
    caughtBy:
      "request bodies: every piece has body and more_body, the last alone says false, and only the last may be empty",
    because: /more_body/,
  },
  {
    does: "gives the body as text",
    ...receiveOf((event) =>
      event.type === "http.request"
        ? ({ ...event, body: new TextDecoder().decode(event.body) } as unknown as ReceiveEvent)
        : event,
    ),
    caughtBy:
      "request bodies: every piece has body and more_body, the last alone says false, and only the last may be empty",
    because: /body is bytes/,
  },
];
