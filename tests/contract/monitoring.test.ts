import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BUSINESS_METRICS } from '../../shared/telemetry/business-metrics.ts';
import { fillIn } from '../support/cloudwatch/fill-in.ts';
import { alarmsIn } from '../support/contract/monitoring.ts';
import { readStack } from '../support/contract/resources.ts';

const root = path.resolve(import.meta.dirname, '../..');
const main = readStack('template.yaml');
const media = readStack('media-monitoring.yaml');
const alarms = [...alarmsIn(main.Resources), ...alarmsIn(media.Resources)];

/** The text of all pages about operations. */
function operations(): string {
  const folder = path.join(root, 'docs/operations');
  const pages = existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
  return [path.join(root, 'docs/operations.md'), ...pages].map((page) => readFileSync(page, 'utf8')).join('\n');
}

describe('an alarm', () => {
  const topics = [
    { 'Fn::If': ['HasAlarmEmail', { Ref: 'AlarmTopic' }, { Ref: 'AWS::NoValue' }] },
    { 'Fn::If': ['HasAlarmTopicArn', { Ref: 'AlarmTopicArn' }, { Ref: 'AWS::NoValue' }] },
  ];

  it.each(alarms)('tells somebody when it begins and when it ends: %s', (_, { AlarmActions, OKActions }) => {
    expect([AlarmActions, OKActions]).toEqual([topics, topics]);
  });

  it.each(alarms)('says what it means and where to read on: %s', (_, { AlarmDescription }) => {
    expect(AlarmDescription).toMatch(/^[A-Z].{20,}\. See "Alarms" in docs\/operations\.md\.$/s);
  });

  it('has a row in the table of alarms in docs/operations.md', () => {
    const text = operations();
    // The alarms of functions share a row: `<Function>Failures`.
    const rowOf = (id: string) => id.replace(/^\w+?(ReleaseFailures|(?<!^Api|^Media)Failures)$/, '<Function>$1');
    expect(alarms.map(([id]) => rowOf(id)).filter((id) => !text.includes(`\`${id}\``))).toEqual([]);
  });

  it('does not ring for missing data, because metrics are sent only when something happens', () => {
    for (const [id, { TreatMissingData }] of alarms) expect([id, TreatMissingData]).toEqual([id, 'notBreaching']);
  });
});

describe.each([
  ['template.yaml', main.Resources],
  ['media-monitoring.yaml', media.Resources],
])('the topic of alarms in %s', (_, resources) => {
  it('exists only with an address, is encrypted, and takes only what alarms of this account say', () => {
    for (const id of ['AlarmTopic', 'AlarmTopicPolicy', 'AlarmTopicKey']) {
      expect(resources[id]?.Condition).toBe('HasAlarmEmail');
    }
    expect(resources['AlarmTopic']?.Properties).toMatchObject({ KmsMasterKeyId: { Ref: 'AlarmTopicKey' } });
    expect(resources['AlarmTopicPolicy']?.Properties['PolicyDocument']).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: {
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            ArnLike: { 'aws:SourceArn': { 'Fn::Sub': expect.stringMatching(/:alarm:\*$/) } },
          },
        },
      ],
    });
  });
});

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly region?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly string[];
    readonly query?: string;
  };
}

/** Stands for whatever a reference means, so that what is missing is found. */
const deployed = new Proxy<Record<string, string>>(
  {},
  {
    get: (_, id) => {
      const [resource = ''] = String(id).split('.');
      const isKnown = resource in main.Resources || /^(Environment|AWS::Region)$/.test(resource);
      return isKnown ? `deployed-${String(id)}` : undefined;
    },
  },
);

