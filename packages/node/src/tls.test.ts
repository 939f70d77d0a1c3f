import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type ConnectionOptions, type TLSSocket, type TlsOptions } from "node:tls";
import type { TlsExtension } from "@tsgi/core";
import { expect, test } from "vitest";
import { cipherSuiteNumber } from "./cipher-suites.ts";
import { CA, CLIENT, INTERMEDIATE, SERVER, STRANGER } from "./fixtures/certificates.ts";
import { tlsExtension } from "./tls.ts";

/** What the server's end of one TLS connection tells. */
async function extensionOf(server: TlsOptions, client: ConnectionOptions): Promise<TlsExtension> {
  const listener = createServer({ ...SERVER, ...server }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const secure = once(listener, "secureConnection") as Promise<[TLSSocket]>;
  const { port } = listener.address() as AddressInfo;
  const peer = connect({ port, host: "127.0.0.1", servername: "localhost", ca: CA, ...client });
  peer.on("error", () => {});
  const [socket] = await secure;
  try {
    return tlsExtension(socket);
  } finally {
    peer.destroy();
    socket.destroy();
    listener.close();
  }
}

/** What is told of the chain a client sends: Node 24 tells of its own certificate only. */
const CHAIN = process.version.startsWith("v24.") ? [CLIENT.cert] : [CLIENT.cert, INTERMEDIATE];
const ASKING: TlsOptions = { requestCert: true, rejectUnauthorized: false, ca: CA };

test("without a client certificate the chain is empty, and name and error are null [A58 X26]", async () => {
  const facts = await extensionOf({ minVersion: "TLSv1.3" }, {});
  expect(facts).toEqual({
    server_cert: SERVER.cert,
    client_cert_chain: [],
    client_cert_name: null,
    client_cert_error: null,
    tls_version: 0x0304,
    cipher_suite: 0x1302,
  });
});

test("a client that was asked for a certificate and has none is no error [A58]", async () => {
  const facts = await extensionOf(ASKING, {});
  expect(facts).toMatchObject({ client_cert_chain: [], client_cert_name: null, client_cert_error: null });
});

test("a client's chain comes in PEM as it was sent, leaf first, and its name as RFC 4514 writes it [A58 X26]", async () => {
  const facts = await extensionOf(ASKING, { key: CLIENT.key, cert: CLIENT.cert + INTERMEDIATE });
  expect(facts.client_cert_chain).toEqual(CHAIN);
  expect(facts.client_cert_name).toBe(String.raw`CN=Zoë+UID=42,OU=two,OU=\#1,O=Smith\, Jones \+ Söhne,C=XX`);
  expect(facts.client_cert_error).toBeNull();
});

test("an untrusted client certificate is passed on with the reason it is not trusted [A58]", async () => {
  const facts = await extensionOf(ASKING, STRANGER);
  expect(facts.client_cert_chain).toEqual([STRANGER.cert]);
  expect(facts.client_cert_name).toBe("CN=stranger");
  expect(facts.client_cert_error).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
});

test("version and suite of TLS 1.2 are told as on the wire [A58]", async () => {
  const facts = await extensionOf({ maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }, {});
  expect(facts.tls_version).toBe(0x0303);
  expect(facts.cipher_suite).toBe(0xc02b);
});

test("what requests share cannot be changed by one of them [A58]", async () => {
  const facts = await extensionOf({}, {});
  expect(Object.isFrozen(facts)).toBe(true);
  expect(Object.isFrozen(facts.client_cert_chain)).toBe(true);
});

test.each([
  ["TLS_AES_128_GCM_SHA256", 0x1301],
  ["TLS_RSA_WITH_AES_128_CBC_SHA", 0x002f],
  ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8],
  ["TLS_OF_TOMORROW", null],
  ["", null],
])("the number of %j is %j [A58]", (name, number) => expect(cipherSuiteNumber(name)).toBe(number));
