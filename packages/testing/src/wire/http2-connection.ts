// A connection of node:http2's client: each request is a stream, of a connection of its own unless the case shares one.
// Source: RFC 9113 §8; https://nodejs.org/docs/latest-v20.x/api/http2.html

import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import type { Http2WireOptions } from "./http2.ts";
import {
  WireError,
  type WireConnection,
  type WireExchange,
  type WireField,
  type WireHead,
  type WireRequest,
} from "./wire.ts";

/** Opens a connection to an HTTP/2 server. */
export async function openHttp2({
  host = "127.0.0.1",
  port,
  tls,
}: Http2WireOptions): Promise<WireConnection> {
  const session = connect(`${tls === undefined ? "http" : "https"}://${host}:${port}`, tls);
  await new Promise<void>((resolve, reject) => {
    session.once("remoteSettings", () => resolve());
    session.once("error", reject);
  });
  session.on("error", () => {});
  return new Http2Connection(session, `${host}:${port}`);
}

class Http2Connection implements WireConnection {
  readonly #session: ClientHttp2Session;
  readonly #authority: string;
  readonly local: readonly [string, number] | null;
  readonly octets = null;

  constructor(session: ClientHttp2Session, authority: string) {
    this.#session = session;
    this.#authority = authority;
    const { localAddress, localPort } = session.socket;
    this.local = localAddress === undefined || localPort === undefined ? null : [localAddress, localPort];
  }

  request({ method, target, headers, body }: WireRequest): WireExchange {
    const fields: Record<string, string | string[]> = Object.assign(Object.create(null), {
      ":method": method,
      ":scheme": this.#session.encrypted === true ? "https" : "http",
      ":authority": this.#authority,
      ":path": target,
    });
    for (const [name, value] of headers) {
      const key = name.toLowerCase() === "host" ? ":authority" : name.toLowerCase();
      const before = key === ":authority" ? undefined : fields[key];
      fields[key] = before === undefined ? value : [before, value].flat();
    }
    if (typeof body === "number") fields["content-length"] = String(body);
    const stream = this.#session.request(fields, { endStream: body === null });
    return new Http2Exchange(stream);
  }

  async finish(): Promise<void> {
    if (this.#session.closed) return;
    await new Promise<void>((resolve) => this.#session.close(resolve));
  }

  reset(): void {
    if (!this.#session.destroyed) this.#session.destroy();
  }
}

class Http2Exchange implements WireExchange {
  readonly #stream: ClientHttp2Stream;
  readonly #heads: WireHead[] = [];
  #pieces: Uint8Array[] = [];
  #ended = false;
  #closed = false;
  #wake: (() => void) | null = null;
  trailers: readonly WireField[] = [];

  constructor(stream: ClientHttp2Stream) {
    this.#stream = stream;
    const add = (_headers: unknown, _flags: number, raw?: string[]): void => {
      this.#heads.push(headOf(raw ?? []));
      this.#changed();
    };
    stream.on("headers", add as never);
    stream.on("response", add as never);
    stream.on("trailers", ((_headers: unknown, _flags: number, raw?: string[]) => {
      this.trailers = pairs(raw ?? []);
    }) as never);
    stream.on("data", (piece: Buffer) => {
      stream.pause();
      this.#pieces.push(piece);
      this.#changed();
    });
    stream.pause();
    stream.on("end", () => {
      this.#ended = true;
      this.#changed();
    });
    // A reset is reported by `close`: what it means depends on what was read.
    stream.on("error", () => {});
    stream.on("close", () => {
      this.#closed = true;
      this.#changed();
    });
  }

  write(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stream.destroyed || this.#stream.writableEnded) resolve();
      else this.#stream.write(piece, () => resolve());
    });
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stream.destroyed || this.#stream.writableEnded) resolve();
      else this.#stream.end(() => resolve());
    });
  }

  async head(): Promise<WireHead> {
    for (;;) {
      const head = this.#heads.shift();
      if (head !== undefined) return head;
      if (this.#closed) throw new WireError("closed", "The stream ended before a response began");
      await this.#change();
    }
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) return piece;
      if (this.#closed && this.#stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
        throw new WireError("cut", `The stream was reset with code ${String(this.#stream.rstCode)}`);
      }
      // A reset may still follow the end of the data: `close` tells, if our own side is done.
      if (this.#ended && (this.#closed || !this.#stream.writableEnded)) return null;
      if (this.#closed) throw new WireError("cut", "The connection ended within the body");
      this.#stream.resume();
      await this.#change();
    }
  }

  reset(): void {
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #changed(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

function headOf(raw: readonly string[]): WireHead {
  const all = pairs(raw);
  const status = Number(all.find(([name]) => name === ":status")?.[1]);
  const headers = all.filter(([name]) => !name.startsWith(":"));
  return { status, reason: "", headers, framing: "stream" };
}

function pairs(raw: readonly string[]): WireField[] {
  const fields: WireField[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) fields.push([raw[i] as string, raw[i + 1] as string]);
  return fields;
}