describe('the dashboard', () => {
  const { DashboardBody } = main.Resources['Dashboard']?.Properties ?? {};
  const { widgets } = JSON.parse(String(fillIn(DashboardBody, deployed))) as { readonly widgets: readonly Widget[] };
  const metrics = widgets.flatMap(({ properties }) => properties.metrics ?? []);

  it('fits on its grid of 24 columns, without a widget over another', () => {
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, cell) => `${x + (cell % width)},${y + Math.floor(cell / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });

  it('shows only metrics that exist', () => {
    const own = Object.values(main.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Logs::MetricFilter'
        ? (Properties['MetricTransformations'] as { MetricName: string }[]).map(({ MetricName }) => MetricName)
        : [],
    );
    // "Amazon API Gateway dimensions and metrics", "Types of metrics for Lambda functions" and "Viewing CloudFront and
    // edge function metrics".
    const existing: Readonly<Record<string, readonly string[]>> = {
      'AWS/ApiGateway': [
        'Count',
        '4XXError',
        '5XXError',
        'Latency',
        'IntegrationLatency',
        'CacheHitCount',
        'CacheMissCount',
      ],
      'AWS/Lambda': ['Errors', 'Throttles', 'Duration', 'ClaimedAccountConcurrency'],
      'AWS/CloudFront': ['Requests', 'BytesDownloaded', '4xxErrorRate', '5xxErrorRate'],
      'Lectern/deployed-Environment': [...own, ...BUSINESS_METRICS],
    };
    const named = metrics.filter(([namespace]) => typeof namespace === 'string');
    const unknown = named.filter(([namespace, name]) => !existing[String(namespace)]?.includes(String(name)));
    expect(unknown).toEqual([]);
    expect(named.flatMap(([, name]) => (BUSINESS_METRICS.some((known) => known === name) ? [name] : []))).toEqual([
      ...BUSINESS_METRICS,
    ]);
  });

  it('finds failures by the dimensions that the filters give them', () => {
    const { MetricTransformations } = main.Resources['CoursesFailuresByCode']?.Properties ?? {};
    const [{ MetricName, Dimensions }] = MetricTransformations as [
      { readonly MetricName: string; readonly Dimensions: readonly { readonly Key: string }[] },
    ];
    const keys = Dimensions.map(({ Key }) => Key).join(',');
    expect(JSON.stringify(metrics)).toContain(`{Lectern/deployed-Environment,${keys}} MetricName=\\"${MetricName}\\"`);
  });

  it('reads the metrics of CloudFront where they are, and all others in the region of the stack', () => {
    for (const { properties } of widgets.filter(({ properties: { metrics: shown } }) => shown !== undefined)) {
      const isOfCloudFront = properties.metrics?.some(([namespace]) => namespace === 'AWS/CloudFront');
      expect(properties.region).toBe(isOfCloudFront ? 'us-east-1' : 'deployed-AWS::Region');
    }
  });

  it('shows every alarm of the stack that is not about one deployment', () => {
    const shown = widgets.flatMap(({ properties }) => properties.alarms ?? []);
    const expected = alarmsIn(main.Resources).flatMap(([id]) =>
      id.endsWith('ReleaseFailures') ? [] : [`deployed-${id}.Arn`],
    );
    expect([...shown].sort()).toEqual([...expected].sort());
  });
});

describe('the saved queries', () => {
  const queries = Object.values(main.Resources).filter(({ Type }) => Type === 'AWS::Logs::QueryDefinition');

  it('find a request, the slowest routes, and failures by code', () => {
    const names = queries.map(({ Properties }) => fillIn(Properties['Name'], deployed));
    expect(names).toEqual(
      ['everything of one request', 'slowest routes', 'failures by code'].map(
        (name) => `lectern-deployed-Environment/${name}`,
      ),
    );
  });

  it('search a request in the access log and in the log of every function', () => {
    const [{ Properties: { LogGroupNames = [] } = {} } = {}] = queries;
    const logs = Object.entries(main.Resources).flatMap(([id, { Type }]) =>
      Type === 'AWS::Logs::LogGroup' && id !== 'ReleaseCheckLog' ? [{ Ref: id }] : [],
    );
    expect(LogGroupNames).toEqual(expect.arrayContaining(logs));
  });

  it('use only fields that are logged', () => {
    const { AccessLogSetting } = main.Resources['Api']?.Properties ?? {};
    const access = JSON.parse((AccessLogSetting as { readonly Format: string }).Format) as Readonly<
      Record<string, string>
    >;
    const logged = new Set([
      ...Object.keys(access),
      ...['level', 'message', 'function', 'version', 'route', 'status', 'code', 'requestId', 'error.message'],
      ...['@timestamp', '@log'],
    ]);
    for (const { Properties } of queries) {
      const commands = String(Properties['QueryString'])
        .split('\n')
        .map((command) => command.replace(/^\| /, ''));
      const fields = commands.flatMap((command) => /^fields (.+)/.exec(command)?.[1]?.split(',') ?? []);
      const grouped = commands.flatMap((command) => /^stats .+ by (.+)/.exec(command)?.[1]?.split(',') ?? []);
      const used = [...fields, ...grouped].map((field) => field.trim());
      expect(used.length).toBeGreaterThan(0);
      expect(used.filter((field) => !logged.has(field))).toEqual([]);
    }
  });
});

describe('the access log', () => {
  it('says why the authorizer or a function failed and names the trace, without anything personal', () => {
    const { AccessLogSetting } = main.Resources['Api']?.Properties ?? {};
    const { Format } = AccessLogSetting as { readonly Format: string };
    expect(JSON.parse(Format)).toMatchObject({
      authorizerError: '$context.authorizer.error',
      integrationError: '$context.integration.error',
      traceId: '$context.xrayTraceId',
    });
    expect(Format).not.toMatch(/identity|principalId|\$context\.path|header|query/i);
  });
});

describe('tracing', () => {
  it('is off unless the parameter is Active, and then gives functions the permission through SAM', () => {
    const template = readFileSync(path.join(root, 'template.yaml'), 'utf8');
    expect(template).toMatch(/ {4}Tracing: !Ref Tracing\n/);
    expect(main.Conditions['IsTraced']).toEqual({ 'Fn::Equals': [{ Ref: 'Tracing' }, 'Active'] });
    expect(main.Resources['Api']?.Properties['TracingEnabled']).toEqual({ 'Fn::If': ['IsTraced', true, false] });
  });
});
