// Keeps Fastify's parsers, and its opinion of a Content-Type, away from a request whose body is the app's: within the
// plugin's own scope, so that all other routes parse as before.
// Source: https://fastify.dev/docs/latest/Reference/ContentTypeParser/; lib/handle-request.js.

import { GatewayError } from "@tsgi/core";
import type {
  FastifyContentTypeParser,
  FastifyInstance,
  FastifyRequest,
  preParsingHookHandler,
} from "fastify";

/** Has no body of this scope read or parsed. */
export function leaveBodyUnread(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  // By an expression, because Fastify remembers what that was found for; "*" is what is left, and looked for each time.
  for (const type of ["*", /^/]) scope.addContentTypeParser(type, leaveUnread);
}

const leaveUnread: FastifyContentTypeParser = (request, payload, done) => {
  if (disguised.delete(request)) request.headers = {};
  if (payload === request.raw) done(null);
  else done(replaced());
};

/** Requests that have another Content-Type until their body has come by. */
const disguised = new WeakSet<FastifyRequest>();

/** The methods that Fastify looks for no body at. */
export const BODYLESS: ReadonlySet<string> = new Set(["GET", "HEAD", "TRACE"]);

/** What Fastify takes for a media type. */
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;

/**
 * The last hook before the body: Fastify answers 415 to a Content-Type that is none, and 400 to a QUERY without one. What
 * is wrong with a body is for the app to say.
 */
export const disguiseContentType: preParsingHookHandler = (request, _reply, payload, done) => {
  const { "content-type": type } = request.raw.headers;
  if (type === undefined ? request.method === "QUERY" : !MEDIA_TYPE.test(type)) {
    disguised.add(request);
    request.headers = { "content-type": "application/octet-stream" };
  }
  done(null, payload);
};

function replaced(): GatewayError {
  return new GatewayError(
    "TSGI_ERR_BODY_CONSUMED",
    "A preParsing hook has put another stream in the place of the request body: mount the app outside its scope",
  );
}
