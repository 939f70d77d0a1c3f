// The head of a response as CGI and FastCGI programs write it.
// Sources: RFC 3875 §6.2, §6.3; CVE-2020-24553 (no guessed text/html); requirements C9 to C21, F41.

import { GatewayError, isBodiless, reasonOf, type ResponseHead } from "@tsgi/core";

/**
 * Writes a head as a binary string: `Status: 200 OK`, the fields, an empty line. Status stands first and always, so that a web server
 * never takes a `Location: /path` for an order to serve another resource itself. A field of CGI that is there twice is sent once, the
 * first. A response that will have a body, but no Content-Type, gets `application/octet-stream`; one that cannot have a body
 * (204, 304) loses Content-Type and Content-Length.
 */
export function encodeHead(head: ResponseHead): string {
  const { status } = head;
  return `Status: ${status} ${head.reason ?? reasonOf(status)}\r\n${encodeFields(head)}\r\n`;
}

/** The same without the status: each field on a line of its own. */
export function encodeFields(head: ResponseHead): string {
  const { headers } = head;
  const bare = isBodiless(head.status);
  let text = "";
  let typed = bare;
  let located = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    switch (meaningOf(name)) {
      case "status":
        continue;
      case "content-length":
        if (bare) continue;
        break;
      case "content-type":
        if (typed) continue;
        typed = true;
        break;
      case "location":
        if (located) continue;
        located = true;
        break;
      default:
        break;
    }
    text += `${name}: ${headers[i + 1] as string}\r\n`;
  }
  if (!typed && !head.bodiless && head.length !== 0) text += "content-type: application/octet-stream\r\n";
  return text;
}

/** The name in lower case, if it may have a meaning for CGI, else `""`. Few names have the length of one that has. */
function meaningOf(name: string): string {
  // As most are written.
  if (name === "content-type" || name === "content-length") return name;
  switch (name.length) {
    case 6:
    case 8:
    case 12:
    case 14:
      return name.toLowerCase();
    default:
      return "";
  }
}

/** What a local redirect may name: a path and a query, and no authority (`//host`). */
const LOCAL = /^\/(?!\/)[!-~]*$/;

/**
 * Writes a local redirect: the web server serves that path itself, as if the client had asked for it. Nothing may stand beside it.
 *
 * @throws {@link GatewayError} `TSGI_ERR_HEADER` if the location is no path of this server.
 * @see RFC 3875 §6.2.2
 */
export function encodeLocalRedirect(location: string): string {
  if (LOCAL.test(location)) return `Location: ${location}\r\n\r\n`;
  throw new GatewayError(
    "TSGI_ERR_HEADER",
    `A local redirect names a path of this server, percent-encoded, not ${JSON.stringify(location)}`,
  );
}
