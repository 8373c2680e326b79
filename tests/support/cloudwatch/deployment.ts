import { isMapping } from '../../../tools/template/fields.ts';
import type { Invoked } from '../aws/lambda-versions.ts';
import { readStack } from '../contract/resources.ts';
import { isInAlarm, type MathAlarm } from './alarm.ts';
import { type Deployed, fillIn } from './fill-in.ts';
import { matchesPattern, selected } from './filter-pattern.ts';
import { createMetrics, type Metric } from './metrics.ts';

const { Resources } = readStack('template.yaml');
const ENVIRONMENT = 'test';

interface FilterProperties {
  readonly LogGroupName: { readonly Ref: string };
  readonly FilterPattern: string;
  readonly MetricTransformations: readonly {
    readonly MetricNamespace: string;
    readonly MetricName: string;
    readonly MetricValue: string;
    readonly Dimensions?: readonly { readonly Key: string; readonly Value: string }[];
  }[];
}

/** A function that is deployed, with a version that gets a part of its traffic. */
export interface Deployment {
  /** Counts an invocation by one of the versions, by its outcome and what is in its log. */
  count(invoked: Invoked, options: { readonly minute: number; readonly version: string }): void;
  /** The first minute up to `last` at whose beginning the alarm is in ALARM, or null. */
  firesAt(alarm: string, last: number): number | null;
}

/**
 * Emulates what CloudWatch makes of the invocations of one function: the metrics that Lambda sends, those of the
 * template's own metric filters, and the template's own alarms.
 * @param id the logical id of the function
 * @param isWeighted whether the alias divides the traffic, without which Lambda counts nothing by executed version
 */
export function deploy(id: string, newVersion: string, isWeighted = true): Deployment {
  const base = id.replace(/Function$/, '');
  const functionName = `lectern-test-${id}-1A2B3C`;
  const deployed: Deployed = {
    Environment: ENVIRONMENT,
    [id]: functionName,
    [`${id}.Version.Version`]: newVersion,
  };
  const metrics = createMetrics();
  const filters = Object.values(Resources).flatMap(({ Type, Properties }) => {
    const log = Properties['LogGroupName'];
    const isOwn = Type === 'AWS::Logs::MetricFilter' && isMapping(log) && log['Ref'] === `${base}Log`;
    return isOwn ? [fillIn({ ...Properties, LogGroupName: '' }, deployed) as FilterProperties] : [];
  });

  /** The dimensions that Lambda sends a metric with ("Types of metrics for Lambda functions"). */
  const dimensionsOf = (version: string): NonNullable<Metric['Dimensions']>[] => {
    const name = { Name: 'FunctionName', Value: functionName };
    const alias = { Name: 'Resource', Value: `${functionName}:live` };
    return [[name], [name, alias], ...(isWeighted ? [[name, alias, { Name: 'ExecutedVersion', Value: version }]] : [])];
  };

  return {
    count({ outcome, lines }, { minute, version }) {
      for (const Dimensions of dimensionsOf(version)) {
        const metric = { Namespace: 'AWS/Lambda', Dimensions };
        metrics.add({ ...metric, MetricName: 'Invocations' }, minute, 1);
        metrics.add({ ...metric, MetricName: 'Errors' }, minute, outcome.kind === 'failed' ? 1 : 0);
      }
      for (const { FilterPattern, MetricTransformations } of filters) {
        for (const line of lines.filter((message) => matchesPattern(FilterPattern, message))) {
          for (const { MetricNamespace, MetricName, MetricValue, Dimensions = [] } of MetricTransformations) {
            const values = Dimensions.map(({ Key, Value }) => ({ Name: Key, Value: selected(Value, line) }));
            // Without the value of a dimension, CloudWatch Logs publishes nothing.
            if (values.some(({ Value }) => typeof Value !== 'string')) continue;
            const dimensions = values.map(({ Name, Value }) => ({ Name, Value: String(Value) }));
            metrics.add(
              { Namespace: MetricNamespace, MetricName, Dimensions: dimensions },
              minute,
              Number(MetricValue),
            );
          }
        }
      }
    },
    firesAt(alarm, last) {
      const { Metrics, ...properties } = Resources[`${base}${alarm}`]?.Properties ?? {};
      const filled = { ...properties, Metrics: fillIn(Metrics, deployed) } as MathAlarm;
      const minutes = Array.from({ length: last + 1 }, (_, minute) => minute);
      return minutes.find((minute) => isInAlarm(filled, metrics, minute)) ?? null;
    },
  };
}
