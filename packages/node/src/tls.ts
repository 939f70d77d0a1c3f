import type { TLSSocket } from "node:tls";
import type { TlsExtension } from "@tsgi/core";
export function tlsExtension(_socket: TLSSocket): TlsExtension {
  return {
    server_cert: null,
    client_cert_chain: [],
    client_cert_name: null,
    client_cert_error: null,
    tls_version: null,
    cipher_suite: null,
  };
}
