// Requests as bytes. No sockets here.
// Source: RFC 9112 §3 and §6.

// What a browser sends with a page's request, less what the scenario sets itself.
const BROWSER_HEADERS: readonly string[] = [
  "Host: bench.example",
  "User-Agent: Mozilla/5.0 (X11; Linux x64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "Accept-Language: en-GB,en;q=0.7,de;q=0.3",
  "Accept-Encoding: gzip, deflate, br",
  "Cookie: session=9f2c7d0a4be14f3c; theme=dark; consent=yes",
];

/** A GET with 8 request headers. */
export function getRequest(path: string): readonly Uint8Array[] {
  const head = [
    `GET ${path} HTTP/1.1`,
    ...BROWSER_HEADERS,
    "Referer: http://bench.example/",
    "Cache-Control: max-age=0",
  ];
  return [Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1")];
}

/** A POST with 8 request headers and a body of known length. */
export function postRequest(path: string, contentType: string, body: Uint8Array): readonly Uint8Array[] {
  const head = [
    `POST ${path} HTTP/1.1`,
    ...BROWSER_HEADERS,
    `Content-Type: ${contentType}`,
    `Content-Length: ${body.length}`,
  ];
  const bytes = Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1");
  // A small request travels as one write, as a browser sends it; a large body is not copied.
  return body.length <= 16_384 ? [Buffer.concat([bytes, body])] : [bytes, body];
}
