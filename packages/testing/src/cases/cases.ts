// All cases of the suite, in the order they run.

import type { Case } from "../suite/case.ts";
import { badRequestCases } from "./bad-requests.ts";
import { fileCases } from "./files.ts";
import { interimCases } from "./interim.ts";
import { keepAliveCases } from "./keep-alive.ts";
import { limitCases } from "./limits.ts";
import { startResponseCases } from "./start-response.ts";
import { streamingCases } from "./streaming.ts";
import { syncCloseCases } from "./sync-close.ts";
import { syncInputCases } from "./sync-input.ts";
import { syncResultCases } from "./sync-result.ts";
import { trailerCases } from "./trailers.ts";
import { continueCases } from "./continue.ts";
import { environCases } from "./environ.ts";
import { errorCases } from "./errors.ts";
import { methodCases } from "./methods.ts";
import { noBodyCases } from "./no-body.ts";
import { overlapCases } from "./overlap.ts";
import { pathCases } from "./paths.ts";
import { protocolErrorCases } from "./protocol-errors.ts";
import { receiveCases } from "./receive.ts";
import { requestBodyCases } from "./request-bodies.ts";
import { requestHeaderCases } from "./request-headers.ts";
import { responseBodyCases } from "./response-bodies.ts";
import { responseConnectionCases } from "./response-connection.ts";
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
  ...responseConnectionCases,
  ...responseBodyCases,
  ...noBodyCases,
  ...errorCases,
  ...protocolErrorCases,
  ...syncInputCases,
  ...startResponseCases,
  ...syncResultCases,
  ...syncCloseCases,
  ...streamingCases,
  ...interimCases,
  ...trailerCases,
  ...fileCases,
  ...overlapCases,
  ...keepAliveCases,
  ...badRequestCases,
  ...limitCases,
];
