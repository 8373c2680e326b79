import { findDeployedAlone } from '../../tools/deploy/function/all-functions.ts';
import { findEnvironment } from '../../tools/environment/environment.ts';
import { appSpec } from '../support/aws/deployment/code-deploy.ts';
import { type FunctionStack, SAM_BUCKET, STACK, startFunctionStack } from '../support/aws/deployment/function-stack.ts';

describe('npm run deploy -- <function>', () => {
  let stack: FunctionStack;

  beforeEach(async () => {
    stack = await startFunctionStack();
    await stack.write('two');
  });
  afterEach(() => stack.account.close());

  /** Everything in the account that differs from an earlier snapshot. */
  const changedSince = (before: Readonly<Record<string, string>>) => {
    const after = stack.account.snapshot();
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((key) => before[key] !== after[key])
      .sort((one, other) => one.localeCompare(other));
  };

  describe('deploys', () => {
    it('one function by a canary of its own group, and tells each step', async () => {
      const { ok, text } = await stack.deploy();
      expect({ ok, text }).toEqual({ ok: true, text: expect.any(String) });
      expect(text).toMatch(/Environment prod: account 123456789012, region eu-west-1/);
      expect(text).toMatch(/Version 2 is checked/);
      expect(text).toMatch(/10 % of requests go to version 2, \d+ s left/);
      expect(text).toMatch(/version 2 is live, before it 1/);
      expect(stack.live()).toEqual({ version: '2', weights: {} });
      expect(stack.watched()).toEqual(['2']);
      const [deployment] = stack.account.codeDeploy.deployments.values();
      expect(deployment).toMatchObject({
        ...{ group: 'group-hello', from: '1', to: '2', hook: 'CodeDeployHook_shop-prod-release-check' },
        ...{ configName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes', alarms: ['hello-release'] },
      });
    });

    it('and touches nothing else in the account', async () => {
      const before = stack.account.snapshot();
      await stack.deploy();
      expect(changedSince(before)).toEqual([
        'alarm hello-release',
        'deployment d-1',
        'function shop-hello',
        expect.stringMatching(RegExp(`^object ${SAM_BUCKET}/${STACK}/functions/hello/[0-9a-f]{64}\\.zip$`)),
        'shop-hello alias live',
        'shop-hello version 2',
      ]);
    });

    it('changes nothing of the alarm but the version that it watches', async () => {
      const before = stack.account.cloudWatch.alarms.get('hello-release');
      await stack.deploy();
      const after = stack.account.cloudWatch.alarms.get('hello-release');
      expect(JSON.stringify(after)).not.toBe(JSON.stringify(before));
      expect(JSON.parse(JSON.stringify(after).replaceAll('"Value":"2"', '"Value":"1"'))).toEqual(before);
    });

    it('nothing if this code is live already', async () => {
      await stack.deploy();
      const before = stack.account.snapshot();
      const { ok, text } = await stack.deploy();
      expect(ok).toBe(true);
      expect(text).toMatch(/version 2 with this code is live already/);
      expect(changedSince(before)).toEqual([]);
    });

    it('the version that has this code already, without another one', async () => {
      await stack.deploy();
      await stack.write('three');
      await stack.deploy();
      await stack.write('two');
      const { ok, text } = await stack.deploy();
      expect(ok).toBe(true);
      expect(text).toMatch(/version 2 has this code already/);
      expect(stack.live().version).toBe('2');
    });

    it('and names the commit in the version', async () => {
      await stack.deploy({ revision: '0123456789ab' });
      expect(stack.account.snapshot()['shop-hello version 2']).toMatch(/code [0-9a-f]{12}, commit 0123456789ab/);
    });

    it('although calls are throttled', async () => {
      let refused = 0;
      stack.account.rule((_, number) =>
        number % 3 === 0 && refused++ < 20 ? { code: 'ThrottlingException', status: 400 } : 'pass',
      );
      expect(await stack.deploy()).toMatchObject({ ok: true });
      expect(refused).toBeGreaterThan(5);
    });

    it('a stack without a release check or an alarm of the release', async () => {
      const { resources } = stack.account.stacks.get(STACK) ?? {};
      resources?.delete('ReleaseCheckFunction');
      resources?.delete('HelloReleaseFailures');
      expect(await stack.deploy()).toMatchObject({ ok: true });
      expect(stack.watched()).toEqual(['1']);
    });
  });

  describe('refuses', () => {
    const refusal = async (options: Parameters<FunctionStack['deploy']>[0] = {}) => {
      const before = stack.account.snapshot();
      const { ok, text } = await stack.deploy(options);
      expect(ok).toBeNull();
      expect(changedSince(before)).toEqual([]);
      return text;
    };
    const deployed = () => {
      const found = stack.account.stacks.get(STACK);
      if (found === undefined) throw new Error('there is no stack');
      return found;
    };
    const contracts = { hello: 'C1' };

    it('if template.yaml has changed since the stack was deployed', async () => {
      const text = await refusal({ current: { template: 'T2', contracts } });
      expect(text).toMatch(/template.yaml has changed/);
      expect(text).toMatch(/npm run deploy -- --environment prod/);
    });

    it('if the contract has changed since', async () => {
      const text = await refusal({ current: { template: 'T1', contracts: { hello: 'C2' } } });
      expect(text).toMatch(/functions\/hello\/contract.ts has changed/);
    });

    it('if samconfig.toml has another value for a parameter', async () => {
      deployed().parameters.set('LogLevel', 'DEBUG');
      expect(await refusal()).toMatch(/The parameter LogLevel is "DEBUG", in samconfig.toml "WARN"/);
    });

    it('if the stack does not say what it was made of', async () => {
      deployed().template = 'Resources: {}';
      expect(await refusal()).toMatch(/does not say which sources/);
    });

    it.each([
      ['UPDATE_IN_PROGRESS', /is being changed/],
      ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', /is being changed/],
      ['UPDATE_ROLLBACK_FAILED', /continue-update-rollback --stack-name shop-prod/],
      ['ROLLBACK_COMPLETE', /Delete it/],
      ['REVIEW_IN_PROGRESS', /Delete it/],
    ])('if the state of the stack is %s, and says what to do', async (status, expected) => {
      deployed().status = status;
      expect(await refusal()).toMatch(expected);
    });

    it('if the credentials belong to another account', async () => {
      const environment = { region: 'eu-west-1', account: '999999999999', name: 'prod', configEnv: 'prod' };
      const text = await refusal({
        environment: { ...environment, profile: null, stackName: STACK, parameterOverrides: {} },
      });
      expect(text).toMatch(/belongs to account 999999999999/);
    });

    it('a function that has no deployment group', async () => {
      deployed().resources.delete('HelloFunctionDeploymentGroup');
      expect(await refusal()).toMatch(/has no HelloFunctionDeploymentGroup/);
    });

    it('an unknown function, and lists the known ones', async () => {
      const current = { template: 'T1', contracts };
      expect(await refusal({ name: 'nothing', current })).toMatch(/Functions: hello, other/);
    });

    it('if the configuration in Lambda is not that of the live version, without showing its values', async () => {
      const fn = stack.account.lambda.functions.get('shop-hello');
      if (fn !== undefined) fn.configuration = { ...fn.configuration, Environment: { Variables: { LOG: 'SECRET' } } };
      const text = await refusal();
      expect(text).toMatch(/\(Environment\)/);
      expect(text).not.toMatch(/SECRET/);
    });

    it('if the alias splits requests although no deployment runs', async () => {
      const alias = stack.account.lambda.functions.get('shop-hello')?.aliases.get('live');
      if (alias !== undefined) alias.weights = { 7: 0.1 };
      expect(await refusal()).toMatch(/aws lambda update-alias --function-name shop-hello/);
    });
  });

  describe('returns to the version before', () => {
    const expectReturn = () => {
      expect(stack.live()).toEqual({ version: '1', weights: {} });
      expect(stack.watched()).toEqual(['1']);
    };

    it('if the release check refuses the new one, and says where to look', async () => {
      stack.account.codeDeploy.hookResult = () => 'Failed';
      const { ok, text } = await stack.deploy();
      expect(ok).toBe(false);
      expect(text).toMatch(/BeforeAllowTraffic failed/);
      expect(text).toMatch(/\/aws\/lambda\/CodeDeployHook_shop-prod-release-check/);
      expect(text).toMatch(/version 2 is not live: it points to version 1/);
      expectReturn();
    });

    it('if requests fail during the canary, and names the alarm', async () => {
      stack.account.failing.add('2');
      const { ok, text } = await stack.deploy();
      expect(ok).toBe(false);
      expect(text).toMatch(/was stopped: One or more alarms have been activated. \(ALARM_ACTIVE\)/);
      expect(text).toMatch(/Alarm hello-release: Threshold Crossed/);
      expectReturn();
    });

    it('if the smoke test fails', async () => {
      const { ok, text } = await stack.deploy({ smoke: async () => false });
      expect(ok).toBe(false);
      expect(text).toMatch(/smoke test failed with version 2. Going back to version 1/);
      expectReturn();
      expect([...stack.account.codeDeploy.deployments.values()].at(-1)?.configName).toBe(
        'CodeDeployDefault.LambdaAllAtOnce',
      );
    });

    it('if the smoke test fails and the alarm is on by then', async () => {
      const smoke = async () => {
        stack.account.cloudWatch.states.set('hello-release', 'ALARM');
        return false;
      };
      const { text } = await stack.deploy({ smoke });
      expect(text).toMatch(/On already, so they cannot stop the rollback: hello-release/);
      expectReturn();
    });
  });

  it('runs the smoke test against the API of the stack', async () => {
    const smoke = jest.fn(async () => true);
    expect(await stack.deploy({ smoke })).toMatchObject({ ok: true });
    expect(smoke.mock.calls).toEqual([['https://api.example.com/v1']]);
  });

  describe('if two people deploy at the same time', () => {
    /** Does something as soon as AWS has carried out an operation for the first time. */
    const once = (operation: string, action: () => Promise<unknown>) => {
      let done: Promise<unknown> | undefined;
      stack.account.rule((call) => {
        if (call.operation === operation) done ??= action();
        return 'pass';
      });
      return () => done;
    };

    it('the second one waits for the deployment of the same code', async () => {
      const other = once('GetDeploymentConfig', () => stack.deploy());
      const { ok } = await stack.deploy();
      expect(ok).toBe(true);
      expect(await other()).toMatchObject({
        ok: true,
        text: expect.stringMatching(/is running already, of the same code/),
      });
      expect(stack.account.codeDeploy.deployments.size).toBe(1);
    });

    it('the second one refuses while other code is being deployed', async () => {
      const other = once('GetDeploymentConfig', async () => {
        await stack.write('three');
        return stack.deploy();
      });
      expect(await stack.deploy()).toMatchObject({ ok: true });
      expect(await other()).toMatchObject({ ok: null, text: expect.stringMatching(/and not of this code/) });
      expect(stack.live().version).toBe('2');
      expect(stack.watched()).toEqual(['2']);
    });

    it('only one updates the code', async () => {
      const lambda = stack.account.lambda.functions.get('shop-hello');
      stack.account.rule(({ operation }) => {
        if (operation === 'UpdateFunctionCode' && lambda !== undefined) lambda.revisionId = 'changed by another';
        return 'pass';
      });
      const { ok, text } = await stack.deploy();
      expect({ ok, text }).toEqual({ ok: null, text: expect.stringMatching(/Somebody else is deploying shop-hello/) });
      expect(stack.live().version).toBe('1');
    });

    it('a version with the code of the other is never published as ours', async () => {
      stack.account.rule(({ operation }) => {
        const fn = stack.account.lambda.functions.get('shop-hello');
        if (operation === 'PublishVersion' && fn !== undefined) fn.code = { sha256: 'theirs', size: 1 };
        return 'pass';
      });
      expect(await stack.deploy()).toMatchObject({
        ok: null,
        text: expect.stringMatching(/Somebody else is deploying/),
      });
      expect(stack.live().version).toBe('1');
    });

    it('the alarm watches the deployment that came first', async () => {
      const { lambda, codeDeploy } = stack.account;
      stack.account.rule(({ operation }) => {
        if (operation === 'CreateDeployment' && codeDeploy.deployments.size === 0) {
          const fn = lambda.functions.get('shop-hello');
          if (fn === undefined) throw new Error('no function');
          fn.isUpdated = true;
          fn.updating = 0;
          const to = lambda.publish(fn, 'of the other');
          const content = appSpec('shop-hello', '1', to);
          codeDeploy.create({ deploymentGroupName: 'group-hello', revision: { appSpecContent: { content } } }, 'user');
        }
        return 'pass';
      });
      const { ok, text } = await stack.deploy();
      expect(ok).toBeNull();
      expect(text).toMatch(/has just started a deployment.*already has an active Deployment 'd-1'/);
      expect(stack.watched()).toEqual(['3']);
    });
  });

  describe('is followed by a deployment of the stack', () => {
    const deployedAlone = async () => findDeployedAlone(await findEnvironment(stack.root, 'prod'), stack.root);
    const latest = () => {
      const fn = stack.account.lambda.functions.get('shop-hello');
      if (fn === undefined) throw new Error('there is no function');
      return fn;
    };

    it('that leaves its alias alone, because CloudFormation could not move it', async () => {
      expect(await deployedAlone()).toEqual([]);
      await stack.deploy();
      expect(await deployedAlone()).toEqual(['hello']);
      // What CloudFormation would do: from the version that it knows, to a new one.
      const content = appSpec('shop-hello', '1', '2');
      const { codeDeploy } = stack.account;
      const input = { deploymentGroupName: 'group-hello', revision: { appSpecContent: { content } } };
      const { id } = codeDeploy.create(input, 'CloudFormation');
      stack.account.advance(60_000);
      expect(codeDeploy.deployments.get(id)?.error?.code).toBe('INVALID_LAMBDA_CONFIGURATION');
    });

    it('that leaves its alias alone after a canary refused it, whose code CloudFormation would publish', async () => {
      stack.account.failing.add('2');
      await stack.deploy();
      expect(stack.live().version).toBe('1');
      expect(await deployedAlone()).toEqual(['hello']);
    });

    it('that waits for the end of its own deployment', async () => {
      await stack.deploy({ interruption: () => AbortSignal.abort() });
      await expect(deployedAlone()).rejects.toThrow(/Deployment d-1 of hello is running/);
    });

    it('and then gets the configuration of the stack by a deployment of its own', async () => {
      await stack.deploy();
      const fn = latest();
      stack.account.lambda.setConfiguration(fn, { ...fn.configuration, Timeout: 20 }, 'as the stack says');
      const { ok, text } = await stack.deploy({ mayChangeConfiguration: true });
      expect({ ok, text }).toEqual({ ok: true, text: expect.stringMatching(/the configuration changes: Timeout/) });
      expect(stack.live()).toEqual({ version: '3', weights: {} });
      expect(fn.versions.get('3')?.configuration).toMatchObject({ Timeout: 20, Architectures: ['arm64'] });
      expect(stack.watched()).toEqual(['3']);
    });
  });

  describe('may be killed at any time, and the next run goes on', () => {
    const NEVER_AGAIN = 'AWS_MAX_ATTEMPTS';
    beforeEach(() => {
      process.env[NEVER_AGAIN] = '1';
    });
    afterEach(() => {
      delete process.env[NEVER_AGAIN];
    });

    /** Runs the command with a connection that breaks for good at a call. Returns false once it needs fewer calls. */
    async function killAt(number: number, ruling: 'break-before' | 'break-after'): Promise<boolean> {
      stack.account.forget();
      stack.account.rule((_, current) => (current >= number ? ruling : 'pass'));
      const { ok } = await stack.deploy();
      stack.account.rule(() => 'pass');
      return ok === null;
    }

    it.each(['break-before', 'break-after'] as const)(
      '(%s)',
      async (ruling) => {
        let number = 0;
        for (let killed = true; killed; ) {
          number += 1;
          await stack.account.close();
          stack = await startFunctionStack();
          await stack.write('two');
          // All at once, so that waiting needs few calls.
          const alarms = ['hello-release'];
          stack.account.codeDeploy.groups.set('group-hello', {
            configName: 'CodeDeployDefault.LambdaAllAtOnce',
            alarms,
          });
          killed = await killAt(number, ruling);
          // The deployment goes on in AWS.
          stack.account.advance(number % 2 === 0 ? 600_000 : 0);
          expect(['1', '2']).toContain(stack.live().version);
          expect(await stack.deploy()).toMatchObject({ ok: true });
          expect(stack.live()).toEqual({ version: '2', weights: {} });
          expect(stack.watched()).toEqual(['2']);
          expect(
            Object.keys(stack.account.snapshot()).filter((key) => key.startsWith('shop-hello version')),
          ).toHaveLength(2);
        }
        // As many calls as a deployment needs.
        expect(number).toBeGreaterThan(25);
      },
      120_000,
    );

    it('also if the deployment fails with nobody watching', async () => {
      stack.account.failing.add('2');
      stack.account.forget();
      stack.account.rule(({ operation }) => (operation === 'GetDeployment' ? 'break-before' : 'pass'));
      expect(await stack.deploy()).toMatchObject({ ok: null });
      stack.account.rule(() => 'pass');
      stack.account.advance(600_000);
      expect(stack.live()).toEqual({ version: '1', weights: {} });

      await stack.write('three');
      stack.account.cloudWatch.states.clear();
      expect(await stack.deploy()).toMatchObject({ ok: true });
      expect(stack.live()).toEqual({ version: '3', weights: {} });
      expect(stack.watched()).toEqual(['3']);
    });
  });

  it('stops waiting on Ctrl-C, and tells how to follow or to stop what goes on', async () => {
    const stopped = AbortSignal.abort();
    const { ok, text } = await stack.deploy({ interruption: () => stopped });
    expect(ok).toBeNull();
    expect(text).toMatch(/Deployment d-1 goes on in AWS, from version 1 to 2/);
    expect(text).toMatch(/npm run deploy -- hello --rollback --environment prod/);
    const { ok: followed, text: later } = await stack.deploy();
    expect({ followed, later }).toEqual({ followed: true, later: expect.stringMatching(/is running already/) });
  });
});
