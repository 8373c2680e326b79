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
 * Whether an alarm is in ALARM at the beginning of a minute ("Alarm evaluation", M out of N). Minutes whose data have
 * not arrived count as they would then: filled by the expression, or missing, which does not breach.
 */
export function isInAlarm(alarm: MathAlarm, metrics: Metrics, minute: number): boolean {
  if (alarm.TreatMissingData !== 'notBreaching' || alarm.ComparisonOperator !== 'GreaterThanOrEqualToThreshold') {
    throw new Error('This test does not understand the alarm');
  }
  const minutes = Array.from(
    { length: alarm.EvaluationPeriods },
    (_, index) => minute - alarm.EvaluationPeriods + index,
  );
  const values: Record<string, Series> = {};
  for (const query of alarm.Metrics) {
    if (!('MetricStat' in query)) continue;
    if (query.MetricStat.Period !== 60) throw new Error('This test understands only periods of a minute');
    values[query.Id] = metrics.sums(query.MetricStat.Metric, minute - DELAY_MINUTES);
  }
  // The first expression uses the others, which use only metrics.
  const [watched, ...others] = alarm.Metrics.filter((query) => 'Expression' in query);
  for (const { Id, Expression } of others) values[Id] = evaluate(Expression, values, minutes);
  if (watched === undefined || watched.ReturnData === false) throw new Error('The alarm watches no expression');
  const breaching = [...evaluate(watched.Expression, values, minutes).values()].filter(
    (value) => value >= alarm.Threshold,
  );
  return breaching.length >= alarm.DatapointsToAlarm;
}
