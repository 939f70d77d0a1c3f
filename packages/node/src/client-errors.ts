// What a client sent and Node's parser refused: answered, and closed. Never a crash, never a second answer.
// Source: https://nodejs.org/docs/latest-v20.x/api/http.html#event-clienterror; RFC 9110 §15.5; RFC 6585 §5.

import type { IncomingMessage } from "node:http";
import type { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isHungUp, refuse, setClosingTimes, type ClosingTimes } from "./hang-up.ts";

/** Answers what Node's parser refuses on this server, and the methods Node takes for tunnels. */
export function answerClientErrors(server: Server, times: ClosingTimes): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    setClosingTimes(socket, times);
    onClientError(error, socket);
  });
  server.on("connect", (_req: IncomingMessage, socket: Duplex) => {
    setClosingTimes(socket as Socket, times);
    onConnect(socket as Socket);
  });
}

function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = statusOf(error.code ?? "");
  // No HTTP: a TLS handshake that failed, a connection that was lost.
  if (status === 0) socket.destroy();
  else if (!isHungUp(socket)) refuse(socket, status);
}

/** The status for an error of Node's HTTP parser, or 0 for an error of another kind. */
function statusOf(code: string): number {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return 431;
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return 413;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return 408;
    default:
      return code.startsWith("HPE_") ? 400 : 0;
  }
}

/** There are no tunnels here. The socket has left Node's parser: nothing that follows is read as a request. */
function onConnect(socket: Socket): void {
  socket.on("error", () => {});
  refuse(socket, 501);
}
