// The client and the scheme, where Express trusts the proxies in front of it.

import { describe, expect, test } from "vitest";
import { fromNode } from "@tsgi/node";
import { scopeApp } from "./fixtures/apps.ts";
import { VERSIONS, ask, listen } from "./fixtures/servers.ts";
import { toExpress, type ToExpressOptions } from "./to-express.ts";

const FORWARDED = { "X-Forwarded-For": "203.0.113.9, 198.51.100.2", "X-Forwarded-Proto": "https" };

describe.each(VERSIONS)("in %s", (_version, express) => {
  async function peer(
    trust: unknown,
    headers: Record<string, string>,
    options: ToExpressOptions = {},
  ): Promise<unknown[]> {
    const server = express();
    if (trust !== undefined) server.set("trust proxy", trust);
    server.use("/mnt", toExpress(scopeApp, options));
    const { body } = await ask(await listen(server), { path: "/mnt/x", headers });
    const { client, scheme } = JSON.parse(body) as { client: string; scheme: string };
    return [client, scheme];
  }

  test.each([
    [undefined, "127.0.0.1", "http"],
    [false, "127.0.0.1", "http"],
    [true, "203.0.113.9", "https"],
    ["loopback", "198.51.100.2", "https"],
    ["loopback, 198.51.100.0/24", "203.0.113.9", "https"],
    [1, "198.51.100.2", "https"],
    ["10.0.0.0/8", "127.0.0.1", "http"],
    [(): boolean => true, "203.0.113.9", "https"],
  ])("trust proxy %j gives %s over %s [X12 X10 X13]", async (trust, client, scheme) => {
    expect(await peer(trust, FORWARDED)).toEqual([client, scheme]);
  });

  test("trustProxy: false leaves them the socket's [X13 S22]", async () => {
    expect(await peer(true, FORWARDED, { trustProxy: false })).toEqual(["127.0.0.1", "http"]);
  });

  test.each([
    ["unknown", "127.0.0.1"],
    ["198.51.100.2:4711", "127.0.0.1"],
    ["_hidden", "127.0.0.1"],
    ["::ffff:198.51.100.2", "198.51.100.2"],
    ["2001:db8::7", "2001:db8::7"],
  ])("X-Forwarded-For: %s is the client %s [X12 S22]", async (said, client) => {
    expect(await peer("loopback", { "X-Forwarded-For": said })).toEqual([client, "http"]);
  });

  test.each([
    ["https", "https"],
    ["http", "http"],
    ["https, http", "https"],
    ["ftp", "http"],
    ["javascript", "http"],
  ])("X-Forwarded-Proto: %s is the scheme %s [X10 S22]", async (said, scheme) => {
    expect(await peer("loopback", { "X-Forwarded-Proto": said })).toEqual(["127.0.0.1", scheme]);
  });

  test("the setting is that of the app it is mounted in, inherited as Express has it [X12]", async () => {
    const server = express().set("trust proxy", "loopback");
    server.use("/sub", express().use(toExpress(scopeApp)));
    server.use("/strict", express().set("trust proxy", false).use(toExpress(scopeApp)));
    const port = await listen(server);
    const [sub, strict] = [
      await ask(port, { path: "/sub", headers: FORWARDED }),
      await ask(port, { path: "/strict", headers: FORWARDED }),
    ];
    expect(JSON.parse(sub.body)).toMatchObject({ client: "198.51.100.2", scheme: "https" });
    expect(JSON.parse(strict.body)).toMatchObject({ client: "127.0.0.1", scheme: "http" });
  });

  test("the header fields stay as they came [X13]", async () => {
    const server = express().set("trust proxy", true);
    const listener = fromNode((req, res) => {
      const { remoteAddress } = req.socket;
      res.end(JSON.stringify([remoteAddress, "encrypted" in req.socket, req.headers["x-forwarded-for"]]));
    });
    server.use(toExpress(listener));
    const { body } = await ask(await listen(server), { headers: FORWARDED });
    expect(JSON.parse(body)).toEqual(["203.0.113.9", true, "203.0.113.9, 198.51.100.2"]);
  });
});
