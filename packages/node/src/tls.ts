// What a TLS socket tells of its connection, as the TLS extension wants it. Asked once per connection.
// Sources: ASGI TLS extension 0.2; RFC 4514 (names); https://nodejs.org/docs/latest-v20.x/api/tls.html.

import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { TlsExtension } from "@tsgi/core";
import { cipherSuiteNumber } from "./cipher-suites.ts";

/** The most certificates of a client's chain that are passed on: a chain is as long as the client likes. */
const MAX_CHAIN = 16;

const VERSIONS: Readonly<Record<string, number>> = {
  SSLv3: 0x0300,
  TLSv1: 0x0301,
  "TLSv1.1": 0x0302,
  "TLSv1.2": 0x0303,
  "TLSv1.3": 0x0304,
};

/**
 * The `tls` extension of a connection: all six keys, frozen.
 *
 * The chain is one long on a resumed session, of which OpenSSL keeps the client's own certificate and not its issuers, and
 * always on Node 24, which does not tell of them.
 */
export function tlsExtension(socket: TLSSocket): TlsExtension {
  const client = socket.getPeerX509Certificate();
  return Object.freeze({
    server_cert: socket.getX509Certificate()?.toString() ?? null,
    client_cert_chain: Object.freeze(chainOf(client)),
    client_cert_name: client === undefined ? null : nameOf(client.subject),
    client_cert_error: client === undefined ? null : errorOf(socket),
    tls_version: VERSIONS[socket.getProtocol() ?? ""] ?? null,
    cipher_suite: cipherSuiteNumber(socket.getCipher()?.standardName ?? ""),
  });
}

function chainOf(leaf: X509Certificate | undefined): string[] {
  const chain: string[] = [];
  let next = leaf;
  while (next !== undefined && chain.length < MAX_CHAIN) {
    const pem = next.toString();
    // A certificate signed by itself is its own issuer.
    if (chain.includes(pem)) break;
    chain.push(pem);
    next = next.issuerCertificate;
  }
  return chain;
}

/**
 * A subject as RFC 4514 writes it: the last part first. Node gives one line for each part, already escaped, with `" + "`
 * between attributes of one part; a line break inside a value is escaped, so that the lines can be told apart.
 */
function nameOf(subject: string | undefined): string | null {
  if (subject === undefined || subject === "") return null;
  const parts = subject.split("\n").map((part) => part.replaceAll(" + ", "+"));
  return parts.toReversed().join(",");
}

function errorOf(socket: TLSSocket): string | null {
  const { authorizationError: error } = socket as { authorizationError?: Error | string | null };
  if (error === undefined || error === null) return null;
  return typeof error === "string"
    ? error
    : (error as { code?: string }).code || error.message || "UNSPECIFIED";
}
