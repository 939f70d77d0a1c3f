// What can be said of programs behind an app: for fromCgi and cgiDirectory alike.
// Source: requirement S8 (every limit has a number and an option).

import type { AsgiApp, Log, OptionNames, SpoolFactory } from "@tsgi/core";

/** What {@link fromCgi} and {@link cgiDirectory} have in common. */
export interface ScriptOptions {
  /** Variables for the program, in place of those of the request too. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Variables of this process that its programs inherit, by name: nothing else of its environment reaches them, because there are
   * secrets in it. Default: `["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"]`; on Windows SystemRoot, COMSPEC, PATHEXT and WINDIR.
   */
  readonly inheritEnv?: readonly string[];
  /** DOCUMENT_ROOT, and what PATH_TRANSLATED begins with. Default: neither is set. */
  readonly documentRoot?: string | null;
  /** SERVER_SOFTWARE. Default: `"TSGI"`. */
  readonly serverSoftware?: string;
  /** Whether the program is told Authorization, and so the passwords of users. Default: `false`. */
  readonly passAuthorization?: boolean;
  /** A path with `%2F` is answered 404 (`"refuse"`), or it is a slash like any other (`"decode"`). Default: `"refuse"`. */
  readonly encodedSlashes?: "refuse" | "decode";
  /** A path with `.` or `..` segments is answered 404 (`"refuse"`), or passed on as it is (`"keep"`). Default: `"refuse"`. */
  readonly dotSegments?: "refuse" | "keep";
  /**
   * Who serves local redirects, the answers that consist of `Location: /path`: a GET for that path, without a body and with the
   * `root_path` `""`; after ten in a row the client gets a 500. Default: `null`, the client is sent there (302).
   */
  readonly redirectTo?: AsgiApp | null;
  /**
   * How long a program may take for its head, in milliseconds, while it has nothing to wait for; then 504, and it is ended.
   * `Infinity` for no limit. Default: 60_000.
   */
  readonly headTimeout?: number;
  /**
   * How long a program may be silent within its body, in milliseconds, while the client takes what comes; then the response is cut,
   * and it is ended. `Infinity` for no limit. Default: 60_000.
   */
  readonly idleTimeout?: number;
  /** How long a program may run at all, in milliseconds, whatever it does. `Infinity` for no limit. Default: 3_600_000 (1 hour). */
  readonly timeout?: number;
  /**
   * What becomes of a response whose program ends with another status than 0, or by a signal, after its head: `"deliver"` takes it as it
   * is, because the status of a shell script is that of its last command; `"cut"` takes it for broken, which is right for programs that
   * mean it so (`serveCgi` does). A response that has all the bytes of its Content-Length is whole in any case. Default: `"deliver"`.
   */
  readonly failedExit?: "deliver" | "cut";
  /** How long a program may take to end after SIGTERM, in milliseconds; then SIGKILL. Default: 5_000. */
  readonly killGrace?: number;
  /** How many programs run at the same time. Default: 32. */
  readonly maxChildren?: number;
  /** How many requests wait for one of them to end; more are answered 503. Default: 128. */
  readonly maxQueue?: number;
  /** How long they wait, in milliseconds; then 503. `Infinity` for no limit. Default: 30_000. */
  readonly queueTimeout?: number;
  /** The longest request body, in bytes; a longer one is answered 413. Default: `Infinity`, as it is only passed on. */
  readonly maxBodySize?: number;
  /**
   * The longest request body without a Content-Length, in bytes: it must be kept until its end, because a program is told its
   * length. A longer one is answered 413; with 0 every such body is answered 411. Default: 134_217_728 (128 MiB).
   */
  readonly maxUnsizedBody?: number;
  /** How much of such a body is kept in memory, in bytes; the rest goes to `spool`. Default: 65_536 (64 KiB). */
  readonly memoryLimit?: number;
  /** Where the rest of it goes. Default: `fileSpool()`, temporary files. */
  readonly spool?: SpoolFactory;
  /** The longest head of a response, in bytes; a longer one is answered 500. Default: 65_536 (64 KiB). */
  readonly maxHeadSize?: number;
  /** The most lines of a head; more are answered 500. Default: 1_000. */
  readonly maxHeadLines?: number;
  /** How much of the standard error of one request is logged, in bytes. Default: 65_536 (64 KiB). */
  readonly maxStderr?: number;
  /**
   * Where standard error and failures of programs go where no host of ours is below that has a log. Default: the console.
   */
  readonly log?: Log;
}

/** The names of {@link ScriptOptions}. */
export const SCRIPT_OPTIONS: OptionNames<ScriptOptions> = {
  env: true,
  inheritEnv: true,
  documentRoot: true,
  serverSoftware: true,
  passAuthorization: true,
  encodedSlashes: true,
  dotSegments: true,
  redirectTo: true,
  headTimeout: true,
  idleTimeout: true,
  timeout: true,
  failedExit: true,
  killGrace: true,
  maxChildren: true,
  maxQueue: true,
  queueTimeout: true,
  maxBodySize: true,
  maxUnsizedBody: true,
  memoryLimit: true,
  spool: true,
  maxHeadSize: true,
  maxHeadLines: true,
  maxStderr: true,
  log: true,
};
