// The attempts to have one request answered: on a connection that was kept, on a fresh one, by another upstream. Most need only one.
// Sources: requirements FC4, FC14, FC19, FC23; RFC 9110 §9.2.2 (a gateway repeats what is idempotent, or was never taken).

import { Pool, type Place, type Want } from "./pool.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { UpstreamRequest, type Asked, type Outcome } from "./upstream-request.ts";
import type { Upstream } from "./upstream.ts";

/** What may be asked twice. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** The attempts of one request. */
export class Attempts {
  /** The one that is under way; `null` while a connection is looked for. */
  current: UpstreamRequest | null = null;
  readonly #pool: Pool;
  readonly #asked: Asked;
  readonly #idempotent: boolean;
  readonly #except = new Set<Upstream>();
  #fresh = false;
  /** Whether an upstream has broken off on a fresh connection, and another one is asked. */
  #moved = false;
  #want: Want | null = null;

  constructor(pool: Pool, asked: Asked, method: string) {
    this.#pool = pool;
    this.#asked = asked;
    this.#idempotent = IDEMPOTENT.has(method);
  }

  /** Makes attempts until the response is complete, or has failed. Never rejects. */
  async run(): Promise<void> {
    for (;;) {
      const place = await this.#place();
      if (place === null) return;
      const { connection } = place;
      this.#asked.stderr.name = connection.name;
      this.current = new UpstreamRequest(this.#asked, connection, this.#mayMove());
      this.current.start();
      const outcome = await this.current.outcome;
      if (outcome === "answered" || !this.#mayRepeat(outcome, place)) return;
      this.current = null;
    }
  }

  /** Nobody waits for the response any more. */
  giveUp(): void {
    this.current?.leave();
    if (this.#want !== null) this.#pool.cancel(this.#want);
  }

  async #place(): Promise<Place | null> {
    const { response } = this.#asked;
    this.#want = {
      fresh: this.#fresh,
      once: !this.#idempotent,
      except: this.#except,
      passedOver: (failure) => this.#passedOver(failure),
    };
    try {
      const place = await this.#pool.acquire(this.#want);
      if (!response.isOver) return place;
      place.connection.giveBack();
    } catch (error) {
      const failure = error as UpstreamFailure;
      response.failed(failure.status, failure);
    } finally {
      this.#want = null;
    }
    return null;
  }

  /** The client will not learn of it, and whoever runs the upstreams would not. */
  #passedOver(failure: UpstreamFailure): void {
    const { log, settings } = this.#asked;
    log(
      "warn",
      `${failure.message}: another one is asked, and it last for ${settings.failTimeout} ms`,
      failure.cause,
    );
  }

  /** Whether another upstream may be asked what the first one has broken off at: as nginx does, but once only. */
  #mayMove(): boolean {
    return this.#asked.settings.retry && this.#idempotent && this.#pool.size > 1 && !this.#moved;
  }

  /** Whether there is another attempt: else the response has failed. */
  #mayRepeat(outcome: Exclude<Outcome, "answered">, { upstream, connection }: Place): boolean {
    const { response, body, settings } = this.#asked;
    const { name } = upstream;
    if (outcome === "unsent") return true;
    if (outcome === "lost") {
      const wasKept = connection.begun > 1;
      if (body.replayable && wasKept && settings.retry && this.#idempotent && !this.#fresh) {
        return (this.#fresh = true);
      }
      if (body.replayable && this.#mayMove()) {
        if (!upstream.failing) this.#passedOver(brokeOff(name));
        upstream.hasFailed();
        return (this.#fresh = this.#moved = true);
      }
      const what = "closed its connection, in answer to a request that is not repeated";
      response.failed(502, new UpstreamFailure(502, `The FastCGI upstream ${name} ${what}`));
      return false;
    }
    if (outcome === "overloaded") {
      this.#except.add(upstream);
      if (body.replayable && this.#except.size < this.#pool.size) return true;
      response.failed(503, new UpstreamFailure(503, `The FastCGI upstream ${name} is overloaded`));
      return false;
    }
    upstream.cannotMultiplex();
    if (body.replayable && !this.#fresh) return (this.#fresh = true);
    response.failed(
      502,
      new UpstreamFailure(502, `The FastCGI upstream ${name} takes no request on its connection`),
    );
    return false;
  }
}

function brokeOff(name: string): UpstreamFailure {
  return new UpstreamFailure(502, `The FastCGI upstream ${name} closed its connection without an answer`);
}
