// Every requirement of the project by its id, and the ids a test title cites.
// Source: the data files of this folder, one per group.

import { aBase } from "./a-applications.ts";
import { aConversions } from "./a-conversions.ts";
import { aHttpExtensions } from "./a-http-extensions.ts";
import { aHttpReceive } from "./a-http-receive.ts";
import { aHttpScope } from "./a-http-scope.ts";
import { aHttpSend } from "./a-http-send.ts";
import { aLifespan } from "./a-lifespan.ts";
import { aWebsocket } from "./a-websocket.ts";
import { cMetaVariables } from "./c-meta-variables.ts";
import { cRequest } from "./c-request.ts";
import { cResponse } from "./c-response.ts";
import { chRequest } from "./ch-request.ts";
import { chResponse } from "./ch-response.ts";
import { fBegin } from "./f-begin.ts";
import { fConnection } from "./f-connection.ts";
import { fOutput } from "./f-output.ts";
import { fParams } from "./f-params.ts";
import { fProcess } from "./f-process.ts";
import { fRecords } from "./f-records.ts";
import { fStdin } from "./f-stdin.ts";
import { fcRequest } from "./fc-request.ts";
import { fcResponse } from "./fc-response.ts";
import { sInput } from "./s-input.ts";
import { sIsolation } from "./s-isolation.ts";
import { wEnviron } from "./w-environ.ts";
import { wInput } from "./w-input.ts";
import { wResult } from "./w-result.ts";
import { wStartResponse } from "./w-start-response.ts";
import { xRequest } from "./x-request.ts";
import { xResponse } from "./x-response.ts";
import type { Requirement } from "./requirement.ts";

/** The id of a requirement, such as `W7` or `FC12`. */
export type RequirementId =
  | keyof typeof wEnviron
  | keyof typeof wInput
  | keyof typeof wStartResponse
  | keyof typeof wResult
  | keyof typeof aBase
  | keyof typeof aHttpScope
  | keyof typeof aHttpReceive
  | keyof typeof aHttpSend
  | keyof typeof aHttpExtensions
  | keyof typeof aWebsocket
  | keyof typeof aLifespan
  | keyof typeof aConversions
  | keyof typeof cRequest
  | keyof typeof cResponse
  | keyof typeof cMetaVariables
  | keyof typeof chRequest
  | keyof typeof chResponse
  | keyof typeof fRecords
  | keyof typeof fBegin
  | keyof typeof fParams
  | keyof typeof fStdin
  | keyof typeof fOutput
  | keyof typeof fConnection
  | keyof typeof fProcess
  | keyof typeof fcRequest
  | keyof typeof fcResponse
  | keyof typeof xRequest
  | keyof typeof xResponse
  | keyof typeof sInput
  | keyof typeof sIsolation;

/** Every requirement by its id, group after group. */
export const requirements: Readonly<Record<RequirementId, Requirement>> = {
  ...wEnviron,
  ...wInput,
  ...wStartResponse,
  ...wResult,
  ...aBase,
  ...aHttpScope,
  ...aHttpReceive,
  ...aHttpSend,
  ...aHttpExtensions,
  ...aWebsocket,
  ...aLifespan,
  ...aConversions,
  ...cRequest,
  ...cResponse,
  ...cMetaVariables,
  ...chRequest,
  ...chResponse,
  ...fRecords,
  ...fBegin,
  ...fParams,
  ...fStdin,
  ...fOutput,
  ...fConnection,
  ...fProcess,
  ...fcRequest,
  ...fcResponse,
  ...xRequest,
  ...xResponse,
  ...sInput,
  ...sIsolation,
};

/**
 * Says whether a text is the id of a requirement.
 *
 * @param text - The text, such as one of {@link citedIds}.
 */
export function isRequirementId(text: string): text is RequirementId {
  return Object.hasOwn(requirements, text);
}

/**
 * Reads the ids a test title cites: the bracket groups it ends with, as in `a late throw aborts [A45 W50]`.
 * The ids are given as written, whether or not they exist; a title without a well-formed citation gives none.
 *
 * @param title - The title of a test.
 */
export function citedIds(title: string): string[] {
  const citation = CITATION.exec(title)?.[0] ?? "";
  return citation.match(ID) ?? [];
}

const CITATION = /(?:\s*\[[A-Z]+\d+(?: [A-Z]+\d+)*\])+$/;
const ID = /[A-Z]+\d+/g;
