import { request as httpsRequest } from "node:https";
import type { ConnectionOptions, TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import { CA, CLIENT, INTERMEDIATE, SERVER, STRANGER } from "./fixtures/certificates.ts";
import { rawClient, rawExchange } from "./fixtures/raw-client.ts";
import { scopeApp, start } from "./fixtures/running.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

describe("https", () => {
  async function get(port: number, options: ConnectionOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      httpsRequest(
        { port, host: "127.0.0.1", servername: "localhost", ca: CA, agent: false, ...options },
        (response) => {
          response.resume().on("end", () => resolve(response.statusCode ?? 0));
        },
      )
        .on("error", reject)
        .end();
    });
  }

  const asking: TlsOptions = { ...SERVER, ca: CA, requestCert: true };

  test("the scope says https, and tells the facts of TLS [A17 A58 X10 X26]", async () => {
    const { app, scopes } = scopeApp();
    const { server, port } = await start(app, { tls: { ...SERVER, minVersion: "TLSv1.3" } });
    expect(await get(port, {})).toBe(200);
    expect(server.url).toBe(`https://127.0.0.1:${port}`);
    expect(scopes[0]?.scheme).toBe("https");
    expect(Object.keys(scopes[0]?.extensions.tls ?? {})).toEqual([
      "server_cert",
      "client_cert_chain",
      "client_cert_name",
      "client_cert_error",
      "tls_version",
      "cipher_suite",
    ]);
  });

  test("without TLS there is no word of it [A58]", async () => {
    const { app, scopes } = scopeApp();
    const { port } = await start(app);
    await rawExchange(port, GET);
    expect(scopes[0]?.extensions).not.toHaveProperty("tls");
  });

  test("a client with a certificate that is trusted is let in, others are not [A58]", async () => {
    const { app, scopes } = scopeApp();
    const { port } = await start(app, { tls: asking });
    expect(await get(port, { key: CLIENT.key, cert: CLIENT.cert + INTERMEDIATE })).toBe(200);
    expect(scopes[0]?.extensions.tls).toMatchObject({
      client_cert_chain: expect.arrayContaining([CLIENT.cert]),
      client_cert_error: null,
    });
    await expect(get(port, STRANGER)).rejects.toThrow();
    await expect(get(port, {})).rejects.toThrow();
    expect(scopes).toHaveLength(1);
  });

  test("a version below the lowest is refused, and the server goes on [A58]", async () => {
    const { app, scopes } = scopeApp();
    const { port, logged } = await start(app, { tls: { ...SERVER, minVersion: "TLSv1.3" } });
    await expect(get(port, { maxVersion: "TLSv1.2" })).rejects.toThrow();
    expect(await get(port, {})).toBe(200);
    expect(scopes).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  test("plain HTTP on its port is closed, and answered nothing a TLS client could misread [S6]", async () => {
    const { app, scopes } = scopeApp();
    const { port } = await start(app, { tls: SERVER });
    expect(await rawExchange(port, GET)).not.toContain("200");
    expect(scopes).toEqual([]);
  });

  test("a handshake that is never finished ends with the time of a head [S9]", async () => {
    const { port } = await start(scopeApp().app, { tls: SERVER, headersTimeout: 50 });
    const client = await rawClient(port);
    await client.send("\x16\x03\x01").ended;
  });
});
