// What frameworks set in front of a mounted app, where the request asks for it: the app's response must have it once.

import type { WireField } from "@tsgi/testing";

/** The request field that asks for it. */
export const ASKS = "x-tsgi-front";
/** The end of the path of such requests. */
export const ASKING_PATH = "/in-front";

/** The fields of one framework: one of its own name, and a cookie. */
export function frontFields(name: string): readonly WireField[] {
  const word = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return [
    [`x-front-${word}`, "1"],
    ["set-cookie", `front-${word}=1`],
  ];
}
