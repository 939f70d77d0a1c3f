// All cases of the suite, in the order they run.

import type { Case } from "../suite/case.ts";
import { pathCases } from "./paths.ts";

/** Every case. */
export const cases: readonly Case[] = [...pathCases];
