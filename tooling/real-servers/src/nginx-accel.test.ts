// What an app tells nginx itself: X-Accel-… fields reach nginx as the app has sent them, and not the client.
// Source: https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_ignore_headers

import { mkdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { wsgi } from "@tsgi/core";
import { serveFastCgi } from "@tsgi/fastcgi";
import { startNginx } from "./nginx.ts";
import { makePlace } from "./place.ts";
import { describeWith } from "./programs.ts";

/** Lets nginx send the file that the path names. */
const lender = wsgi((environ, startResponse) => {
  startResponse("200 OK", [
    ["Content-Type", "text/plain"],
    ["X-Accel-Redirect", `/inside${environ.PATH_INFO}`],
    ["X-Accel-Expires", "0"],
  ]);
  return ["never seen"];
});

describeWith(["nginx"], "an app behind nginx", () => {
  test("has nginx send a file, by X-Accel-Redirect", async () => {
    const place = makePlace();
    onTestFinished(() => place.remove());
    mkdirSync(place.path("files"), { mode: 0o755 });
    place.write("files/book.txt", "once upon a time\n");
    const path = place.path("app.sock");
    const app = await serveFastCgi(lender, { path, mode: 0o666, scriptName: "", shutdownTimeout: 0 });
    onTestFinished(async () => void (await app.close()));
    const nginx = await startNginx({
      place,
      server: `
    location / {
      include /etc/nginx/fastcgi_params;
      fastcgi_pass unix:${path};
    }
    location /inside/ {
      internal;
      alias ${place.path("files")}/;
    }`,
    });
    onTestFinished(() => nginx.stop());
    const response = await fetch(`http://127.0.0.1:${nginx.port}/book.txt`);
    expect([response.status, await response.text()]).toEqual([200, "once upon a time\n"]);
    expect(Array.from(response.headers.keys()).filter((name) => name.startsWith("x-accel"))).toEqual([]);
  });
});
