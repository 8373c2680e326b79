import { Ajv2020 } from 'ajv/dist/2020.js';

/*
 * CloudWatch's embedded metric format, as its specification says in JSON Schema ("Specification: Embedded metric
 * format"). What the specification says in words is checked besides: a metric and a dimension are members of the root.
 */

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });

const schema = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      properties: {
        Timestamp: { type: 'integer' },
        CloudWatchMetrics: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['Namespace', 'Dimensions', 'Metrics'],
            properties: {
              Namespace: { ...text(1024), pattern: '^[^:]' },
              Dimensions: { type: 'array', minItems: 1, items: { type: 'array', maxItems: 30, items: text(250) } },
              Metrics: {
                type: 'array',
                maxItems: 100,
                items: {
                  type: 'object',
                  required: ['Name'],
                  properties: { Name: text(1024), Unit: { enum: ['Count'] }, StorageResolution: { enum: [1, 60] } },
                },
              },
            },
          },
        },
      },
    },
  },
};

const isValid = new Ajv2020().compile<{
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}>(schema);

/** A number that CloudWatch takes from a line. */
export interface EmbeddedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Returns the metrics that CloudWatch takes from a log line. Throws if the line does not fit the specification. */
export function metricsIn(line: string): readonly EmbeddedMetric[] {
  const root: unknown = JSON.parse(line);
  if (!isValid(root)) throw new Error(`Not in the embedded metric format: ${JSON.stringify(isValid.errors)}`);
  const members = root as unknown as Readonly<Record<string, unknown>>;
  return root._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => {
        const value = members[Name];
        const dimensions = names.map((name) => [name, members[name]] as const);
        if (typeof value !== 'number' || dimensions.some(([, named]) => typeof named !== 'string')) {
          throw new Error(`${Name} or one of its dimensions is no member of the line`);
        }
        return {
          namespace: Namespace,
          name: Name,
          value,
          dimensions: Object.fromEntries(dimensions) as Record<string, string>,
        };
      }),
    ),
  );
}
