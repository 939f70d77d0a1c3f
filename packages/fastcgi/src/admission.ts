// Whether a request may begin, and what END_REQUEST says of one that may not.
// Source: FastCGI 1.0 §5.1, §5.5; requirements F18, F20, F21, F64.

import {
  AUTHORIZER,
  CANT_MPX_CONN,
  FILTER,
  OVERLOADED,
  REQUEST_COMPLETE,
  RESPONDER,
  UNKNOWN_ROLE,
} from "./constants.ts";
import type { FastCgiSettings } from "./serve-options.ts";

/** What all connections of a server share. */
export interface ServerLoad {
  readonly settings: FastCgiSettings;
  /** How many requests have begun and are not over. */
  requests: number;
  /** Whether the server is ending: no further request begins. */
  draining: boolean;
}

/** A request that is about to begin, as its connection sees it. */
export interface Beginning {
  readonly role: number;
  /** Whether it waits behind one of its id. */
  readonly behind: boolean;
  /** Whether it is the first that came. */
  readonly first: boolean;
  /** How many are at work on the connection. */
  readonly active: number;
}

/** The protocol status it is refused with; REQUEST_COMPLETE if it is not. */
export function refusalOf({ settings, requests, draining }: ServerLoad, beginning: Beginning): number {
  const { role, behind, first, active } = beginning;
  const { multiplexing, maxRequests, maxRequestsPerConnection } = settings;
  if (!hasApp(settings, role)) return UNKNOWN_ROLE;
  if (requests >= maxRequests || active >= maxRequestsPerConnection) return OVERLOADED;
  // A connection that had just been made when the end began has its first request served.
  if (draining && !first) return OVERLOADED;
  return multiplexing || behind || active === 0 ? REQUEST_COMPLETE : CANT_MPX_CONN;
}

function hasApp({ apps }: FastCgiSettings, role: number): boolean {
  if (role === AUTHORIZER) return apps.authorizer !== null;
  return role === RESPONDER || (role === FILTER && apps.filter !== null);
}
