// What a gateway tells a program of a request, and what it keeps to itself.

import { describe, expect, test } from "vitest";
import type { HttpScopeInit } from "@tsgi/core";
import type { MetaVariables } from "./meta-variables.ts";
import { RequestRefused } from "./request-refused.ts";
import { variablesFromScope, type VariableOptions } from "./variables-from-scope.ts";

const SCOPE: HttpScopeInit = {
  type: "http",
  asgi: { version: "3.0", spec_version: "2.5" },
  http_version: "1.1",
  method: "GET",
  scheme: "http",
  path: "/cgi-bin/x/a b",
  raw_path: "/cgi-bin/x/a%20b",
  query_string: "q=1",
  root_path: "/cgi-bin/x",
  headers: [["host", "example.com:8080"]],
  client: ["192.0.2.1", 4711],
  server: ["127.0.0.1", 9000],
  state: null,
  extensions: {},
  rawHeaders: null,
};

function variables(changes: Partial<HttpScopeInit> = {}, options: VariableOptions = {}): MetaVariables {
  return variablesFromScope({ ...SCOPE, ...changes }, options);
}

function withHeaders(headers: HttpScopeInit["headers"], options: VariableOptions = {}): MetaVariables {
  return variables({ headers }, options);
}

/** The status a request is refused with. */
function refusal(changes: Partial<HttpScopeInit>, options: VariableOptions = {}): number {
  try {
    variables(changes, options);
  } catch (error) {
    if (error instanceof RequestRefused) return error.status;
    throw error;
  }
  return 0;
}

