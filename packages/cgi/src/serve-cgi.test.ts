// serveCgi as a real process: what it makes of the environment, and what it answers. Source: RFC 3875.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { bundled, type Bundle } from "./fixtures/bundle.ts";
import { answerOf, endChildren, runCgi, type Outcome, type Start } from "./fixtures/cgi-process.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundled("serve-cgi-program.ts");
});
afterAll(() => bundle.remove());
afterEach(endChildren);

function run(app: string, start: Partial<Start> = {}): Promise<Outcome> {
  return runCgi({ program: bundle.path, app, ...start });
}

async function json(app: string, start: Partial<Start> = {}): Promise<Record<string, unknown>> {
  const { body } = answerOf(await run(app, start));
  return JSON.parse(Buffer.from(body, "latin1").toString("utf8")) as Record<string, unknown>;
}

const POST = { REQUEST_METHOD: "POST" };

// ── start ───────────────────────────────────────────────────────────────────────────────────────────────────────

test.each(["hello", "sync hello"])(
  "%s: a request is answered with a head of CGI, and the process ends with 0 [C9 C10 C26]",
  async (app) => {
    const outcome = await run(app);
    expect(outcome).toEqual({
      code: 0,
      signal: null,
      output:
        app === "hello"
          ? "Status: 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 18\r\n\r\nhello from /app/x\n"
          : "Status: 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 14\r\n\r\nhello from /x\n",
      errors: "",
    });
  },
);

test("without a request it prints its usage, nothing on stdout, and ends with 64 [C1]", async () => {
  const outcome = await run("hello", { env: { REQUEST_METHOD: undefined } });
  expect(outcome).toMatchObject({ code: 64, output: "" });
  expect(outcome.errors).toContain("This is a CGI program");
});

test("an unknown option is refused before anything is answered", async () => {
  const outcome = await run("hello", { options: { readahead: 1 } as object });
  expect(outcome).toMatchObject({ code: 1, output: "" });
  expect(outcome.errors).toContain('did you mean "readAhead"?');
});

test("arguments a web server made of the query are none of ours [C40 S17]", async () => {
  expect(await run("hello", { args: ["-s", "--help", "--inspect", "foo"] })).toEqual(await run("hello"));
});

// ── environment ─────────────────────────────────────────────────────────────────────────────────────────────────

test("environ has the meta-variables and headers, and nothing else of the process [C2 C28]", async () => {
  const env = {
    HTTP_X_A: "1",
    HTTP_PROXY: "http://evil/",
    SSL_PROTOCOL: "TLSv1.3",
    REDIRECT_STATUS: "200",
    REMOTE_USER: "ada",
    HOME: "/home/secret",
    SECRET: "s",
    "wsgi.url_scheme": "evil",
  };
  const environ = await json("sync environ", { env });
  expect(environ).toMatchObject({
    REQUEST_METHOD: "GET",
    SCRIPT_NAME: "/app",
    PATH_INFO: "/x",
    HTTP_X_A: "1",
    SSL_PROTOCOL: "TLSv1.3",
    REDIRECT_STATUS: "200",
    REMOTE_USER: "ada",
    "wsgi.url_scheme": "http",
    "wsgi.run_once": true,
    "wsgi.multiprocess": true,
    "wsgi.multithread": false,
  });
  for (const name of ["HOME", "SECRET", "PATH", "HTTP_PROXY", "TEST_APP"])
    expect(environ).not.toHaveProperty(name);
});

test("other variables of the process are part of the request if an option names them, and never replace one [C2]", async () => {
  const env = { APP_MODE: "test", SECRET: "s" };
  const named = await json("sync environ", { env, options: { variables: ["APP_MODE"] } });
  expect(named).toMatchObject({ APP_MODE: "test" });
  expect(named).not.toHaveProperty("SECRET");
  const all = await json("sync environ", { env, options: { variables: "all" } });
  expect(all).toMatchObject({ APP_MODE: "test", SECRET: "s", REQUEST_METHOD: "GET" });
});

