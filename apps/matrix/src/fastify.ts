// Fastify, as a host and as a guest.

import { METHODS } from "node:http";
import fastify, { type FastifyInstance } from "fastify";
import { fromFastify, toFastify } from "@tsgi/fastify";
import { casesNamed, http1Wire, type WireField } from "@tsgi/testing";
import { ASKS, frontFields } from "./front.ts";
import { portOf } from "./listening.ts";
import { ON_NODE_HTTP } from "./node-limits.ts";
import { onlyHttp1 } from "./node.ts";
import type { Guest, Host } from "./pair.ts";

const HOST_FRONT = frontFields("Fastify host");
const GUEST_FRONT = frontFields("Fastify guest");

const BY_THE_ROUTER = casesNamed(
  "Fastify's router answers 400 itself to a path that percent-decodes to no UTF-8",
  "paths: an octet that is not UTF-8 is kept in PATH_INFO and replaced in path",
  "paths: a percent sign without two hex digits stays",
);

/** Fastify, listening by itself. */
export const fastifyHost: Host = {
  name: "Fastify",
  native: true,
  http: "1.1",
  front: HOST_FRONT,
  skip: () => ({
    ...ON_NODE_HTTP,
    ...BY_THE_ROUTER,
    "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served":
      "Fastify's clientErrorHandler answers 400 to what is pipelined behind Connection: close, at once",
  }),
  async serve(app, log) {
    // Node answers 400 to a request without Host, but goes on to read what follows it, which Fastify answers too.
    const instance = fastify({ forceCloseConnections: true, http: { requireHostHeader: false } });
    withAllMethods(setsFront(instance, HOST_FRONT));
    // Without it Node sends `100 Continue` before anybody has looked at the request.
    instance.server.on("checkContinue", instance.routing);
    await instance.register(toFastify(app, { log }));
    await instance.listen({ port: 0, host: "127.0.0.1" });
    return { wire: http1Wire({ port: portOf(instance.server) }), close: () => instance.close() };
  },
};

/** A Fastify instance with the app as its plugin. */
export const fastifyGuest: Guest = {
  name: "Fastify",
  speaks: "node",
  runs: null,
  front: GUEST_FRONT,
  skip: (host) => ({
    ...onlyHttp1(host),
    ...BY_THE_ROUTER,
    ...casesNamed(
      "Fastify's router has the methods of node:http only",
      "methods: UNHEARD-OF reaches the app in upper case",
    ),
  }),
  of(app, log) {
    const instance = withAllMethods(setsFront(fastify(), GUEST_FRONT));
    void instance.register(toFastify(app, { log }));
    return fromFastify(instance);
  },
};

/** At its root, the methods that Fastify does not know are its own 404, unless it is told of them. */
function withAllMethods(instance: FastifyInstance): FastifyInstance {
  const known = instance.supportedMethods;
  for (const method of METHODS.filter((name) => !known.includes(name))) {
    instance.addHttpMethod(method, { hasBody: true });
  }
  return instance;
}

function setsFront(instance: FastifyInstance, front: readonly WireField[]): FastifyInstance {
  return instance.addHook("onRequest", async (request, reply) => {
    if (request.headers[ASKS] === undefined) return;
    for (const [field, value] of front) void reply.header(field, value);
  });
}