describe("the variables of a request", () => {
  test("are these, and none of the process's own [CH2 FC7 X12]", () => {
    expect({ ...variables() }).toEqual({
      GATEWAY_INTERFACE: "CGI/1.1",
      SERVER_SOFTWARE: "TSGI",
      SERVER_NAME: "example.com",
      SERVER_PORT: "8080",
      SERVER_PROTOCOL: "HTTP/1.1",
      REQUEST_METHOD: "GET",
      REQUEST_URI: "/cgi-bin/x/a%20b?q=1",
      REQUEST_SCHEME: "http",
      SCRIPT_NAME: "/cgi-bin/x",
      PATH_INFO: "/a b",
      QUERY_STRING: "q=1",
      REMOTE_ADDR: "192.0.2.1",
      REMOTE_HOST: "192.0.2.1",
      REMOTE_PORT: "4711",
      REDIRECT_STATUS: "200",
      HTTP_HOST: "example.com:8080",
    });
  });

  test("have no prototype, whatever the headers are called [S3]", () => {
    const meta = withHeaders([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(Object.getPrototypeOf(meta)).toBeNull();
    expect(meta["HTTP_CONSTRUCTOR"]).toBe("y");
  });

  test("say HTTPS=on for https only [CH2 X10]", () => {
    expect(variables({ scheme: "https" })).toMatchObject({ HTTPS: "on", REQUEST_SCHEME: "https" });
    expect(variables()).not.toHaveProperty("HTTPS");
  });

  test.each([
    ["1.0", "HTTP/1.0"],
    ["1.1", "HTTP/1.1"],
    ["2", "HTTP/2.0"],
    ["3", "HTTP/3.0"],
  ])("HTTP version %s is %s [X9]", (http_version, expected) => {
    expect(variables({ http_version })["SERVER_PROTOCOL"]).toBe(expected);
  });

  test("have no address of a client that has none [X12]", () => {
    const meta = variables({ client: null });
    expect(Object.keys(meta).filter((name) => name.startsWith("REMOTE_"))).toEqual([]);
    expect(variables({ client: ["192.0.2.1", 0] })).not.toHaveProperty("REMOTE_PORT");
  });

  test("keep the target as the client sent it, also where only the path is known [X2]", () => {
    expect(variables({ path: "/a/é?", raw_path: null, root_path: "", query_string: "" })["REQUEST_URI"]).toBe(
      "/a/%C3%A9%3F",
    );
  });
});

describe("SERVER_NAME and SERVER_PORT", () => {
  test.each<[host: string | null, server: HttpScopeInit["server"], name: string, port: string]>([
    ["example.com:80", null, "example.com", "80"],
    ["example.com", null, "example.com", "80"],
    ["example.com", ["10.0.0.1", 8080], "example.com", "8080"],
    ["[::1]:81", null, "[::1]", "81"],
    [null, ["::1", 8080], "[::1]", "8080"],
    [null, ["0.0.0.0", 8080], "localhost", "8080"],
    [null, ["/run/x.sock", null], "localhost", "80"],
    ["a:b:c", ["10.0.0.1", 8080], "10.0.0.1", "8080"],
  ])("of Host %j at %j are %s and %s [CH4]", (host, server, name, port) => {
    const meta = variables({ headers: host === null ? [] : [["host", host]], server });
    expect([meta["SERVER_NAME"], meta["SERVER_PORT"]]).toEqual([name, port]);
  });

  test("have 443 for https without a port [CH4]", () => {
    expect(variables({ headers: [["host", "a"]], server: null, scheme: "https" })["SERVER_PORT"]).toBe("443");
  });
});

describe("SCRIPT_NAME and PATH_INFO", () => {
  test.each([
    ["", "/bar", "", "/bar"],
    ["/myscript", "/myscript/bar", "/myscript", "/bar"],
    ["/myscript//", "/myscript/bar", "/myscript", "/bar"],
    ["/myscript", "/myscript", "/myscript", undefined],
    ["/myscript", "/myscript/", "/myscript", "/"],
    ["/é", "/é/ü", "/\xc3\xa9", "/\xc3\xbc"],
  ])("of %j and %j are %j and %j [CH5 FC7 X4]", (root_path, path, scriptName, pathInfo) => {
    const meta = variables({ root_path, path, raw_path: null });
    expect([meta["SCRIPT_NAME"], meta["PATH_INFO"]]).toEqual([scriptName, pathInfo]);
  });

  test("can be given by who has split the path [FC8]", () => {
    const meta = variables({}, { scriptName: "/cgi-bin/x/a", pathInfo: "" });
    expect(meta["SCRIPT_NAME"]).toBe("/cgi-bin/x/a");
    expect(meta).not.toHaveProperty("PATH_INFO");
  });

  test("keep octets that are not UTF-8 [CH6]", () => {
    expect(variables({ root_path: "", path: "/\ufffd", raw_path: "/%ff" })["PATH_INFO"]).toBe("/\xff");
  });

  test("a NUL in the path is 404 [CH6 S15]", () => {
    expect(refusal({ path: "/a\0b", raw_path: "/a%00b", root_path: "" })).toBe(404);
  });

  test("an encoded slash is 404, or a slash if it may [CH6 S15]", () => {
    const scope = { path: "/a/b", raw_path: "/a%2fb", root_path: "" };
    expect(refusal(scope)).toBe(404);
    expect(variables(scope, { encodedSlashes: "decode" })["PATH_INFO"]).toBe("/a/b");
  });

  test.each(["/..", "/../x", "/a/../b", "/a/..", "/a/./b", "/."])(
    "%j is 404, or kept if it may [CH6 S15]",
    (path) => {
      const scope = { path, raw_path: path.replaceAll(".", "%2e"), root_path: "" };
      expect(refusal(scope)).toBe(404);
      const meta = variables(scope, { dotSegments: "keep", documentRoot: "/www" });
      expect(meta["PATH_INFO"]).toBe(path);
      expect(meta).not.toHaveProperty("PATH_TRANSLATED");
    },
  );

  test.each(["/...", "/a..b", "/.a", "/a."])("%j is no dot segment [CH6]", (path) => {
    expect(variables({ path, raw_path: path, root_path: "" })["PATH_INFO"]).toBe(path);
  });
});

describe("files", () => {
  test("PATH_TRANSLATED is there if there is a document root and a PATH_INFO [CH7]", () => {
    expect(variables({}, { documentRoot: "/www/" })).toMatchObject({
      DOCUMENT_ROOT: "/www/",
      PATH_TRANSLATED: "/www/a b",
    });
    expect(variables({}, { documentRoot: "/www", pathInfo: "" })).not.toHaveProperty("PATH_TRANSLATED");
    expect(variables()).not.toHaveProperty("PATH_TRANSLATED");
  });

  test("names are octets: UTF-8 [CH2]", () => {
    expect(variables({}, { scriptFilename: "/é.cgi" })["SCRIPT_FILENAME"]).toBe("/\xc3\xa9.cgi");
  });
});

describe("the body", () => {
  test("has a length and a type if the headers say so, under their own names only [CH8]", () => {
    const meta = withHeaders([
      ["content-length", "5"],
      ["content-type", "text/plain"],
    ]);
    expect(meta).toMatchObject({ CONTENT_LENGTH: "5", CONTENT_TYPE: "text/plain" });
    expect(Object.keys(meta).filter((name) => name.startsWith("HTTP_"))).toEqual([]);
    expect(variables()).not.toHaveProperty("CONTENT_LENGTH");
    expect(withHeaders([["content-type", ""]])).not.toHaveProperty("CONTENT_TYPE");
  });

  test("has the length of who has counted it, and no word of how it was framed [CH8 CH9 FC10]", () => {
    const meta = withHeaders([["transfer-encoding", "chunked"]], { contentLength: 7 });
    expect(meta["CONTENT_LENGTH"]).toBe("7");
    expect(meta).not.toHaveProperty("HTTP_TRANSFER_ENCODING");
    expect(withHeaders([["content-length", "5"]], { contentLength: null })).not.toHaveProperty(
      "CONTENT_LENGTH",
    );
  });
});

describe("headers", () => {
  test("are joined if they repeat: Cookie by a semicolon, others by a comma [CH10 FC9 X17]", () => {
    const meta = withHeaders([
      ["x-foo", "a"],
      ["cookie", "a=1"],
      ["x-foo", "b"],
      ["cookie", "b=2"],
    ]);
    expect(meta).toMatchObject({ HTTP_X_FOO: "a, b", HTTP_COOKIE: "a=1; b=2" });
  });

  test.each([
    "proxy",
    "Proxy",
    "PROXY",
    "x_under",
    "content_length",
    "x.dot",
    "x=y",
    "x!",
    "connection",
    "keep-alive",
    "te",
    "upgrade",
    "transfer-encoding",
    "trailer",
    "proxy-connection",
    "authorization",
    "proxy-authorization",
  ])("%s does not pass [CH10 S1 S2 S20]", (name) => {
    const meta = withHeaders([[name, "evil"]]);
    expect(Object.values(meta)).not.toContain("evil");
  });

  test("Proxy does not pass, however often it comes [S1]", () => {
    const meta = withHeaders([
      ["proxy", "a"],
      ["proxy", "b"],
    ]);
    expect(meta).not.toHaveProperty("HTTP_PROXY");
  });

  test("a name cannot hide behind an underscore [S2]", () => {
    const meta = withHeaders([
      ["x_forwarded_for", "evil"],
      ["x-forwarded-for", "good"],
    ]);
    expect(meta["HTTP_X_FORWARDED_FOR"]).toBe("good");
  });

  test("credentials pass if they may [CH10 S20]", () => {
    const headers = [["authorization", "Basic eA=="]] as const;
    expect(withHeaders(headers, { passAuthorization: true })["HTTP_AUTHORIZATION"]).toBe("Basic eA==");
  });

  test("that Connection names end here, but Host does not, nor the length of the body [S23]", () => {
    const meta = withHeaders([
      ["connection", "close, X-Hop, host, Content-Length"],
      ["x-hop", "1"],
      ["x-kept", "2"],
      ["host", "a"],
      ["content-length", "1"],
    ]);
    expect(meta).not.toHaveProperty("HTTP_X_HOP");
    expect(meta).toMatchObject({ HTTP_X_KEPT: "2", HTTP_HOST: "a", CONTENT_LENGTH: "1" });
  });

  test("of more names than are remembered are all there [S8]", () => {
    const headers = Array.from({ length: 2_000 }, (_, i) => [`x-name-${i}`, String(i)] as const);
    const meta = withHeaders(headers);
    expect(meta["HTTP_X_NAME_0"]).toBe("0");
    expect(meta["HTTP_X_NAME_1999"]).toBe("1999");
  });

  test("with a shell's function in it pass as they are: there is no shell [S19]", () => {
    expect(withHeaders([["x-a", "() { :; }; echo"]])["HTTP_X_A"]).toBe("() { :; }; echo");
  });
});

describe("what the user is called", () => {
  test("comes from the server in front, never from a header [X27]", () => {
    const environ = { REMOTE_USER: "ann", AUTH_TYPE: "Basic", AWS_SECRET: "s", PATH: "/bin", HTTP_X: "x" };
    const meta = variables({ extensions: { wsgi: { environ } }, headers: [["remote-user", "eve"]] });
    expect(meta).toMatchObject({ REMOTE_USER: "ann", AUTH_TYPE: "Basic", HTTP_REMOTE_USER: "eve" });
    for (const name of ["AWS_SECRET", "PATH", "HTTP_X"]) expect(meta).not.toHaveProperty(name);
  });
});

describe("TLS", () => {
  const tls = {
    server_cert: "server",
    client_cert_chain: ["leaf", "issuer"],
    client_cert_name: "CN=Änn",
    client_cert_error: null,
    tls_version: 0x0304,
    cipher_suite: 0x1301,
  };

  test("is told in the words of mod_ssl [X26]", () => {
    expect(variables({ extensions: { tls } })).toMatchObject({
      SSL_PROTOCOL: "TLSv1.3",
      SSL_CLIENT_VERIFY: "SUCCESS",
      SSL_CLIENT_S_DN: "CN=\xc3\x84nn",
      SSL_CLIENT_CERT: "leaf",
    });
  });

  test("says of a client without a certificate, or with a bad one, that it is so [X26]", () => {
    const without = { ...tls, client_cert_chain: [], client_cert_name: null };
    expect(variables({ extensions: { tls: without } })["SSL_CLIENT_VERIFY"]).toBe("NONE");
    const bad = { ...tls, client_cert_error: "CERT_HAS_EXPIRED" };
    expect(variables({ extensions: { tls: bad } })["SSL_CLIENT_VERIFY"]).toBe("FAILED:CERT_HAS_EXPIRED");
  });
});

describe("what is refused", () => {
  test.each(["CONNECT", "TRACE"])("the method %s is 501 [S24]", (method) => {
    expect(refusal({ method })).toBe(501);
  });

  test("a NUL in a value is 400 [CH11]", () => {
    expect(refusal({ headers: [["x-a", "b\0c"]] })).toBe(400);
    expect(refusal({ query_string: "\0" })).toBe(400);
  });
});

test("variables that are given stand for those of the request, as UTF-8 [CH3]", () => {
  const env = { SERVER_NAME: "given", REMOTE_USER: "Änn", NEW: "1" };
  expect(variables({}, { env })).toMatchObject({ SERVER_NAME: "given", REMOTE_USER: "\xc3\x84nn", NEW: "1" });
});
