// The constant page of PHP-FPM, fetched by nginx. The CPU time is nginx's own, by the kernel's figures.
import type { Serve } from "../column.ts";
import type { CpuUsage } from "../messages.ts";
import { HAS_NGINX, startNginx } from "../nginx.ts";
import { usageOf } from "../other-process.ts";
import { startPhpFpm } from "../php-fpm.ts";

let pid = 0;

export const serve: Serve = async (endpoint) => {
  const php = endpoint === "hello" && HAS_NGINX ? await startPhpFpm() : null;
  if (php === null) return null;
  const upstream = {
    address: `unix:${php.socket}`,
    protocol: "fastcgi",
    script: `${php.root}/hello.php`,
    keep: false,
  } as const;
  const nginx = await startNginx(endpoint, upstream);
  ({ pid } = nginx);
  return nginx.port;
};

/** nginx's and its worker's, in place of this process's. */
export const usage = (): CpuUsage => usageOf(pid);
