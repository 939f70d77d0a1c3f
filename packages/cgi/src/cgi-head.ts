// Which of the heads of CGI a response gets: the parsed one, that of a local redirect, or a whole HTTP head.
// Sources: RFC 3875 §5, §6.2.2, §6.3; Plack's IIS7KeepAliveFix; requirements C13, C32, C41.

import type { ResponseHead } from "@tsgi/core";
import type { ServeSettings } from "./serve-settings.ts";
import { encodeHead, encodeLocalRedirect } from "./encode-head.ts";
import { encodeNphHead } from "./nph-head.ts";

/** A head as octets in a string. */
export interface EncodedHead {
  readonly text: string;
  readonly ascii: boolean;
  /** Whether nothing may follow it, whatever the app sends. */
  readonly bare: boolean;
}

/** The header by which an app asks for a local redirect. */
const LOCAL_REDIRECT = "x-cgi-local-redirect";

/** Writes a head. @throws {@link GatewayError} `TSGI_ERR_HEADER` for a local redirect to what is no path. */
export function encodeCgiHead(
  head: ResponseHead,
  { localRedirect, meta }: ServeSettings,
  nphVersion: string | null,
): EncodedHead {
  const location = localRedirect && nphVersion === null ? valueOf(head, LOCAL_REDIRECT) : null;
  if (location !== null) return { text: encodeLocalRedirect(location), ascii: true, bare: true };
  const bare = meta.iis === "iis7" && head.status >= 301 && head.status <= 303;
  const written = bare ? withoutBody(head) : head;
  const text = nphVersion === null ? encodeHead(written) : encodeNphHead(written, nphVersion);
  return { text, ascii: head.ascii, bare };
}

function valueOf({ headers }: ResponseHead, name: string): string | null {
  const at = headers.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === name);
  return at === -1 ? null : (headers[at + 1] as string);
}

function withoutBody(head: ResponseHead): ResponseHead {
  const headers = head.headers.filter(
    (_, i, all) => !/^content-(?:type|length)$/i.test(all[i - (i % 2)] as string),
  );
  return { ...head, headers, length: 0, bodiless: true };
}
