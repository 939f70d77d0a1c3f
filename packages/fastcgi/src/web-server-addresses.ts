// Which web servers may connect: FCGI_WEB_SERVER_ADDRS, or the option of that meaning.
// Source: FastCGI 1.0 §3.2 "Accepting Transport Connections".

import { BlockList, isIP } from "node:net";
import { GatewayError } from "@tsgi/core";

/** Whether a peer may connect; `undefined` is one without an address, on a unix socket. */
export type PeerCheck = (address: string | undefined) => boolean;

/**
 * Reads a list of addresses.
 *
 * @param list - Addresses, also with a prefix length (`10.0.0.0/8`), blanks around them allowed; or FCGI_WEB_SERVER_ADDRS, where they
 * are separated by commas; `null` for everybody.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for a list without an address, or with something else in it.
 */
export function peerCheck(list: readonly string[] | string | null): PeerCheck | null {
  if (list === null) return null;
  const entries = (typeof list === "string" ? list.split(",") : list).map((entry) => entry.trim());
  if (entries.length === 0) throw wrong("an empty list");
  const allowed = new BlockList();
  for (const entry of entries) {
    const [address = "", length, ...rest] = entry.split("/");
    const family = familyOf(address);
    if (family === null || rest.length > 0) throw wrong(JSON.stringify(entry));
    if (length === undefined) allowed.addAddress(address, family);
    else if (/^\d{1,3}$/.test(length) && Number(length) <= (family === "ipv4" ? 32 : 128)) {
      allowed.addSubnet(address, Number(length), family);
    } else throw wrong(JSON.stringify(entry));
  }
  return (peer) => {
    // A peer without an address is in no list of addresses.
    const address = peer?.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "") ?? "";
    const family = familyOf(address);
    return family !== null && allowed.check(address, family);
  };
}

function familyOf(address: string): "ipv4" | "ipv6" | null {
  const version = isIP(address);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : null;
}

function wrong(what: string): GatewayError {
  return new GatewayError(
    "TSGI_ERR_OPTION",
    `The web servers' addresses (FCGI_WEB_SERVER_ADDRS) are IP addresses, not ${what}`,
  );
}
