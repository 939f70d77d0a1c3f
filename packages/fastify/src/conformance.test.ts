// The conformance suite against apps mounted in Fastify: at the root and below a prefix, over http, https and HTTP/2.

import { afterAll, beforeAll, describe, test } from "vitest";
import { METHODS } from "node:http";
import Fastify, { type FastifyInstance } from "fastify";
import {
  cases,
  casesInFront,
  casesNamed,
  casesThatNeed,
  http1Wire,
  http2Wire,
  nodeParserSkips,
  reportWriter,
  testAdapter,
  type Adapter,
  type Wire,
  type WireField,
} from "@tsgi/testing";
import { CA, SERVER } from "./fixtures/certificates.ts";
import { toFastify } from "./to-fastify.ts";

const runner = { describe, test, beforeAll, afterAll };
const onReport = reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]);

const NO_TLS = casesThatNeed("tls", "The connection is plain");

const BY_THE_ROUTER = casesNamed(
  "Fastify's router answers 400 itself to a path that percent-decodes to no UTF-8",
  "paths: an octet that is not UTF-8 is kept in PATH_INFO and replaced in path",
  "paths: a percent sign without two hex digits stays",
);

const ON_HTTP1: Readonly<Record<string, string>> = {
  ...BY_THE_ROUTER,
  ...nodeParserSkips,
  "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served":
    "Fastify's clientErrorHandler answers 400 to what comes behind, at once",
};

const NO_ASTERISK = casesNamed(
  "An asterisk is below no prefix",
  "paths: OPTIONS with an asterisk has the path *",
);

const ON_HTTP2: Readonly<Record<string, string>> = {
  ...BY_THE_ROUTER,
  ...NO_ASTERISK,
  ...casesThatNeed("octets", "HTTP/2 has frames instead of the octets of HTTP/1.1"),
  ...casesThatNeed("HTTP/1.1", "HTTP/2 has no reason phrases, chunks or case of names"),
  ...casesNamed(
    "node:http2 sends no status above 599: the client gets 500, and the log a warning",
    "response heads: status 600 arrives",
    "response heads: status 799 arrives",
    "response heads: status 999 arrives",
  ),
  ...casesNamed(
    "Fastify's router has the methods of node:http only",
    "methods: UNHEARD-OF reaches the app in upper case",
  ),
};

/** What hooks of the server around the plugin set, in each of the ways there are. */
const FRONT: readonly WireField[] = [
  ["x-on-request", "1"],
  ["x-pre-handler", "2"],
  ["x-on-send", "3"],
  ["x-raw", "4"],
  ["set-cookie", "hook=1; Path=/"],
  ["set-cookie", "raw=2; Path=/"],
  ["set-cookie", "send=3; Path=/"],
];

function setInHooks(fastify: FastifyInstance): void {
  const asks = (headers: Record<string, unknown>): boolean => headers["x-tsgi-front"] !== undefined;
  fastify.addHook("onRequest", async (request, reply) => {
    if (!asks(request.headers)) return;
    reply.header("x-on-request", "1").header("set-cookie", "hook=1; Path=/");
    reply.raw.setHeader("x-raw", "4");
    reply.raw.setHeader("set-cookie", "raw=2; Path=/");
  });
  fastify.addHook("preHandler", async (request, reply) => {
    if (asks(request.headers)) reply.header("x-pre-handler", "2");
  });
  fastify.addHook("onSend", async (request, reply) => {
    if (asks(request.headers)) reply.header("x-on-send", "3").header("set-cookie", "send=3; Path=/");
  });
}

/** Serves the suite by a Fastify server of some kind. */
function mounted(
  make: () => FastifyInstance,
  prefix: string,
  wire: (port: number) => Wire,
): Pick<Adapter, "serve" | "cases"> {
  return {
    cases: [...cases, ...casesInFront(FRONT)],
    async serve(app, log) {
      const fastify = make();
      // Without it Node sends `100 Continue` before anybody has looked at the request.
      fastify.server.on("checkContinue", fastify.routing);
      setInHooks(fastify);
      await fastify.register(toFastify(app, { lifespan: "on", log }), { prefix });
      await fastify.listen({ port: 0, host: "127.0.0.1" });
      return {
        wire: wire((fastify.server.address() as { port: number }).port),
        close: () => fastify.close(),
      };
    },
  };
}

/** Without a prefix, the methods that Fastify does not know are its own 404, unless it is told of them. */
function withAllMethods(fastify: FastifyInstance): FastifyInstance {
  const known = fastify.supportedMethods;
  for (const method of METHODS.filter((name) => !known.includes(name))) {
    fastify.addHttpMethod(method, { hasBody: true });
  }
  return fastify;
}

/** What a case writes in octets has no prefix: it comes as from a proxy that has cut it off. */
function putBelow(prefix: string): (req: { readonly url?: string | undefined }) => string {
  return ({ url = "" }) => (url.startsWith(prefix) || !url.startsWith("/") ? url : prefix + url);
}

const options = { forceCloseConnections: true } as const;
// Node answers 400 to a request without Host, but goes on to read what follows it, which Fastify answers too.
const http = { requireHostHeader: false };

testAdapter({
  name: "toFastify at the root",
  runner,
  onReport,
  ...mounted(
    () => withAllMethods(Fastify({ ...options, http })),
    "",
    (port) => http1Wire({ port }),
  ),
  skip: { ...NO_TLS, ...ON_HTTP1 },
});

testAdapter({
  name: "toFastify below a prefix",
  runner,
  onReport,
  rootPath: "/the mount",
  ...mounted(
    () => Fastify({ ...options, http, rewriteUrl: putBelow("/the%20mount") }),
    "/the mount",
    (port) => http1Wire({ port }),
  ),
  skip: { ...NO_TLS, ...ON_HTTP1, ...NO_ASTERISK },
});

testAdapter({
  name: "toFastify on https",
  runner,
  onReport,
  ...mounted(
    () => withAllMethods(Fastify({ ...options, https: { ...SERVER, ...http } })),
    "",
    (port) => http1Wire({ port, tls: { ca: CA, servername: "localhost" } }),
  ),
  skip: {
    ...ON_HTTP1,
    "errors: a cut response on HTTP/1.0 is a reset, since its clean end would look complete":
      "Under TLS the sign is a missing close_notify, which Node's client does not report",
  },
});

testAdapter({
  name: "toFastify on HTTP/2",
  runner,
  onReport,
  rootPath: "/below",
  ...mounted(
    () => Fastify({ ...options, http2: true, https: SERVER }) as unknown as FastifyInstance,
    "/below",
    (port) => http2Wire({ port, tls: { ca: CA, servername: "localhost" } }),
  ),
  skip: ON_HTTP2,
});
