// Where the guestbook listens, what it signs its cookies with, and where its files are.

import { fileURLToPath } from "node:url";

export const host = "127.0.0.1";
export const port: number = Number(process.env["PORT"] ?? 3000);
/** Signs the cookie of a visitor. */
export const secret: string = process.env["SECRET"] ?? "for trying out only";
/** The folder of the files that are served as they are. */
export const files: string = fileURLToPath(new URL("../../public/", import.meta.url));
