// The hosts a gateway is tested in: our own server, and the frameworks it can be mounted in.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { mount, type AsgiApp } from "@tsgi/core";
import { toExpress } from "@tsgi/express";
import { toFastify } from "@tsgi/fastify";
import { fromHono, toHono } from "@tsgi/hono";
import { serveNode } from "@tsgi/node";

/** A server with the app at a prefix. */
export interface Host {
  readonly port: number;
  close(): Promise<unknown>;
}

/** Starts each of them, by its name. */
export const HOSTS: Readonly<Record<string, (app: AsgiApp, prefix: string) => Promise<Host>>> = {
  async serveNode(app, prefix) {
    const server = await serveNode(mount(prefix, app), { port: 0 });
    return { port: server.address?.[1] ?? 0, close: () => server.close() };
  },
  async Express(app, prefix) {
    const server = createServer(express().use(prefix, toExpress(app)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      port: (server.address() as AddressInfo).port,
      close: () => new Promise((resolve) => server.close(resolve)),
    };
  },
  async Fastify(app, prefix) {
    const server = fastify();
    await server.register(toFastify(app), { prefix });
    await server.listen({ port: 0, host: "127.0.0.1" });
    return { port: (server.server.address() as AddressInfo).port, close: () => server.close() };
  },
  async Hono(app, prefix) {
    const hono = new Hono().route(prefix, new Hono().all("*", toHono(app)));
    const server = await serveNode(fromHono(hono), { port: 0 });
    return { port: server.address?.[1] ?? 0, close: () => server.close() };
  },
};

/** Starts the one of this name. */
export function startHost(name: string, app: AsgiApp, prefix: string): Promise<Host> {
  const start = HOSTS[name];
  if (start === undefined) throw new Error(`There is no host ${name}`);
  return start(app, prefix);
}
