// A temporary directory for one server, and the user it runs as: never root, which web servers treat as a case of its own.

import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Who a server runs as; without ids, whoever runs the tests. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** Where a server keeps everything: configuration, sockets, logs. */
export interface Place {
  readonly folder: string;
  readonly user: User;
  /** The environment of a server: nothing of this process's but a PATH, in which the very `node` that runs comes first. */
  readonly env: Readonly<Record<string, string>>;
  /** The path of a file in it, which need not exist. */
  path(name: string): string;
  /** Writes a file that belongs to the user, and gives its path. */
  write(name: string, text: string, mode?: number): string;
  /** What is in a file; `""` if there is none. */
  read(name: string): string;
  /** Removes it with everything in it. */
  remove(): void;
}

/** Makes one. */
export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), "tsgi-server-"));
  const user = unprivileged();
  give(folder, user);
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    user,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: folder,
      TMPDIR: folder,
    },
    path,
    write(name, text, mode = 0o644) {
      writeFileSync(path(name), text);
      chmodSync(path(name), mode);
      give(path(name), user);
      return path(name);
    },
    read(name) {
      try {
        return readFileSync(path(name), "utf8");
      } catch {
        return "";
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Debian's user of web servers, or nobody, when root runs the tests. */
function unprivileged(): User {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["www-data", "nobody"]) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error("There is neither a user www-data nor a user nobody");
}

function give(path: string, { uid, gid }: User): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
