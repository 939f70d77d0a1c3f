// Express, in production mode, without the X-Powered-By and ETag fields that the other columns do not send either.
import createExpress, { type Express } from "express";
import { HELLO, PIECE, PIECES, receiptFromOrder, type Order } from "../bodies.ts";
import { serveListener, type Serve } from "../column.ts";

const endpoints: Record<string, (app: Express) => unknown> = {
  hello: (app) =>
    app.get("/hello", (_req, res) => {
      res.type("text/plain").send(HELLO);
    }),

  json: (app) =>
    app.post("/json", createExpress.json(), (req, res) => {
      res.json(receiptFromOrder(req.body as Order));
    }),

  stream: (app) =>
    app.get("/stream", (_req, res) => {
      res.type("application/octet-stream");
      let sent = 0;
      const more = (): void => {
        while (sent < PIECES) {
          sent += 1;
          if (!res.write(PIECE) && sent < PIECES) {
            res.once("drain", more);
            return;
          }
        }
        res.end();
      };
      more();
    }),

  upload: (app) =>
    app.post("/upload", (req, res) => {
      let length = 0;
      req.on("data", (chunk: Buffer) => {
        length += chunk.length;
      });
      req.on("end", () => {
        res.type("text/plain").send(String(length));
      });
    }),
};

/** Makes an app with one endpoint, set up as the column is; `null` for an endpoint it does not have. */
export function expressApp(endpoint: string): Express | null {
  const add = endpoints[endpoint];
  if (add === undefined) return null;
  const app = bareExpress();
  add(app);
  return app;
}

/** An Express app without routes that sends no fields of its own. */
export function bareExpress(): Express {
  const app = createExpress();
  app.disable("x-powered-by");
  app.disable("etag");
  return app;
}

export const serve: Serve = (endpoint) => serveListener(expressApp(endpoint) ?? undefined);
