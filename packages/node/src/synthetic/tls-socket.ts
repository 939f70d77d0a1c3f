// The socket of a synthetic request that came over TLS: what a TLSSocket tells, as far as the tls extension knows it.
// Sources: ASGI TLS extension 0.2; https://nodejs.org/docs/latest-v20.x/api/tls.html#class-tlstlssocket.

import { X509Certificate } from "node:crypto";
import type { CipherNameAndProtocol, DetailedPeerCertificate } from "node:tls";
import type { HttpScopeInit, TlsExtension } from "@tsgi/core";
import { cipherSuiteName } from "../cipher-suites.ts";
import { SyntheticSocket, type FarEnd } from "./socket.ts";

const VERSIONS: Readonly<Record<number, string>> = {
  0x0301: "TLSv1",
  0x0302: "TLSv1.1",
  0x0303: "TLSv1.2",
  0x0304: "TLSv1.3",
};

/** A socket whose connection is encrypted; without the extension (behind a proxy, say) it knows no more than that. */
export class SyntheticTlsSocket extends SyntheticSocket {
  readonly encrypted = true as const;
  readonly authorized: boolean;
  readonly authorizationError: string | null;
  readonly alpnProtocol = false as const;
  readonly #tls: TlsExtension | undefined;

  constructor(scope: HttpScopeInit, far: FarEnd) {
    super(scope, far);
    const { tls } = scope.extensions;
    this.#tls = tls;
    this.authorizationError = tls?.client_cert_error ?? null;
    this.authorized = (tls?.client_cert_chain.length ?? 0) > 0 && this.authorizationError === null;
  }

  /** The client's certificate, with its issuers if `detailed`; an empty object if it sent none. */
  getPeerCertificate(detailed: boolean = false): DetailedPeerCertificate | Record<string, never> {
    const chain = this.#tls?.client_cert_chain ?? [];
    const certificates = (detailed ? chain : chain.slice(0, 1)).map(
      (pem) => new X509Certificate(pem).toLegacyObject() as unknown as DetailedPeerCertificate,
    );
    certificates.forEach((certificate, i) => {
      const issuer = certificates[i + 1];
      if (issuer !== undefined) certificate.issuerCertificate = issuer;
    });
    return certificates[0] ?? {};
  }

  getPeerX509Certificate(): X509Certificate | undefined {
    return certificateOf(this.#tls?.client_cert_chain[0] ?? null);
  }

  getX509Certificate(): X509Certificate | undefined {
    return certificateOf(this.#tls?.server_cert ?? null);
  }

  /** The protocol's name, or `null` if the host does not know it. */
  getProtocol(): string | null {
    return VERSIONS[this.#tls?.tls_version ?? 0] ?? null;
  }

  /** The cipher suite by its standard name: the host tells no other. */
  getCipher(): CipherNameAndProtocol | undefined {
    const suite = this.#tls?.cipher_suite ?? null;
    const name = suite === null ? null : cipherSuiteName(suite);
    return name === null ? undefined : { name, standardName: name, version: this.getProtocol() ?? "unknown" };
  }

  getSession(): undefined {}

  isSessionReused(): boolean {
    return false;
  }
}

function certificateOf(pem: string | null): X509Certificate | undefined {
  return pem === null ? undefined : new X509Certificate(pem);
}
