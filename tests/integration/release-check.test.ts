import { handler } from '../../functions/release-check/handler.ts';
import {
  type Invoked,
  invocationAnswer,
  invokeVersion,
  type PublishedVersion,
} from '../support/aws/lambda-versions.ts';
import { useAwsStandIn } from '../support/aws/stand-in.ts';
import { snapshotOf } from '../support/database/contents.ts';
import { useDatabase } from '../support/database/database.ts';
import { BREAKAGES, useBundles } from '../support/functions/broken-bundles.ts';
import { physicalNameOf, SERVING_FUNCTIONS, usePublishedVersions } from '../support/functions/published-versions.ts';
import { useLogs } from '../support/jest/logs.ts';

const logs = useLogs();
const database = useDatabase();
const bundles = useBundles();
const publish = usePublishedVersions(database);

const HOOK = { DeploymentId: 'd-RELEASE1', LifecycleEventHookExecutionId: 'hook-1' };

/** What the deployment deploys, what CodeDeploy was told, and what was invoked. */
let deploying: PublishedVersion | null;
let answers: unknown[];
let invoked: { readonly line: string; readonly event: unknown; readonly result: Invoked }[];
beforeEach(() => {
  deploying = null;
  answers = [];
  invoked = [];
  process.env['PROBED_FUNCTIONS'] = JSON.stringify(
    Object.fromEntries(SERVING_FUNCTIONS.map((name) => [physicalNameOf(name), name])),
  );
});

useAwsStandIn('AWS_ENDPOINT_URL_LAMBDA', async ({ line, body }) => {
  if (deploying === null) return { status: 404, body: { Type: 'User', Message: 'Function not found' } };
  const result = await invokeVersion(deploying, body);
  invoked.push({ line, event: body, result });
  return invocationAnswer(result);
});

useAwsStandIn('AWS_ENDPOINT_URL_CODEDEPLOY', ({ headers, body }) => {
  const call = String(headers['x-amz-target']).replace('CodeDeploy_20141006.', '');
  if (call === 'PutLifecycleEventHookExecutionStatus') {
    answers.push(body);
    return { body: { lifecycleEventHookExecutionId: HOOK.LifecycleEventHookExecutionId } };
  }
  if (deploying === null) return { status: 400, body: { __type: 'DeploymentDoesNotExistException' } };
  if (call === 'ListDeploymentTargets') return { body: { targetIds: ['target-1'] } };
  const { functionName, version } = deploying;
  const lambdaFunctionInfo = { functionName, functionAlias: 'live', currentVersion: '6', targetVersion: version };
  return {
    body: { deploymentTarget: { deploymentTargetType: 'LambdaTarget', lambdaTarget: { lambdaFunctionInfo } } },
  };
});

const answered = (status: string) => [
  {
    deploymentId: HOOK.DeploymentId,
    lifecycleEventHookExecutionId: HOOK.LifecycleEventHookExecutionId,
    status,
  },
];

describe.each(SERVING_FUNCTIONS)('a new version of %s', (name) => {
  it('gets traffic if it works, and the check leaves nothing behind', async () => {
    const before = await snapshotOf(database.db());
    deploying = publish(name, await bundles.working(name));
    await handler(HOOK);
    expect(logs.lines().filter(({ level }) => level === 'ERROR')).toEqual([]);
    expect(answers).toEqual(answered('Succeeded'));
    expect(await snapshotOf(database.db())).toEqual(before);
  });

  it('is invoked itself, not the version before it, with request ids that tell probes from requests', async () => {
    deploying = publish(name, await bundles.working(name), { version: '41' });
    await handler(HOOK);
    expect(invoked.length).toBeGreaterThan(0);
    for (const [index, { line, event }] of invoked.entries()) {
      expect(line).toBe(`POST /2015-03-31/functions/${physicalNameOf(name)}/invocations?Qualifier=41`);
      expect(event).toMatchObject({ requestContext: { requestId: `release-check-d-RELEASE1-${index + 1}` } });
    }
  });

  it.each(BREAKAGES)('gets no traffic if it %s', async (breakage) => {
    const isSlow = breakage === 'never answers';
    deploying = publish(name, await bundles.broken(name, breakage), { isSlow });
    await handler(HOOK);
    expect(answers).toEqual(answered('Failed'));
    expect(logs.lines()).toContainEqual(
      expect.objectContaining({ level: 'ERROR', message: 'Release refused', target: name, fault: expect.any(String) }),
    );
  });
});

describe('a new version', () => {
  const settingsOf: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['progress', 'cannot read its keys', { ACCESS_TOKEN_PUBLIC_KEYS: 'no keys' }],
    ['authorizer', 'cannot read its keys', { ACCESS_TOKEN_PUBLIC_KEYS: 'no keys' }],
    ['auth', 'lacks the key of refresh tokens', { REFRESH_KEY: '' }],
    ['media-url', 'cannot sign', { MEDIA_SIGNING_KEY: '{}' }],
    ['podcast', 'cannot sign', { MEDIA_SIGNING_KEY: '{}' }],
    ['courses', 'has no valid connection string', { MONGODB_URI: 'postgres://nowhere' }],
  ];

  it.each(settingsOf)('of %s gets no traffic if it %s', async (name, _, variables) => {
    deploying = publish(name, await bundles.working(name), { variables });
    await handler(HOOK);
    expect(answers).toEqual(answered('Failed'));
  });

  it('gets no traffic if nothing is known about it', async () => {
    await handler(HOOK);
    expect(answers).toEqual(answered('Failed'));
    expect(logs.lines()).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'Release not checked' }));
  });

  it('gets no traffic if it belongs to a function without probes', async () => {
    deploying = publish('courses', await bundles.working('courses'));
    process.env['PROBED_FUNCTIONS'] = JSON.stringify({ [physicalNameOf('courses')]: 'notes' });
    await handler(HOOK);
    expect(answers).toEqual(answered('Failed'));
    expect(invoked).toEqual([]);
  });

  it('is refused without its answers in the log', async () => {
    deploying = publish('courses', await bundles.broken('courses', 'fails each request'));
    await handler(HOOK);
    expect(logs.text()).not.toContain('statusCode');
    expect(logs.text()).not.toMatch(/eyJ|Bearer (?!\[redacted\])/);
  });
});
