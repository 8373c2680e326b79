import path from 'node:path';
import { startGateway } from '../../local/gateway/gateway.ts';
import type { LogEntry } from '../../local/gateway/lambda/log.ts';
import { bundleFunction } from '../../tools/build/bundle.ts';
import { BENCH_BUILD, PROJECT } from '../measuring/folders.ts';
import type { SignedIn } from './auth-client.ts';
import { GUARDED_COURSES, LESSON } from './courses.ts';
import type { Accounts } from './open-accounts.ts';
import { OTHER_READER, PASSWORD, READER } from './people.ts';

/** A request for a guarded lesson, and which functions were run for it. */
export interface LessonRead {
  readonly what: string;
  readonly status: number;
  readonly functionsRun: readonly string[];
}

const FUNCTIONS = ['auth', 'authorizer', 'courses'] as const;
const LESSON_PATH = `/courses/${GUARDED_COURSES.members}/lessons/${LESSON}`;

/** Reads one lesson through the local gateway, which has the two caches that API Gateway has. */
export async function readGuardedLesson(
  accounts: Accounts,
  report: (line: string) => void,
): Promise<readonly LessonRead[]> {
  report('accounts: the guarded lesson through the gateway');
  const functionsDir = path.join(BENCH_BUILD, 'functions');
  for (const name of FUNCTIONS) await bundleFunction(name, { root: PROJECT, outDir: functionsDir });

  const log: LogEntry[] = [];
  const gateway = await startGateway({
    templateFile: accounts.templateFile,
    functionsDir,
    environment: Object.fromEntries(FUNCTIONS.map((name) => [name, accounts.settingsOf(name).secrets])),
    log: (entry) => log.push(entry),
  });
  const read = async (what: string, token: string | null): Promise<LessonRead> => {
    const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(`${gateway.url}${LESSON_PATH}`, { headers });
    await response.arrayBuffer();
    const entry = log.findLast((noted) => noted.kind === 'access');
    return { what, status: response.status, functionsRun: entry === undefined ? [] : functionsRun(entry) };
  };
  try {
    const one = await tokenOf(gateway.url, READER);
    const other = await tokenOf(gateway.url, OTHER_READER);
    return [
      await read('the first time', one),
      await read('again', one),
      await read('by another reader', other),
      await read('again by them', other),
      await read('without a token', null),
    ];
  } finally {
    await gateway.close();
  }
}

/** As the gateway notes of each answer: a miss of a cache is a run of the function behind it. */
function functionsRun(entry: LogEntry): readonly string[] {
  if (entry.kind !== 'access') return [];
  return [...(entry.authorizer === 'miss' ? ['authorizer'] : []), ...(entry.cache === 'miss' ? ['courses'] : [])];
}

async function tokenOf(apiUrl: string, email: string): Promise<string> {
  const response = await fetch(`${apiUrl}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  if (response.status !== 200) throw new Error(`The sign-in answered ${response.status}`);
  return ((await response.json()) as SignedIn).tokens.accessToken;
}
