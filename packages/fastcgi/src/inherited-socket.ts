// Whether descriptor 0 is a socket that listens: how spawn-fcgi, lighttpd and mod_fcgid start an application.
// Sources: FastCGI 1.0 §2.2 "FCGI_LISTENSOCK_FILENO"; proc_net_tcp(5), unix(7) "/proc/net/unix"; requirements F59, C1.

import { fstatSync, readFileSync, readlinkSync } from "node:fs";

/** What can be known of a descriptor. */
export type DescriptorKind = "listening" | "connected" | "socket" | "none";

/** The tables of the sockets of this network namespace: which column is the inode, and what the state says of one that listens. */
const TABLES = [
  { file: "/proc/self/net/unix", inode: 6, state: 3, listens: "00010000" },
  { file: "/proc/self/net/tcp", inode: 9, state: 3, listens: "0A" },
  { file: "/proc/self/net/tcp6", inode: 9, state: 3, listens: "0A" },
] as const;

/**
 * What a descriptor is; `"socket"` is one of which the system does not tell whether it listens. It is only looked at: nothing is
 * accepted, read or closed.
 */
export function descriptorKind(fd: number): DescriptorKind {
  try {
    if (!fstatSync(fd).isSocket()) return "none";
  } catch {
    return "none";
  }
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? "";
    for (const table of TABLES) {
      const state = stateOf(inode, table);
      if (state !== null) return state === table.listens ? "listening" : "connected";
    }
  } catch {
    // Not on Linux, or without /proc.
  }
  return "socket";
}

function stateOf(inode: string, { file, ...columns }: (typeof TABLES)[number]): string | null {
  for (const line of readFileSync(file, "latin1").split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words[columns.inode] === inode) return words[columns.state] ?? null;
  }
  return null;
}
