import { get } from "node:http";
import { connect } from "node:http2";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import type { ServeOptions } from "./serve-options.ts";
import { serveNode } from "./serve.ts";

const silent: AsgiApp = async (_scope, _receive, send) => {
  await send({ type: "http.response.start", status: 200 });
  await send({ type: "http.response.body", body: "x" });
};

const outspoken: AsgiApp = async (_scope, _receive, send) => {
  const headers: [string, string][] = [
    ["Server", "mine"],
    ["date", "Thu, 01 Jan 1970 00:00:00 GMT"],
  ];
  await send({ type: "http.response.start", status: 200, headers });
  await send({ type: "http.response.body", body: "x" });
};

/** The Server and Date fields of a response. */
async function fieldsOf(app: AsgiApp, options: ServeOptions): Promise<{ server: unknown; date: unknown }> {
  const server = await serveNode(app, { port: 0, lifespan: "off", shutdownTimeout: 0, ...options });
  try {
    return await ask(server.url as string, options);
  } finally {
    await server.close();
  }
}

async function ask(url: string, options: ServeOptions): Promise<{ server: unknown; date: unknown }> {
  if (options.http2 === "h2c") {
    const session = connect(url);
    const stream = session.request();
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    session.destroy();
    return { server: headers["server"], date: headers["date"] };
  }
  const request = get(url);
  const [response] = await once(request, "response");
  request.destroy();
  return { server: response.headers.server, date: response.headers.date };
}

describe.each([
  ["HTTP/1", {}],
  ["HTTP/2", { http2: "h2c" }],
] as const)("on %s", (_name, options) => {
  test("a response gets a Date, and no Server, unless the options say otherwise [A43]", async () => {
    const plain = await fieldsOf(silent, options);
    expect(plain.server).toBeUndefined();
    expect(Date.parse(String(plain.date))).not.toBeNaN();
    expect(await fieldsOf(silent, { ...options, dateHeader: false, serverHeader: "tsgi" })).toEqual({
      server: "tsgi",
      date: undefined,
    });
  });

  test("what the app sets stays as it is [A43]", async () => {
    expect(await fieldsOf(outspoken, { ...options, serverHeader: "tsgi" })).toEqual({
      server: "mine",
      date: "Thu, 01 Jan 1970 00:00:00 GMT",
    });
  });
});

test("a Server field that could split a response is refused at once [A43 S4]", async () => {
  await expect(serveNode(silent, { port: 0, serverHeader: "a\r\nb: c" })).rejects.toMatchObject({
    code: "TSGI_ERR_OPTION",
  });
});
