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
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]).sort();
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
  });
});
