// The end of a connection that is refused: how long it is still read from.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { AsgiApp } from "@tsgi/core";
import { expect, onTestFinished, test } from "vitest";
import { HOSTS } from "./fixtures/hosts.ts";
import { statuses } from "./fixtures/raw-client.ts";
import { start as startOwn } from "./fixtures/running.ts";
import { expectNoStrays } from "./fixtures/strays.ts";

const app: AsgiApp = () => {};
const TOO_LONG = `GET /${"a".repeat(9_000)} HTTP/1.1\r\nHost: a\r\n\r\n`;

expectNoStrays();

/** A client that has read its refusal, and the server's end, and does not end itself; and the server's side of it. */
async function refused(start: (typeof HOSTS)[0][1], lingerTimeout: number, octets: string = TOO_LONG) {
  const { port, server } = await start(app, { lingerTimeout });
  const connected = once(server, "connection");
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  client.on("error", () => {});
  onTestFinished(() => void client.destroy());
  const [socket] = (await connected) as [Socket];
  const closed = once(socket, "close");
  let received = "";
  client.setEncoding("latin1").on("data", (piece: string) => (received += piece));
  client.write(octets);
  await once(client, "end");
  return { client, closed, socket, status: statuses(received) };
}

test.each(HOSTS)(
  "%s reads on for lingerTimeout after a refusal, and with none until the client ends [A49 S8 S9]",
  async (_name, start) => {
    const patient = await refused(start, 0);
    const hasty = await refused(start, 50);
    expect([patient.status, hasty.status]).toEqual([[414], [414]]);
    await hasty.closed;
    expect(patient.socket.destroyed).toBe(false);
    patient.client.end();
    await patient.closed;
  },
);

test.each([
  ["what is no HTTP", "what\r\n\r\n", 400],
  ["a tunnel", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501],
])(
  "%s, which never comes to a listener, is ended within the same time [S8 S9]",
  async (_what, octets, status) => {
    const own: (typeof HOSTS)[0][1] = async (...args) => {
      const { server, port, logged } = await startOwn(...args);
      return { server: server.server as never, port, logged };
    };
    const patient = await refused(own, 0, octets);
    const hasty = await refused(own, 50, octets);
    expect([patient.status, hasty.status]).toEqual([[status], [status]]);
    await hasty.closed;
    expect(patient.socket.destroyed).toBe(false);
    patient.client.end();
    await patient.closed;
  },
);
