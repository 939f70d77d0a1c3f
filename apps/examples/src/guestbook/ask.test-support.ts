// A client that has a connection for each request: a server may close one that it has answered before the body was there.

import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** Like `fetch`, without its pool of connections, and without following redirects. */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const message = new Request(url, init);
  const fields = Object.fromEntries(message.headers);
  const outgoing = request(url, { method: message.method, headers: fields, agent: false });
  outgoing.end(new Uint8Array(await message.arrayBuffer()));
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const answer = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    answer.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string);
  }
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  return new Response(body, { status: incoming.statusCode ?? 0, headers: answer });
}
