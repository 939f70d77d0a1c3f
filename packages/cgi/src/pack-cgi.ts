// One file of a bundled program and of what V8 has compiled of it: most of what a small program costs at its start is its compilation.
// Source: https://nodejs.org/docs/latest-v20.x/api/vm.html, `cachedData`. What each step gives: the README.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayError, checkOptions } from "@tsgi/core";

/** How long the program may take for its first request, in milliseconds. */
const TIME_LIMIT = 30_000;

/** The options of {@link packCgi}. */
export interface PackCgiOptions {
  /** `"cjs"` for a file that Node takes for CommonJS (`app.cgi`, `app.cjs`), `"esm"` for one it takes for a module. Default: `"cjs"`. */
  readonly format?: "cjs" | "esm";
  /**
   * The meta-variables of the request that is served while packing, and other variables the program needs: what V8 compiles for it is
   * packed. Default: a GET of `/`.
   */
  readonly request?: Readonly<Record<string, string>>;
  /** The node the packed program will be run by: another version ignores what was packed, and compiles. Default: the one that packs. */
  readonly node?: string;
}

/**
 * Packs a program that was bundled as CommonJS: runs it once, and gives the text of a program that need not be compiled again. It still is
 * the same program: where V8 does not accept what was packed, it compiles.
 *
 * @param code - The bundle, which calls {@link serveCgi}.
 * @throws {@link GatewayError} `TSGI_ERR_PACK` if the program does not serve a request; `TSGI_ERR_OPTION`.
 * @example
 * const { output } = await bundle.generate({ format: "cjs", minify: true });
 * writeFileSync("app.cgi", packCgi(output[0].code), { mode: 0o755 });
 */
export function packCgi(code: string, options: PackCgiOptions = {}): string {
  checkOptions(options, { format: true, request: true, node: true });
  const { format = "cjs", request = {}, node = process.execPath } = options;
  if (format !== "cjs" && format !== "esm")
    throw new GatewayError("TSGI_ERR_OPTION", 'format is "cjs" or "esm"');
  const wrapped = `(function(exports,require,module,__filename,__dirname){${withoutShebang(code)}\n})`;
  const cache = compiled(wrapped, node, request).toString("base64");
  const { first, file } = format === "cjs" ? OF_CJS : OF_ESM;
  // Both parts stand in comments, which is what JavaScript reads quickest, of a function that tells its source: the file need not be read
  // again. Scripts have no import() of their own.
  return `#!/usr/bin/env node
const t=(()=>{
//${asciiOf(JSON.stringify(wrapped))}
//${cache}
//
}).toString().split("\\n//");
${first}new vm.Script(JSON.parse(t[1]),{filename:${file},cachedData:Buffer.from(t[2],"base64"),importModuleDynamically:vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER}).runInThisContext()(exports,require,module,${file},__dirname);
`;
}

const OF_CJS = { first: 'const vm=require("node:vm");', file: "__filename" };
// A module has no require. Nearly all that is left in a bundle are modules of Node.
const OF_ESM = {
  first:
    'const built=process.getBuiltinModule,vm=built("node:vm"),full=()=>built("node:module").createRequire(import.meta.url),require=(id)=>built(id)??full()(id),exports={},module={exports},__dirname=import.meta.dirname;require.resolve=(...args)=>full().resolve(...args);',
  file: "import.meta.filename",
};

/** JSON of any text in ASCII, which stays one byte a character. */
function asciiOf(json: string): string {
  return json.replaceAll(/[^ -~]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Runs it in a process of its own, and keeps what it had compiled at its end. */
const RUN = `
const fs = require("node:fs"), vm = require("node:vm");
const [, code, cache] = process.argv;
const script = new vm.Script(fs.readFileSync(code, "utf8"), {
  filename: code,
  importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
process.on("exit", () => fs.writeFileSync(cache, script.createCachedData()));
script.runInThisContext()(exports, require, module, __filename, __dirname);
`;

const GET: Readonly<Record<string, string>> = {
  GATEWAY_INTERFACE: "CGI/1.1",
  HTTP_ACCEPT: "*/*",
  HTTP_HOST: "localhost",
  PATH_INFO: "/",
  QUERY_STRING: "",
  REMOTE_ADDR: "127.0.0.1",
  REMOTE_PORT: "50000",
  REQUEST_METHOD: "GET",
  REQUEST_URI: "/",
  SCRIPT_NAME: "",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
  SERVER_PROTOCOL: "HTTP/1.1",
};

function compiled(wrapped: string, node: string, request: Readonly<Record<string, string>>): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "tsgi-pack-"));
  const [code, cache] = [join(directory, "code.cjs"), join(directory, "cache")];
  try {
    writeFileSync(code, wrapped);
    const { error, stdout, stderr } = spawnSync(node, ["-e", RUN, code, cache], {
      env: { PATH: process.env["PATH"], ...GET, ...request },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIME_LIMIT,
      maxBuffer: Infinity,
    });
    if (error !== undefined) throw error;
    if (stdout.length === 0) throw new Error(`It has answered nothing: ${String(stderr)}`);
    return readFileSync(cache);
  } catch (error) {
    throw new GatewayError("TSGI_ERR_PACK", "The program cannot be packed: it does not serve a request", {
      cause: error,
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function withoutShebang(code: string): string {
  return code.startsWith("#!") ? code.slice(code.indexOf("\n")) : code;
}
