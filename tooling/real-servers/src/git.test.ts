// git's own CGI program behind our servers and in the frameworks: a real clone and a real push.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fromCgi } from "@tsgi/cgi";
import { mount, type AsgiApp } from "@tsgi/core";
import { toExpress } from "@tsgi/express";
import { toFastify } from "@tsgi/fastify";
import { fromHono, toHono } from "@tsgi/hono";
import { serveNode } from "@tsgi/node";
import { GIT_BACKEND, makeGitRepository, workWithGit, type GitRepository } from "./git-repository.ts";
import { describeWith } from "./programs.ts";

/** A server with the app at `/git`. */
interface Host {
  readonly port: number;
  close(): Promise<unknown>;
}

const HOSTS: Readonly<Record<string, (app: AsgiApp) => Promise<Host>>> = {
  async serveNode(app) {
    const server = await serveNode(mount("/git", app), { port: 0 });
    return { port: server.address?.[1] ?? 0, close: () => server.close() };
  },
  async Express(app) {
    const server = createServer(express().use("/git", toExpress(app)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      port: (server.address() as AddressInfo).port,
      close: () => new Promise((resolve) => server.close(resolve)),
    };
  },
  async Fastify(app) {
    const server = fastify();
    await server.register(toFastify(app), { prefix: "/git" });
    await server.listen({ port: 0, host: "127.0.0.1" });
    return { port: (server.server.address() as AddressInfo).port, close: () => server.close() };
  },
  async Hono(app) {
    const hono = new Hono().route("/git", new Hono().all("*", toHono(app)));
    const server = await serveNode(fromHono(hono), { port: 0 });
    return { port: server.address?.[1] ?? 0, close: () => server.close() };
  },
};

describeWith(["git", GIT_BACKEND], "git http-backend", () => {
  let repository: GitRepository;
  beforeEach(async () => {
    repository = await makeGitRepository();
  });
  afterEach(() => repository.remove());

  test.each(Object.keys(HOSTS))(
    "is cloned from and pushed to behind %s [CH2 CH9 CH12 CH22]",
    async (name) => {
      const logged: string[] = [];
      const app = fromCgi(GIT_BACKEND, {
        env: repository.env,
        log: (level, message) => logged.push(`${level}: ${message}`),
      });
      const host = await (HOSTS[name] as (app: AsgiApp) => Promise<Host>)(app);
      try {
        const work = await workWithGit(repository, `http://127.0.0.1:${host.port}/git/demo.git`);
        expect(work).toEqual({
          cloned: "The first commit.\n",
          commits: ["large", "small", "first"],
          arrived: true,
        });
        expect(logged).toEqual([]);
      } finally {
        await host.close();
      }
    },
  );

  test("is not found where there is no repository, and refuses what it must [CH26]", async () => {
    const logged: string[] = [];
    const app = mount("/git", fromCgi(GIT_BACKEND, { env: repository.env }));
    const host = await serveNode(app, { port: 0, log: (_level, message) => logged.push(message) });
    try {
      const url = `http://127.0.0.1:${host.address?.[1] ?? 0}/git/other.git`;
      await expect(repository.git(repository.folder("none"), "clone", "--quiet", url)).rejects.toThrow(
        "not found",
      );
      expect(logged.join()).toContain("Not a git repository");
    } finally {
      await host.close();
    }
  });
});
