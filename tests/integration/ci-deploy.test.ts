import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { codeOf } from '../../tools/platform/errors.ts';

const scripts = path.resolve(import.meta.dirname, '../../.ci');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'deploy-'));
  mkdirSync(path.join(root, 'bin'));
  cpSync(scripts, path.join(root, '.ci'), { recursive: true });
  // Fake commands record how they are called, and fail if a pattern in FAIL matches.
  program(
    'npm',
    'printf "npm %s%s\\n" "$*" "$([ -z "$MONGODB_URI" ] || echo " with the database")" >>"$CALLS"; if grep -qE "$FAIL" <<<"npm $*"; then exit 1; fi',
  );
  program(
    'aws',
    'case "$*" in *smoke-password*) echo secret-word;; *ssm*) echo mongodb://secret-host;; *) echo https://api.example;; esac',
  );
});
afterEach(() => rmSync(root, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(path.join(root, 'bin', name), `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
}

interface Plan {
  readonly PLAN: string;
  readonly FUNCTIONS?: string;
  readonly BEFORE?: string;
}

/** Runs the script of the pipeline for staging. Returns its exit code, the npm commands that it ran, and its output. */
async function deploy(plan: Plan, fail = '^$') {
  const CALLS = path.join(root, 'calls');
  writeFileSync(CALLS, '');
  const env = {
    PATH: `${path.join(root, 'bin')}:${process.env['PATH']}`,
    FUNCTIONS: '',
    BEFORE: '',
    ...plan,
    CALLS,
    FAIL: fail,
  };
  const run = new Promise<{ readonly code: unknown; readonly output: string }>((resolve) => {
    execFile('bash', ['.ci/deploy', 'staging'], { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : codeOf(error), output: stdout + stderr }),
    );
  });
  const { code, output } = await run;
  const calls = readFileSync(CALLS, 'utf8')
    .trim()
    .split('\n')
    .map((call) => call.replace(' --environment staging', ''));
  return { code, calls, output };
}

const MIGRATE = 'npm run migrate with the database';
const SMOKE = 'npm run smoke -- https://api.example';

describe('the deployment of the pipeline', () => {
  it('migrates, deploys each changed function alone, and ends with the smoke test', async () => {
    const { code, calls } = await deploy({ PLAN: 'functions', FUNCTIONS: 'auth courses' });
    expect({ code, calls }).toEqual({
      code: 0,
      calls: [MIGRATE, 'npm run deploy -- auth', 'npm run deploy -- courses', SMOKE],
    });
  });

  it('deploys the stack when more than functions changed', async () => {
    expect((await deploy({ PLAN: 'stack' })).calls).toEqual([MIGRATE, 'npm run deploy --', SMOKE]);
  });

  it('does nothing at all when nothing changed', async () => {
    const { code, calls } = await deploy({ PLAN: 'nothing' });
    expect({ code, calls }).toEqual({ code: 0, calls: [''] });
  });

  it('deploys nothing when the migration fails', async () => {
    const { code, calls } = await deploy({ PLAN: 'stack' }, 'migrate');
    expect({ code, calls }).toEqual({ code: 1, calls: [MIGRATE] });
  });

  it('takes back the functions before the one whose deployment failed, and tests and deploys nothing further', async () => {
    const { code, calls } = await deploy({ PLAN: 'functions', FUNCTIONS: 'auth courses podcast' }, 'deploy -- courses');
    expect(code).toBe(1);
    expect(calls).toEqual([
      MIGRATE,
      'npm run deploy -- auth',
      'npm run deploy -- courses',
      'npm run deploy -- auth --rollback',
    ]);
  });

  it('takes back all functions when the smoke test fails, also if one cannot be', async () => {
    const { code, calls, output } = await deploy(
      { PLAN: 'functions', FUNCTIONS: 'auth courses' },
      'smoke|auth --rollback',
    );
    expect(code).toBe(1);
    expect(calls.slice(-2)).toEqual(['npm run deploy -- auth --rollback', 'npm run deploy -- courses --rollback']);
    expect(output).toContain('auth was NOT rolled back');
  });

  it('takes the stack back by deploying the commit that was live', async () => {
    const git = (...args: readonly string[]) => execFileSync('git', [...args], { cwd: root, encoding: 'utf8' }).trim();
    git('init', '--quiet');
    git(
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@example.com',
      'commit',
      '--quiet',
      '--allow-empty',
      '--message',
      'live',
    );
    const { code, calls } = await deploy({ PLAN: 'stack', BEFORE: git('rev-parse', 'HEAD') }, 'smoke');
    expect(code).toBe(1);
    expect(calls).toEqual([MIGRATE, 'npm run deploy --', SMOKE, 'npm ci', 'npm run deploy --']);
  });

  it('prints no secret but to GitHub, to be masked', async () => {
    const { output } = await deploy({ PLAN: 'stack' });
    const lines = output.split('\n').filter((line) => line.includes('secret'));
    expect(lines).toEqual(['::add-mask::mongodb://secret-host', '::add-mask::secret-word']);
  });

  it('fails for a plan that it does not know', async () => {
    expect((await deploy({ PLAN: '' })).code).toBe(1);
  });
});

describe('the bundles of the pipeline', () => {
  const bundles = (command: string) =>
    execFileSync('bash', ['.ci/deploy-bundles', command], { cwd: root, stdio: 'pipe' });
  const file = (name: string) => path.join(root, '.build', name);

  beforeEach(() => {
    for (const name of ['functions/auth', 'functions/courses', 'artifact']) mkdirSync(file(name), { recursive: true });
    writeFileSync(file('functions/auth/index.mjs'), 'auth');
    writeFileSync(file('functions/courses/index.mjs'), 'courses');
    bundles('write');
    cpSync(file('bundles.sha256'), file('artifact/bundles.sha256'));
  });

  it('are accepted with the same bytes', () => {
    expect(() => bundles('check')).not.toThrow();
  });

  it.each<[string, () => void]>([
    ['a changed byte', () => writeFileSync(file('functions/auth/index.mjs'), 'Auth')],
    ['a further file', () => writeFileSync(file('functions/auth/chunk.mjs'), '')],
    ['a file less', () => rmSync(file('functions/courses/index.mjs'))],
  ])('are refused with %s', (_, change) => {
    change();
    expect(() => bundles('check')).toThrow(/differ/);
  });
});
