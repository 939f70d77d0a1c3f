// Where a server listens: what the options say, else what the process was started with.
// Sources: FastCGI 1.0 §2.2; RFC 3875 §4.1; sd_listen_fds(3); requirements C1, F59, F60, F61, F63.

import { GatewayError } from "@tsgi/core";
import type { ListenWhere } from "@tsgi/process";
import { descriptorKind, type DescriptorKind } from "./inherited-socket.ts";
import type { FastCgiOptions } from "./serve-options.ts";
import { targetsOf } from "./target.ts";

/** The port beside a host, if none is named. */
const DEFAULT_PORT = 9000;

/** An environment. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Where to listen; `"cgi"` if the process was started as a CGI program, and is to serve its one request. */
export type Where = ListenWhere | "cgi";

/**
 * Finds out where to listen.
 *
 * @param kindOf - What descriptor 0 is.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for contradicting options; `TSGI_ERR_LISTEN` if nobody says where.
 */
export function listenWhere(
  options: FastCgiOptions,
  environment: Environment,
  kindOf: (fd: number) => DescriptorKind = descriptorKind,
): Where {
  const { address, host, port, path, fd, systemd = false } = options;
  if (address !== undefined) {
    if ([host, port, path, fd].some((value) => value !== undefined) || systemd !== false) {
      throw new GatewayError(
        "TSGI_ERR_OPTION",
        "A server listens at one of address, port, path, fd and systemd",
      );
    }
    return whereOf(address);
  }
  if (path !== undefined || fd !== undefined || systemd !== false) {
    return {};
  }
  if (host !== undefined || port !== undefined) return { port: port ?? DEFAULT_PORT };
  return inherited(environment, kindOf);
}

function whereOf(address: string): ListenWhere {
  // What a client connects to is where a server listens, but for a port that the system may choose.
  const free = /^(.*):0$/.exec(address);
  const { connect } = targetOfText(free === null ? address : `${free[1]}:1`);
  if (connect.path !== undefined) return { path: connect.path };
  return { host: connect.host as string, port: free === null ? (connect.port as number) : 0 };
}

interface TextTarget {
  readonly connect: { readonly host?: string; readonly port?: number; readonly path?: string };
}

function targetOfText(address: string): TextTarget {
  try {
    if (typeof address === "string") return targetsOf(address)[0] as TextTarget;
  } catch {
    // The error speaks of clients.
  }
  const what = typeof address === "string" ? JSON.stringify(address) : typeof address;
  throw new GatewayError("TSGI_ERR_OPTION", `address is "host:port" or "unix:/path", not ${what}`);
}

function inherited(environment: Environment, kindOf: (fd: number) => DescriptorKind): Where {
  const { REQUEST_METHOD, LISTEN_PID } = environment;
  const kind = kindOf(0);
  // Where the system does not tell, a CGI program is known by its environment.
  if (kind === "listening" || (kind === "socket" && REQUEST_METHOD === undefined)) return { fd: 0 };
  if (REQUEST_METHOD !== undefined) return "cgi";
  if (LISTEN_PID === String(process.pid)) return { systemd: true };
  throw new GatewayError(
    "TSGI_ERR_LISTEN",
    "There is nowhere to listen: no address among the options, no listening socket on descriptor 0 (spawn-fcgi, lighttpd, mod_fcgid), none of systemd, and no CGI request in the environment",
  );
}
