// nginx, fastcgi_pass, and a constant page on PHP-FPM. The CPU time is PHP's, by the kernel's figures.
import type { Serve } from "../column.ts";
import type { CpuUsage } from "../messages.ts";
import { HAS_NGINX, behindNginx } from "../nginx.ts";
import { usageOf } from "../other-process.ts";
import { startPhpFpm } from "../php-fpm.ts";

let pid = 0;

export const serve: Serve = async (endpoint) => {
  const php = endpoint === "hello" && HAS_NGINX ? await startPhpFpm() : null;
  if (php === null) return null;
  ({ pid } = php);
  const script = `${php.root}/hello.php`;
  return behindNginx(endpoint, { address: `unix:${php.socket}`, protocol: "fastcgi", script, keep: false });
};

/** PHP-FPM's and its workers', in place of this process's. */
export const usage = (): CpuUsage => usageOf(pid);
