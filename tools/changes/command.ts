import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { usageMessage } from '../platform/errors.ts';
import { run } from '../platform/run.ts';
import { deployedRevision } from './deployed-revision.ts';
import { planOf } from './plan.ts';
import { readSources } from './sources.ts';

const USAGE = `Tells what to deploy: the stack, some functions, or nothing. Compares the bundles in .build/functions,
the template, samconfig.toml and the routes of this checkout with those of another revision, which it builds.

  npm run changed -- --since REVISION         a commit, branch or tag of Git
  npm run changed -- --environment NAME       the commit that GitHub last deployed there (in GitHub Actions)

Prints lines for GITHUB_OUTPUT: \`plan\` (stack, functions or nothing), \`functions\`, \`before\` (a commit, or empty).
`;

export interface ChangedOptions {
  /** Folder of the project. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  readonly report: (line: string) => void;
}

/** Runs `npm run changed` with these arguments and returns its exit code. */
export async function runChanged(args: readonly string[], options: ChangedOptions): Promise<number> {
  const { root, env, print, report } = options;
  const given = parseArguments(args);
  if (typeof given === 'string') {
    report(`${given}\n\n${USAGE}`);
    return 2;
  }
  const before =
    given.environment === undefined ? await commitOf(given.since, options) : await lastDeployed(given.environment, env);
  const plan = planOf(before === null ? null : await sourcesAt(before, options), await readSources(root));
  if (plan.kind === 'stack') report(`The stack is to be deployed: ${plan.reason}.`);
  print(`plan=${plan.kind}`);
  print(`functions=${plan.kind === 'functions' ? plan.names.join(' ') : ''}`);
  print(`before=${before ?? ''}`);
  return 0;
}

function parseArguments(args: readonly string[]): { readonly since: string; readonly environment?: string } | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { since: { type: 'string' }, environment: { type: 'string' } },
    });
    const { since = '', environment } = values;
    if ((since === '') === (environment === undefined)) return 'Give either --since or --environment.';
    return environment === undefined ? { since } : { since, environment };
  } catch (error) {
    return usageMessage(error);
  }
}

function lastDeployed(environment: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const { GITHUB_API_URL: apiUrl, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = env;
  if (!apiUrl || !repository || !token) {
    throw new Error('--environment needs GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN, as in GitHub Actions');
  }
  return deployedRevision({ apiUrl, repository, token }, environment);
}

async function commitOf(revision: string, { root, env }: ChangedOptions): Promise<string> {
  const commit = await run('git', ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`], {
    cwd: root,
    env,
  });
  return commit.trim();
}

/** Builds another commit in a folder of its own, with the dependencies and the build of that commit. */
async function sourcesAt(commit: string, { root, env }: ChangedOptions) {
  const parent = await mkdtemp(path.join(tmpdir(), 'lectern-'));
  const checkout = path.join(parent, commit);
  try {
    await run('git', ['worktree', 'add', '--detach', checkout, commit], { cwd: root, env });
    await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: checkout, env });
    await run('npm', ['run', '--silent', 'build'], { cwd: checkout, env });
    return await readSources(checkout);
  } finally {
    await rm(parent, { recursive: true, force: true });
    await run('git', ['worktree', 'prune'], { cwd: root, env });
  }
}
