// A cookie that its visitor can read and not change. In an app of yours, take @fastify/secure-session.

import { createHmac, timingSafeEqual } from "node:crypto";

/** The value of a Set-Cookie header. */
export function signed(name: string, value: string, secret: string): string {
  const text = Buffer.from(value).toString("base64url");
  return `${name}=${text}.${seal(name, text, secret)}; Path=/; HttpOnly; SameSite=Lax`;
}

/** The value that was signed, from the value of a Cookie header; `undefined` if it is absent or not ours. */
export function readSigned(header: string | undefined, name: string, secret: string): string | undefined {
  const cookie = (header ?? "").split("; ").find((one) => one.startsWith(`${name}=`));
  const [text = "", theirs = ""] = (cookie ?? "").slice(name.length + 1).split(".");
  const given = Buffer.from(theirs);
  const ours = Buffer.from(seal(name, text, secret));
  if (given.length !== ours.length || !timingSafeEqual(given, ours)) return undefined;
  return Buffer.from(text, "base64url").toString();
}

function seal(name: string, text: string, secret: string): string {
  return createHmac("sha256", secret).update(`${name}=${text}`).digest("base64url");
}
