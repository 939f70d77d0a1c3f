// A FastCGI authorizer in front of an app: it says who the client is, or answers it itself.
// Sources: FastCGI 1.0 §6.3 "Authorizer"; Apache mod_fcgid FcgidAuthorizer, lighttpd "mode" => "authorizer"; requirement FC24.

import { RequestRefused, metaVariables, variablesFromScope, type MetaVariables } from "@tsgi/cgi";
import {
  ROOM,
  checkOptions,
  deriveScope,
  logToConsole,
  withLifespan,
  type AsgiApp,
  type HttpScope,
  type Middleware,
  type OptionNames,
  type Send,
  type SendEvent,
  type WebSocketScope,
} from "@tsgi/core";
import { AUTHORIZER } from "./constants.ts";
import {
  FROM_OPTIONS,
  fastCgiSettings,
  type FastCgiPoolOptions,
  type FromFastCgiOptions,
} from "./from-fastcgi-options.ts";
import { Gateway } from "./gateway.ts";
import { answer } from "./serve-upstream.ts";
import { targetsOf, type FastCgiTarget } from "./target.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { completed } from "./upstream-variables.ts";

/** The options of {@link fastCgiAuthorizer}: those of `fromFastCgi` that concern a request without its path and body. */
export interface FastCgiAuthorizerOptions
  extends
    FastCgiPoolOptions,
    Pick<
      FromFastCgiOptions,
      | "catchStderr"
      | "firstByteTimeout"
      | "log"
      | "maxDrain"
      | "maxHeadLines"
      | "maxHeadSize"
      | "maxStderr"
      | "params"
      | "readTimeout"
      | "retry"
      | "serverSoftware"
      | "writeTimeout"
    > {
  /** Whether Authorization and Proxy-Authorization are passed on. Default: `true`: they are what an authorizer is for. */
  readonly passAuthorization?: boolean;
}

/** What concerns a path or a body. */
const OTHERS =
  /^(?:php|documentRoot|encodedSlashes|dotSegments|maxBodySize|maxUnsizedBody|memoryLimit|spool)$/;

const OPTIONS = Object.fromEntries(
  Object.entries(FROM_OPTIONS).filter(([name]) => !OTHERS.test(name)),
) as OptionNames<FastCgiAuthorizerOptions>;

/**
 * Makes a middleware that asks a FastCGI application in the authorizer role about each request and each WebSocket. With 200 the request goes
 * on to the app, and each `Variable-NAME` of the answer is NAME in `scope.extensions.cgi.env` and in a sync app's environ; any other
 * answer is the client's. One that cannot be asked lets nobody through.
 *
 * @param target - Where it listens; of several the least busy that can be reached.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for a target or an option that makes no sense.
 * @example
 * const guarded = fastCgiAuthorizer("unix:/run/authorizer.sock")(app);
 */
export function fastCgiAuthorizer(
  target: FastCgiTarget | readonly FastCgiTarget[],
  options: FastCgiAuthorizerOptions = {},
): Middleware {
  checkOptions(options, OPTIONS);
  const settings = fastCgiSettings({ passAuthorization: true, ...options, dotSegments: "keep" });
  const gateway = new Gateway(targetsOf(target), settings);
  return (app) => {
    const guarded: AsgiApp = async (scope, receive, send) => {
      if (scope.type !== "http" && scope.type !== "websocket") return app(scope, receive, send);
      const told = await ask(gateway, scope, send);
      if (told !== null) await app(withVariables(scope, told), receive, send);
    };
    return withLifespan(guarded, async function* () {
      yield;
      gateway.close();
    });
  };
}

/** What the authorizer tells of a client whom it lets through; `null` if the client was answered. */
async function ask(
  gateway: Gateway,
  scope: HttpScope | WebSocketScope,
  send: Send,
): Promise<MetaVariables | null> {
  const { settings } = gateway;
  const asked = scope.type === "http" ? scope : handshakeOf(scope);
  const refuse = scope.type === "http" ? send : refusalOf(scope, send);
  const verdict = new Verdict(refuse);
  try {
    await gateway.answer({
      // Of HEAD too a yes is one when it is whole, which without a body would be so at its head.
      scope: asked.method === "HEAD" ? deriveScope(asked, { method: "GET" }) : asked,
      receive: nothing,
      send: verdict.send,
      role: AUTHORIZER,
      params: authorizerVariables(completed(variablesFromScope(asked, settings.variables), asked, settings)),
      log: settings.log ?? logToConsole,
    });
  } catch (error) {
    const status = error instanceof RequestRefused || error instanceof UpstreamFailure ? error.status : null;
    // Said yes, and then broke off: that is no yes.
    if (status === null || verdict.refused) throw error;
    await answer(refuse, status);
    return null;
  }
  return verdict.variables;
}

/** FastCGI 1.0 §6.3: the path is not split yet, and there is no body. */
function authorizerVariables(params: MetaVariables): MetaVariables {
  for (const name of ["SCRIPT_NAME", "PATH_INFO", "PATH_TRANSLATED", "CONTENT_LENGTH", "CONTENT_TYPE"]) {
    delete params[name];
  }
  return params;
}

const VARIABLE = /^variable-([A-Za-z0-9_-]+)$/i;

/** Takes the events of the authorizer's answer: a 200 is for us, anything else for the client. */
class Verdict {
  /** What it told, if it said yes. */
  variables: MetaVariables | null = null;
  /** Whether it has begun to say no. */
  refused = false;
  readonly #refuse: Send;

  constructor(refuse: Send) {
    this.#refuse = refuse;
  }

  readonly send: Send = (event) => {
    if (event.type === "http.response.start" && !this.refused) {
      this.refused = event.status !== 200;
      if (!this.refused) this.#allowed(event.headers ?? []);
    }
    return this.refused ? this.#refuse(event) : ROOM;
  };

  #allowed(fields: Iterable<readonly [string, string]>): void {
    const variables = metaVariables();
    for (const [field, value] of fields) {
      const [, name] = VARIABLE.exec(field) ?? [];
      if (name !== undefined) variables[name] = value;
    }
    this.variables = variables;
  }
}

/** A WebSocket's handshake, as the request that it is. */
function handshakeOf(scope: WebSocketScope): HttpScope {
  const { subprotocols: _, ...rest } = scope;
  return { ...rest, type: "http", method: "GET", scheme: scope.scheme === "wss" ? "https" : "http" };
}

/** How a WebSocket is refused: by a whole response where the server has that, else without a word. */
function refusalOf(scope: WebSocketScope, send: Send): Send {
  if (scope.extensions["websocket.http.response"] === undefined) {
    return (event) => (event.type === "http.response.start" ? send({ type: "websocket.close" }) : ROOM);
  }
  return (event) => send({ ...event, type: `websocket.${event.type}` } as SendEvent);
}

/** The scope with what the authorizer told, and without what the client's server may have told of the same. */
function withVariables(scope: HttpScope | WebSocketScope, told: MetaVariables): HttpScope | WebSocketScope {
  const { extensions } = scope;
  const { wsgi } = extensions;
  const cgi: { readonly env?: MetaVariables } | undefined = extensions["cgi"];
  const env = { ...cgi?.env, ...told };
  const environ = { ...wsgi?.environ, ...told };
  return deriveScope(scope, {
    extensions: { ...extensions, cgi: { ...cgi, env }, wsgi: { ...wsgi, environ } },
  });
}

const nothing = async (): Promise<never> => {
  throw new Error("An authorizer is sent no body");
};
