// The sync interface: environ, startResponse and the streams in environ.
// Source: PEP 3333. Keys keep the spec's spelling; strings without a dot in the key are binary strings (one code unit per octet).

/** The request, as a fresh plain object that the app may change. Header `X-Foo` is `HTTP_X_FOO`. */
export interface Environ {
  REQUEST_METHOD: string;
  /** The mount prefix, percent-decoded, as octets; `""` at the root. */
  SCRIPT_NAME: string;
  /** The rest of the path, percent-decoded once, as octets. */
  PATH_INFO: string;
  /** What follows the first `?`, still encoded; `""` when there is none. */
  QUERY_STRING: string;
  SERVER_NAME: string;
  /** Digits. */
  SERVER_PORT: string;
  /** `"HTTP/1.1"`. */
  SERVER_PROTOCOL: string;
  /** The whole target as the client sent it; absent where the host cannot know it. */
  REQUEST_URI?: string;
  /** Absent if the request has none. */
  CONTENT_TYPE?: string;
  /** The exact length of the body in bytes, also when it came chunked; absent if there is no body. */
  CONTENT_LENGTH?: string;
  /** The peer's IP; absent where the host cannot know it. */
  REMOTE_ADDR?: string;
  REMOTE_PORT?: string;
  /** `[1, 0]`. */
  "wsgi.version": [number, number];
  "wsgi.url_scheme": "http" | "https";
  /** The request body. */
  "wsgi.input": InputStream;
  /** The server's error log, for this request. */
  "wsgi.errors": ErrorStream;
  /** Whether another thread may be in the same app at the same time. */
  "wsgi.multithread": boolean;
  /** Whether another process may be in an equal app at the same time. */
  "wsgi.multiprocess": boolean;
  /** Whether the app is called once in this process: only under CGI. */
  "wsgi.run_once": boolean;
  /** `true`: the end of `wsgi.input` is the end of the body, whatever CONTENT_LENGTH says. */
  "wsgi.input_terminated": boolean;
  "wsgi.file_wrapper"?: FileWrapperConstructor;
  /** Sends a 103 response with these headers (Link fields); does nothing where the host cannot. Absent if it never can. */
  "wsgi.early_hints"?: (headers: readonly (readonly [string, string])[]) => void;
  [key: string]: unknown;
}

/** The request body. Every method gives an empty array at the end, again and again. */
export interface InputStream extends Iterable<Uint8Array> {
  /** At most `size` bytes; the rest of the body without `size`. */
  read(size?: number): Uint8Array;
  /** One line with its LF, at most `size` bytes of it; the last may lack the LF. */
  readline(size?: number): Uint8Array;
  /** The remaining lines; stops after the line in which `hint` bytes are reached. */
  readlines(hint?: number): Uint8Array[];
}

/** Where an app writes what the operator should see. Never the client. */
export interface ErrorStream {
  write(text: string): void;
  writelines(lines: Iterable<string>): void;
  flush(): void;
}

/** A header of the response: name and value. */
export type WsgiHeader = readonly [name: string, value: string];

/**
 * Declares the status and headers. Nothing is sent before the first non-empty piece of the body.
 *
 * @param status - `"200 OK"`: three digits, a blank, a reason, which may be empty. A bare number gets the standard reason.
 * @param headers - Pairs, in order; a repeated name is sent repeatedly.
 * @param excInfo - The error that makes the app call it again; thrown back if the head is already sent.
 * @returns `write(bytes)`, for apps that push instead of returning pieces.
 * @throws {@link GatewayError} at once, for anything PEP 3333 forbids.
 */
export type StartResponse = (
  status: string | number,
  headers: Iterable<WsgiHeader>,
  excInfo?: unknown,
) => (bytes: Uint8Array | string) => void;

/** What a file-like object must have to be wrapped. */
export interface FileLike {
  read(size?: number): Uint8Array;
  close?(): void;
}

/** `wsgi.file_wrapper`: makes an iterable body of a file; a host that can, sends it without copying. */
export type FileWrapperConstructor = (file: FileLike, blockSize?: number) => Iterable<Uint8Array>;
