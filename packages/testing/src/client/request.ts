// A request as a test writes it, and how its body goes out.
// Source: RFC 9112 §6 (framing), which a scope shows in its headers; requirement A25.

import { GatewayError, byteLength, bytesOf, isBytes, type Chunk } from "@tsgi/core";
import { fieldPairs, valuesOf, type TestField, type TestFields } from "./fields.ts";
import type { MemoryTransport, TestHead } from "./memory-transport.ts";
import { writtenTarget, type WrittenRequest } from "./request-scope.ts";

/** The body of a request: whole, or in pieces whose length is not announced. */
export type TestBody = Chunk | Iterable<Chunk> | AsyncIterable<Chunk>;

/** What a request has besides its method and target. */
export interface TestRequest {
  /** Fields, after those of the client. Default: none but `host` and the length of the body. */
  readonly headers?: TestFields;
  /** The body, whole or in pieces. Default: none; `open` leaves it open, unless it is `null`. */
  readonly body?: TestBody | null;
  /** A body of JSON, and the `content-type` for it. Default: none. */
  readonly json?: unknown;
  /** The client goes away after this many bytes of the request's body, or of the response's. Default: never. */
  readonly disconnectAfter?: { readonly uploaded?: number; readonly downloaded?: number };
  /** The client goes away when this is aborted. Default: none. */
  readonly signal?: AbortSignal;
  /** Is told of each 1xx response as it comes. Default: nothing. */
  readonly onInformational?: (head: TestHead) => void;
}

/** The request as it goes on the wire, with the fields that announce its body. */
export function writtenRequest(
  method: string,
  target: string,
  request: TestRequest,
  always: readonly TestField[],
  httpVersion: string,
): WrittenRequest {
  const headers = [...always, ...fieldPairs(request.headers)];
  const { json } = request;
  const body = bodyOf(request);
  if (json !== undefined && valuesOf(headers, "content-type").length === 0) {
    headers.push(["content-type", "application/json"]);
  }
  const isAnnounced =
    valuesOf(headers, "content-length").length > 0 || valuesOf(headers, "transfer-encoding").length > 0;
  if (!isAnnounced && (isOpenEnded(method, request) || isPieces(body)) && httpVersion === "1.1") {
    headers.push(["transfer-encoding", "chunked"]);
  } else if (!isAnnounced && isWhole(body)) {
    headers.push(["content-length", String(byteLength(body))]);
  }
  return { method, target: writtenTarget(target), headers };
}

/** Whether the body is left to the test to send: no GET or HEAD, and nothing is said of a body. */
export function isOpenEnded(method: string, { body, json }: TestRequest): boolean {
  return body === undefined && json === undefined && method !== "GET" && method !== "HEAD";
}

/** Sends the body that the request has. A body that fails makes the client go away. */
export function sendRequestBody(request: TestRequest, transport: MemoryTransport): void {
  const { upload } = transport;
  const body = bodyOf(request) ?? null;
  if (body === null) {
    upload.end();
  } else if (isWhole(body)) {
    void upload.push(bytesOf(body));
    upload.end();
  } else {
    void sendPieces(body, transport);
  }
}

async function sendPieces(
  body: Iterable<Chunk> | AsyncIterable<Chunk>,
  transport: MemoryTransport,
): Promise<void> {
  const { upload } = transport;
  try {
    for await (const chunk of body) {
      await upload.push(chunk);
      if (upload.over) return;
    }
    upload.end();
  } catch (error) {
    transport.log("error", "The body that the test sends failed", error);
    transport.disconnect();
  }
}

function bodyOf({ body, json }: TestRequest): TestBody | null | undefined {
  if (json === undefined) return body;
  if (body !== undefined && body !== null) {
    throw new GatewayError("TSGI_ERR_OPTION", "A request has a body or json, not both");
  }
  return JSON.stringify(json);
}

function isWhole(body: TestBody | null | undefined): body is Chunk {
  return typeof body === "string" || isBytes(body);
}

function isPieces(body: TestBody | null | undefined): boolean {
  return body !== null && body !== undefined && !isWhole(body);
}
