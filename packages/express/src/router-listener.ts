// A router without an app around it: what it leaves to `next` ends here.
// Source: npm `finalhandler`, which is where `app.listen` of Express ends.

import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { RequestListener } from "@tsgi/node";

/** `express.Router()`, or any connect-style middleware. */
export type Router = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => unknown;

/** What an error may say of its response, as `http-errors` makes them. */
interface StatusError {
  readonly status?: unknown;
  readonly statusCode?: unknown;
}

/**
 * A listener that answers what the router does not: 404, or the 4xx an error says. Any other error is its promise's: then
 * nobody but the log learns what it was.
 */
export function routerListener(router: Router): RequestListener {
  return (req, res) =>
    new Promise<void>((resolve, reject) => {
      res.once("close", resolve);
      const result = router(req, res, (error) => {
        if (error === undefined || error === null || error === "router" || error === "route") {
          if (!res.headersSent) answer(req, res, 404);
          return;
        }
        const status = clientStatus(error);
        if (status === 0 || res.headersSent) reject(error);
        else answer(req, res, status);
      });
      Promise.resolve(result).catch(reject);
    });
}

function clientStatus(error: unknown): number {
  const { status, statusCode } = error as StatusError;
  const said = status ?? statusCode;
  return typeof said === "number" && said >= 400 && said < 500 ? said : 0;
}

function answer(req: IncomingMessage, res: ServerResponse, status: number): void {
  const text = STATUS_CODES[status] ?? "Error";
  for (const name of ["Content-Encoding", "Content-Language", "Content-Range"]) res.removeHeader(name);
  res.statusCode = status;
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.setHeader("Content-Length", text.length);
  res.end(text);
  // What is left of the body is nobody's.
  req.unpipe();
  req.resume();
}
