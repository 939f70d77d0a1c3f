// The meta-variables in a process environment, on every system. Sources: PEP 3333 (run_with_cgi); wsgiref.handlers read_environ.

import { expect, test, vi } from "vitest";
import { metaVariablesOfProcess, type ProcessEnvironment } from "./process-environment.ts";

function environment(platform: string, env: Record<string, string>, raw?: string): ProcessEnvironment {
  return {
    platform,
    env: { REQUEST_METHOD: "GET", ...env },
    readRaw: vi.fn(() => {
      if (raw === undefined) throw new Error("ENOENT");
      return raw;
    }),
  };
}

test("on Linux octets that are not UTF-8 come from the environment as the process was given it [C30]", () => {
  const raw = "REQUEST_METHOD=GET\0PATH_INFO=/\xff=\xc3\xa9\0HTTP_X=1\0HTTP_X=2\0HOME=/\xff\0=odd\0NOVALUE\0";
  const meta = metaVariablesOfProcess([], environment("linux", { PATH_INFO: "/\ufffd=\u00e9" }, raw));
  expect({ ...meta }).toEqual({ REQUEST_METHOD: "GET", PATH_INFO: "/\xff=\xc3\xa9", HTTP_X: "1, 2" });
});

test("a request in ASCII is not read twice [C30]", () => {
  const ascii = environment("linux", { PATH_INFO: "/x", HOME: "/h\u00f6me" });
  expect({ ...metaVariablesOfProcess([], ascii) }).toEqual({ REQUEST_METHOD: "GET", PATH_INFO: "/x" });
  expect(ascii.readRaw).not.toHaveBeenCalled();
});

test.each([
  ["darwin", "SERVER=x\0"],
  ["linux", undefined],
  // Of another process, say.
  ["linux", "PATH=/bin\0"],
])("on %s without it, with %j, the decoded environment is encoded as UTF-8 again [C30]", (platform, raw) => {
  const meta = metaVariablesOfProcess([], environment(platform, { PATH_INFO: "/\u00e9" }, raw));
  expect(meta["PATH_INFO"]).toBe("/\xc3\xa9");
});

test.each([
  ["Microsoft-IIS/10.0", "/\xc3\xa9"],
  ["Apache/2.4.71 (Win64)", "/\xe9"],
])("on Windows %s has passed the octets %j [C31]", (SERVER_SOFTWARE, octets) => {
  const meta = metaVariablesOfProcess([], environment("win32", { SERVER_SOFTWARE, PATH_INFO: "/\u00e9" }));
  expect(meta["PATH_INFO"]).toBe(octets);
});

test("what only looks like it is the process's own, unless it is asked for [C2]", () => {
  const own = { HTTPS_PROXY: "http://me:secret@proxy", SSL_CERT_FILE: "/f", SSL_CERT_DIR: "/d" };
  const of = environment("linux", { ...own, HTTPS_KEYSIZE: "128", SSL_PROTOCOL: "TLSv1.3" });
  const sent = { REQUEST_METHOD: "GET", HTTPS_KEYSIZE: "128", SSL_PROTOCOL: "TLSv1.3" };
  expect({ ...metaVariablesOfProcess([], of) }).toEqual(sent);
  expect({ ...metaVariablesOfProcess("all", of) }).toEqual({ ...sent, ...own });
});

test("what web servers set is of the request, and what it is not is not [C2 X33]", () => {
  const of = {
    HTTP_HOST: "h",
    HTTPS: "on",
    HTTPS_KEYSIZE: "1",
    AUTH_TYPE: "x",
    Authorization: "x",
    UNIQUE_ID: "u",
  };
  const not = {
    HOME: "/",
    PATH: "/bin",
    HTTP: "x",
    PATH_INFOS: "x",
    NODE_ENV: "x",
    FCGI_WEB_SERVER_ADDRS: "x",
    "HTTP_A.b": "x",
  };
  const meta = metaVariablesOfProcess([], environment("darwin", { ...of, ...not, HTTP_PROXY: "x" }));
  expect({ ...meta }).toEqual({ REQUEST_METHOD: "GET", ...of });
  expect({ ...metaVariablesOfProcess(["HOME"], environment("darwin", not)) }).toEqual({
    REQUEST_METHOD: "GET",
    HOME: "/",
  });
  expect(Object.keys(metaVariablesOfProcess("all", environment("darwin", not)))).toHaveLength(7);
});
