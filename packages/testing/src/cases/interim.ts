// Interim responses: early hints and others, before the start.
// Sources: ASGI extensions "Early Hints"; RFC 8297 (103); RFC 9110 §15.2; extension tsgi.informational.

import type { Send, SendEvent } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import { inBoth, type Case } from "../suite/case.ts";
import { equal, ok, quoted, rejects } from "../suite/check.ts";
import { valuesOf } from "../suite/client.ts";
import { last, start } from "./answers.ts";

const STYLE = "</style.css>; rel=preload; as=style";
const SCRIPT = "</app.js>; rel=preload; as=script";

function hint(send: Send, links: unknown): Promise<void> {
  return send({ type: "http.response.early_hint", links } as SendEvent);
}

const BAD_LINKS: readonly [unknown, string][] = [
  [["</a>\r\nEvil: 1"], "TSGI_ERR_HEADER"],
  [["</a>\n</b>"], "TSGI_ERR_HEADER"],
  [["</a>\n"], "TSGI_ERR_HEADER"],
  [["</a>\0b"], "TSGI_ERR_HEADER"],
  [["</\u0100>"], "TSGI_ERR_HEADER"],
  [[5], "TSGI_ERR_HEADER"],
  [5, "TSGI_ERR_EVENT"],
  [undefined, "TSGI_ERR_EVENT"],
];

const BAD_INTERIM: readonly [says: string, event: object, code: string, proves: RequirementId[]][] = [
  ["status 100", { status: 100 }, "TSGI_ERR_STATUS", ["A35"]],
  ["status 101", { status: 101 }, "TSGI_ERR_STATUS", ["A35"]],
  ["status 200", { status: 200 }, "TSGI_ERR_STATUS", ["A35"]],
  ["a CR LF", { status: 103, headers: [["link", "a\r\nb"]] }, "TSGI_ERR_HEADER", ["S4"]],
  ["a Content-Length", { status: 103, headers: [["content-length", "5"]] }, "TSGI_ERR_HEADER", ["X34"]],
];

