// Where a server listens: TCP, a unix socket, or a socket somebody opened for us.
// Sources: https://nodejs.org/docs/latest-v20.x/api/net.html#serverlisten; unix(7).

import cluster from "node:cluster";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, lstatSync, renameSync, unlinkSync, type Stats } from "node:fs";
import { connect, type ListenOptions, type Server } from "node:net";
import { dirname, join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { GatewayError, type OptionNames, type ServerAddress } from "@tsgi/core";
import { systemdFd } from "./systemd.ts";

/** Where to listen: `path`, `fd`, `systemd`, or else `host` and `port`. */
export interface ListenWhere {
  /** The address to listen on. Default: `"127.0.0.1"`, which only this machine reaches; `"::"` is every address. */
  readonly host?: string;
  /** The TCP port; 0 for any free one. Default: 3000. */
  readonly port?: number;
  /**
   * The path of a unix socket to listen on instead; on Linux `"\0name"` is an abstract one. A socket file that nobody
   * answers on is replaced, anything else that is there is an error; on shutdown it is removed, if it is still ours.
   * Keep it in a directory that others cannot write to.
   */
  readonly path?: string;
  /** The permissions of the socket file; whoever may write may connect. Default: 0o600. */
  readonly mode?: number;
  /** The descriptor of a listening socket to take over instead. */
  readonly fd?: number;
  /** Take over the socket systemd passed; a string chooses one of several by name. Default: `false`. */
  readonly systemd?: boolean | string;
  /** How many connections may wait to be accepted. Default: 511. */
  readonly backlog?: number;
}

/** The names of {@link ListenWhere}. */
export const LISTEN_OPTIONS: OptionNames<ListenWhere> = {
  host: true,
  port: true,
  path: true,
  mode: true,
  fd: true,
  systemd: true,
  backlog: true,
};

/** A server that listens. */
export interface Listening {
  /** `[host, port]`, `[path, null]`, or `null` for a socket whose address the system does not tell. */
  readonly address: ServerAddress | null;
  /** Removes the socket file, if it is still ours. To be called before the server is closed. */
  release(): void;
}

const nothingToRelease = (): void => {};

/** The least room for the name a socket file is bound under before it is moved to its own, in octets. */
const SHORTEST_NAME = 5;

/** The least and the most of the options that are whole numbers. */
const LIMITS: readonly (readonly [name: "port" | "mode" | "fd" | "backlog", least: number, most: number])[] =
  [
    ["port", 0, 65_535],
    ["mode", 0, 0o777],
    ["fd", 0, 2 ** 31 - 1],
    ["backlog", 1, 2 ** 31 - 1],
  ];

/**
 * Checks where a server is to listen.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for options that contradict each other, or are no such numbers.
 */
export function checkWhere(where: ListenWhere): void {
  const { port, path, fd, systemd = false } = where;
  const ways = [path !== undefined, fd !== undefined, systemd !== false, port !== undefined];
  if (ways.filter(Boolean).length > 1) {
    throw new GatewayError("TSGI_ERR_OPTION", "A server listens at one of port, path, fd and systemd");
  }
  for (const [name, least, most] of LIMITS) {
    const value = where[name];
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) continue;
    const given = typeof value === "string" ? JSON.stringify(value) : String(value);
    throw new GatewayError(
      "TSGI_ERR_OPTION",
      `${name} is a whole number from ${least} to ${most}, not ${given}`,
    );
  }
}

/**
 * Makes a server listen.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for contradicting options, `TSGI_ERR_LISTEN` if the address cannot be had.
 */
export async function listen(server: Server, where: ListenWhere): Promise<Listening> {
  checkWhere(where);
  const { host = "127.0.0.1", port = 3000, path, mode = 0o600, fd, systemd = false, backlog = 511 } = where;
  if (path !== undefined && isFile(path)) return listenOnFile(server, path, mode, backlog);
  if (path !== undefined) {
    await bind(server, { path, backlog }, JSON.stringify(path));
    return { address: [path, null], release: nothingToRelease };
  }
  if (fd !== undefined) await bind(server, { fd, backlog }, `descriptor ${fd}`);
  else if (systemd !== false) {
    const passed = systemdFd(process.env, process.pid, systemd === true ? null : systemd);
    await bind(server, { fd: passed, backlog }, `descriptor ${passed}`);
  } else {
    await bind(server, { host, port, backlog }, `${host.includes(":") ? `[${host}]` : host}:${port}`);
  }
  const address = server.address();
  if (address === null) return { address, release: nothingToRelease };
  const named: ServerAddress =
    typeof address === "string" ? [address, null] : [address.address, address.port];
  return { address: named, release: nothingToRelease };
}

