import { type AwsCall, AwsError, text } from './aws-error.ts';

type Alarm = Readonly<Record<string, unknown>>;

export interface CloudWatchStandIn {
  readonly alarms: Map<string, Alarm>;
  readonly states: Map<string, 'ALARM' | 'OK'>;
  isOn(name: string): boolean;
  /** The versions that an alarm watches. */
  watchedVersions(name: string): readonly string[];
  call(call: AwsCall): unknown;
}

/**
 * A stand-in for the alarms of CloudWatch. `PutMetricAlarm` "completely overwrites the previous configuration of the
 * alarm", and leaves its state (API reference).
 */
export function cloudWatchStandIn(): CloudWatchStandIn {
  const alarms = new Map<string, Alarm>();
  const states = new Map<string, 'ALARM' | 'OK'>();

  const isOn = (name: string) => states.get(name) === 'ALARM';
  return {
    alarms,
    states,
    isOn,
    watchedVersions(name) {
      const found = JSON.stringify(alarms.get(name) ?? {}).matchAll(/"Name":"ExecutedVersion","Value":"(\d+)"/g);
      return [...new Set([...found].map(([, version = '']) => version))];
    },
    call({ operation, input }) {
      if (operation === 'PutMetricAlarm') {
        alarms.set(text(input, 'AlarmName'), input);
        return {};
      }
      if (operation !== 'DescribeAlarms') throw new AwsError('InvalidAction', `CloudWatch has no ${operation} here`);
      const { AlarmNames: names, StateValue: state } = input;
      const wanted = [...alarms].filter(
        ([name]) => (!Array.isArray(names) || names.includes(name)) && (state !== 'ALARM' || isOn(name)),
      );
      return {
        MetricAlarms: wanted.map(([name, alarm]) => ({
          ...alarm,
          AlarmArn: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
          StateValue: isOn(name) ? 'ALARM' : 'OK',
          StateReason: isOn(name) ? 'Threshold Crossed: 2 datapoints were above it' : 'no datapoints',
        })),
      };
    },
  };
}
