// An option that nobody reads is refused where it is given: misspelt, it would leave a default, or a limit, as it is.
// Source: requirement S8 (every limit has an option); TypeScript finds such a name in a literal only, JavaScript never.

import { GatewayError } from "./errors.ts";

/** The names of all options of an interface: the compiler sees that none is missing, and none too many. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };

/** How many letters of a name may be wrong for the right one to be recognised. */
const TYPOS = 2;

/**
 * Checks that options are an object, and that each of them is one that is read. Options that go on to somebody else, such as
 * those of `node:tls`, are not for this: only who reads them knows their names.
 *
 * @param known - Every option there is.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function checkOptions<Options extends object>(options: Options, known: OptionNames<Options>): void {
  if (typeof options !== "object" || options === null) {
    throw new GatewayError("TSGI_ERR_OPTION", `Options are an object, not ${String(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    const meant = nearest(name, Object.keys(known));
    const question = meant === null ? "" : `: did you mean "${meant}"?`;
    throw new GatewayError("TSGI_ERR_OPTION", `Unknown option ${JSON.stringify(name)}${question}`);
  }
}

function nearest(name: string, known: readonly string[]): string | null {
  let found: string | null = null;
  // Of a short name every letter would be a typo.
  let least = Math.min(TYPOS, Math.ceil(name.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [found, least] = [candidate, distance];
  }
  return found;
}

/** How many letters must be added, left out or changed to make one name of the other (Levenshtein). */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, letter] of from.split("").entries()) {
    const next = [i + 1];
    for (const [j, other] of to.split("").entries()) {
      const [left, above, corner] = [next[j] as number, row[j + 1] as number, row[j] as number];
      next.push(Math.min(left + 1, above + 1, corner + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) as number;
}
