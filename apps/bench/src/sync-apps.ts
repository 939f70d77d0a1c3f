// The endpoints as sync apps, written as docs/interface.md shows them: for every column that runs portable apps.
import type { WsgiApp } from "@tsgi/core";
import {
  DOWNLOAD_LENGTH,
  HELLO,
  LARGE_PIECE,
  LARGE_PIECES,
  PIECE,
  PIECES,
  receiptFromOrder,
  type Order,
} from "./bodies.ts";

const TEXT = [["content-type", "text/plain; charset=utf-8"]] as const;
const JSON_TYPE = [["content-type", "application/json"]] as const;
const OCTETS = [["content-type", "application/octet-stream"]] as const;
const LARGE = [...OCTETS, ["content-length", String(DOWNLOAD_LENGTH)]] as const;

/** How much of a body is taken from `wsgi.input` at a time, in bytes. */
const BLOCK = 65_536;

const decoder = new TextDecoder();

/** One sync app for each endpoint. */
export const syncApps: Readonly<Record<string, WsgiApp>> = {
  hello(_environ, startResponse) {
    startResponse("200 OK", TEXT);
    return [HELLO];
  },

  json(environ, startResponse) {
    const order = JSON.parse(decoder.decode(environ["wsgi.input"].read())) as Order;
    startResponse("200 OK", JSON_TYPE);
    return [JSON.stringify(receiptFromOrder(order))];
  },

  *stream(_environ, startResponse) {
    startResponse("200 OK", OCTETS);
    for (let sent = 0; sent < PIECES; sent += 1) yield PIECE;
  },

  *download(_environ, startResponse) {
    startResponse("200 OK", LARGE);
    for (let sent = 0; sent < LARGE_PIECES; sent += 1) yield LARGE_PIECE;
  },

  upload(environ, startResponse) {
    let length = 0;
    for (;;) {
      const block = environ["wsgi.input"].read(BLOCK);
      if (block.length === 0) break;
      length += block.length;
    }
    startResponse("200 OK", TEXT);
    return [String(length)];
  },
};
