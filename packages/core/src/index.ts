// @tsgi/core: the interfaces, the one state machine of a request, and the sync bridge.

export {
  SERVE,
  type AsgiApp,
  type Middleware,
  type Receive,
  type Send,
  type ServeDoor,
  type WsgiApp,
} from "./app.ts";
export type * from "./events.ts";
export type * from "./pep3333.ts";
export type * from "./scope.ts";
export {
  ClientDisconnected,
  GatewayError,
  ResponseAborted,
  UnsupportedScopeError,
  type CoreErrorCode,
} from "./errors.ts";
export { checkApp } from "./check-app.ts";
export { checkOptions, type OptionNames } from "./check-options.ts";
export { HttpExchange } from "./exchange.ts";
export type { ResponseState } from "./response-state.ts";
export { MAX_UNAWAITED_BYTES, ROOM } from "./room.ts";
export { runApp } from "./run-app.ts";
export { errorOf } from "./thrown.ts";
export { serve, type BlockingBody, type FileSource, type HttpTransport, type LogLevel } from "./transport.ts";
export { responseHead, type ResponseHead } from "./response-head.ts";
export { HOP_BY_HOP_NAMES, isFieldValue, isToken, isTrailerName } from "./headers.ts";
export { isBodiless, reasonOf } from "./status.ts";
export { keepTarget, targetOf } from "./request-target.ts";
export { decodePath, encodePath, percentDecode, splitTarget, type Target } from "./target.ts";
export {
  EMPTY,
  byteLength,
  bytesOf,
  isBytes,
  latin1Decode,
  latin1Encode,
  nativeString,
  textOfNative,
  utf8Decode,
  utf8Encode,
} from "./bytes.ts";
export { deriveScope } from "./derive-scope.ts";
export { EmbeddedLifespan, type EmbeddedOptions, type StartupEnded } from "./embedded-lifespan.ts";
export { startLifespan, stateCopy, type Lifespan, type LifespanOptions } from "./lifespan.ts";
export { withLifespan } from "./lifespan-generator.ts";
export { mount } from "./mount.ts";
export { trustedProxy, type TrustedProxyOptions } from "./trusted-proxy.ts";
export { environFromScope, type AfterResponse, type EnvironOptions, type ServerObjects } from "./environ.ts";
export { bracketed, defaultPort, splitHost, type HostAndPort } from "./environ-address.ts";
export type { HeaderMap } from "./environ-headers.ts";
export { isBeyondScope, type EnvironOrigin } from "./environ-origin.ts";
export { pathParts, type PathParts } from "./environ-path.ts";
export { schemeFromEnviron, scopeFromEnviron } from "./scope-from-environ.ts";
export {
  headerOfVariable,
  isHeaderValue,
  schemeFromVariables,
  scopeFromVariables,
  type RequestVariables,
} from "./scope-from-variables.ts";
export { reconstructUrl } from "./reconstruct-url.ts";
export { shiftPathInfo } from "./shift-path-info.ts";
export { wsgi, wsgiAppOf } from "./wsgi.ts";
export type { WsgiOptions } from "./wsgi-settings.ts";
export { logToConsole, type Log } from "./log-to-console.ts";
export { FileWrapper, fileWrapper } from "./file-wrapper.ts";
export type { Spool, SpoolFactory, SpoolReader } from "./spool.ts";
export { BodyTruncated, bufferBody, type ReplayableBody } from "./buffer-body.ts";