test("the scope says what the web server says, and who asked [C37 C38]", async () => {
  const env = { AUTH_TYPE: "Basic", REMOTE_USER: "ada", HTTPS: "on", REMOTE_PORT: "5000" };
  const scope = await json("scope", { env });
  expect(scope).toMatchObject({
    path: "/app/x",
    root_path: "/app",
    scheme: "https",
    http_version: "1.1",
    client: ["192.0.2.1", 5000],
    server: ["example.com", 80],
    headers: [],
    state: null,
    extensions: { cgi: { env: { REMOTE_USER: "ada", AUTH_TYPE: "Basic" } }, "tsgi.reason": {} },
  });
});

test.skipIf(process.platform !== "linux")(
  "octets that are not UTF-8 arrive as they were sent, with and without REQUEST_URI [C30 W7]",
  async () => {
    const shell = `PATH_INFO="$(printf '/\\377\\303\\251')" HTTP_X_LATIN="$(printf '\\351')" exec "$@"`;
    const environ = await json("sync environ", { env: { REQUEST_URI: undefined }, shell });
    expect(environ).toMatchObject({ PATH_INFO: "/\xff\xc3\xa9", HTTP_X_LATIN: "\xe9" });
    const named = await json("sync environ", {
      env: { REQUEST_URI: "/app/%ff%C3%A9", PATH_INFO: "/\ufffd\u00e9" },
    });
    expect(named).toMatchObject({ PATH_INFO: "/\xff\xc3\xa9" });
  },
);

test("OPTIONS * has the path * [C43]", async () => {
  const env = { REQUEST_METHOD: "OPTIONS", REQUEST_URI: "*", SCRIPT_NAME: "", PATH_INFO: "" };
  expect(await json("scope", { env })).toMatchObject({ path: "*", method: "OPTIONS" });
});

test("scriptName tells where the path is split [C33]", async () => {
  const env = { SCRIPT_NAME: "/app/x/y", PATH_INFO: undefined, REQUEST_URI: "/app/x//y" };
  expect(await json("sync environ", { env, options: { scriptName: "/app" } })).toMatchObject({
    SCRIPT_NAME: "/app",
    PATH_INFO: "/x//y",
  });
});

test.each([
  { SERVER_PROTOCOL: "FOO" },
  { REQUEST_METHOD: "G T" },
  { ...POST, CONTENT_LENGTH: "+5" },
  { ...POST, CONTENT_LENGTH: "5, 5" },
])("%j is answered 400 without the app [C3 C5]", async (env) => {
  const outcome = await run("hello", { env });
  expect(answerOf(outcome).fields[0]).toBe("Status: 400 Bad Request");
  expect(answerOf(outcome).body).toBe("Bad Request");
  expect(outcome.code).toBe(0);
});

test("a missing SERVER_PROTOCOL is HTTP/1.0 [C3]", async () => {
  expect(await json("scope", { env: { SERVER_PROTOCOL: undefined } })).toMatchObject({ http_version: "1.0" });
});

test("a GATEWAY_INTERFACE that is none of CGI is served with a warning [C42]", async () => {
  const outcome = await run("hello", { env: { GATEWAY_INTERFACE: "FOO/1" } });
  expect(outcome.output).toContain("hello");
  expect(outcome.errors).toContain('tsgi warn: GATEWAY_INTERFACE is "FOO/1"');
  expect((await run("hello", { env: { GATEWAY_INTERFACE: undefined } })).errors).toBe("");
});

// ── the request body ────────────────────────────────────────────────────────────────────────────────────────────

test.each(["echo", "sync echo"])(
  "%s: no more than CONTENT_LENGTH bytes are read, though the web server keeps the input open [C6]",
  async (app) => {
    const { CgiProcess } = await import("./fixtures/cgi-process.ts");
    const running = new CgiProcess({
      program: bundle.path,
      app,
      env: { ...POST, CONTENT_LENGTH: "5" },
      body: null,
    }).read();
    running.stdin.write("helloGET / HTTP/1.1");
    expect(answerOf(await running.end()).body).toBe("hello");
  },
);