/** Whether this is a name in the file system: not an abstract socket of Linux, not a pipe of Windows. */
function isFile(path: string): boolean {
  return !path.startsWith("\0") && !path.startsWith("\\\\");
}

/**
 * A socket file. It is bound under another name in the same directory and then moved to its own: nobody can connect
 * before its permissions are set, a stale file is replaced in one step, and closing the server, where libuv unlinks the
 * name it has bound whoever owns that by then, does not touch it.
 */
async function listenOnFile(server: Server, path: string, mode: number, backlog: number): Promise<Listening> {
  // The primary of a cluster binds for its workers, and they share the one socket.
  if (cluster.isWorker) {
    await bind(server, { path, backlog }, path);
    return { address: [path, null], release: nothingToRelease };
  }
  // Node 20 cuts a longer one off, and after the move below nobody could connect to it.
  const longest = process.platform === "linux" ? 107 : 103;
  const directory = dirname(path);
  const room = longest - Buffer.byteLength(directory) - 1;
  if (Buffer.byteLength(path) > longest || room < SHORTEST_NAME) {
    const most = `at most ${longest} octets, and that of its directory at most ${longest - 1 - SHORTEST_NAME}`;
    throw refused(path, new Error(`The path of a socket has ${most}`));
  }
  try {
    // libuv would call it EACCES, of a name that nobody has given.
    if (lstat(directory) === null) throw new Error("There is no such directory");
    await refuseUnlessFree(path);
  } catch (cause) {
    throw cause instanceof GatewayError ? cause : refused(path, cause);
  }
  const bound = join(directory, `.${randomBytes(4).toString("hex")}`.slice(0, room));
  const umask = isMainThread ? process.umask(0o777 & ~mode) : null;
  const listening = bind(server, { path: bound, backlog }, path);
  if (umask !== null) process.umask(umask);
  await listening;
  let ours: Stats;
  try {
    chmodSync(bound, mode);
    ours = lstatSync(bound);
    renameSync(bound, path);
  } catch (cause) {
    server.close();
    throw refused(path, cause);
  }
  // It would tell the name it has bound.
  server.address = () => path;
  return { address: [path, null], release: () => unlinkIfSame(path, ours) };
}

async function refuseUnlessFree(path: string): Promise<void> {
  const found = lstat(path);
  if (found === null) return;
  if (!found.isSocket()) throw refused(path, new Error("There is something that is not a socket"));
  const probe = connect(path);
  probe.on("error", () => {});
  try {
    await once(probe, "connect");
  } catch (error) {
    // Refused: a socket nobody listens on any more. All else (no permission, a full backlog) says that somebody may.
    if (["ECONNREFUSED", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) return;
    throw refused(path, error);
  } finally {
    probe.destroy();
  }
  throw refused(path, new Error("Somebody is listening there"));
}

function unlinkIfSame(path: string, ours: Stats): void {
  try {
    const found = lstat(path);
    // While the server is open the system cannot give its inode to another file.
    if (found !== null && found.ino === ours.ino && found.dev === ours.dev) unlinkSync(path);
  } catch {
    // Gone, or the directory is no longer ours to look or write into: then it is a stale file, which the next start replaces.
  }
}

function lstat(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

async function bind(server: Server, options: ListenOptions & { fd?: number }, name: string): Promise<void> {
  const listening = once(server, "listening");
  try {
    server.listen(options);
    await listening;
  } catch (cause) {
    listening.catch(() => {});
    throw refused(name, cause);
  }
}

function refused(name: string, cause: unknown): GatewayError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GatewayError("TSGI_ERR_LISTEN", `Cannot listen on ${name}: ${why}`, { cause });
}
