// Request and response of a guest: nothing an Express app can look at tells that another server made them.

import { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import type { Express, Request, Response } from "express";
import { expressClasses, isExpressApp } from "./express-classes.ts";
import { VERSIONS, ask, listen, serveOurs, type ExpressFactory } from "./fixtures/servers.ts";
import { fromExpress } from "./from-express.ts";

const behind =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

/** What a pair looks like: the chain of its prototypes, and its own properties. */
function looks(req: Request, res: Response): unknown {
  const chain = (object: object, app: Express): string[] => {
    const known = new Map<unknown, string>([
      [app.request, "app.request"],
      [app.response, "app.response"],
      [IncomingMessage.prototype, "IncomingMessage"],
      [ServerResponse.prototype, "ServerResponse"],
    ]);
    const names: string[] = [];
    for (let at: unknown = object; (at = Object.getPrototypeOf(at)) !== null;)
      names.push(known.get(at) ?? "(other)");
    return names;
  };
  // What begins with an underscore is Node's own, and the server's business.
  const own = (object: object): string[] =>
    Object.keys(object)
      .filter((name) => !name.startsWith("_"))
      .toSorted();
  return {
    req: [chain(req, req.app as Express), own(req), req.constructor.name, req instanceof IncomingMessage],
    res: [chain(res, res.app as Express), own(res), res.constructor.name, res instanceof ServerResponse],
    linked: [req.res === res, res.req === req, req.app === res.app, Object.getPrototypeOf(res.locals)],
  };
}

describe.each(VERSIONS)("a pair of %s", (_version, express) => {
  function lookingApp(make: ExpressFactory): Express {
    const app = make();
    const sub = make();
    sub.get("/in", (req, _res, next) => {
      (req as { seen?: unknown }).seen = req.app === sub && Object.getPrototypeOf(req) === sub.request;
      next();
    });
    app.use("/sub", sub);
    app.use((req, res) => {
      const { seen = null } = req as { seen?: unknown };
      res.json([seen, req.app === app && Object.getPrototypeOf(req) === app.request, looks(req, res)]);
    });
    return app;
  }

  test.each(["/", "/sub/in"])("looks at %s as on a server of its own [X7]", async (path) => {
    const expected: unknown = JSON.parse((await ask(await listen(lookingApp(express)), { path })).body);
    for (const wrap of [(app: AsgiApp): AsgiApp => app, behind]) {
      const port = await serveOurs(wrap(fromExpress(lookingApp(express))));
      expect(JSON.parse((await ask(port, { path })).body)).toEqual(expected);
    }
  });

  test("has what an app adds to its prototypes, even after it was made a portable one [X7]", async () => {
    const app = express();
    const portable = fromExpress(app);
    (app.request as { added?: string }).added = "later";
    app.use((req, res) => void res.send((req as { added?: string }).added));
    for (const wrap of [(same: AsgiApp): AsgiApp => same, behind]) {
      expect((await ask(await serveOurs(wrap(portable)))).body).toBe("later");
    }
  });

  test("has the prototypes that an app is given in place of its own [X7]", async () => {
    const app = express();
    const portable = fromExpress(app);
    app.request = Object.create(app.request, { given: { value: "new" } }) as typeof app.request;
    app.use((req, res) => void res.send((req as { given?: string }).given));
    expect((await ask(await serveOurs(portable))).body).toBe("new");
  });

  test("of an app that is also mounted in another has that one's as well [X7]", async () => {
    const [outer, inner] = [express(), express()];
    (outer.request as { outer?: string }).outer = "of the outer";
    inner.get("/x", (req, res) => void res.send((req as { outer?: string }).outer ?? "alone"));
    const portable = fromExpress(inner);
    expect((await ask(await serveOurs(portable), { path: "/x" })).body).toBe("alone");
    outer.use("/in", inner);
    expect((await ask(await serveOurs(portable), { path: "/x" })).body).toBe("of the outer");
    expect((await ask(await serveOurs(fromExpress(outer)), { path: "/in/x" })).body).toBe("of the outer");
  });

  test("is made of classes of its own up to Node 22 only, where that is a gain", () => {
    const app = express();
    const { IncomingMessage: Made } = expressClasses(app);
    const older = Number(process.versions.node.split(".", 1)[0]) < 24;
    expect(Made?.prototype).toBe(older ? app.request : undefined);
  });

  test("is that of an app, which a router is not", () => {
    const functions = [
      express(),
      express.Router(),
      (): void => {},
      Object.assign(() => {}, { handle() {}, set() {} }),
    ];
    expect(functions.map(isExpressApp)).toEqual([true, false, false, false]);
  });
});
