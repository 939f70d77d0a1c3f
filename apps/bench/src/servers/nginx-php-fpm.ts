// nginx, fastcgi_pass, and a constant page on PHP-FPM with four workers. Its CPU time is the kernel's figure.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HELLO } from "../bodies.ts";
import type { Serve } from "../column.ts";
import type { CpuUsage } from "../messages.ts";
import { HAS_NGINX, behindNginx } from "../nginx.ts";
import { listens, startProgram, usageOf } from "../other-process.ts";

/** What Debian calls it; other systems leave the version out. */
const PROGRAMS = ["php-fpm8.2", "php-fpm"];

let pid = 0;

export const serve: Serve = async (endpoint) => {
  const program = PROGRAMS.find((name) => spawnSync(name, ["-v"]).error === undefined);
  if (endpoint !== "hello" || !HAS_NGINX || program === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), "tsgi-bench-php-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, "php.sock");
  const script = join(folder, "hello.php");
  writeFileSync(script, `<?php header("Content-Type: text/plain; charset=utf-8"); echo "${HELLO}";\n`);
  const file = join(folder, "php-fpm.conf");
  writeFileSync(
    file,
    `[global]
error_log = ${folder}/log
daemonize = no
[www]
listen = ${socket}
pm = static
pm.max_children = 4
${process.getuid?.() === 0 ? "user = root\ngroup = root\n" : ""}`,
  );
  pid = startProgram(program, ["-n", "-R", "-F", "-y", file, "-p", folder]);
  await listens(socket);
  return behindNginx(endpoint, { address: `unix:${socket}`, protocol: "fastcgi", script, keep: false });
};

/** PHP-FPM's and its workers', in place of this process's. */
export const usage = (): CpuUsage => usageOf(pid);
