// What the servers say and the load generator expects: one set of bytes for every column, so that a peer that answers
// something cheaper is found out. No sockets here.

/** The answer of `hello`. */
export const HELLO = "Hello, world!";

/** What `json` reads and answers: a small order, about the size of a form or an API call. */
export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly lines: readonly { readonly article: string; readonly quantity: number; readonly price: number }[];
  readonly note: string;
}

/** The answer of `json`: proves that the body was read and parsed. */
export interface Receipt {
  readonly id: number;
  readonly lines: number;
  readonly total: number;
}

/** Adds an order up. Every column's `json` calls this, so that the work of the app is the same everywhere. */
export function receiptFromOrder(order: Order): Receipt {
  let total = 0;
  for (const line of order.lines) total += line.quantity * line.price;
  return { id: order.id, lines: order.lines.length, total };
}

const lines = Array.from({ length: 12 }, (_, n) => ({
  article: `article-${String(n).padStart(4, "0")}`,
  quantity: n + 1,
  price: 100 + n,
}));
const shortOrder: Order = { id: 4711, customer: "Ada Lovelace", lines, note: "" };

/** The request body of `json`: exactly 1 KiB of JSON. */
export const ORDER: Uint8Array = Buffer.from(
  JSON.stringify({ ...shortOrder, note: "x".repeat(1024 - JSON.stringify(shortOrder).length) }),
);

/** The response body of `json`. */
export const RECEIPT: string = JSON.stringify(receiptFromOrder(shortOrder));

/** How many pieces `stream` answers with. */
export const PIECES = 16;

/** One piece of `stream`, in bytes: 16 of them are 64 KiB. */
export const PIECE: Uint8Array = Buffer.alloc(4096, "0123456789abcdef");

/** How many pieces `download` answers with, and one of them: 64 KiB each, 100 MiB in all. */
export const LARGE_PIECES = 1600;
export const LARGE_PIECE: Uint8Array = Buffer.alloc(65_536, "0123456789abcdef");

/** The length of the response body of `download`, in bytes. */
export const DOWNLOAD_LENGTH: number = LARGE_PIECES * LARGE_PIECE.length;

/** The request body of `upload`: 10 MiB. Made on first use; only the load generator needs it. */
export function uploadBody(): Uint8Array {
  return Buffer.alloc(UPLOAD_LENGTH, "upload");
}

/** The length of {@link uploadBody} in bytes. A server answers `upload` with this number as text. */
export const UPLOAD_LENGTH: number = 10 * 1024 * 1024;
