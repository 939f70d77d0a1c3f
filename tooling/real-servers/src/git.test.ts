// git's own CGI program behind our servers and in the frameworks: a real clone and a real push.

import { afterEach, beforeEach, expect, test } from "vitest";
import { fromCgi } from "@tsgi/cgi";
import { mount } from "@tsgi/core";
import { serveNode } from "@tsgi/node";
import { HOSTS } from "./framework-hosts.ts";
import { GIT_BACKEND, expectWork, makeGitRepository, type GitRepository } from "./git-repository.ts";
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
      await expectWork(repository, name, (log) => fromCgi(GIT_BACKEND, { env: repository.env, log }));
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
