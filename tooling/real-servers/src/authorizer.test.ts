// The authorizer role: a web server asks the app whether a client may have a file. Apache asks by mod_authnz_fcgi, lighttpd by mod_fastcgi.
// Sources: FastCGI 1.0 §6.3; https://httpd.apache.org/docs/2.4/mod/mod_authnz_fcgi.html

import { mkdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import { serveFastCgi, type FastCgiExtension, type FastCgiOptions } from "@tsgi/fastcgi";
import { apacheModule, startApache } from "./apache.ts";
import { startLighttpd } from "./lighttpd.ts";
import { makePlace, type Place } from "./place.ts";
import { describeWith } from "./programs.ts";

const FILE = "for those who may\n";

/** Never asked: it is the web server that serves the file. */
const responder: AsgiApp = async (scope) => {
  throw new UnsupportedScopeError(scope.type);
};

/** Lets in who brings the password, and says who that is. */
function doorkeeper(roles: string[]): AsgiApp {
  return async (scope, _receive, send) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    const { role, params } = scope.extensions["fastcgi"] as unknown as FastCgiExtension;
    roles.push(`${role} ${scope.method} ${scope.path}`);
    // Apache takes the header apart; lighttpd passes it on.
    const granted =
      params["REMOTE_PASSWD"] === "sesame" ||
      scope.headers.some(([name, value]) => name === "authorization" && value === BASIC);
    await send({
      type: "http.response.start",
      status: granted ? 200 : 401,
      headers: granted
        ? [["Variable-WHO", "ali"]]
        : [
            ["content-type", "text/plain"],
            ["www-authenticate", 'Basic realm="cave"'],
          ],
    });
    await send({ type: "http.response.body", body: granted ? "" : "closed" });
  };
}

const BASIC = `Basic ${Buffer.from("ali:sesame").toString("base64")}`;
const WRONG = `Basic ${Buffer.from("ali:barley").toString("base64")}`;

async function started(where: FastCgiOptions): Promise<{ roles: string[]; port: number }> {
  const roles: string[] = [];
  const authorizer = doorkeeper(roles);
  const server = await serveFastCgi(responder, {
    authorizer,
    lifespan: "off",
    shutdownTimeout: 0,
    ...where,
  });
  onTestFinished(async () => void (await server.close()));
  return { roles, port: server.address?.[1] ?? 0 };
}

function placeWithFile(): Place {
  const place = makePlace();
  onTestFinished(() => place.remove());
  mkdirSync(place.path("cave"), { mode: 0o755 });
  place.write("cave/gold.txt", FILE);
  return place;
}

async function ask(port: number, authorization: string | null): Promise<[status: number, text: string]> {
  const headers: Record<string, string> = authorization === null ? {} : { authorization };
  const response = await fetch(`http://127.0.0.1:${port}/cave/gold.txt`, { headers });
  return [response.status, await response.text()];
}

const MODULES = ["auth_basic", "authz_user", "authnz_fcgi", "headers"];

describeWith(["apache2", ...MODULES.map(apacheModule)], "mod_authnz_fcgi", () => {
  test("asks the app about a password, serves the file, and knows the variables it was told [F18 F40]", async () => {
    const place = placeWithFile();
    const { roles, port } = await started({ host: "127.0.0.1", port: 0 });
    const server = await startApache({
      place,
      modules: MODULES,
      config: `
AuthnzFcgiDefineProvider authn doorkeeper fcgi://127.0.0.1:${port}/
<Location "/cave/">
  AuthType Basic
  AuthName cave
  AuthBasicProvider doorkeeper
  Require valid-user
  Header set X-Who "%{WHO}e"
</Location>`,
    });
    onTestFinished(() => server.stop());
    expect((await ask(server.port, WRONG))[0], server.log()).toBe(401);
    expect(await ask(server.port, BASIC), server.log()).toEqual([200, FILE]);
    const url = `http://127.0.0.1:${server.port}/cave/gold.txt`;
    const response = await fetch(url, { headers: { authorization: BASIC } });
    expect([await response.text(), response.headers.get("x-who")]).toEqual([FILE, "ali"]);
    expect(new Set(roles)).toEqual(new Set(["AUTHORIZER GET /cave/gold.txt"]));
  });
});

describeWith(["lighttpd"], "lighttpd's mod_fastcgi in authorizer mode", () => {
  test("passes the app's refusal on as it is, and serves the file to who may have it [F18 F40]", async () => {
    const place = placeWithFile();
    const path = place.path("door.sock");
    const { roles } = await started({ path, mode: 0o666 });
    const server = await startLighttpd({
      place,
      modules: ["mod_fastcgi"],
      config: `
mimetype.assign = ( ".txt" => "text/plain" )
fastcgi.server = ( "/cave/" => ((
  "mode" => "authorizer", "socket" => "${path}", "docroot" => "${place.folder}", "check-local" => "disable" )) )`,
    });
    onTestFinished(() => server.stop());
    expect(await ask(server.port, null), server.log()).toEqual([401, "closed"]);
    expect(await ask(server.port, WRONG), server.log()).toEqual([401, "closed"]);
    expect(await ask(server.port, BASIC), server.log()).toEqual([200, FILE]);
    expect(new Set(roles)).toEqual(new Set(["AUTHORIZER GET /cave/gold.txt"]));
  });
});
