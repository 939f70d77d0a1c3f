// What the app of a case has besides its interface: notes for the client, and gates the client opens.
// They travel in requests of their own, so that server and client may be two processes.

/** The app's side of one run of a case. */
export interface Stage {
  /** Leaves a note for the client: `client.notes` gives it. */
  note(text: string): void;
  /** Resolves when the client has opened this gate: `client.open`. */
  gate(name: string): Promise<void>;
  /** Whether the client has opened this gate; for sync apps, which cannot wait. */
  isOpen(name: string): boolean;
}

/** What the client learns of a run. */
export interface StageReport {
  readonly notes: readonly string[];
  /** What the app's own assertions found wrong. */
  readonly failures: readonly string[];
  /** How often any app of the suite was called since the server started, without the questions of clients. */
  readonly calls: number;
}

/** The runs remembered at a time; the oldest is forgotten. */
const MAX_RUNS = 64;

/** The notes and gates of one run. */
export class Run implements Stage {
  readonly notes: string[] = [];
  readonly failures: string[] = [];
  readonly #open = new Set<string>();
  #waiting: (() => void)[] = [];

  note(text: string): void {
    this.notes.push(text);
    this.#changed();
  }

  failed(text: string): void {
    this.failures.push(text);
    this.#changed();
  }

  open(name: string): void {
    this.#open.add(name);
    this.#changed();
  }

  isOpen(name: string): boolean {
    return this.#open.has(name);
  }

  gate(name: string): Promise<void> {
    return this.until(() => this.#open.has(name));
  }

  /** Resolves when the condition holds; it is looked at after every change of this run. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** The runs of one server. */
export class Runs {
  readonly #runs = new Map<string, Run>();
  calls = 0;

  /** The run of this id; a new one if it is not known. */
  of(id: string): Run {
    let run = this.#runs.get(id);
    if (run !== undefined) return run;
    run = new Run();
    this.#runs.set(id, run);
    const oldest = this.#runs.keys().next().value;
    if (this.#runs.size > MAX_RUNS && oldest !== undefined) this.#runs.delete(oldest);
    return run;
  }

  /** What the client of a run is told. */
  report(run: Run): StageReport {
    return { notes: run.notes, failures: run.failures, calls: this.calls };
  }
}
