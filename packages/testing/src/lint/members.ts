// Lets an app touch only those members of a stream that the spec names.
// Source: wsgiref.validate, whose wrappers have no other attribute; requirement W26.

import type { Findings } from "./lint-error.ts";

/** What the language itself looks for, without the app's doing. */
const INERT: ReadonlySet<string> = new Set(["constructor", "then", "toJSON", "toString", "valueOf"]);

const guarded = new WeakSet<object>();

/** Whether this is what {@link onlyMembers} made. */
export function isGuarded(value: object): boolean {
  return guarded.has(value);
}

/** A view of a stream that faults the app for every other member. */
export function onlyMembers<T extends object>(stream: T, name: string, findings: Findings): T {
  const refuse = (key: string | symbol): never =>
    findings.app("W26", `${name} has no ${String(key)} for an app`);
  const view = new Proxy(stream, {
    get(target, key) {
      if (typeof key === "string" && !Object.hasOwn(target, key) && !INERT.has(key)) refuse(key);
      return Reflect.get(target, key) as unknown;
    },
    set: (_target, key) => refuse(key),
    defineProperty: (_target, key) => refuse(key),
    deleteProperty: (_target, key) => refuse(key),
  });
  guarded.add(view);
  return view;
}
