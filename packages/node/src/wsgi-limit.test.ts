// A body that a sync app's bridge refuses ends the connection: what follows it is not read as a request.

import { connect } from "node:net";
import { expect, test } from "vitest";
import { wsgi } from "@tsgi/core";
import { serveNode } from "./serve.ts";

test("after a 413 to a chunked body nothing that follows on the connection is served [W24 S6 S8]", async () => {
  const called: unknown[] = [];
  const app = wsgi(
    (environ, startResponse) => {
      called.push(environ.PATH_INFO);
      startResponse("200 OK", []);
      return ["ok"];
    },
    { maxBodySize: 10 },
  );
  const server = await serveNode(app, { port: 0, shutdownTimeout: 0 });
  try {
    const socket = connect(server.address?.[1] ?? 0, "127.0.0.1");
    socket.write(
      "POST /long HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nxxxxxxxxxxx\r\n0\r\n\r\n",
    );
    socket.write("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text.match(/^HTTP\/1\.1 [^\r]*/gm)).toEqual(["HTTP/1.1 413 Payload Too Large"]);
    expect(text.toLowerCase()).toContain("\r\nconnection: close\r\n");
    expect(called).toEqual([]);
  } finally {
    await server.close();
  }
});
