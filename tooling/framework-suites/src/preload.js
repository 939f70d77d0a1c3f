// Loaded before a test file (`node --import`): every listener that a server of node:http, https or http2 is made with, and
// every one that light-my-request is given, runs behind toNode(fromNode(listener)) from then on.

import { writeFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { startLifespan } from "@tsgi/core";
import { fromFastify } from "@tsgi/fastify";
import { fromNode, toNode } from "@tsgi/node";
import { injectInMemory } from "./inject-in-memory.js";

const { TSGI_SUITE_WAY: way, TSGI_SUITE_REQUESTS: requestsFile, TSGI_SUITE_TE: te } = process.env;

/** Limits of ours that no listener asked for: Node's own and the listener's apply. */
const NO_LIMITS = { maxUrlLength: Infinity, maxHeadersCount: Infinity, log: () => {} };

let reached = false;

/** Tells that a request came through. At once: a file that hangs is ended without a word. */
function noteRequest() {
  if (!reached) writeFileSync(requestsFile, "");
  reached = true;
}

/** A middleware that does nothing but be in between, where no native pair can be handed through. */
const inBetween = (app) => (scope, receive, send) => app(scope, receive, send);

/** The instance that a routing function is of. */
const instances = new WeakMap();

/** A listener of a server whose messages nobody else has touched: of serveNode's own. */
async function ofOurServer() {
  // Not exported: a server of ours has no other listener, and listens by itself.
  const dist = new URL("../../../packages/node/dist/", import.meta.url);
  const [{ nodeListener }, { requestSettings }] = await Promise.all(
    ["to-node.js", "request-settings.js"].map((name) => import(new URL(name, dist).href)),
  );
  const settings = { ...requestSettings(NO_LIMITS), ownsMessages: true };
  return (app) => nodeListener(app, settings);
}

const serveOurs = way === "fastify" ? await ofOurServer() : null;

function adapterFor(listener, server) {
  const instance = instances.get(listener);
  if (way === "fastify" && instance !== undefined) {
    const app = fromFastify(instance);
    // As serveNode does, which would end it, too: these instances end by themselves.
    void startLifespan(app);
    return serveOurs(app);
  }
  const app = fromNode((req, res) => listener.call(server, req, res));
  return toNode(way === "native" ? app : inBetween(app), NO_LIMITS);
}

/** The listener as it is served by us. */
function throughUs(listener) {
  const owners = new Map();
  const adapterOf = (server) => {
    let adapter = owners.get(server);
    if (adapter === undefined) {
      adapter = adapterFor(listener, server);
      owners.set(server, adapter);
    }
    return adapter;
  };
  function served(req, res) {
    if (way !== "fastify" || instances.has(listener)) noteRequest();
    if (te !== undefined && req.headers.te === undefined) {
      req.rawHeaders.push("te", te);
      req.headers.te = te;
    }
    // A listener may look at its `this`: the server.
    adapterOf(this).call(this, req, res);
  }
  return Object.assign(served, { listening: adapterOf });
}

function hookServers(module, names) {
  for (const name of names) {
    const make = module[name];
    module[name] = function createServer(...args) {
      const listener = args.find((arg) => typeof arg === "function");
      if (listener === undefined) return make.apply(this, args);
      const served = throughUs(listener);
      const server = make.apply(
        this,
        args.map((arg) => (arg === listener ? served : arg)),
      );
      return server.once("listening", () => served.listening(server));
    };
  }
}

/** The same for light-my-request, which has to know an Express app from other listeners: it puts its own classes below it. */
function injectedThroughUs(dispatch) {
  if (typeof dispatch !== "function") return dispatch;
  const served = throughUs(dispatch);
  if (way !== "native" || dispatch.request?.app !== dispatch) return served;
  for (const name of ["request", "response"]) {
    const below = Object.getPrototypeOf(dispatch[name]);
    served[name] = Object.create(below, { app: { value: served } });
  }
  return served;
}

function hookInject(require) {
  const path = require.resolve("light-my-request");
  const real = require(path);
  const inject =
    way === "memory"
      ? injectInMemory(real, te, noteRequest)
      : (dispatch, options, callback) => real(injectedThroughUs(dispatch), options, callback);
  require.cache[path].exports = Object.assign(inject, real, {
    default: inject,
    inject,
    bindInject: (dispatch, ...rest) => real.bindInject(injectedThroughUs(dispatch), ...rest),
  });
}

/** Every instance is remembered by its routing function, which is what it gives to its servers. */
function hookFastify(require) {
  const path = require.resolve("fastify");
  const real = require(path);
  const Fastify = (options) => {
    const instance = real(options);
    instances.set(instance.routing, instance);
    return instance;
  };
  require.cache[path].exports = Object.assign(Fastify, real, { default: Fastify, fastify: Fastify });
}

const require = createRequire(import.meta.url);

// In memory there is no server: a listener that has one is as in the other ways.
if (way !== "memory") {
  hookServers(http, ["createServer"]);
  hookServers(https, ["createServer"]);
  hookServers(http2, ["createServer", "createSecureServer"]);
  syncBuiltinESMExports();
}
if (way === "fastify") hookFastify(require);
// Injected requests are those of the in-memory client; the suite of light-my-request itself is about its own.
if (way === "memory" || process.cwd().endsWith("light-my-request")) hookInject(require);
