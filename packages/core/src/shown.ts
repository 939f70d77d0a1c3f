// A value as an error message shows it: the error must not fail because of the value it is about.

/** A primitive as it is written in code, anything else by its type. Never throws. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : "an object";
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    default:
      return String(value);
  }
}
