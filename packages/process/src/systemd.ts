// Sockets that systemd opened for us: which descriptor is ours. Pure: the environment comes in, a number goes out.
// Source: sd_listen_fds(3), https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html.

import { GatewayError } from "@tsgi/core";

/** The first descriptor systemd passes (SD_LISTEN_FDS_START). */
const FIRST_FD = 3;

/** The environment: what systemd says in it, and everything else. */
export type SystemdEnvironment = Record<string, string | undefined>;

/**
 * The descriptor of the socket systemd passed to this process; its three variables are then taken out of the
 * environment, so that no child takes them for its own.
 *
 * @param name - Which one, by its `FileDescriptorName=`; needed if there are several.
 * @throws {@link GatewayError} `TSGI_ERR_LISTEN` if there is none for this process, or not exactly one.
 */
export function systemdFd(env: SystemdEnvironment, pid: number, name: string | null = null): number {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = env;
  const count = Number(LISTEN_FDS ?? "");
  if (LISTEN_PID === undefined || !(Number.isSafeInteger(count) && count > 0)) {
    throw refused("systemd has passed no socket (LISTEN_PID and LISTEN_FDS are not set)");
  }
  // A program between systemd and us that forks instead of exec'ing keeps the variables and loses the meaning.
  if (Number(LISTEN_PID) !== pid) {
    throw refused(`systemd has passed its sockets to process ${LISTEN_PID}, and this is ${pid}`);
  }
  const names = LISTEN_FDNAMES?.split(":") ?? [];
  const index = name === null ? 0 : names.indexOf(name);
  if (name === null && count > 1)
    throw refused(`systemd has passed ${count} sockets: choose one by its name`);
  if (index === -1 || index >= count || (name !== null && names.indexOf(name, index + 1) !== -1)) {
    throw refused(`systemd has not passed one socket named ${JSON.stringify(name)}`);
  }
  for (const variable of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete env[variable];
  return FIRST_FD + index;
}

function refused(message: string): GatewayError {
  return new GatewayError("TSGI_ERR_LISTEN", message);
}