/** The cases about interim responses. */
export const interimCases: readonly Case[] = [
  {
    name: "interim: an early hint is a 103 with a Link field for each link, before the final head",
    proves: ["A51", "A12", "X24"],
    needs: ["interim responses"],
    async app(scope, _receive, send) {
      ok("http.response.early_hint" in scope.extensions, "early hints are offered");
      await hint(send, [` ${STYLE} `, SCRIPT]);
      await start(send, 200, [["x-final", "1"]]);
      await last(send, "body");
    },
    async client(client) {
      const { interim, status, text } = await client.request();
      equal([status, text, interim.length], [200, "body", 1]);
      equal([interim[0]?.status, valuesOf(interim[0] ?? { headers: [] }, "link")], [103, [STYLE, SCRIPT]]);
    },
  },
  {
    name: "interim: several early hints go out one by one, each before the app goes on",
    proves: ["A51"],
    needs: ["interim responses", "memory"],
    async app(_scope, _receive, send, stage) {
      await hint(send, [STYLE]);
      await stage.gate("first seen");
      await hint(send, [SCRIPT]);
      await stage.gate("second seen");
      await start(send);
      await last(send, "body");
    },
    async client(client) {
      const exchange = client.start(await client.connect(), {});
      equal(valuesOf(await exchange.head(), "link"), [STYLE]);
      await client.open("first seen");
      equal(valuesOf(await exchange.head(), "link"), [SCRIPT]);
      await client.open("second seen");
      equal((await client.read(exchange)).text, "body");
    },
  },
  {
    name: "interim: links may be any iterable",
    proves: ["A51"],
    needs: ["interim responses"],
    async app(_scope, _receive, send) {
      await hint(send, new Set([STYLE, SCRIPT]));
      await start(send);
      await last(send);
    },
    async client(client) {
      const { interim } = await client.request();
      equal(valuesOf(interim[0] ?? { headers: [] }, "link"), [STYLE, SCRIPT]);
    },
  },
  {
    name: "interim: an early hint after the start is refused",
    proves: ["A51"],
    needs: ["interim responses"],
    breaks: true,
    async app(_scope, _receive, send) {
      await start(send);
      await rejects(hint(send, [STYLE]), "TSGI_ERR_EVENT_ORDER", "an early hint after the start");
      await last(send, "body");
    },
    async client(client) {
      const { interim, text } = await client.request();
      equal([interim.length, text], [0, "body"]);
    },
  },
  ...BAD_LINKS.map(([links, code]): Case => ({
    name: `interim: links ${quoted(JSON.stringify(links) ?? "undefined")} are refused, and no octet is sent`,
    proves: ["A51", "S4"],
    needs: ["interim responses"],
    breaks: true,
    async app(_scope, _receive, send) {
      await rejects(hint(send, links), code, "the links");
      await start(send);
      await last(send, "body");
    },
    async client(client) {
      const { interim, text } = await client.request();
      equal([interim.length, text], [0, "body"]);
    },
  })),
  {
    name: "interim: an HTTP/1.0 client is sent none, silently",
    proves: ["A51"],
    needs: ["octets"],
    async app(scope, _receive, send) {
      if ("http.response.early_hint" in scope.extensions) await hint(send, [STYLE]);
      await start(send);
      await last(send, "body");
    },
    async client(client) {
      const octets = await client.octets();
      await octets.write(client.head("GET / HTTP/1.0"));
      const { interim, text } = await client.read(octets.response("GET"));
      equal([interim.length, text], [0, "body"]);
    },
  },
  {
    name: "interim: tsgi.informational sends any 1xx with its fields",
    proves: ["A12"],
    needs: ["interim responses"],
    async app(scope, _receive, send) {
      ok("tsgi.informational" in scope.extensions, "tsgi.informational is offered");
      await send({ type: "tsgi.informational", status: 102 });
      await send({ type: "tsgi.informational", status: 110, headers: [["x-progress", "50 %"]] });
      await start(send);
      await last(send, "body");
    },
    async client(client) {
      const { interim, text } = await client.request();
      equal([interim.map(({ status }) => status), text], [[102, 110], "body"]);
      equal(valuesOf(interim[1] ?? { headers: [] }, "x-progress"), ["50 %"]);
    },
  },
  ...BAD_INTERIM.map(([says, event, code, proves]): Case => ({
    name: `interim: tsgi.informational with ${says} is refused`,
    proves,
    needs: ["interim responses"],
    breaks: true,
    async app(_scope, _receive, send) {
      await rejects(send({ type: "tsgi.informational", ...event } as SendEvent), code, says);
      await start(send);
      await last(send, "body");
    },
    async client(client) {
      const { interim, text } = await client.request();
      equal([interim.length, text], [0, "body"]);
    },
  })),
  {
    name: "sync interim: wsgi.early_hints sends a 103, and refuses a line end",
    proves: ["W54", "S4"],
    needs: ["interim responses"],
    breaks: true,
    syncApp(environ, startResponse) {
      const hints = environ["wsgi.early_hints"];
      ok(hints !== undefined, "wsgi.early_hints is there");
      hints([["Link", STYLE]]);
      let refused = false;
      try {
        hints([["Link", "</a>\r\nEvil: 1"]]);
      } catch {
        refused = true;
      }
      startResponse("200 OK", []);
      return [`refused: ${refused}`];
    },
    async client(client) {
      const { interim, text } = await client.request();
      equal([interim.length, text], [1, "refused: true"]);
      equal([interim[0]?.status, valuesOf(interim[0] ?? { headers: [] }, "link")], [103, [STYLE]]);
    },
  },
  ...inBoth({
    name: "interim: a response without any has none",
    proves: ["A51"],
    async app(_scope, _receive, send) {
      await start(send);
      await last(send, "body");
    },
    syncApp(_environ, startResponse) {
      startResponse("200 OK", []);
      return ["body"];
    },
    async client(client) {
      equal((await client.request()).interim.length, 0);
    },
  }),
];
