// A request that is not passed on to a program or an upstream, and the status it is answered with instead.
// Sources: RFC 3875 §4.1.5, §9.8; requirements CH6, CH11 and S24.

import { GatewayError } from "@tsgi/core";

/** The request cannot be told to a CGI program or a FastCGI upstream, or must not be: it is answered with `status`. */
export class RequestRefused extends GatewayError {
  override readonly name: string = "RequestRefused";
  /** What the client gets: 400 to 599. */
  readonly status: number;

  constructor(status: number, message: string) {
    super("TSGI_ERR_REQUEST_REFUSED", message);
    this.status = status;
  }
}
