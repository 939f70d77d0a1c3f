// PHP-FPM and php-cgi with a small application, as upstreams.
// Sources: https://www.php.net/manual/en/install.fpm.configuration.php; php-cgi(1).

import { chownSync, cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastCgiTarget } from "@tsgi/fastcgi";
import type { Place } from "./place.ts";
import { freePort, startProgram } from "./running-program.ts";

/** A PHP that runs. */
export interface RunningPhp {
  readonly target: FastCgiTarget;
  /** The application's directory. */
  readonly root: string;
  log(): string;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** How PHP is run. */
export interface PhpRunOptions {
  readonly place: Place;
  readonly by: "unix" | "tcp";
  /** How many processes serve requests, each one connection at a time. Default: 4. */
  readonly children?: number;
  /** After how many requests such a process ends, and another takes its place; 0 for never. Default: 0. */
  readonly maxRequests?: number;
}

/** Starts PHP-FPM. */
export async function startPhpFpm(options: PhpRunOptions): Promise<RunningPhp> {
  const { place, by, children = 4, maxRequests = 0 } = options;
  const root = copyApplication(place);
  const listening =
    by === "unix" ? { path: place.path("php.sock") } : { host: "127.0.0.1", port: await freePort() };
  const listen = "path" in listening ? listening.path : `${listening.host}:${listening.port}`;
  const config = place.write(
    "php-fpm.conf",
    `
[global]
pid = ${place.path("php-fpm.pid")}
error_log = ${place.path("php-fpm.log")}
daemonize = no
[www]
listen = ${listen}
pm = static
pm.max_children = ${children}
pm.max_requests = ${maxRequests}
catch_workers_output = yes
php_admin_value[session.save_path] = ${place.folder}
php_admin_value[upload_tmp_dir] = ${place.folder}
php_admin_value[post_max_size] = 64M
php_admin_value[upload_max_filesize] = 64M
php_admin_flag[display_errors] = off
php_admin_flag[log_errors] = on
`,
  );
  const running = await startProgram({
    place,
    program: "php-fpm8.2",
    args: ["-F", "-n", "-y", config, "-p", place.folder],
    accepts: [listening],
    logs: ["php-fpm.log"],
  });
  return { ...verbsOf(running), target: listening, root };
}

/** Starts php-cgi as a FastCGI server. */
export async function startPhpCgi(options: PhpRunOptions): Promise<RunningPhp> {
  const { place, by, children = 4, maxRequests = 0 } = options;
  const root = copyApplication(place);
  const listening =
    by === "unix" ? { path: place.path("php.sock") } : { host: "127.0.0.1", port: await freePort() };
  const bind = "path" in listening ? listening.path : `${listening.host}:${listening.port}`;
  const settings = {
    "session.save_path": place.folder,
    upload_tmp_dir: place.folder,
    post_max_size: "64M",
    upload_max_filesize: "64M",
    display_errors: "0",
    log_errors: "1",
  };
  const running = await startProgram({
    place,
    program: "php-cgi8.2",
    args: [
      "-n",
      "-b",
      bind,
      ...Object.entries(settings).flatMap(([name, value]) => ["-d", `${name}=${value}`]),
    ],
    env: {
      PHP_FCGI_CHILDREN: String(children),
      PHP_FCGI_MAX_REQUESTS: String(maxRequests === 0 ? 100_000 : maxRequests),
    },
    accepts: [listening],
  });
  return { ...verbsOf(running), target: listening, root };
}

function verbsOf(running: Awaited<ReturnType<typeof startProgram>>): Omit<RunningPhp, "target" | "root"> {
  return {
    log: () => running.log(),
    signal: (signal) => running.signal(signal),
    stop: () => running.stop(),
  };
}

/** The application where its user can read it, wherever the checkout is. */
function copyApplication(place: Place): string {
  const root = place.path("application");
  cpSync(fileURLToPath(new URL("./php-application", import.meta.url)), root, { recursive: true });
  const { uid, gid } = place.user;
  if (uid === undefined || gid === undefined) return root;
  chownSync(root, uid, gid);
  for (const name of readdirSync(root, { recursive: true })) chownSync(join(root, String(name)), uid, gid);
  return root;
}
