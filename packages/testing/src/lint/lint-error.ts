// What a lint finds: the rule, the side at fault, and what was seen.
// Source: requirements A94 and W55; wsgiref.validate and Rack::Lint, which name the rule in the message.

import { GatewayError } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";

/** Who broke the rule: the app (with whatever middleware stands inside the lint), or the server that calls it. */
export type LintSide = "app" | "server";

/** A broken rule. `code` is always `TSGI_ERR_LINT`. */
export class LintError extends GatewayError {
  override readonly name: string = "LintError";
  /** The requirement that was broken, such as `"A35"`. */
  readonly rule: RequirementId;
  readonly side: LintSide;

  /**
   * @param seen - What was seen, as a clause: it follows the id and the side in the message.
   */
  constructor(rule: RequirementId, side: LintSide, seen: string, options?: ErrorOptions) {
    super("TSGI_ERR_LINT", `${rule}, ${side} at fault: ${seen}`, options);
    this.rule = rule;
    this.side = side;
  }
}

/** What the lints of both interfaces take. */
export interface LintOptions {
  /**
   * Is told every finding of either side, when it is made. Default: none, and then a finding of the server's side is
   * thrown too, so that the request fails; a finding of the app's side is always thrown at the call that broke the rule.
   */
  readonly report?: (finding: LintError) => void;
}

/** Takes a broken rule and what was seen. A side that cannot go on throws; one that only reports returns. */
export type Fault = (rule: RequirementId, seen: string, cause?: unknown) => void;

/** The findings of one call of an app. */
export class Findings {
  readonly #report: LintOptions["report"];
  #kept: LintError | null = null;

  constructor(report: LintOptions["report"]) {
    this.#report = report;
  }

  /** The app broke a rule. */
  readonly app = (rule: RequirementId, seen: string, cause?: unknown): never => {
    const finding = new LintError(rule, "app", seen, cause === undefined ? undefined : { cause });
    this.#report?.(finding);
    throw finding;
  };

  /** The server broke a rule. */
  readonly server = (rule: RequirementId, seen: string, cause?: unknown): void => {
    const finding = new LintError(rule, "server", seen, cause === undefined ? undefined : { cause });
    if (this.#report !== undefined) {
      this.#report(finding);
      return;
    }
    this.#kept ??= finding;
    throw finding;
  };

  /** Throws what the server did wrong, should the app have caught it. */
  rethrow(): void {
    if (this.#kept !== null) throw this.#kept;
  }
}
