// V8's CPU profile: nodes and samples in, self time per function out. No files here.
// Source: Chrome DevTools Protocol, Profiler.Profile.

/** The parts of a `.cpuprofile` that are read. */
export interface CpuProfile {
  /** The call tree. */
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** The node that was running at each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Adds up the time each function ran itself, idle time left out; most first. */
export function selfTimes(profile: CpuProfile): { what: string; microseconds: number }[] {
  const names = new Map<number, string>();
  for (const { id, callFrame } of profile.nodes) {
    const { functionName, url, lineNumber } = callFrame;
    const place =
      url === ""
        ? ""
        : `  ${url.replace(/^.*\/node_modules\//, "").replace(/^file:\/\//, "")}:${lineNumber + 1}`;
    names.set(id, `${functionName === "" ? "(anonymous)" : functionName}${place}`);
  }
  const times = new Map<string, number>();
  for (const [n, id] of profile.samples.entries()) {
    const name = names.get(id) ?? "(unknown)";
    if (name === "(idle)") continue;
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas[n] ?? 0));
  }
  return [...times]
    .map(([what, microseconds]) => ({ what, microseconds }))
    .toSorted((a, b) => b.microseconds - a.microseconds);
}
