import { type FunctionStack, startFunctionStack } from '../support/aws/deployment/function-stack.ts';

describe('npm run deploy -- <function> --rollback', () => {
  let stack: FunctionStack;

  /** Deploys these sources one after another: version 2, 3, and so on. */
  async function deployAll(...answers: readonly string[]): Promise<void> {
    for (const answer of answers) {
      await stack.write(answer);
      expect(await stack.deploy()).toMatchObject({ ok: true });
    }
  }

  beforeEach(async () => {
    stack = await startFunctionStack();
  });
  afterEach(() => stack.account.close());

  it('returns to the version before by a canary, and says why that one', async () => {
    await deployAll('two', 'three');
    const { ok, text } = await stack.rollBack();
    expect(ok).toBe(true);
    expect(text).toMatch(/Going back to version 2: deployment d-2 of 2026-\S+Z replaced it by version 3/);
    expect(text).toMatch(/10 % of requests go to version 2/);
    expect(stack.live()).toEqual({ version: '2', weights: {} });
    expect(stack.watched()).toEqual(['2']);
  });

  it('goes further back the second time, and not forward again', async () => {
    await deployAll('two', 'three');
    await stack.rollBack();
    expect(await stack.rollBack()).toMatchObject({ ok: true });
    expect(stack.live().version).toBe('1');
    expect(await stack.rollBack()).toMatchObject({
      ok: null,
      text: expect.stringMatching(/does not tell.*--to <version>/),
    });
    expect(stack.live().version).toBe('1');
  });

  it('never returns to a version that a canary refused', async () => {
    await deployAll('two');
    stack.account.failing.add('3');
    await stack.write('three');
    expect(await stack.deploy()).toMatchObject({ ok: false });
    stack.account.cloudWatch.states.clear();
    expect(await stack.rollBack()).toMatchObject({ ok: true });
    expect(stack.live().version).toBe('1');
  });

  it('never returns to a version that failed the smoke test', async () => {
    await deployAll('two');
    await stack.write('three');
    await stack.deploy({ smoke: async () => false });
    expect(await stack.rollBack()).toMatchObject({ ok: true });
    expect(stack.live().version).toBe('1');
  });

  it('goes to the named version', async () => {
    await deployAll('two', 'three');
    expect(await stack.rollBack({ to: '1' })).toMatchObject({ ok: true });
    expect(stack.live().version).toBe('1');
    expect(await stack.rollBack({ to: '1' })).toMatchObject({ ok: true, text: expect.stringMatching(/live already/) });
  });

  it('refuses a version that no longer exists', async () => {
    await deployAll('two');
    expect(await stack.rollBack({ to: '9' })).toMatchObject({
      ok: null,
      text: expect.stringMatching(/no longer exists/),
    });
    expect(stack.live().version).toBe('2');
    expect(stack.watched()).toEqual(['2']);
  });

  it('works while the alarm is on that called for it, which CodeDeploy would stop it for', async () => {
    await deployAll('two');
    stack.account.cloudWatch.states.set('hello-release', 'ALARM');
    const { ok, text } = await stack.rollBack();
    expect({ ok, text }).toEqual({ ok: true, text: expect.stringMatching(/cannot stop the rollback: hello-release/) });
    expect(stack.live().version).toBe('1');
  });

  it('moves all traffic in one step if that is asked for', async () => {
    await deployAll('two');
    const { text } = await stack.rollBack({ atOnce: true });
    expect(text).not.toMatch(/10 %/);
    expect(stack.live().version).toBe('1');
  });

  it('stops a deployment that is running, which has the same effect', async () => {
    await deployAll('two');
    await stack.write('three');
    await stack.deploy({ interruption: () => AbortSignal.abort() });
    stack.account.advance(60_000);
    expect(stack.live()).toEqual({ version: '2', weights: { 3: 0.1 } });
    const { ok, text } = await stack.rollBack();
    expect({ ok, text }).toEqual({ ok: true, text: expect.stringMatching(/Stopping deployment d-2/) });
    expect(stack.live()).toEqual({ version: '2', weights: {} });
    expect(stack.watched()).toEqual(['2']);
  });

  it('waits for a rollback that is running', async () => {
    await deployAll('two');
    await stack.rollBack({ interruption: () => AbortSignal.abort() });
    const { ok, text } = await stack.rollBack();
    expect({ ok, text }).toEqual({ ok: true, text: expect.stringMatching(/goes back from version 2 to 1 already/) });
    expect(stack.live().version).toBe('1');
    expect(stack.account.codeDeploy.deployments.size).toBe(2);
  });

  it('is refused by the release check if the earlier version does not work any more', async () => {
    await deployAll('two');
    stack.account.codeDeploy.hookResult = () => 'Failed';
    expect(await stack.rollBack()).toMatchObject({ ok: false });
    expect(stack.live()).toEqual({ version: '2', weights: {} });
    expect(stack.watched()).toEqual(['2']);
  });

  it('tells that the smoke test fails with the earlier version too, and changes nothing else', async () => {
    await deployAll('two');
    const { ok, text } = await stack.rollBack({ smoke: async () => false });
    expect({ ok, text }).toEqual({ ok: false, text: expect.stringMatching(/fails with version 1 too/) });
    expect(stack.live().version).toBe('1');
  });
});

describe('old versions', () => {
  let stack: FunctionStack;
  beforeEach(async () => {
    stack = await startFunctionStack();
    stack.account.codeDeploy.groups.set('group-hello', {
      configName: 'CodeDeployDefault.LambdaAllAtOnce',
      alarms: ['hello-release'],
    });
  });
  afterEach(() => stack.account.close());

  const versions = () => [...(stack.account.lambda.functions.get('shop-hello')?.versions.keys() ?? [])];

  /** Publishes versions that nothing uses. */
  function publish(count: number): void {
    const { lambda } = stack.account;
    const fn = lambda.functions.get('shop-hello');
    if (fn === undefined) throw new Error('no function');
    for (let number = 0; number < count; number += 1) {
      lambda.setConfiguration(fn, fn.configuration, '');
      fn.updating = 0;
      lambda.publish(fn, '');
    }
  }

  it('are deleted after a deployment, but for ten and those that the stack, an alias or a deployment names', async () => {
    publish(4);
    stack.account.lambda.functions.get('shop-hello')?.aliases.set('pinned', { version: '3', weights: { 4: 0.5 } });
    publish(12);
    await stack.write('two');
    const { ok, text } = await stack.deploy();
    expect({ ok, text }).toEqual({ ok: true, text: expect.stringMatching(/deleted old versions 8, 7, 6, 5, 2\./) });
    expect(versions()).toEqual(['1', '3', '4', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18']);
  });

  it('may stay: that they cannot be deleted is only a warning', async () => {
    publish(15);
    stack.account.rule(({ operation }) =>
      operation === 'DeleteFunction' ? { code: 'AccessDeniedException', status: 403 } : 'pass',
    );
    await stack.write('two');
    const { ok, text } = await stack.deploy();
    expect({ ok, text }).toEqual({ ok: true, text: expect.stringMatching(/old versions were not deleted: Not today/) });
    expect(stack.live().version).toBe('17');
  });
});