test.each([
  ["echo", { HTTP_TRANSFER_ENCODING: "chunked" }],
  ["sync echo", { HTTP_TRANSFER_ENCODING: "chunked" }],
  ["echo", { CONTENT_LENGTH: "-1" }],
  ["sync echo", { CONTENT_LENGTH: "-1" }],
])("%s: with %j the body is all there is [C5 C8]", async (app, env) => {
  const outcome = await run(app, { env: { ...POST, ...env }, body: "to the end" });
  expect(answerOf(outcome).body).toBe("to the end");
});

test.each([undefined, "", "0"])(
  "with CONTENT_LENGTH %j there is no body, whatever comes [C5]",
  async (CONTENT_LENGTH) => {
    const outcome = await run("events", { env: { ...POST, CONTENT_LENGTH }, body: "ignored" });
    expect(answerOf(outcome).body).toBe("request 0 false");
  },
);

test("a body that breaks off disconnects an async app, and is a 400 before a sync app is called [C7]", async () => {
  const env = { ...POST, CONTENT_LENGTH: "10" };
  const outcome = await run("events", { env, body: "short" });
  expect(outcome).toMatchObject({ code: 1, output: "" });
  expect(outcome.errors).toBe("request 5 true\nhttp.disconnect\n");
  const sync = await run("sync echo", { env, body: "short" });
  expect(answerOf(sync).fields[0]).toBe("Status: 400 Bad Request");
  expect(sync).toMatchObject({ code: 0, errors: "" });
});

const MIB = 1024 * 1024;

