// All cases of the suite, in the order they run.

import type { Case } from "../suite/case.ts";
import { continueCases } from "./continue.ts";
import { environCases } from "./environ.ts";
import { errorCases } from "./errors.ts";
import { methodCases } from "./methods.ts";
import { pathCases } from "./paths.ts";
import { protocolErrorCases } from "./protocol-errors.ts";
import { receiveCases } from "./receive.ts";
import { requestBodyCases } from "./request-bodies.ts";
import { requestHeaderCases } from "./request-headers.ts";
import { responseBodyCases } from "./response-bodies.ts";
import { responseHeadCases } from "./response-heads.ts";
import { scopeCases } from "./scope.ts";

/** Every case. */
export const cases: readonly Case[] = [
  ...pathCases,
  ...methodCases,
  ...requestHeaderCases,
  ...scopeCases,
  ...environCases,
  ...requestBodyCases,
  ...continueCases,
  ...receiveCases,
  ...responseHeadCases,
  ...responseBodyCases,
  ...errorCases,
  ...protocolErrorCases,
];
