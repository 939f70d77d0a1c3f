// A Fastify instance with the suite's app as its plugin.

import { casesNamed } from "@tsgi/testing";
import { METHODS } from "node:http";
import fastify from "fastify";
import { fromFastify, toFastify } from "@tsgi/fastify";
import type { Guest } from "./guest.ts";

/** Fastify 5. */
export const fastifyGuest: Guest = {
  name: "Fastify",
  runs: "both",
  skip: {
    ...casesNamed(
      "Fastify's router answers 400 itself to a path that percent-decodes to no UTF-8",
      "paths: an octet that is not UTF-8 is kept in PATH_INFO and replaced in path",
      "paths: a percent sign without two hex digits stays",
    ),
    ...casesNamed(
      "Fastify's router has the methods of node:http only",
      "methods: UNHEARD-OF reaches the app in upper case",
    ),
  },
  of(app, log) {
    const instance = fastify();
    // At its root, the methods that Fastify does not know are its own 404, unless it is told of them.
    const known = instance.supportedMethods;
    for (const method of METHODS.filter((name) => !known.includes(name))) {
      instance.addHttpMethod(method, { hasBody: true });
    }
    void instance.register(toFastify(app, { log }));
    return fromFastify(instance);
  },
};
