import { parseArgs } from 'node:util';
import { readSecrets } from '../keys/local-secrets.ts';
import { usageMessage } from '../platform/errors.ts';
import type { Environment } from '../platform/run.ts';
import { findRunning } from '../platform/running.ts';
import type { Account } from './session.ts';
import { smoke } from './smoke.ts';

export interface SmokeCommandOptions {
  /** The data folder of `npm start`. */
  readonly dataDir: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly report: (line: string) => void;
}

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** The sample account that `npm start` creates, and whose password it shows. */
const SAMPLE_EMAIL = 'learner@example.com';

const USAGE = `Uses an API as an app does, and cleans up after itself.

  npm run smoke -- [<api url>] [--without-account]

  <api url>          with the stage, such as https://api.example.com/v1 (default: a running \`npm start\`)
  --without-account  try only what needs no account

LECTERN_SMOKE_EMAIL and LECTERN_SMOKE_PASSWORD name a test account. With a running \`npm start\` on this machine, the
sample account is used. Exit code 1: a check failed. Checks that are impossible, such as playback without a recording,
are listed as "not tried".
`;

/** Runs `npm run smoke` with these arguments and returns its exit code. */
export async function runSmoke(args: readonly string[], options: SmokeCommandOptions): Promise<number> {
  const { dataDir, env, signal, print, report } = options;
  const given = readArguments(args);
  if (typeof given === 'string') {
    report(`${given}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (given.help) {
    print(USAGE);
    return 0;
  }
  const running = await findRunning(dataDir);
  const apiUrl = given.apiUrl ?? running?.apiUrl;
  if (apiUrl === undefined) {
    report(`There is no running \`npm start\`: name the address of an API.\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (!isSafe(apiUrl)) {
    report(`${apiUrl} is not an https address: a password would be sent in the clear.`);
    return EXIT_USAGE;
  }
  const isLocal = running !== null && sameAddress(apiUrl, running.apiUrl);
  const account = given.withoutAccount ? null : (namedAccount(env) ?? (isLocal ? await sampleAccount(dataDir) : null));
  if (account === null && !given.withoutAccount) {
    report(`Set LECTERN_SMOKE_EMAIL and LECTERN_SMOKE_PASSWORD, or use --without-account.\n\n${USAGE}`);
    return EXIT_USAGE;
  }

  print(`Testing ${apiUrl}`);
  const { passed, failed, notTried } = await smoke(apiUrl, { account, print, signal });
  print(`${passed} passed, ${failed} failed, ${notTried} not tried`);
  return failed === 0 ? 0 : EXIT_FAILED;
}

interface Arguments {
  readonly apiUrl: string | undefined;
  readonly withoutAccount: boolean;
  readonly help: boolean;
}

/** Returns an error message if they are wrong. */
function readArguments(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'without-account': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const [apiUrl, ...more] = positionals;
    if (more.length > 0) return 'Name one address.';
    if (!values.help && apiUrl !== undefined && !/^https?:$/.test(URL.parse(apiUrl)?.protocol ?? ''))
      return `${apiUrl} is no address.`;
    return { apiUrl, withoutAccount: values['without-account'], help: values.help };
  } catch (error) {
    return usageMessage(error);
  }
}

/** The test account that variables name. Null unless both are set. */
export function namedAccount(env: Environment): Account | null {
  const { LECTERN_SMOKE_EMAIL: email, LECTERN_SMOKE_PASSWORD: password } = env;
  return email && password ? { email, password } : null;
}

async function sampleAccount(dataDir: string): Promise<Account> {
  const { SAMPLE_PASSWORD: password = '' } = await readSecrets(dataDir);
  return { email: SAMPLE_EMAIL, password };
}

function isSafe(apiUrl: string): boolean {
  const { protocol, hostname } = new URL(apiUrl);
  return protocol === 'https:' || isLoopback(hostname);
}

function sameAddress(a: string, b: string): boolean {
  return normalized(a) === normalized(b);
}

function normalized(address: string): string {
  const { protocol, hostname, port, pathname } = new URL(address);
  const host = isLoopback(hostname) ? 'localhost' : hostname;
  return `${protocol}//${host}:${port}${pathname.replace(/\/+$/, '')}`;
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
