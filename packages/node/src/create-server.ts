// Servers of node:http, https and http2 with their limits set, all alike.
// Source: https://nodejs.org/docs/latest-v20.x/api/http.html, http2.html.

import {
  ServerResponse as NodeResponse,
  createServer as createHttp,
  type Server as HttpServer,
} from "node:http";
import {
  createSecureServer,
  createServer as createHttp2,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createHttps, type Server as HttpsServer } from "node:https";
import type { Server } from "node:net";
import { GatewayError, type AsgiApp } from "@tsgi/core";
import { answerClientErrors } from "./client-errors.ts";
import { serveStream } from "./http2-serve.ts";
import { cutStream } from "./http2-transport.ts";
import { nativeApp, type NativeApp } from "./native-app.ts";
import { OwnRequest } from "./own-request.ts";
import type { RequestSettings } from "./request-settings.ts";
import { serverLimits, type NodeLimits, type ServeOptions } from "./serve-options.ts";
import { nodeListener } from "./to-node.ts";

/** Any of Node's four. */
export type AnyServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/**
 * Makes a server for an app; it does not listen yet.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function createServer(app: AsgiApp, options: ServeOptions, settings: RequestSettings): AnyServer {
  const limits = serverLimits(options);
  const native = nativeApp(app);
  const server = made(() => bareServer(options, limits, settings.rules.maxHeadersCount, native));
  const any: Server = server;
  if (limits.maxConnections > 0) any.maxConnections = limits.maxConnections;
  if (options.http2 !== "h2c") {
    setHttp1Limits(server, limits);
    const listener = nodeListener(app, settings);
    any.on("request", listener);
    any.on("checkContinue", listener);
    answerClientErrors(any, settings);
  }
  if (options.http2 === true || options.http2 === "h2c") {
    // Whoever listens for requests gets Node's compat layer in front of the streams as well: ours need none.
    any.removeAllListeners("stream");
    any.on("stream", (stream: ServerHttp2Stream, _headers: object, _flags: number, raw: string[]) => {
      serveStream(app, stream, raw, settings, null);
    });
    const idleTimeout = options.http2Options?.idleTimeout ?? 60_000;
    closeIdleSessions(server as Http2Server, idleTimeout, limits.socketTimeout);
  }
  return server;
}

/** What Node throws at, OpenSSL at a key that is none for example, is an option that makes no sense. */
function made(make: () => AnyServer): AnyServer {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError("TSGI_ERR_OPTION", `Node takes no such server options: ${why}`, { cause });
  }
}

const OWN_CLASSES = { IncomingMessage: OwnRequest, ServerResponse: NodeResponse };

function bareServer(
  options: ServeOptions,
  limits: NodeLimits,
  maxHeadersCount: number,
  native: NativeApp | null,
): AnyServer {
  const { IncomingMessage, ServerResponse } = native ?? OWN_CLASSES;
  const { tls = null, http2 = false, http2Options = {} } = options;
  const secure = { handshakeTimeout: limits.headersTimeout || 120_000, ...tls };
  if (http2 === false) {
    const http1 = {
      connectionsCheckingInterval: limits.connectionsCheckingInterval,
      highWaterMark: limits.highWaterMark,
      IncomingMessage,
      ServerResponse,
    };
    return tls === null ? createHttp(http1) : createHttps({ ...secure, ...http1 });
  }
  const { idleTimeout: _, settings, ...rest } = http2Options;
  const both = {
    ...rest,
    // Beyond the count a request is answered 431; far beyond it, and beyond the size, its stream is reset.
    maxHeaderListPairs: Math.min(maxHeadersCount + 8, 2 ** 31 - 1),
    settings: {
      maxConcurrentStreams: 100,
      maxHeaderListSize: limits.maxHeaderSize,
      enablePush: false,
      ...settings,
    },
  };
  if (http2 === "h2c") return createHttp2(both);
  return createSecureServer({
    ...secure,
    ...both,
    allowHTTP1: true,
    Http1IncomingMessage: IncomingMessage,
    Http1ServerResponse: ServerResponse,
  });
}

/** As properties, because an HTTP/2 server takes none of them as options for the HTTP/1 connections it has. */
function setHttp1Limits(server: AnyServer, limits: NodeLimits): void {
  const { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval } = limits;
  const { maxHeaderSize, maxRequestsPerSocket, socketTimeout } = limits;
  Object.assign(server, {
    headersTimeout,
    requestTimeout,
    keepAliveTimeout,
    keepAliveTimeoutBuffer: 1_000,
    connectionsCheckingInterval,
    maxHeaderSize,
    maxRequestsPerSocket,
    timeout: socketTimeout,
    // Node would leave out what is over the count, without a word; the listener counts, and refuses.
    maxHeadersCount: 0,
    // The listener refuses a missing Host too, and then serves no request that follows it.
    requireHostHeader: false,
    insecureHTTPParser: false,
  });
}

/** Ends HTTP/2 sessions that have had no stream for so long: Node keeps them for ever. */
function closeIdleSessions(server: Http2Server, idleTimeout: number, socketTimeout: number): void {
  server.on("session", (session: ServerHttp2Session) => {
    let open = 0;
    session.on("stream", (stream) => {
      open += 1;
      stream.once("close", () => {
        open -= 1;
      });
      if (socketTimeout > 0) stream.setTimeout(socketTimeout, () => cutStream(stream));
    });
    // Node has set the server's own timeout, and would destroy a session whose apps are at work.
    session.removeAllListeners("timeout");
    // Any frame starts the time anew, so the end of the last stream does. GOAWAY is sent; nothing is left to finish.
    session.setTimeout(idleTimeout, () => {
      if (open === 0) session.destroy();
    });
  });
}
