// What Node's parser refuses.

import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { cases } from "../cases/cases.ts";
import { nodeParserSkips } from "./node-skips.ts";

test("each is a case of the suite", () => {
  const known = new Set(cases.map(({ name }) => name));
  expect(Object.keys(nodeParserSkips).filter((name) => !known.has(name))).toEqual([]);
});

test.each(["UNHEARD-OF / HTTP/1.1", "GET /\u00e4 HTTP/1.1"])(
  "%j is a 400 that nobody is asked for",
  async (line) => {
    let asked = 0;
    const server = createServer(() => (asked += 1)).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    client.end(Buffer.from(`${line}\r\nHost: a\r\n\r\n`, "utf8"));
    const [answer] = (await once(client, "data")) as [Buffer];
    expect([String(answer).slice(0, 12), asked]).toEqual(["HTTP/1.1 400", 0]);
  },
);
