// Bodies that a parser in front has read: given again as they were sent, or refused with a remedy.

import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { GatewayError, UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import multer from "multer";
import { echoApp } from "./fixtures/apps.ts";
import { VERSIONS, ask, listen, type Ask } from "./fixtures/servers.ts";
import { keepRawBody } from "./keep-raw-body.ts";
import { toExpress } from "./to-express.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const FORM_TYPE = { "Content-Type": "application/x-www-form-urlencoded" };
const SPACED = '{ "a" : [1.50,  "\u00e9"],\n"a": 2 }';

const unread: AsgiApp = async (scope, _receive, send) => {
  if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
  await send({ type: "http.response.start", status: 200 });
  await send({ type: "http.response.body", body: "unread" });
};

describe.each(VERSIONS)("behind a parser of %s", (_version, express) => {
  type Parser = ReturnType<typeof express.json>;

  /** Echoes by an app behind a parser, which may have set `req.body` for others all the same. */
  async function echoed(
    parser: Parser,
    sent: Ask,
    app: AsgiApp = echoApp,
  ): Promise<{ status: number; bytes: Buffer; logged: unknown[] }> {
    const logged: unknown[] = [];
    const server = express().use(parser);
    server.use("/mnt", toExpress(app, { log: (_level, _message, error) => logged.push(error) }));
    const { status, bytes } = await ask(await listen(server), { method: "POST", path: "/mnt", ...sent });
    return { status, bytes, logged };
  }

  const REPLAYED: [what: string, parser: Parser, sent: Ask][] = [
    ["raw bytes", express.raw({ type: "*/*" }), { body: Buffer.from([0, 1, 0xfe, 0xff]) }],
    ["raw bytes in chunks", express.raw({ type: "*/*" }), { body: Buffer.alloc(70_000, 7), chunked: true }],
    ["text", express.text(), { headers: { "Content-Type": "text/plain" }, body: "caf\u00e9" }],
    ["JSON kept by verify", express.json({ verify: keepRawBody }), { headers: JSON_TYPE, body: SPACED }],
    [
      "JSON in chunks kept by verify",
      express.json({ verify: keepRawBody }),
      { headers: JSON_TYPE, body: SPACED, chunked: true },
    ],
    [
      "a form kept by verify",
      express.urlencoded({ extended: true, verify: keepRawBody }),
      { headers: FORM_TYPE, body: "a=1&b[c]=%C3%A9+f" },
    ],
    [
      "text of another charset kept by verify",
      express.text({ verify: keepRawBody }),
      { headers: { "Content-Type": "text/plain; charset=latin1" }, body: Buffer.from([0x63, 0xe9]) },
    ],
    ["a type the parser leaves alone", express.json(), { headers: FORM_TYPE, body: "a=1" }],
    ["no body at all", express.json(), { headers: JSON_TYPE }],
    ["an empty body", express.raw({ type: "*/*" }), { body: "" }],
  ];
  test.each(REPLAYED)("%s arrives as it was sent [X21]", async (_what, parser, sent) => {
    const { status, bytes, logged } = await echoed(parser, sent);
    expect([status, logged]).toEqual([200, []]);
    expect(bytes).toEqual(Buffer.from(sent.body ?? ""));
  });

  const REFUSED: [what: string, parser: Parser, sent: Ask][] = [
    ["JSON", express.json(), { headers: JSON_TYPE, body: '{"a":1}' }],
    ["a form", express.urlencoded({ extended: false }), { headers: FORM_TYPE, body: "a=1" }],
    [
      "a multipart form",
      multer().none() as Parser,
      {
        headers: { "Content-Type": "multipart/form-data; boundary=X" },
        body: '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--X--\r\n',
      },
    ],
    [
      "text of another charset",
      express.text(),
      { headers: { "Content-Type": "text/plain; charset=latin1" }, body: Buffer.from([0x63, 0xe9]) },
    ],
    [
      "what was inflated, kept or not",
      express.json({ verify: keepRawBody }),
      { headers: { ...JSON_TYPE, "Content-Encoding": "gzip" }, body: gzipSync('{"a":1}') },
    ],
  ];
  test.each(REFUSED)("%s is an error that names the remedy [X21]", async (_what, parser, sent) => {
    const { status, logged } = await echoed(parser, sent);
    expect(logged).toEqual([expect.any(GatewayError)]);
    const { code, message } = logged[0] as GatewayError;
    expect([status, code]).toEqual([500, "TSGI_ERR_BODY_CONSUMED"]);
    expect(message).toMatch(/before the parser.*keepRawBody/);
  });

  test.each(REFUSED)(
    "%s does not matter to an app that does not read it [X21]",
    async (_what, parser, sent) => {
      const { status, bytes, logged } = await echoed(parser, sent, unread);
      expect([status, String(bytes), logged]).toEqual([200, "unread", []]);
    },
  );

  test("what the parser made of it is still there for Express [X21]", async () => {
    let parsed: unknown;
    const server = express().use(express.json({ verify: keepRawBody }));
    server.use((req, _res, next) => {
      parsed = req.body;
      next();
    });
    server.use(toExpress(echoApp));
    const { body } = await ask(await listen(server), { method: "POST", headers: JSON_TYPE, body: '{"a":1}' });
    expect([parsed, body]).toEqual([{ a: 1 }, '{"a":1}']);
  });

  test("a long body is read on after something async in front, by length and in chunks [X21 A28]", async () => {
    const server = express().use((_req, _res, next) => void setImmediate(next));
    server.use(toExpress(echoApp));
    const port = await listen(server);
    const body = Buffer.alloc(300_000, "abcdefg");
    for (const chunked of [false, true]) {
      expect((await ask(port, { method: "POST", body, chunked })).bytes.equals(body)).toBe(true);
    }
  });
});
