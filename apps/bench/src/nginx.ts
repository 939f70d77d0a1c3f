// nginx in front of a column: the same configuration for all, but for the protocol it speaks to what is behind.
// Source: https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html, ngx_http_upstream_module.html#keepalive.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether there is an nginx on this machine. */
export const HAS_NGINX: boolean = spawnSync("nginx", ["-v"]).error === undefined;

/** What nginx passes requests on to. */
export interface Upstream {
  /** As `server` of an `upstream` names it: `127.0.0.1:9000` or `unix:/run/app.sock`. */
  readonly address: string;
  /** How they are passed on: by HTTP/1.1 or by FastCGI. */
  readonly protocol: "http" | "fastcgi";
  /** Whether connections are kept for further requests. Default: `true`. PHP-FPM has a worker for each, and few workers. */
  readonly keep?: boolean;
  /** The file SCRIPT_FILENAME names, for PHP. Default: none. */
  readonly script?: string;
}

/** The endpoints whose bodies go through nginx as they come, in both directions. */
const UNBUFFERED = new Set(["upload", "download"]);

/** Starts nginx in front of an upstream, and gives its port; `null` on a machine without nginx. */
export async function behindNginx(endpoint: string, upstream: Upstream): Promise<number | null> {
  return HAS_NGINX ? (await startNginx(endpoint, upstream)).port : null;
}

/** Starts nginx with one worker, on a free port of 127.0.0.1; it ends with this process. */
export async function startNginx(
  endpoint: string,
  upstream: Upstream,
): Promise<{ readonly port: number; readonly pid: number }> {
  const folder = mkdtempSync(join(tmpdir(), "tsgi-bench-nginx-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  writeFileSync(file, configuration(folder, port, endpoint, upstream));
  const words = ["nginx", "-e", "stderr", "-p", folder, "-c", file];
  // It must not outlive a bench that is killed.
  const nginx = spawn("setpriv", ["--pdeathsig", "TERM", ...words], { stdio: ["ignore", "ignore", "pipe"] });
  process.on("exit", () => nginx.kill());
  await new Promise<void>((resolve, reject) => {
    let said = "";
    nginx.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4000);
      if (said.includes("start worker process ")) resolve();
    });
    nginx.on("error", reject);
    nginx.on("close", () => reject(new Error(`nginx has ended: ${said}`)));
  });
  return { port, pid: nginx.pid as number };
}

function configuration(folder: string, port: number, endpoint: string, upstream: Upstream): string {
  const { address, protocol, keep = true } = upstream;
  const unbuffered = UNBUFFERED.has(endpoint);
  return `daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 512; }
http {
  access_log off;
  client_max_body_size 0;
  keepalive_requests 1000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream backend { server ${address};${keep ? " keepalive 64; keepalive_requests 1000000;" : ""} }
  server {
    listen 127.0.0.1:${port};
    server_name localhost;
    location / {
${(protocol === "http" ? proxied(unbuffered) : fastcgi(unbuffered, upstream)).replace(/^/gm, "      ")}
    }
  }
}
`;
}

function proxied(unbuffered: boolean): string {
  return `proxy_pass http://backend;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $http_host;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
${unbuffered ? "proxy_buffering off; proxy_request_buffering off;" : ""}`;
}

function fastcgi(unbuffered: boolean, { script, keep = true }: Upstream): string {
  return `include /etc/nginx/fastcgi_params;
${script === undefined ? "" : `fastcgi_param SCRIPT_FILENAME ${script};`}
fastcgi_keep_conn ${keep ? "on" : "off"};
fastcgi_pass backend;
${unbuffered ? "fastcgi_buffering off; fastcgi_request_buffering off;" : ""}`;
}

/** A port that was free a moment ago: nginx does not take 0. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
