// Fields as a test writes and reads them: any shape in, pairs and flat lists out.
// Source: RFC 9110 §5.1, §5.3, §5.5.

import { GatewayError, isFieldValue, isToken } from "@tsgi/core";

/** A field: name and value as a binary string. */
export type TestField = readonly [name: string, value: string];

/** Fields of a request: pairs in order, or an object whose values may be arrays for a repeated name. */
export type TestFields =
  | Iterable<TestField>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>;

/**
 * The fields as pairs, in order.
 *
 * @throws {@link GatewayError} `TSGI_ERR_HEADER` for a name or value that no client could send.
 */
export function fieldPairs(fields: TestFields | undefined): TestField[] {
  if (fields === undefined) return [];
  const pairs: TestField[] = [];
  if (Symbol.iterator in fields) {
    for (const [name, value] of fields as Iterable<TestField>) pairs.push(checked(name, value));
    return pairs;
  }
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) {
      pairs.push(checked(name, one));
    }
  }
  return pairs;
}

/** A flat list of fields as pairs. */
export function pairsOf(flat: readonly string[]): TestField[] {
  const pairs: TestField[] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string]);
  return pairs;
}

/** The values of a field, in order; the name in any case. */
export function valuesOf(fields: readonly TestField[], name: string): string[] {
  const wanted = name.toLowerCase();
  return fields.filter((field) => field[0].toLowerCase() === wanted).map((field) => field[1]);
}

function checked(name: string, value: string): TestField {
  if (!isToken(name) || typeof value !== "string" || !isFieldValue(value)) {
    throw new GatewayError(
      "TSGI_ERR_HEADER",
      `A client cannot send ${JSON.stringify(name)}: ${JSON.stringify(value)} as a header`,
    );
  }
  return [name, value];
}
