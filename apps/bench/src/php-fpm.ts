// PHP-FPM with a constant page, four workers and a unix socket; it ends with this process.
// Source: https://www.php.net/manual/en/install.fpm.configuration.php
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HELLO } from "./bodies.ts";
import { listens, startProgram } from "./other-process.ts";

/** What Debian calls it; other systems leave the version out. */
const PROGRAM = ["php-fpm8.2", "php-fpm"].find((name) => spawnSync(name, ["-v"]).error === undefined);

/** A PHP-FPM that runs. */
export interface PhpFpm {
  /** The path of its socket. */
  readonly socket: string;
  /** Where the page is: `hello.php`. */
  readonly root: string;
  /** The number of its first process; the workers are its children. */
  readonly pid: number;
}

/** Starts it; gives `null` on a machine without. */
export async function startPhpFpm(): Promise<PhpFpm | null> {
  if (PROGRAM === undefined) return null;
  const root = mkdtempSync(join(tmpdir(), "tsgi-bench-php-"));
  process.on("exit", () => rmSync(root, { recursive: true, force: true }));
  const socket = join(root, "php.sock");
  writeFileSync(
    join(root, "hello.php"),
    `<?php header("Content-Type: text/plain; charset=utf-8"); echo "${HELLO}";\n`,
  );
  const file = join(root, "php-fpm.conf");
  const user = process.getuid?.() === 0 ? "user = root\ngroup = root\n" : "";
  const pool = `[www]\nlisten = ${socket}\npm = static\npm.max_children = 4\n${user}`;
  writeFileSync(file, `[global]\nerror_log = ${root}/log\ndaemonize = no\n${pool}`);
  // -n: no php.ini of this machine; -R: root may run it.
  const pid = startProgram(PROGRAM, ["-n", "-R", "-F", "-y", file, "-p", root]);
  await listens(socket);
  return { socket, root, pid };
}
