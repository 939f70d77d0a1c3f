// A time limit that starts again with each sign of life, and rests while nobody is to blame. Source: requirement CH25.

/** Calls somebody when nothing has happened for too long. */
export class Deadline {
  readonly #passed: () => void;
  #duration: number;
  #timer: NodeJS.Timeout | null = null;
  /** How many reasons there are to rest. */
  #resting = 0;
  #stopped = false;

  /** @param duration - In milliseconds; `Infinity` for no limit. */
  constructor(duration: number, passed: () => void) {
    this.#duration = duration;
    this.#passed = passed;
    this.#start();
  }

  /** Another limit counts from now on. */
  set(duration: number): void {
    this.#duration = duration;
    this.#clear();
    if (this.#resting === 0) this.#start();
  }

  /** Something has happened: the time starts again. */
  refresh(): void {
    this.#timer?.refresh();
  }

  /** The time stands still; `goOn` once for each call starts it again. */
  rest(): void {
    this.#resting += 1;
    this.#clear();
  }

  goOn(): void {
    this.#resting -= 1;
    if (this.#resting === 0) this.#start();
  }

  stop(): void {
    this.#stopped = true;
    this.#clear();
  }

  #start(): void {
    if (this.#stopped || this.#duration === Infinity) return;
    this.#timer = setTimeout(this.#passed, this.#duration);
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
