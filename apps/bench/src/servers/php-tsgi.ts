// The constant page of PHP-FPM, fetched by fromFastCgi on our Node host. The CPU time is this process's, without PHP's.
import { fromFastCgi } from "@tsgi/fastcgi";
import type { Serve } from "../column.ts";
import { startPhpFpm } from "../php-fpm.ts";
import { serveApp } from "../serve-app.ts";

export const serve: Serve = async (endpoint) => {
  const php = endpoint === "hello" ? await startPhpFpm() : null;
  if (php === null) return null;
  const { root, socket } = php;
  return serveApp(fromFastCgi(`unix:${socket}`, { php: { root, tryFiles: ["/hello.php"] } }));
};
