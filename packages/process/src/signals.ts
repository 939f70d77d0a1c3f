// SIGTERM and SIGINT: the first asks a server to end, the second makes it.

/** The part of `process` this needs. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

/** Ends: resolves with whether everything was put away. */
export type Close = () => Promise<{ readonly clean: boolean }>;

/** What a process is asked to end by, if nobody says otherwise. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];

/**
 * Has the signals end the process: exit status 0 after a clean end, 1 after one that had to cut something or could not put
 * everything away, and 1 at once on a second signal.
 *
 * @param signals - Default: SIGTERM and SIGINT.
 * @returns A function that gives the signals back to whoever had them.
 */
export function endOnSignals(
  source: SignalSource,
  close: Close,
  signals: readonly NodeJS.Signals[] = SIGNALS,
): () => void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) {
      source.exit(1);
      return;
    }
    asked = true;
    void close().then(
      ({ clean }) => source.exit(clean ? 0 : 1),
      () => source.exit(1),
    );
  };
  for (const signal of signals) source.on(signal, onSignal);
  return () => {
    for (const signal of signals) source.off(signal, onSignal);
  };
}
