// @tsgi/testing: the conformance suite and the client it speaks through.

export {
  casesNamed,
  casesThatNeed,
  runSuite,
  testAdapter,
  type Adapter,
  type Report,
  type Result,
  type Runner,
  type Served,
  type TestAdapterOptions,
} from "./suite/run.ts";
export { fetchSkips } from "./suite/fetch-skips.ts";
export { nodeParserSkips } from "./suite/node-skips.ts";
export { reportWriter } from "./suite/report-writer.ts";
export { cases } from "./cases/cases.ts";
export { casesInFront } from "./cases/in-front.ts";
export {
  inBoth,
  type AsyncCase,
  type Case,
  type CaseApp,
  type Need,
  type SyncCase,
  type SyncCaseApp,
} from "./suite/case.ts";
export type { Client, CaseRequest, CaseResponse } from "./suite/client.ts";
export type { Stage, StageReport } from "./suite/stage.ts";
export { SYNC_BODY_LIMIT, suiteApp, type SuiteAppOptions } from "./suite/app.ts";
export { fetchWire, type FetchWireOptions } from "./wire/fetch.ts";
export { http1Wire, type Http1WireOptions } from "./wire/http1.ts";
export { http2Wire, type Http2WireOptions } from "./wire/http2.ts";
export {
  WireError,
  type Wire,
  type WireConnection,
  type WireErrorKind,
  type WireExchange,
  type WireField,
  type WireHead,
  type WireOctets,
  type WireRequest,
} from "./wire/wire.ts";
export { lintAsgi, type LintAsgiOptions } from "./lint-asgi.ts";
export { lintWsgi, type LintedWsgiApp, type LintWsgiOptions } from "./lint-wsgi.ts";
export { LintError, type LintOptions, type LintSide } from "./lint/lint-error.ts";
export type { HeaderCase } from "./lint/fields.ts";
export { createTestClient, type TestClient, type TestClientOptions } from "./test-client.ts";
export type { TestField, TestFields } from "./client/fields.ts";
export type { TestHead, TestLogLine } from "./client/memory-transport.ts";
export type { TestBody, TestRequest } from "./client/request.ts";
export type { ServerSentEvent } from "./client/server-sent-events.ts";
export type { TestExchange } from "./client/test-exchange.ts";
export type { TestResponse } from "./client/test-response.ts";
export { memoryWire, type MemoryWireOptions } from "./wire/memory-wire.ts";
export { inject, type InjectChain } from "./inject.ts";
export type { InjectCookies, InjectOptions, InjectQuery, InjectUrl } from "./client/inject-request.ts";
export type { InjectedCookie, InjectResponse } from "./client/inject-response.ts";
export { createCommunicator, type Communicator, type CommunicatorOptions } from "./client/communicator.ts";
