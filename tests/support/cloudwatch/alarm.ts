import { evaluate } from './metric-math.ts';
import type { Metric, Metrics, Series } from './metrics.ts';

/** The properties of an alarm about a math expression, with references filled in. */
export interface MathAlarm {
  readonly Metrics: readonly (
    | { readonly Id: string; readonly Expression: string; readonly ReturnData?: boolean }
    | { readonly Id: string; readonly MetricStat: { readonly Metric: Metric; readonly Period: number } }
  )[];
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

/**
 * How many minutes later the data of a minute count. Lambda and CloudWatch Logs send theirs within a minute or two; the
 * documentation promises nothing.
 */
const DELAY_MINUTES = 1;

/**
 * Whether an alarm is in ALARM at the beginning of a minute ("Alarm evaluation", M out of N). It is evaluated each
 * minute, over periods that end then ("Alarm evaluation window", sliding). Minutes whose data have not arrived count as
 * they would then: filled by the expression, or missing, which does not breach.
 */
export function isInAlarm(alarm: MathAlarm, metrics: Metrics, minute: number): boolean {
  if (alarm.TreatMissingData !== 'notBreaching' || alarm.ComparisonOperator !== 'GreaterThanOrEqualToThreshold') {
    throw new Error('This test does not understand the alarm');
  }
  const periods = Array.from({ length: alarm.EvaluationPeriods }, (_, index) => index);
  const values: Record<string, Series> = {};
  for (const query of alarm.Metrics) {
    if (!('MetricStat' in query)) continue;
    const { Metric: metric, Period: seconds } = query.MetricStat;
    const start = minute - (alarm.EvaluationPeriods * seconds) / 60;
    values[query.Id] = sumByPeriod(metrics.sums(metric, minute - DELAY_MINUTES), start, seconds / 60);
  }
  // The first expression uses the others, which use only metrics.
  const [watched, ...others] = alarm.Metrics.filter((query) => 'Expression' in query);
  for (const { Id, Expression } of others) values[Id] = evaluate(Expression, values, periods);
  if (watched === undefined || watched.ReturnData === false) throw new Error('The alarm watches no expression');
  const breaching = [...evaluate(watched.Expression, values, periods).values()].filter(
    (value) => value >= alarm.Threshold,
  );
  return breaching.length >= alarm.DatapointsToAlarm;
}

/** Adds up a metric by period, counted from the start. A period without data is missing. */
function sumByPeriod(sums: Series, start: number, minutes: number): Series {
  const periods = new Map<number, number>();
  for (const [minute, sum] of sums) {
    const period = Math.floor((minute - start) / minutes);
    if (period >= 0) periods.set(period, (periods.get(period) ?? 0) + sum);
  }
  return periods;
}
