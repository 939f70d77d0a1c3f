// What of a request's path is the prefix a plugin was registered at. Pure.
// Source: https://fastify.dev/docs/latest/Reference/Plugins/#route-prefixing-option; find-my-way matches the decoded path.

import { decodePath, splitTarget } from "@tsgi/core";

/** What a prefix means: it may have parameters, and the router may take other spellings of it. */
export interface MountPrefix {
  /** The prefix as registered, without trailing slashes. */
  readonly text: string;
  /** How many segments it has. */
  readonly segments: number;
}

/** Reads a prefix, that of the scopes around it included. */
export function mountPrefix(prefix: string): MountPrefix {
  const text = prefix.replace(/\/+$/, "");
  return { text, segments: text.split("/").length - 1 };
}

/** The part of a URL's path that the prefix matched, decoded as `root_path` is. */
export function mountPoint({ text, segments }: MountPrefix, url: string): string {
  if (segments === 0) return "";
  if (url.startsWith(text) && isBoundary(url, text.length)) return text;
  // A parameter, an escape, another case, a slash too many: the router has matched it, segment by segment.
  const { rawPath } = splitTarget(url);
  let end = 0;
  for (let n = 0; n < segments; n += 1) {
    while (rawPath.charCodeAt(end) === 0x2f) end += 1;
    const next = rawPath.indexOf("/", end);
    end = next === -1 ? rawPath.length : next;
  }
  return decodePath(rawPath.slice(0, end));
}

/** Whether a segment ends here: at `/`, `?`, or the end. */
function isBoundary(url: string, at: number): boolean {
  const code = url.charCodeAt(at);
  return at === url.length || code === 0x2f || code === 0x3f;
}