test.each(["echo", "sync echo"])(
  "%s: 5 MiB go in and come out unchanged, though the app reads and writes in turn [C19 C6]",
  async (app) => {
    const body = Uint8Array.from({ length: 5 * MIB }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
    const outcome = await run(app, { env: { ...POST, CONTENT_LENGTH: String(body.length) }, body });
    expect(outcome.code).toBe(0);
    expect(Buffer.from(answerOf(outcome).body, "latin1").equals(body)).toBe(true);
  },
);

test("a sync app is served without a turn of the event loop, and reads as much as it likes", async () => {
  const body = "x".repeat(3 * MIB);
  const outcome = await run("sync turns", { env: { ...POST, CONTENT_LENGTH: String(body.length) }, body });
  const lines = answerOf(outcome).body.trimEnd().split("\n");
  expect(lines).toHaveLength(100);
  expect(lines.at(-1)).toBe(`99 ${body.length} 0`);
});

// ── the response ────────────────────────────────────────────────────────────────────────────────────────────────

test.each(["204", "304"])("a %s has no type, no length and no body [C21]", async (QUERY_STRING) => {
  const { fields, body } = answerOf(await run("status", { env: { QUERY_STRING } }));
  expect(fields).toHaveLength(1);
  expect(body).toBe("");
});

test.each(["hello", "sync hello"])("%s: HEAD has the head only [C20]", async (app) => {
  const { fields, body } = answerOf(await run(app, { env: { REQUEST_METHOD: "HEAD" } }));
  expect(fields.slice(0, 2)).toEqual(["Status: 200 OK", "content-type: text/plain"]);
  expect(body).toBe("");
});

test("an app that throws before its head is a 500 with nothing of the error, and 0 [C26 S18 S20]", async () => {
  for (const app of ["throws", "sync throws"]) {
    const outcome = await run(app);
    expect(answerOf(outcome).fields[0]).toBe("Status: 500 Internal Server Error");
    expect(outcome.output).not.toContain("secret");
    expect(outcome.errors).toContain("secret");
    expect(outcome.code).toBe(0);
  }
});

test("a response that was cut ends with 1 [C26]", async () => {
  const outcome = await run("late");
  expect(answerOf(outcome).body).toBe("begun");
  expect(outcome.code).toBe(1);
});

test.each(["404", "500", "799"])(
  "a whole response ends with 0, though it is a %s [C26 C9]",
  async (QUERY_STRING) => {
    const outcome = await run("status", { env: { QUERY_STRING } });
    expect(answerOf(outcome).fields[0]).toMatch(new RegExp(`^Status: ${QUERY_STRING} `));
    expect(outcome.code).toBe(0);
  },
);

test("a status of the app's own has its own reason [C9 X20]", async () => {
  expect(answerOf(await run("sync reason")).fields[0]).toBe("Status: 404 Not Here");
});

test("no more leaves than Content-Length says: a sync app's rest is left out, an async app's response is cut [C18]", async () => {
  const sync = await run("sync overflow");
  expect(answerOf(sync)).toEqual({
    fields: ["Status: 200 OK", "content-type: text/plain", "content-length: 3"],
    body: "abc",
  });
  expect(sync).toMatchObject({ code: 0, errors: "" });
  const outcome = await run("overflow");
  expect([answerOf(outcome).body, outcome.code]).toEqual(["abc", 1]);
});

describe("a local redirect", () => {
  const redirect = (QUERY_STRING: string, options: object): Promise<Outcome> =>
    run("redirect", { env: { QUERY_STRING }, options });

  test("is one line, if the option allows it [C13]", async () => {
    const outcome = await redirect("/other?q=1", { localRedirect: true });
    expect(outcome).toMatchObject({ code: 0, output: "Location: /other?q=1\r\n\r\n", errors: "" });
  });

  test("is a header like any other without the option [C13 S21]", async () => {
    const { fields, body } = answerOf(await redirect("/other", {}));
    expect(fields[0]).toBe("Status: 200 OK");
    expect(fields).toContain("x-cgi-local-redirect: /other");
    expect(fields.join("\n")).not.toMatch(/^location/im);
    expect(body).toBe("false");
  });

  test("to another server is refused [C13 S4]", async () => {
    const outcome = await redirect("//evil/", { localRedirect: true });
    expect(outcome.output).not.toContain("evil");
    expect(outcome.errors).toContain("A local redirect names a path of this server");
  });
});

describe("in NPH mode", () => {
  test.each(["HTTP/1.1", "HTTP/1.0"])(
    "a whole HTTP response is written, of version %s [C41]",
    async (SERVER_PROTOCOL) => {
      const env = { SERVER_PROTOCOL, SCRIPT_FILENAME: "/srv/cgi-bin/nph-app.cgi" };
      const { fields, body } = answerOf(await run("hello", { env }));
      expect(fields[0]).toBe(`${SERVER_PROTOCOL} 200 OK`);
      expect(fields.slice(1)).toEqual([
        "content-type: text/plain",
        "content-length: 18",
        expect.stringMatching(/^date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
        "connection: close",
      ]);
      expect(body).toBe("hello from /app/x\n");
    },
  );

  test("the program's name or an option says so, and what the client asks for does not [C41]", async () => {
    const nph = async (env: Record<string, string>, options = {}): Promise<boolean> =>
      (await run("hello", { env, options })).output.startsWith("HTTP/");
    expect(await nph({ SCRIPT_NAME: "/cgi-bin/nph-app" })).toBe(true);
    expect(await nph({ SCRIPT_NAME: "/app/nph-x", SCRIPT_FILENAME: "/srv/app.cgi" })).toBe(false);
    expect(await nph({}, { nph: true })).toBe(true);
    expect(await nph({ SCRIPT_FILENAME: "/srv/nph-app" }, { nph: false })).toBe(false);
  });

  test("a request that is none gets a whole answer too [C41 C3]", async () => {
    const outcome = await run("hello", { env: { SERVER_PROTOCOL: "FOO" }, options: { nph: true } });
    expect(outcome.output).toMatch(/^HTTP\/1\.0 400 Bad Request\r\n/);
  });
});

test("IIS 7 gets redirects without a body [C32]", async () => {
  const run7 = (QUERY_STRING: string): Promise<Outcome> =>
    run("status", { env: { QUERY_STRING }, options: { iis: "iis7" } });
  expect(answerOf(await run7("302"))).toEqual({ fields: ["Status: 302 Found"], body: "" });
  expect(answerOf(await run7("404")).body).toBe("text");
});
