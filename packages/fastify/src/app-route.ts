// What a mounted app's routes do with a request: hand the raw pair to toNode, and tell the app where it is mounted.
// Source: https://fastify.dev/docs/latest/Reference/Reply/ (raw, sent, hijack); docs/interface.md "The faster door".

import { SERVE, runApp, serve, type AsgiApp, type HttpScopeInit, type HttpTransport } from "@tsgi/core";
import { PassingExchange, toNode, type Log, type NodeListener } from "@tsgi/node";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RouteHandlerMethod,
  onErrorHookHandler,
  onSendHookHandler,
} from "fastify";
import { mountPoint, mountPrefix, type MountPrefix } from "./mount-point.ts";
import { layHeaders } from "./set-headers.ts";
import type { MountSettings } from "./to-fastify-options.ts";
import { tellForwarded } from "./trust-proxy.ts";

const DUE = Symbol("tsgi.due");

/** A reply whose handler has run, and whose `onSend` hooks are running. */
interface DueReply extends FastifyReply {
  [DUE]?: boolean;
}

const REQUEST = Symbol("tsgi.request");

/** A request that knows what Fastify has made of it. */
interface MountedRequest {
  [REQUEST]?: FastifyRequest;
}

/** One registration of an app. */
export class AppRoute {
  readonly #app: AsgiApp;
  readonly #settings: MountSettings;
  readonly #prefix: MountPrefix;
  /** The server's log, for what belongs to no request. */
  readonly log: Log;
  #listener: NodeListener;
  /** The reply of the call that is under way, for the door: from `#start` to it, everything is in one turn. */
  #starting: FastifyReply | null = null;

  constructor(app: AsgiApp, settings: MountSettings, scope: FastifyInstance) {
    this.#app = app;
    this.#settings = settings;
    this.#prefix = mountPrefix(scope.prefix);
    this.log = settings.log ?? logOf(scope.log);
    this.#listener = this.#listenerWith(null);
  }

  /** Serves from now on with what lifespan startup left. */
  begin(state: object | null): void {
    this.#listener = this.#listenerWith(state);
  }

  /**
   * The routes' handler. `reply.send` runs the `onSend` hooks; the last of them is ours, and does not go on to send. Not
   * hijacked: `handlerTimeout`, `onTimeout` and a `request.signal` that a hook has taken would end with that.
   */
  readonly handler: RouteHandlerMethod = (_request, reply) => {
    if (!this.#settings.onSendHooks) {
      this.#start(reply);
      return;
    }
    (reply as DueReply)[DUE] = true;
    reply.send();
  };

  readonly onSend: onSendHookHandler = (_request, reply, _payload, done) => {
    if ((reply as DueReply)[DUE] !== true) {
      done();
      return;
    }
    (reply as DueReply)[DUE] = false;
    this.#start(reply);
  };

  /** An `onSend` hook failed: what is sent now is Fastify's. */
  readonly onError: onErrorHookHandler = (_request, reply, _error, done) => {
    (reply as DueReply)[DUE] = false;
    done();
  };

  #start(reply: FastifyReply): void {
    const { raw: res } = reply;
    const { raw: req } = reply.request;
    layHeaders(reply);
    (req as MountedRequest)[REQUEST] = reply.request;
    if (req.httpVersionMajor === 2) saySent(reply);
    this.#starting = reply;
    try {
      this.#listener(req, res);
    } finally {
      this.#starting = null;
    }
  }

  #listenerWith(state: object | null): NodeListener {
    const door: AsgiApp = (scope, receive, send) => this.#app(scope, receive, send);
    door[SERVE] = (scope, transport) => this.#serve(scope, transport);
    return toNode(door, { ...this.#settings.node, log: this.log, state });
  }

  #serve(scope: HttpScopeInit, transport: HttpTransport): void {
    const app = this.#app;
    const reply = this.#starting as FastifyReply;
    const { request } = reply;
    const own = mountPoint(this.#prefix, request.raw.url as string);
    if (own !== "") {
      mountAt(scope, own);
      // A guest with the native pair cuts the prefix off the URL; hooks that run later shall not notice.
      if (app[SERVE] !== undefined) Object.defineProperty(request, "url", { value: request.raw.url });
    }
    tellForwarded(scope, request);
    if (this.#settings.passErrors)
      runApp(
        app,
        new PassingExchange(scope, transport, reply.raw, (error) => void reply.send(asError(error))),
      );
    else serve(app, scope, transport);
  }
}

/** Fastify takes a value for a payload, and only an error for an error. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("The app threw what is no error", { cause: error });
}

/** Adds a mount point to what the host in front said; nobody else has seen the scope yet. */
function mountAt(scope: HttpScopeInit, own: string): void {
  const whole = scope.root_path + own;
  (scope as { root_path: string }).root_path = scope.path.startsWith(whole) ? whole : own;
}

/** The logger of the request that a line is about, else the server's. */
function logOf(server: FastifyBaseLogger): Log {
  return (level, message, error, req) => {
    const logger = (req as MountedRequest | undefined)?.[REQUEST]?.log ?? server;
    if (error === undefined) logger[level](message);
    else logger[level]({ err: error }, message);
  };
}

/** Over HTTP/2 the app's response goes past Node's compat layer, which would never call the reply sent. */
function saySent(reply: FastifyReply): void {
  reply.raw.prependListener("finish", () => {
    reply.hijack();
  });
}
