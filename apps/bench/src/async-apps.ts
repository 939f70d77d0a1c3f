// The endpoints as async apps, written as docs/interface.md shows them: for every column that runs portable apps.
import type { AsgiApp } from "@tsgi/core";
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

const decoder = new TextDecoder();

/** One async app for each endpoint. */
export const asyncApps: Readonly<Record<string, AsgiApp>> = {
  async hello(_scope, _receive, send) {
    await send({ type: "http.response.start", status: 200, headers: TEXT });
    await send({ type: "http.response.body", body: HELLO });
  },

  async json(_scope, receive, send) {
    let text = "";
    for (;;) {
      const event = await receive();
      if (event.type !== "http.request") return;
      text += decoder.decode(event.body, { stream: event.more_body });
      if (!event.more_body) break;
    }
    const order = JSON.parse(text) as Order;
    await send({ type: "http.response.start", status: 200, headers: JSON_TYPE });
    await send({ type: "http.response.body", body: JSON.stringify(receiptFromOrder(order)) });
  },

  async stream(_scope, _receive, send) {
    await send({ type: "http.response.start", status: 200, headers: OCTETS });
    for (let sent = 1; sent <= PIECES; sent += 1) {
      await send({ type: "http.response.body", body: PIECE, more_body: sent < PIECES });
    }
  },

  async download(_scope, _receive, send) {
    await send({ type: "http.response.start", status: 200, headers: LARGE });
    for (let sent = 1; sent <= LARGE_PIECES; sent += 1) {
      await send({ type: "http.response.body", body: LARGE_PIECE, more_body: sent < LARGE_PIECES });
    }
  },

  async upload(_scope, receive, send) {
    let length = 0;
    for (;;) {
      const event = await receive();
      if (event.type !== "http.request") return;
      length += event.body.length;
      if (!event.more_body) break;
    }
    await send({ type: "http.response.start", status: 200, headers: TEXT });
    await send({ type: "http.response.body", body: String(length) });
  },
};
