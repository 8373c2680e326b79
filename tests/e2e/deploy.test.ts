import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { findEnvironment } from '../../tools/environment/environment.ts';
import { fingerprints } from '../../tools/release/fingerprint.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { type AwsAccount, startAwsAccount } from '../support/aws/deployment/aws-account.ts';
import { seedStack } from '../support/aws/deployment/function-stack.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');
const COPIED = [
  'functions',
  'shared',
  'publishing',
  'tools',
  'scripts',
  'package.json',
  'template.yaml',
  'samconfig.toml',
];

/** This project, copied, with its stack in an account. */
describe('npm run deploy -- courses, in a process of its own', () => {
  let root: string;
  let account: AwsAccount;

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'lectern-'));
    for (const name of COPIED) await cp(path.join(PROJECT, name), path.join(root, name), { recursive: true });
    await symlink(path.join(PROJECT, 'node_modules'), path.join(root, 'node_modules'));
    // One line.
    await appendFile(path.join(root, 'functions/courses/handler.ts'), "globalThis.name = 'changed';\n");
  });
  afterAll(() => rm(root, { recursive: true }));

  beforeEach(async () => {
    account = await startAwsAccount();
    const { stackName, parameterOverrides } = await findEnvironment(PROJECT, 'dev');
    const { functions } = readTemplate(path.join(PROJECT, 'template.yaml'), { parameters: parameterOverrides });
    const { template, contracts } = await fingerprints(PROJECT);
    const metadata = Object.entries(contracts).map(([name, Contract]) => [name, { Contract, Release: 'first' }]);
    seedStack(account, {
      stackName,
      functions: Object.fromEntries(functions.map(({ logicalId, name }) => [logicalId, name])),
      parameters: parameterOverrides,
      template: JSON.stringify({
        Metadata: { Lectern: { Template: template, Functions: Object.fromEntries(metadata) } },
      }),
    });
  });
  afterEach(() => account.close());

  function start(...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    return spawn(
      process.execPath,
      ['--import', 'tsx', 'scripts/deploy.ts', 'courses', '--environment', 'dev', ...args],
      {
        cwd: root,
        env: { ...process.env, ...account.env, NODE_NO_WARNINGS: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
  }

  async function run(...args: readonly string[]) {
    const child = start(...args);
    const lines: string[] = [];
    for (const output of [child.stdout, child.stderr]) createInterface(output).on('line', (line) => lines.push(line));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, text: lines.join('\n') };
  }

  /** Resolves when the new version gets its share of requests. */
  async function reachCanary(child: ReturnType<typeof start>): Promise<void> {
    for await (const line of createInterface(child.stdout)) if (line.includes('10 % of requests')) return;
    throw new Error('it has ended before the canary');
  }

  const live = () => account.lambda.functions.get('shop-courses')?.aliases.get('live');

  it('deploys one changed line, and touches nothing else in the account', async () => {
    account.advanceWithCalls(60_000);
    const before = account.snapshot();
    const { code, text } = await run();
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/version 2 is live, before it 1/) });
    const after = account.snapshot();
    const changed = Object.keys(after).filter((key) => after[key] !== before[key]);
    expect(changed.filter((key) => !key.includes('courses'))).toEqual(['deployment d-1']);
    expect(Object.keys(before).filter((key) => !(key in after))).toEqual([]);
  }, 120_000);

  it('goes on after it was killed during the canary', async () => {
    account.advanceWithCalls(1000);
    const child = start();
    await reachCanary(child);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(live()).toEqual({ version: '1', weights: { 2: 0.1 } });

    account.advanceWithCalls(15_000);
    const { code, text } = await run();
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/is running already, of the same code/) });
    expect(live()).toEqual({ version: '2', weights: {} });
    expect(account.codeDeploy.deployments.size).toBe(1);
  }, 120_000);

  it('leaves the deployment to AWS on Ctrl-C, and stops it by --rollback', async () => {
    account.advanceWithCalls(1000);
    const child = start();
    await reachCanary(child);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(130);
    expect(live()?.weights).toEqual({ 2: 0.1 });

    account.advanceWithCalls(60_000);
    expect(await run('--rollback')).toMatchObject({ code: 0 });
    expect(live()).toEqual({ version: '1', weights: {} });
  }, 120_000);
});
