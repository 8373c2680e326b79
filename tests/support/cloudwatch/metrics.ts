/** What identifies a metric ("Metrics concepts": namespace, name and dimensions). */
export interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
}

/** Values by minute. A minute without data is missing. */
export type Series = ReadonlyMap<number, number>;

/** The metrics of an account, each as a sum by minute. */
export interface Metrics {
  add(metric: Metric, minute: number, value: number): void;
  /** Sums, without the minutes from `until` on, whose data have not arrived yet. */
  sums(metric: Metric, until: number): Series;
  readonly names: () => readonly string[];
}

export function createMetrics(): Metrics {
  const stored = new Map<string, Map<number, number>>();
  return {
    add(metric, minute, value) {
      const series = stored.get(idOf(metric)) ?? new Map<number, number>();
      stored.set(idOf(metric), series.set(minute, (series.get(minute) ?? 0) + value));
    },
    sums: (metric, until) => new Map([...(stored.get(idOf(metric)) ?? [])].filter(([minute]) => minute < until)),
    names: () => [...stored.keys()],
  };
}

/** Dimensions in another order are the same metric. */
function idOf({ Namespace, MetricName, Dimensions = [] }: Metric): string {
  const dimensions = Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort();
  return [Namespace, MetricName, ...dimensions].join(' ');
}
