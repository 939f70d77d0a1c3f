// A network namespace with one address, as another machine would have it: for servers that are spread out.
// Source: ip-netns(8), veth(4).

import { execFileSync, spawnSync } from "node:child_process";
import { findProgram, pathOf } from "./programs.ts";

/** A machine of its own, as far as the network goes. */
export interface NetworkNamespace {
  /** Its address; this machine reaches it. */
  readonly address: string;
  /** This machine's address, as it sees it. */
  readonly peer: string;
  /** What to run a program by, so that it runs in there. */
  readonly within: readonly string[];
  /** Removes it, with its network. */
  remove(): void;
}

/** Why there can be none, in words; `null` if there can. */
export function reasonWithoutNamespaces(): string | null {
  if (findProgram("ip") === null) return "ip is not installed";
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  const name = `tsgi-probe-${process.pid}`;
  const made = spawnSync(pathOf("ip"), ["netns", "add", name]);
  if (made.status !== 0) return "this machine allows no network namespaces";
  const linked = spawnSync(pathOf("ip"), [
    "-n",
    name,
    "link",
    "add",
    "probe0",
    "type",
    "veth",
    "peer",
    "probe1",
  ]);
  spawnSync(pathOf("ip"), ["netns", "del", name]);
  return linked.status === 0 ? null : "this machine allows no veth pairs";
}

/** Makes one. `number`, from 0 to 63, tells those of one test apart. */
export function makeNamespace(number: number): NetworkNamespace {
  const name = `tsgi-${process.pid}-${number}`;
  const [here, there] = [`tsgi${process.pid % 100_000}h${number}`, `tsgi${process.pid % 100_000}t${number}`];
  // 198.18.0.0/15 is for tests of networks (RFC 2544): four addresses for each pair.
  const net = `198.18.${process.pid % 256}`;
  const [peer, address] = [`${net}.${number * 4 + 1}`, `${net}.${number * 4 + 2}`];
  ip("netns", "add", name);
  try {
    ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
    ip("addr", "add", `${peer}/30`, "dev", here);
    ip("link", "set", here, "up");
    ip("-n", name, "addr", "add", `${address}/30`, "dev", there);
    ip("-n", name, "link", "set", there, "up");
    ip("-n", name, "link", "set", "lo", "up");
  } catch (error) {
    ip("netns", "del", name);
    throw error;
  }
  return {
    address,
    peer,
    within: [pathOf("ip"), "netns", "exec", name],
    remove: () => ip("netns", "del", name),
  };
}

function ip(...args: string[]): void {
  execFileSync(pathOf("ip"), args, { stdio: ["ignore", "ignore", "pipe"] });
}
