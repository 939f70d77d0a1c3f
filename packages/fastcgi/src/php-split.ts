// Which part of a path is the PHP script, and which is PATH_INFO. Octets and positions only: no disk, no letter case, no Unicode.
// Sources: CVE-2019-11043 (a newline defeats a regular expression); GHSA-g966-83w7-6w38, GHSA-3g8v-8r37-cgjm, GHSA-v4h7-cj44-8fc8 (Unicode
// letter case moves the place of the split); CVE-2010-4150's kin: `x.jpg/y.php` runs a picture.

/** A path in two. */
export interface SplitPath {
  /** From the beginning to the end of the extension. */
  readonly script: string;
  /** The rest: `""`, or `/` and more. */
  readonly pathInfo: string;
}

/**
 * The places where a path can be split: after one of the extensions, at the end of a segment. The compared octets are those of
 * the extension, exactly: `/a.PHP` and `/a.php.bak` have no such place, `/a.php/b.php` has two, and the first comes first.
 *
 * @param path - Decoded, as a binary string.
 */
export function splitsOf(path: string, extensions: readonly string[]): SplitPath[] {
  const found: SplitPath[] = [];
  let end = path.indexOf("/", 1);
  for (; ; end = path.indexOf("/", end + 1)) {
    const script = end === -1 ? path : path.slice(0, end);
    if (isScript(script, extensions)) found.push({ script, pathInfo: path.slice(script.length) });
    if (end === -1) return found;
  }
}

/** Whether the last segment of a path ends in one of the extensions, and is more than that: `/.php` is no script. */
export function isScript(path: string, extensions: readonly string[]): boolean {
  return extensions.some((extension) => {
    const before = path.length - extension.length - 1;
    return before >= 0 && path[before] !== "/" && path.endsWith(extension);
  });
}

/** Windows opens `a.php.`, `a.php ` and `a.php::$DATA` as `a.php`, and `aux.php` as a device. */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9\xb9\xb2\xb3]|lpt[0-9\xb9\xb2\xb3])(?:\.|$)/i;

/**
 * Whether a decoded path may stand in the name of a file: no control character, which no file of a web site has and which a rule
 * further on may stumble over, no `.` or `..` segment, and on Windows nothing that is opened as something else.
 */
export function isPlainPath(path: string, windows: boolean): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (!path.startsWith("/") || /[\x00-\x1f\x7f]/.test(path)) return false;
  const segments = path.split("/");
  if (segments.some((segment) => segment === "." || segment === "..")) return false;
  if (!windows) return true;
  return !segments.some((segment) => /[\\:]|[. ]$/.test(segment) || DEVICE.test(segment));
}
