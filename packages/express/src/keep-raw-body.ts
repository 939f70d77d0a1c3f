// The bytes of a body, kept by the parser that reads them.
// Source: https://expressjs.com/en/5x/api.html#express.json (`verify`).

import type { IncomingMessage } from "node:http";

/**
 * What a body parser in front of a mounted app is given as `verify`, so that the app gets the very bytes the parser has read:
 * they stay in `req.rawBody`, in memory, next to what they were parsed to.
 *
 * @example
 * server.use(express.json({ verify: keepRawBody }));
 * server.use("/api", toExpress(app));
 */
export function keepRawBody(req: IncomingMessage, _res: unknown, body: Uint8Array): void {
  (req as { rawBody?: Uint8Array }).rawBody = body;
}
