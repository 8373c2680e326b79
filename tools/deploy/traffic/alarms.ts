import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  type Dimension,
  type MetricAlarm,
  type MetricDataQuery,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';

/** The dimension of Lambda's metrics that tells the versions behind an alias apart. */
const VERSION_DIMENSION = 'ExecutedVersion';

/** An alarm that is on. */
export interface FiringAlarm {
  readonly name: string;
  readonly reason: string;
}

/** Returns the alarms among these that are on. */
export async function readFiring(client: CloudWatchClient, names: readonly string[]): Promise<readonly FiringAlarm[]> {
  if (names.length === 0) return [];
  const { MetricAlarms = [] } = await client.send(
    new DescribeAlarmsCommand({ AlarmNames: [...names], StateValue: 'ALARM' }),
  );
  return MetricAlarms.map(({ AlarmName = '', StateReason = '' }) => ({ name: AlarmName, reason: StateReason }));
}

/**
 * Lets the alarm of a release watch this version. Changes nothing else of the alarm, and nothing at all if it does so
 * already. Returns whether it was changed.
 */
export async function watchVersion(client: CloudWatchClient, alarmName: string, version: string): Promise<boolean> {
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [alarmName] }));
  const [alarm] = MetricAlarms;
  if (alarm === undefined) throw new Error(`The alarm ${alarmName} of the stack no longer exists`);
  const watching = watchedBy(alarm);
  if (watching.length === 0 || watching.every((watched) => watched === version)) return false;
  await client.send(
    new PutMetricAlarmCommand({
      // PutMetricAlarm replaces the whole alarm, so everything that it accepts is sent again. Tags stay as they are.
      AlarmName: alarm.AlarmName,
      AlarmDescription: alarm.AlarmDescription,
      ActionsEnabled: alarm.ActionsEnabled,
      OKActions: alarm.OKActions,
      AlarmActions: alarm.AlarmActions,
      InsufficientDataActions: alarm.InsufficientDataActions,
      MetricName: alarm.MetricName,
      Namespace: alarm.Namespace,
      Statistic: alarm.Statistic,
      ExtendedStatistic: alarm.ExtendedStatistic,
      Dimensions: withVersion(alarm.Dimensions, version),
      Period: alarm.Period,
      Unit: alarm.Unit,
      EvaluationPeriods: alarm.EvaluationPeriods,
      DatapointsToAlarm: alarm.DatapointsToAlarm,
      Threshold: alarm.Threshold,
      ComparisonOperator: alarm.ComparisonOperator,
      TreatMissingData: alarm.TreatMissingData,
      EvaluateLowSampleCountPercentile: alarm.EvaluateLowSampleCountPercentile,
      ThresholdMetricId: alarm.ThresholdMetricId,
      Metrics: alarm.Metrics?.map((query) => queryWithVersion(query, version)),
    }),
  );
  return true;
}

function watchedBy({ Dimensions = [], Metrics = [] }: MetricAlarm): readonly (string | undefined)[] {
  const dimensions = [...Dimensions, ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? [])];
  return dimensions.filter(({ Name }) => Name === VERSION_DIMENSION).map(({ Value }) => Value);
}

function queryWithVersion(query: MetricDataQuery, version: string): MetricDataQuery {
  const { MetricStat } = query;
  if (MetricStat?.Metric === undefined) return query;
  const Dimensions = withVersion(MetricStat.Metric.Dimensions, version);
  return { ...query, MetricStat: { ...MetricStat, Metric: { ...MetricStat.Metric, Dimensions } } };
}

function withVersion(dimensions: Dimension[] | undefined, version: string): Dimension[] | undefined {
  return dimensions?.map(({ Name, Value }) => ({ Name, Value: Name === VERSION_DIMENSION ? version : Value }));
}
