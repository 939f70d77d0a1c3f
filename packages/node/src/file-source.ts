// Files on their way to a client: opened by path, or already open and left so.
// Source: ASGI extensions "Path Send", "Zero Copy Send".

import { constants, read } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { EMPTY, GatewayError, type FileSource } from "@tsgi/core";

// A pipe that nobody writes to would hold a thread of the pool for ever; a regular file takes no notice.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for sending.
 *
 * @param file - An absolute path of a regular file, or a file descriptor, or an object with one.
 * @throws {@link GatewayError} `TSGI_ERR_FILE` for a relative path, or what is not a regular file; else the error of the system.
 */
export async function openFile(file: string | number | { readonly fd: number }): Promise<FileSource> {
  if (typeof file !== "string") return new DescriptorSource(typeof file === "number" ? file : file.fd);
  if (!isAbsolute(file)) throw new GatewayError("TSGI_ERR_FILE", "The path of a file to send is absolute");
  const handle = await open(file, READ);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new GatewayError("TSGI_ERR_FILE", "Only a regular file can be sent");
  } catch (error) {
    await handle.close();
    throw error;
  }
  return new DescriptorSource(handle.fd, handle);
}

class DescriptorSource implements FileSource {
  readonly #fd: number;
  readonly #handle: FileHandle | null;

  constructor(fd: number, handle: FileHandle | null = null) {
    this.#fd = fd;
    this.#handle = handle;
  }

  read(size: number, position: number | null): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(size);
    return new Promise((resolve, reject) => {
      read(this.#fd, buffer, 0, size, position, (error, bytesRead) => {
        if (error !== null) reject(error);
        else resolve(bytesRead === 0 ? EMPTY : buffer.subarray(0, bytesRead));
      });
    });
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}
