// What a FastCGI upstream did wrong, and the status its client gets for it.
// Sources: RFC 9110 §15.6.3 to §15.6.5; requirements FC14, FC21, FC23.

import { GatewayError } from "@tsgi/core";

/** The upstream cannot be reached, broke the protocol, or takes too long. The message names it: it is for the log only. */
export class UpstreamFailure extends GatewayError {
  override readonly name: string = "UpstreamFailure";
  /** What the client gets, if nothing was sent yet: 502, 503 or 504. */
  readonly status: 502 | 503 | 504;

  constructor(status: 502 | 503 | 504, message: string, options?: ErrorOptions) {
    super("TSGI_ERR_UPSTREAM", message, options);
    this.status = status;
  }
}
