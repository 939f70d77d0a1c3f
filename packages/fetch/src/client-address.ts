// The client's address, where a runtime tells it beside the request.
// Sources: https://bun.sh/docs/api/http (`server.requestIP`); https://docs.deno.com/api/deno/~/Deno.ServeHandlerInfo.

import type { ClientAddress } from "@tsgi/core";

interface BunServer {
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
}

interface DenoInfo {
  readonly remoteAddr: { readonly hostname?: string; readonly port?: number };
}

/** What Bun's server, or Deno's info, says of the peer; `null` elsewhere, and for a unix socket. */
export function clientFromPlatform(request: Request, env: unknown): ClientAddress | null {
  if (typeof env !== "object" || env === null) return null;
  const { requestIP } = env as Partial<BunServer>;
  if (typeof requestIP === "function") {
    const peer = requestIP.call(env, request);
    return peer === null ? null : [unmapped(peer.address), peer.port];
  }
  const { remoteAddr } = env as Partial<DenoInfo>;
  if (typeof remoteAddr?.hostname !== "string") return null;
  return [unmapped(remoteAddr.hostname), remoteAddr.port ?? 0];
}

/** A mapped IPv4 address as IPv4. */
function unmapped(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
