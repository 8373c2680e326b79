import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../tools/platform/programs.ts';
import { useAwsStandIn } from '../support/aws/stand-in.ts';
import { type RecordedCommand, recordCommands } from '../support/commands/recorded-commands.ts';
import { fencedBlocks, npmCommandsIn } from '../support/commands/shell-blocks.ts';
import { describeWith, runPython } from '../support/jest/programs.ts';
import { useKeysCommand } from '../support/keys/keys-command.ts';
import { runScript } from '../support/system/script.ts';
import { useSystem } from '../support/system/system.ts';

/*
 * Operators copy commands from docs/operations. Blocks marked `sh` run here as they are, in order, against stand-ins.
 * Of blocks marked `sh account`, bash runs everything but the programs, whose commands are then checked one by one.
 */

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const DOCUMENTS = [
  'docs/operations.md',
  ...readdirSync(path.join(root, 'docs/operations')).map((name) => `docs/operations/${name}`),
];
const BLOCKS = DOCUMENTS.flatMap((document) => fencedBlocks(path.join(root, document), document));
const blocksOf = (document: string, mark: string) =>
  BLOCKS.filter(({ place, info }) => place.startsWith(`${document}:`) && info === mark);

const SCRIPTS: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
).scripts;

/** The programs of `sh account` blocks that a stand-in replaces. Others, such as `date`, run. */
const PROGRAMS = ['aws', 'gh', 'mongodump', 'mongorestore', 'npm', 'sam'];
/** Scripts without arguments and without `--help`. They run in the other blocks, or elsewhere. */
const WITHOUT_HELP = ['build', 'migrate'];

/** The variables that "Before you start" sets. */
const VARIABLES = {
  AWS_REGION: 'eu-west-1',
  ENVIRONMENT: 'dev',
  MONGODB_URI: 'mongodb://127.0.0.1:1/lectern',
  REQUEST_ID: 'request-1',
};

/** What CloudFormation answers before the first deployment. */
const NO_STACK = `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>
  <Message>Stack with id lectern-dev does not exist</Message></Error></ErrorResponse>`;

/** Lines of a function as `aws logs tail --format short` prints them. */
const LOG_LINES = `2026-12-01T09:30:00 {"level":"ERROR","function":"courses","version":"7","requestId":"request-1","route":"GET /courses","code":"internal-error","status":500}
2026-12-01T09:30:01 REPORT RequestId: request-1 Duration: 12.00 ms
`;

/** Runs a command of a document. Returns null, or everything about its failure. */
async function failureOf(place: string, command: string, args: readonly string[], env = process.env) {
  return run(command, args, { cwd: root, env }).then(
    () => null,
    ({ stdout, stderr }) => ({ place, command: [command, ...args], stdout, stderr }),
  );
}

it('each block says whether it needs an account', () => {
  expect(BLOCKS.length).toBeGreaterThan(20);
  expect(BLOCKS.filter(({ info }) => !['sh', 'sh account', 'json', 'text'].includes(info))).toEqual([]);
});

it('each npm command exists', () => {
  const named = DOCUMENTS.flatMap((document) => npmCommandsIn(path.join(root, document)));
  expect(named.filter((name) => !(name in SCRIPTS))).toEqual([]);
});

describe('blocks that need no account', () => {
  const { store } = useKeysCommand();
  useAwsStandIn('AWS_ENDPOINT_URL_CLOUDFORMATION', () => ({ status: 400, body: NO_STACK }));
  const { system, database } = useSystem();

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-operations-'));
    await writeFile(path.join(folder, 'lines.log'), LOG_LINES);
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** As if the last step were a day ago, because some steps wait for the one before. */
  function letTimePass(): void {
    for (const [name, parameter] of store.parameters) {
      store.parameters.set(name, { ...parameter, LastModifiedDate: parameter.LastModifiedDate - 86_400 });
    }
  }

  it.each(DOCUMENTS)(
    'of %s succeed one after another',
    async (document) => {
      for (const { place, text } of blocksOf(document, 'sh')) {
        // `.ci/tools` installs it.
        if (/^jq /m.test(text) && findProgram('jq') === null && !process.env['CI']) continue;
        const env = {
          ...process.env,
          ...VARIABLES,
          MONGODB_URI: database.uri(),
          API_URL: system().apiUrl,
          LOG_FILE: path.join(folder, 'lines.log'),
          MEDIA_DIR: folder,
          INIT_CWD: undefined,
        };
        expect(await failureOf(place, 'bash', ['--norc', '-euo', 'pipefail', '-c', text], env)).toBeNull();
        letTimePass();
      }
    },
    180_000,
  );
});

