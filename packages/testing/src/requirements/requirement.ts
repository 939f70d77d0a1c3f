// What one requirement is: a sentence to hold, where it comes from, and the area that proves it.
// Source: the requirement lists of this folder; the way Rack keeps its SPEC beside its checks.

/**
 * The area of the project in which a requirement is proven: `core` (interfaces, exchange, bridge, Node host, lints and
 * test client), `websocket`, `cgi`, `fastcgi`, `frameworks` (Express, Fastify, Hono, fetch) or `threads`.
 */
export type Milestone = "core" | "websocket" | "cgi" | "fastcgi" | "frameworks" | "threads";

/** One thing an interface, an adapter or a protocol part must do. */
export interface Requirement {
  /** The heading it stands under in the conformance page, such as "WSGI: environ". */
  readonly group: string;

  /** The area that proves it. Until that area exists, a requirement without a test stands as open. */
  readonly milestone: Milestone;

  /** The rule as one testable sentence, which ends with a full stop. Code words stand in backticks. */
  readonly text: string;

  /** Where the rule comes from: spec and section, CVE, or the program whose behaviour was measured. */
  readonly source: string;
}
