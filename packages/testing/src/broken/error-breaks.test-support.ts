// Adapters that break a rule about errors, of the app or of the protocol, and about the log.

import { GatewayError, type AsgiApp, type LogLevel, type Send } from "@tsgi/core";
import { sendOf, type Break } from "./break.test-support.ts";
import { SoundTransport } from "./host.test-support.ts";

/** A transport whose log is changed. */
function logOf(
  change: (write: (...line: [LogLevel, string, unknown?]) => void) => SoundTransport["log"],
): typeof SoundTransport {
  return class extends SoundTransport {
    override log(level: LogLevel, message: string, error?: unknown): void {
      change((...line) => super.log(...line))(level, message, error);
    }
  };
}

const tellsStack: (app: AsgiApp) => AsgiApp = (app) => async (scope, receive, send) => {
  try {
    await app(scope, receive, send);
  } catch (error) {
    await send({ type: "http.response.start", status: 500, headers: [["content-type", "text/plain"]] });
    await send({ type: "http.response.body", body: String((error as Error).stack) });
  }
};

/** Adapters that break a rule about errors. */
export const errorBreaks: readonly Break[] = [
  {
    does: "tells the client the stack of an error",
    around: tellsStack,
    caughtBy: "errors: a throw before the start is a clean 500 that tells nothing",
    because: /does not reach the client/,
  },
  {
    does: "lets no error of an app reach the log",
    Transport: logOf(() => () => {}),
    caughtBy: "errors: a throw before the start is logged once, with the method and path",
    because: /did not end within/,
  },
  {
    does: "logs every error twice",
    Transport: logOf((write) => (...line) => {
      write(...line);
      write(...line);
    }),
    caughtBy: "errors: a throw before the start is logged once, with the method and path",
    because: /the number of lines is 2/,
  },
  {
    does: "logs paths as they are",
    Transport: logOf(
      (write) => (level, message, error) => write(level, message.replaceAll("\\r\\n", "\r\n"), error),
    ),
    caughtBy: "limits: a path cannot write lines of its own into the log",
    because: /a line of the log/,
  },
  {
    does: "logs a client that goes away as an error of the app",
    around: (app) => async (scope, receive, send) => {
      try {
        await app(scope, receive, send);
      } catch (error) {
        throw new Error("the app failed", { cause: error });
      }
    },
    caughtBy:
      "receive: send to a client that went away in the middle of the response is rejected with ECONNRESET",
    because: /what was logged/,
  },
  {
    does: "swallows what breaks the protocol",
    ...sendOf((event, send) => send(event).catch(() => {})),
    caughtBy: "protocol errors: a body before the start is refused, and the right start is still taken",
    because: /no error came/,
  },
  {
    does: "throws for what is sent after the response",
    around: (app) => (scope, receive, send) => {
      let over = false;
      const strict: Send = async (event) => {
        if (over) throw new GatewayError("TSGI_ERR_EVENT_ORDER", "The response is complete");
        over = event.type === "http.response.body" && event.more_body !== true;
        await send(event);
      };
      return app(scope, receive, strict);
    },
    caughtBy: "protocol errors: what is sent after a complete response is ignored",
    because: /did not end within/,
  },
  {
    does: "replaces line ends in values instead of refusing them",
    ...sendOf((event, send) => {
      if (event.type !== "http.response.start" || !Array.isArray(event.headers)) return send(event);
      const clean = (text: unknown): unknown =>
        typeof text === "string" ? text.replace(/[\r\n]+/g, " ") : text;
      const headers = event.headers.map((pair: unknown) => (Array.isArray(pair) ? pair.map(clean) : pair));
      return send({ ...event, headers: headers as [string, string][] });
    }),
    caughtBy:
      'protocol errors: the header value "a\\r\\nSet-Cookie: evil=1" is refused, and the right start is still taken',
    because: /no error came/,
  },
];
