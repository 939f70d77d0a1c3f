// node:http written as well as it can be: the measure of every other column.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import {
  DOWNLOAD_LENGTH,
  HELLO,
  LARGE_PIECE,
  LARGE_PIECES,
  PIECE,
  PIECES,
  receiptFromOrder,
  type Order,
} from "../bodies.ts";
import { serveListener, type Serve } from "../column.ts";

const HELLO_HEADERS = ["Content-Type", "text/plain; charset=utf-8", "Content-Length", String(HELLO.length)];
const OCTETS_HEADERS = ["Content-Type", "application/octet-stream"];

/** One listener for each endpoint. */
export const listeners: Readonly<Record<string, RequestListener>> = {
  hello(_req, res) {
    // Length given beforehand and the body a string: Node sends head and body in one write.
    res.writeHead(200, HELLO_HEADERS).end(HELLO);
  },

  json(req, res) {
    readText(req, (text) => {
      const body = JSON.stringify(receiptFromOrder(JSON.parse(text) as Order));
      const length = String(Buffer.byteLength(body));
      res.writeHead(200, ["Content-Type", "application/json", "Content-Length", length]).end(body);
    });
  },

  stream(_req, res) {
    res.writeHead(200, OCTETS_HEADERS);
    writeAll(res, PIECE, PIECES);
  },

  download(_req, res) {
    res.writeHead(200, [...OCTETS_HEADERS, "Content-Length", String(DOWNLOAD_LENGTH)]);
    writeAll(res, LARGE_PIECE, LARGE_PIECES);
  },

  upload(req, res) {
    let length = 0;
    req.on("data", (chunk: Buffer) => {
      length += chunk.length;
    });
    req.on("end", () => {
      const body = String(length);
      const headers = ["Content-Type", "text/plain; charset=utf-8", "Content-Length", String(body.length)];
      res.writeHead(200, headers).end(body);
    });
  },
};

/** Writes a piece many times over, as fast as the client takes it. */
function writeAll(res: ServerResponse, piece: Uint8Array, times: number): void {
  let sent = 0;
  const more = (): void => {
    while (sent < times) {
      sent += 1;
      if (!res.write(piece) && sent < times) {
        res.once("drain", more);
        return;
      }
    }
    res.end();
  };
  more();
}

function readText(req: IncomingMessage, done: (text: string) => void): void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  req.on("data", (chunk: Buffer) => {
    if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  });
  req.on("end", () =>
    done((rest === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(rest)).toString()),
  );
}

export const serve: Serve = (endpoint) => serveListener(listeners[endpoint]);
