// git's own CGI program behind our servers and in the frameworks: a real clone and a real push.

import { afterEach, beforeEach, expect, test } from "vitest";
import { fromCgi } from "@tsgi/cgi";
import { mount } from "@tsgi/core";
import { serveNode } from "@tsgi/node";
import { HOSTS } from "./framework-hosts.ts";
import { GIT_BACKEND, makeGitRepository, workWithGit, type GitRepository } from "./git-repository.ts";
import { describeWith } from "./programs.ts";

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
      const host = await (HOSTS[name] as (typeof HOSTS)[string])(app, "/git");
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