describe('blocks that need an account', () => {
  let recorded: readonly RecordedCommand[];
  beforeAll(async () => {
    const found = DOCUMENTS.map((document) => recordCommands(blocksOf(document, 'sh account'), PROGRAMS, VARIABLES));
    recorded = (await Promise.all(found)).flat();
  }, 60_000);
  const commandsOf = (program: string) => recorded.filter(({ words }) => words[0] === program);

  it('name scripts of npm, with arguments that these accept', async () => {
    const commands = new Map(commandsOf('npm').map((each) => [JSON.stringify(each.words), each]));
    for (const { place, words } of commands.values()) {
      const [, verb, name = '', ...rest] = words;
      const args = rest.filter((word) => word !== '--');
      const [script = ''] = /scripts\/[\w-]+\.ts/.exec(SCRIPTS[name] ?? '') ?? [];
      expect([place, verb, script]).toEqual([place, 'run', expect.stringMatching(/./)]);
      if (WITHOUT_HELP.includes(name)) expect([place, args]).toEqual([place, []]);
      else expect(await runScript(script, [...args, '--help'])).toMatchObject({ code: 0, stderr: '' });
    }
  }, 180_000);

  const sam = findProgram('sam') ?? findProgram(path.join(root, '.cache/sam/bin/sam'));
  (sam === null ? it.skip : it)(
    'use options of the SAM CLI',
    async () => {
      const commands = new Map(commandsOf('sam').map((each) => [JSON.stringify(each.words), each]));
      for (const { place, words } of commands.values()) {
        const subcommand = words.slice(
          1,
          words.findIndex((word) => word.startsWith('-')),
        );
        const env = { ...process.env, SAM_CLI_TELEMETRY: '0' };
        const { stdout } = await run(sam ?? '', [...subcommand, '--help'], { env });
        const known = new Set(stdout.match(/--[\w-]+/g));
        expect([place, words.filter((word) => word.startsWith('--') && !known.has(word))]).toEqual([place, []]);
      }
    },
    180_000,
  );

  describeWith(['python'], 'and the AWS CLI', () => {
    const faultsOf = async (commands: readonly (readonly string[])[]) =>
      (await runPython(
        path.join(root, 'tests/support/commands/aws_commands.py'),
        JSON.stringify(commands),
      )) as readonly (readonly string[])[];

    it('use operations, options, values and queries that exist', async () => {
      const commands = commandsOf('aws');
      expect(commands.length).toBeGreaterThan(5);
      const faults = await faultsOf(commands.map(({ words }) => words));
      const found = commands.map(({ place }, at) => ({ place, faults: faults[at] }));
      expect(found.filter((each) => each.faults?.length !== 0)).toEqual([]);
    }, 60_000);

    it('would not pass with a mistake', async () => {
      const mistakes = [
        ['ssm read-parameter --name x', /read-parameter is no operation/],
        ['ssm get-parameter --name x --decrypt', /--decrypt is no option/],
        ['ssm put-parameter --name x', /--value is missing/],
        ['ssm put-parameter --name x --value y --type Secret', /Secret/],
        ['ssm get-parameter --name x --query [Parameter', /--query/],
        ['ssm get-parameter --name x --with-decryption yes', /takes no value/],
        ['cloudformation wait stack-done --stack-name x', /stack-done is no waiter/],
      ] as const;
      const faults = await faultsOf(mistakes.map(([line]) => ['aws', ...line.split(' ')]));
      expect(faults).toEqual(mistakes.map(([, fault]) => [expect.stringMatching(fault)]));
    }, 60_000);
  });
});
