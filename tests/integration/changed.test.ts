import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { closeServer, listenOn } from '../../local/http/listen.ts';
import { runChanged } from '../../tools/changes/command.ts';

/** A project with two functions, whose build copies each handler into its bundle. */
const FILES = {
  'package.json': JSON.stringify({ name: 'small', version: '1.0.0', scripts: { build: 'node build.mjs' } }),
  'package-lock.json': JSON.stringify({
    name: 'small',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: { '': { name: 'small' } },
  }),
  'build.mjs': `import { cpSync } from 'node:fs';
for (const name of ['notes', 'tags']) cpSync(\`functions/\${name}/handler.ts\`, \`.build/functions/\${name}/index.mjs\`);`,
  'template.yaml': '# Comment\nResources: { Api: { Type: AWS::Serverless::Api } }\n',
  'samconfig.toml': 'version = 0.1\n',
  'functions/notes/handler.ts': 'export const handler = 1;\n',
  'functions/tags/handler.ts': 'export const handler = 2;\n',
  'functions/tags/contract.ts': "export const contract = { routes: { 'GET /tags': { auth: 'public' } } };\n",
  'README.md': 'Small\n',
} as const;

let root: string;
let deployments: readonly { readonly id: number; readonly sha: string; readonly states: readonly string[] }[] = [];

const git = (...args: readonly string[]) => execFileSync('git', [...args], { cwd: root, encoding: 'utf8' }).trim();

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}

function commit(): string {
  git('add', '--all');
  git(
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '--message',
    'change',
  );
  return git('rev-parse', 'HEAD');
}

async function changed(...args: readonly string[]) {
  execFileSync('node', ['build.mjs'], { cwd: root });
  const lines: string[] = [];
  const env = { ...process.env, GITHUB_API_URL: apiUrl, GITHUB_REPOSITORY: 'small/small', GITHUB_TOKEN: 'token' };
  const code = await runChanged(args, { root, env, print: (line) => lines.push(line), report: () => undefined });
  return { code, lines };
}

/** GitHub's list of deployments, as far as it is used. */
const github = createServer(({ url = '', headers }, response) => {
  if (headers.authorization !== 'Bearer token') return response.writeHead(401).end();
  const { pathname, searchParams } = new URL(url, 'http://github');
  const [, id] = /^\/repos\/small\/small\/deployments\/(\d+)\/statuses$/.exec(pathname) ?? [];
  const answer =
    id === undefined
      ? deployments.filter(() => searchParams.get('environment') === 'staging').map(({ id, sha }) => ({ id, sha }))
      : deployments.find((deployment) => deployment.id === Number(id))?.states.map((state) => ({ state }));
  return response.end(JSON.stringify(answer));
});
let apiUrl: string;

beforeAll(async () => {
  apiUrl = `http://127.0.0.1:${await listenOn(github, [0])}`;
});
afterAll(() => closeServer(github));

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'changed-'));
  git('init', '--quiet');
  write('.gitignore', '.build/\nnode_modules/\n');
  for (const [name, text] of Object.entries(FILES)) write(name, text);
  commit();
});
afterEach(() => rmSync(root, { recursive: true }));

describe('npm run changed', () => {
  it.each<[string, string, string, readonly [string, string]]>([
    ['one function', 'functions/notes/handler.ts', 'export const handler = 3;\n', ['functions', 'notes']],
    ['a document', 'README.md', 'Smaller\n', ['nothing', '']],
    ['a comment in the template', 'template.yaml', FILES['template.yaml'].replace('Comment', 'Other'), ['nothing', '']],
    ['the template', 'template.yaml', FILES['template.yaml'].replace('Api:', 'Other:'), ['stack', '']],
    ['a setting of an environment', 'samconfig.toml', 'version = 0.1\n[prod]\n', ['stack', '']],
    [
      'a route',
      'functions/tags/contract.ts',
      FILES['functions/tags/contract.ts'].replace('public', 'learner'),
      ['stack', ''],
    ],
  ])('tells what a change of %s needs', async (_, file, text, [plan, names]) => {
    const before = git('rev-parse', 'HEAD');
    write(file, text);
    commit();
    expect(await changed('--since', 'HEAD~1')).toEqual({
      code: 0,
      lines: [`plan=${plan}`, `functions=${names}`, `before=${before}`],
    });
    expect(git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  it('compares with the last commit that reached an environment, also across deployments that failed', async () => {
    const live = git('rev-parse', 'HEAD');
    write('functions/notes/handler.ts', 'export const handler = 3;\n');
    const failed = commit();
    write('functions/tags/handler.ts', 'export const handler = 4;\n');
    const current = commit();
    deployments = [
      { id: 4, sha: current, states: ['in_progress'] },
      { id: 3, sha: failed, states: ['failure', 'in_progress'] },
      { id: 2, sha: live, states: ['inactive', 'success', 'in_progress'] },
      { id: 1, sha: failed, states: ['inactive', 'success'] },
    ];
    expect((await changed('--environment', 'staging')).lines).toEqual([
      'plan=functions',
      'functions=notes tags',
      `before=${live}`,
    ]);
  });

  it('deploys the stack to an environment that never had a deployment', async () => {
    deployments = [];
    expect((await changed('--environment', 'staging')).lines).toEqual(['plan=stack', 'functions=', 'before=']);
  });

  it.each([[[]], [['--since', 'HEAD', '--environment', 'dev']], [['--until', 'HEAD']]])(
    'refuses the arguments %j',
    async (args) => {
      expect(await changed(...args)).toEqual({ code: 2, lines: [] });
    },
  );

  it('fails, rather than deploy too little, if the commit is unknown', async () => {
    await expect(changed('--since', 'nowhere')).rejects.toThrow(/nowhere|revision/);
  });
});
