// IP addresses and CIDR ranges, as 16-bit groups: two for IPv4, eight for IPv6. An IPv4 address mapped into IPv6 is the IPv4 one.
// Sources: RFC 4291 §2.2 (text), §2.5.5.2 (mapped); RFC 4632 §3.1 (CIDR); RFC 5952 §4 (the one way to write an address).

/** An address: two groups of 16 bits for IPv4, eight for IPv6. */
export type Ip = readonly number[];

/** A range of addresses: those that agree with `ip` in their first `bits` bits. */
export interface Cidr {
  readonly ip: Ip;
  readonly bits: number;
}

/** The longest text of an address: eight groups, the last two as IPv4. */
const LONGEST = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length;
const GROUP = /^[0-9a-f]{1,4}$/i;
const PREFIX_LENGTH = /^(?:0|[1-9]\d{0,2})$/;

/** Reads an address without brackets, port and zone; `null` if it is none. */
export function parseIp(text: string): Ip | null {
  const ip = parse(text);
  return ip !== null && isMapped(ip) ? ip.slice(6) : ip;
}

/** Writes an address: lower case, the longest run of zero groups as `::`. */
export function formatIp(ip: Ip): string {
  if (ip.length === 2) return ip.map((group) => `${group >> 8}.${group & 0xff}`).join(".");
  let [start, length] = [0, 0];
  for (let i = 0; i < 8; i += 1) {
    let end = i;
    while (ip[end] === 0) end += 1;
    if (end - i > length) [start, length] = [i, end - i];
  }
  const groups = ip.map((group) => group.toString(16));
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

/** Reads an address or a range such as `10.0.0.0/8`; `null` if it is neither. Bits beyond the prefix length are dropped. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf("/");
  if (slash === -1) {
    const ip = parseIp(text);
    return ip && { ip, bits: ip.length * 16 };
  }
  const ip = parse(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (ip === null || !PREFIX_LENGTH.test(length)) return null;
  const bits = Number(length);
  if (bits > ip.length * 16) return null;
  // Below 96 bits it is a range of IPv6 that happens to begin so.
  return isMapped(ip) && bits >= 96 ? { ip: ip.slice(6), bits: bits - 96 } : { ip, bits };
}

/** Whether an address is in a range. One of IPv4 never is in one of IPv6. */
export function isInCidr(ip: Ip, cidr: Cidr): boolean {
  if (ip.length !== cidr.ip.length) return false;
  for (let i = 0, left = cidr.bits; left > 0; i += 1, left -= 16) {
    const difference = (ip[i] as number) ^ (cidr.ip[i] as number);
    if (left < 16 ? difference >> (16 - left) !== 0 : difference !== 0) return false;
  }
  return true;
}

function parse(text: string): Ip | null {
  if (text.length > LONGEST) return null;
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Ip | null {
  let [packed, octet, dots] = [0, -1, 0];
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit >= 0 && digit <= 9) {
      // No leading zeros: what is decimal to one program is octal to another.
      if (octet === 0) return null;
      octet = octet === -1 ? digit : octet * 10 + digit;
      if (octet > 255) return null;
      continue;
    }
    if (text[i] !== "." || octet === -1) return null;
    packed = packed * 256 + octet;
    octet = -1;
    dots += 1;
  }
  if (dots !== 3 || octet === -1) return null;
  packed = packed * 256 + octet;
  return [packed >>> 16, packed & 0xffff];
}

function parseIpv6(text: string): Ip | null {
  const groups: number[] = [];
  let gap = text.startsWith("::") ? 0 : -1;
  let at = gap === 0 ? 2 : 0;
  while (at < text.length) {
    const colon = text.indexOf(":", at);
    const group = colon === -1 ? text.slice(at) : text.slice(at, colon);
    if (GROUP.test(group)) {
      groups.push(Number.parseInt(group, 16));
    } else {
      // The last two groups may be written as IPv4.
      const ipv4 = colon === -1 ? parseIpv4(group) : null;
      if (ipv4 === null) return null;
      groups.push(...ipv4);
    }
    if (colon === -1) break;
    at = colon + 1;
    if (text[at] === ":") {
      if (gap !== -1) return null;
      gap = groups.length;
      at += 1;
    } else if (at === text.length) {
      return null;
    }
  }
  if (gap === -1) return groups.length === 8 ? groups : null;
  if (groups.length > 7) return null;
  while (groups.length < 8) groups.splice(gap, 0, 0);
  return groups;
}

function isMapped(ip: Ip): boolean {
  return ip.length === 8 && ip[5] === 0xffff && ip.every((group, i) => i > 4 || group === 0);
}
