// Samples to rows: minimum, median, and how they compare with the base column. No processes here.

/** What one column measured in one scenario. */
export interface Samples {
  /** The row: a scenario, or one of the figures of a scenario that has several. */
  readonly scenario: string;
  /** The server. */
  readonly column: string;
  /** The server's Node version. */
  readonly node: string;
  /** What the figures count. */
  readonly unit: string;
  /** One figure a round, in the order of the rounds. */
  readonly samples: readonly number[];
}

/** A row of the result, as `--json` writes it. */
export interface Row extends Samples {
  /** The smallest sample. */
  readonly min: number;
  /** The middle sample. */
  readonly median: number;
  /** `min` by the base column's `min`; null without a base. */
  readonly ratioMin: number | null;
  /** `median` by the base column's `median`; null without a base. */
  readonly ratioMedian: number | null;
  /** The median over the rounds of this round's sample by the base column's in the same round; null without a base. */
  readonly ratioPair: number | null;
}

/** Makes the rows of one scenario on one Node version. `base` is the column they are compared with. */
export function rowsFromSamples(all: readonly Samples[], base: string): Row[] {
  return all.map((one) => {
    const isBase = (row: Samples): boolean => row.column === base && row.scenario === one.scenario;
    const other = all.find(isBase)?.samples ?? [];
    const min = Math.min(...one.samples);
    const median = medianOf(one.samples);
    return {
      ...one,
      min,
      median,
      ratioMin: ratioOf(min, Math.min(...other)),
      ratioMedian: ratioOf(median, medianOf(other)),
      ratioPair: ratioOf(medianOf(one.samples.map((sample, n) => sample / (other[n] ?? Number.NaN))), 1),
    };
  });
}

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** Null where a ratio says nothing: without a base, or if a connection of the base's cost no memory at all. */
function ratioOf(figure: number, base: number): number | null {
  const ratio = figure / base;
  return base > 0 && Number.isFinite(base) && Number.isFinite(ratio) ? ratio : null;
}
