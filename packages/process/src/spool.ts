// Spools request bodies to temporary files, for sync apps: `wsgi(app, { spool: fileSpool() })`.
// Source: PEP 3333 "Input and Error Streams" (a server may read the body before it calls the app).

import { randomUUID } from "node:crypto";
import { readSync } from "node:fs";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayError, checkOptions, type Spool, type SpoolFactory, type SpoolReader } from "@tsgi/core";

/** The options of {@link fileSpool}. */
export interface FileSpoolOptions {
  /** Where the files are made. Default: `os.tmpdir()`. */
  readonly directory?: string;
}

/**
 * Makes spools of temporary files: readable by this user only (mode 0600), and without a name from the moment they are open,
 * so that nothing stays behind, however the process ends.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for an unknown option.
 */
export function fileSpool(options: FileSpoolOptions = {}): SpoolFactory {
  checkOptions(options, { directory: true });
  const { directory = tmpdir() } = options;
  return { open: () => new FileSpool(directory) };
}

class FileSpool implements Spool, SpoolReader {
  readonly #directory: string;
  #file: FileHandle | null = null;
  /** What is still to be removed, where an open file cannot be. */
  #path: string | null = null;
  #length = 0;
  #closed = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const file = this.#file ?? (await this.#create());
    for (let at = 0; at < chunk.byteLength;) {
      const { bytesWritten } = await file.write(chunk, at, chunk.byteLength - at, this.#length);
      at += bytesWritten;
      this.#length += bytesWritten;
    }
  }

  async finish(): Promise<SpoolReader> {
    return this;
  }

  readSync(size: number, position: number): Uint8Array {
    if (this.#closed) throw new GatewayError("TSGI_ERR_FILE", "The spool of the request body is closed");
    const bytes = new Uint8Array(Math.max(0, Math.min(size, this.#length - position)));
    if (this.#file === null || bytes.length === 0) return bytes;
    const bytesRead = readSync(this.#file.fd, bytes, 0, bytes.length, position);
    return bytesRead === bytes.length ? bytes : bytes.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const file = this.#file;
    this.#file = null;
    await file?.close();
    if (this.#path !== null) await unlink(this.#path);
  }

  async #create(): Promise<FileHandle> {
    const path = join(this.#directory, `tsgi-${randomUUID()}.body`);
    // Created anew or not at all: nobody can have put a link there.
    const file = await open(path, "wx+", 0o600);
    this.#file = file;
    await unlink(path).catch(() => {
      this.#path = path;
    });
    return file;
  }
}
