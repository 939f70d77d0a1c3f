// Whether an app wrote into its scope: what stands in it as the app is called, compared with what stands there as it returns.
// Source: ASGI 3.0 "Middleware" (a change goes into a copy, as it may leak to others); requirement A11.

import { isPlainObject, seen } from "./event-values.ts";

/** What a scope and the values right below it hold, by the path that names them. */
type Snapshot = ReadonlyMap<object, { readonly name: string; readonly members: Members }>;
type Members = ReadonlyMap<PropertyKey, unknown>;

/** What an app may write into: where a lifespan leaves what it starts, and a request what is its own. */
const WRITABLE = "state";

/**
 * Keeps what an app may not change: the keys of the scope, and those of each array and plain object in it, except what is
 * in `state`. No accessor is touched, as `signal` is made by touching it.
 *
 * @returns Tells the first change since, as a clause; `null` if there is none. A copy of the scope is the app's own.
 */
export function watchScope(scope: object): () => string | null {
  // Of a scope that is none, which is the server's fault, there is nothing to keep.
  if (typeof scope !== "object") return () => null;
  const snapshot = new Map([[scope, { name: "scope", members: membersOf(scope) }]]);
  for (const [key, value] of membersOf(scope)) {
    if (key === WRITABLE || snapshot.has(value as object)) continue;
    if (!Array.isArray(value) && !isPlainObject(value)) continue;
    snapshot.set(value, { name: `scope.${String(key)}`, members: membersOf(value) });
  }
  return () => firstChange(snapshot);
}

function firstChange(snapshot: Snapshot): string | null {
  for (const [object, { name, members: before }] of snapshot) {
    const now = membersOf(object);
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      const path = `${name}[${typeof key === "symbol" ? String(key) : seen(key)}]`;
      if (!now.has(key)) return `${path} was deleted`;
      if (!before.has(key)) return `${path} was added`;
      if (!Object.is(before.get(key), now.get(key))) return `${path} was changed`;
    }
  }
  return null;
}

// Of an accessor the getter counts, which a copy made by deriving has too; of an array, its length is a member.
function membersOf(object: object): Members {
  const members = new Map<PropertyKey, unknown>();
  for (const key of Reflect.ownKeys(object)) {
    const member = Reflect.getOwnPropertyDescriptor(object, key);
    if (member !== undefined) members.set(key, member.get ?? member.value);
  }
  return members;
}
