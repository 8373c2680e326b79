import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Machine, thisMachine } from '../measuring/machine.ts';
import { deployedNode } from '../measuring/node-binary.ts';
import type { AccountsEffort } from './effort.ts';
import { type LessonRead, readGuardedLesson } from './lesson-reads.ts';
import { type Accounts, openAccounts } from './open-accounts.ts';
import type { ProcessFigures, Report } from './protocol.ts';

export interface AccountsResult extends ProcessFigures {
  readonly machine: Machine;
  /** Which mongod it was. */
  readonly server: string;
  readonly effort: AccountsEffort;
  readonly lessonReads: readonly LessonRead[];
}

const PROGRAM = fileURLToPath(import.meta.resolve('./measured-process.ts'));

/** Measures what signing in, staying signed in and reading a guarded lesson take. */
export async function measureAccounts(effort: AccountsEffort, report: (line: string) => void): Promise<AccountsResult> {
  const node = deployedNode();
  report('accounts: a database of their own');
  const accounts = await openAccounts(effort, report);
  try {
    const figures = await measureInProcess(node.path, accounts, effort, report);
    const lessonReads = await readGuardedLesson(accounts, report);
    return { machine: thisMachine(node.version), server: accounts.server, effort, ...figures, lessonReads };
  } finally {
    await accounts.close();
  }
}

async function measureInProcess(
  node: string,
  accounts: Accounts,
  effort: AccountsEffort,
  report: (line: string) => void,
): Promise<ProcessFigures> {
  const { settings, secrets } = accounts.settingsOf('auth');
  const child = fork(PROGRAM, [JSON.stringify(effort)], {
    execPath: node,
    // Not the flags of this process, which has a TypeScript loader.
    execArgv: [],
    env: {
      ...settings,
      ...secrets,
      // By monitoring, the commands that a function sends are seen as they are.
      MONGODB_URI: monitored(secrets['MONGODB_URI'] ?? ''),
      AWS_REGION: 'eu-west-1',
      NODE_ENV: 'production',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let figures: ProcessFigures | undefined;
  child.on('message', (message: Report) => {
    if (message.kind === 'measured') {
      figures = message.figures;
      child.disconnect();
    } else report(`accounts: ${message.line}`);
  });
  const [code] = await once(child, 'exit');
  if (figures === undefined) throw new Error(`The measured process ended with ${code ?? 'a signal'}`);
  return figures;
}

function monitored(uri: string): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
}
