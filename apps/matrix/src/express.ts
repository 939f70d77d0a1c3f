// Express 4 and 5, as hosts and as guests.

import { createServer, type RequestListener } from "node:http";
import express5 from "express";
import express4 from "express4";
import { fromExpress, toExpress } from "@tsgi/express";
import { http1Wire, type WireField } from "@tsgi/testing";
import { ASKS, frontFields } from "./front.ts";
import { listen, stop } from "./listening.ts";
import { AS_LISTENER, ON_NODE_HTTP } from "./node-limits.ts";
import { listenerSkips } from "./node.ts";
import type { Guest, Host } from "./pair.ts";

/** Express has set X-Powered-By when an app is called. */
const BEHIND_EXPRESS = {
  "response heads: fields keep their order on HTTP/1.1, repeated ones too":
    "node:http keeps the fields of a name together once a framework has set any",
};

function expressHost(name: string, express: typeof express5): Host {
  const front = frontFields(`${name} host`);
  return {
    name,
    native: true,
    http: "1.1",
    front,
    skip: () => ({ ...ON_NODE_HTTP, ...AS_LISTENER, ...BEHIND_EXPRESS }),
    async serve(app, log) {
      const mounted = toExpress(app, { log });
      const { shutdown } = await mounted.lifespan({ log });
      const framework = setsFront(express(), front).use(mounted) as RequestListener;
      const server = createServer(framework).on("checkContinue", framework);
      return {
        wire: http1Wire({ port: await listen(server) }),
        async close() {
          await stop(server);
          await shutdown();
        },
      };
    },
  };
}

function expressGuest(name: string, express: typeof express5): Guest {
  const front = frontFields(`${name} guest`);
  return {
    name,
    speaks: "node",
    runs: null,
    front,
    skip: (host) => ({ ...listenerSkips(host), ...BEHIND_EXPRESS }),
    of: (app, log) => fromExpress(setsFront(express(), front).use(toExpress(app, { log }))),
  };
}

function setsFront(framework: express5.Express, front: readonly WireField[]): express5.Express {
  return framework.use((req, res, next) => {
    if (req.headers[ASKS] !== undefined) for (const [field, value] of front) res.append(field, value);
    next();
  });
}

export const express4Host: Host = expressHost("Express 4", express4);
export const express5Host: Host = expressHost("Express 5", express5);
export const express4Guest: Guest = expressGuest("Express 4", express4);
export const express5Guest: Guest = expressGuest("Express 5", express5);
