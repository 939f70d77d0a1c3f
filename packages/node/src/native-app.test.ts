// An app that is only a listener, on a server of ours: called with a pair of the classes it wants, and no scope in between.

import { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { start } from "./fixtures/running.ts";
import { fromNode } from "./from-node.ts";
import type { ServeOptions } from "./serve-options.ts";
import type { RequestListener } from "./synthetic/pair.ts";

class Req extends IncomingMessage {}
class Res<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {}

async function asked(listener: RequestListener, path: string, options: ServeOptions = {}): Promise<string> {
  const app = fromNode(listener, { IncomingMessage: Req, ServerResponse: Res });
  const { port } = await start(app, options);
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return `${response.status} ${await response.text()}`;
}

const tell: RequestListener = (req, res) => {
  const { url, baseUrl } = req as IncomingMessage & { baseUrl?: string };
  res.end(JSON.stringify([req instanceof Req, res instanceof Res, url, baseUrl ?? null]));
};

describe("on a server of ours", () => {
  test("its pair is made of its classes [X7]", async () => {
    expect(await asked(tell, "/a%2Fb?c")).toBe('200 [true,true,"/a%2Fb?c",null]');
  });

  test("a prefix of the server's shows in its URLs [X6 X7]", async () => {
    expect(await asked(tell, "/mnt/a", { rootPath: "/mnt" })).toBe('200 [true,true,"/a","/mnt"]');
  });

  test.each([
    [
      "throws",
      (): never => {
        throw new Error("secret");
      },
    ],
    ["is rejected", (): Promise<never> => Promise.reject(new Error("secret"))],
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    ["is rejected without a reason", (): Promise<never> => Promise.reject()],
  ])(
    "one that %s is answered 500, and logged with its path, whatever the log does [A45 A10 S30]",
    async (_how, fail) => {
      const logged: unknown[] = [];
      const log = (_level: string, message: string, error: unknown): never => {
        logged.push([message, error instanceof Error]);
        throw new Error("the log failed");
      };
      expect(await asked(fail, "/a%0Ab?c", { log })).toBe("500 Internal Server Error");
      expect(logged).toEqual([['The app failed at GET "/a\\nb"', true]]);
    },
  );

  test("a graceful end waits for its response [A46]", async () => {
    let finish = (): void => {};
    let begun = (): void => {};
    const under = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const app = fromNode((_req, res) => {
      res.write("be");
      finish = (): void => void res.end("gun");
      begun();
    });
    const { server, port } = await start(app, { shutdownTimeout: 10_000 });
    const response = fetch(`http://127.0.0.1:${port}/`);
    await under;
    const closed = server.close();
    finish();
    expect(await (await response).text()).toBe("begun");
    expect(await closed).toMatchObject({ clean: true, cut: 0 });
  });
});
