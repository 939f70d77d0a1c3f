// Moves a segment of the path from PATH_INFO to SCRIPT_NAME, as a dispatching app does.
// Source: PEP 3333's reference library, wsgiref.util.shift_path_info.

import type { Environ } from "./pep3333.ts";

/**
 * Takes the next segment off PATH_INFO and puts it at the end of SCRIPT_NAME. Empty and `.` segments on the way are
 * dropped, and `..` takes a segment off SCRIPT_NAME again.
 *
 * @returns The segment; `""` for the slash at the end of a path; `null` if nothing is left to shift.
 */
export function shiftPathInfo(environ: Environ): string | null {
  const [first, ...rest] = environ.PATH_INFO.split("/");
  if (first !== "" || rest.length === 0) return null;
  const last = rest.length - 1;
  const segments = rest.filter((segment, index) => index === last || (segment !== "" && segment !== "."));
  const name = segments.shift() as string;
  const scriptName = normalized(`${environ.SCRIPT_NAME}/${name}`);
  environ.SCRIPT_NAME = name === "" ? `${scriptName}/` : scriptName;
  environ.PATH_INFO = segments.length === 0 ? "" : `/${segments.join("/")}`;
  return name === "." ? null : name;
}

/** A path from the root without empty, `.` and `..` segments, and without a slash at the end. */
function normalized(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept.length === 0 ? "" : `/${kept.join("/")}`;
}
