import { parseArgs } from 'node:util';
import { findRunning } from '../../local/running.ts';
import { createRandomKey, RANDOM_KEYS } from '../../local/secrets.ts';
import { createSigningKey } from '../../local/signing-key.ts';
import { usageFault } from '../usage-fault.ts';
import { findDeployment } from './deployment.ts';
import { type KeyRing, NEXT_KEY, PUBLIC_KEYS, readKeyRing, readPrivateKey, SIGNING_KEY } from './key-ring.ts';
import { parameterStore } from './parameter-store.ts';
import { describeKeys, secondsUntil, timeOf } from './report.ts';
import { type Decision, decide, STEPS, type Step } from './rotation.ts';
import { secretFile } from './secret-file.ts';
import type { Change, SecretStore } from './secret-store.ts';

const USAGE = `Makes and rotates the keys that access tokens are signed with.

  npm run keys -- [show|create|publish|switch|retire] [--environment NAME] [--force]

  show     which key signs, which is next, which is old, and the next step (this is done unless told)
  create   makes what is missing: the signing key, and the other keys that are random; overwrites nothing
  publish  makes the next key, and has it known to all who verify tokens
  switch   signs with it
  retire   no longer accepts the one before

  --environment NAME  a stage of samconfig.toml, in Parameter Store; without it the secrets of this machine
  --force             does not wait: some requests will fail
  --help              this text
`;

const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

/** Where the command runs, and to whom it speaks. */
export interface KeysOptions {
  /** Folder of the project. */
  readonly root: string;
  /** Where `npm start` keeps its data. */
  readonly dataDir: string;
  readonly now?: () => Date;
  readonly print: (line: string) => void;
  readonly report: (line: string) => void;
}

interface Arguments {
  readonly command: 'show' | Step;
  readonly environment: string;
  readonly force: boolean;
  readonly help: boolean;
}

/** Runs `npm run keys` with these arguments and answers its exit code. */
export async function runKeys(args: readonly string[], options: KeysOptions): Promise<number> {
  const { print, report, now = () => new Date() } = options;
  const given = parseArguments(args);
  if (typeof given === 'string') {
    report(`${given}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (given.help) {
    print(USAGE);
    return 0;
  }
  const { command, environment, force } = given;
  const store =
    environment === 'local'
      ? secretFile(options.dataDir, now)
      : parameterStore(await findDeployment(options.root, environment));

  if (command !== 'show') {
    const decision = decide(command, { ring: await readRing(store), now: now(), createKey });
    const isTaken = await carryOut(decision, store, { force, now: now(), print, report });
    if (!isTaken) return EXIT_REFUSED;
    if (command === 'create') await createRandomKeys(store, print);
    if (environment === 'local' && decision.kind !== 'done') await sayHowItTakesEffect(options.dataDir, print);
  }
  await show(store, now(), print);
  return 0;
}

/** Does what was decided. False when the step is not allowed. */
async function carryOut(
  decision: Decision,
  store: SecretStore,
  {
    force,
    now,
    print,
    report,
  }: Pick<KeysOptions, 'print' | 'report'> & { readonly force: boolean; readonly now: Date },
): Promise<boolean> {
  switch (decision.kind) {
    case 'refused':
      report(decision.says);
      return false;
    case 'done':
      print(decision.says);
      return true;
    case 'act':
      await store.apply(decision.changes);
      print(decision.says);
      return true;
    case 'too-early': {
      const { until, says, ifForced } = decision;
      const wait = `Too early until ${timeOf(until)} (for ${secondsUntil(until, now)} s). ${says}`;
      report(force ? `Forced. ${wait}` : `${wait} Nothing was changed; --force does it all the same.`);
      return force && carryOut(ifForced, store, { force, now, print, report });
    }
  }
}

async function createRandomKeys(store: SecretStore, print: KeysOptions['print']): Promise<void> {
  const missing = await store.findMissing();
  const names = RANDOM_KEYS.filter((name) => missing.includes(name));
  if (names.length === 0) return;
  await store.apply(names.map((name): Change => ({ kind: 'add', name, value: createRandomKey() })));
  print(`Made ${names.map((name) => store.locate(name)).join(', ')}.`);
}

/** Its functions have their secrets as plain variables, from when it started. */
async function sayHowItTakesEffect(dataDir: string, print: KeysOptions['print']): Promise<void> {
  const running = await findRunning(dataDir);
  if (running !== null)
    print(`npm start runs (${running.apiUrl}) with the keys it found: it takes these when started again.`);
}

async function show(store: SecretStore, now: Date, print: KeysOptions['print']): Promise<void> {
  print(store.title);
  for (const line of describeKeys(await readRing(store), now)) print(line);
  const missing = await store.findMissing();
  for (const name of missing) {
    const isRandom = RANDOM_KEYS.some((random) => random === name);
    print(`Missing: ${store.locate(name)} (${isRandom ? '`create` makes it' : 'yours to set'})`);
  }
}

async function readRing(store: SecretStore): Promise<KeyRing> {
  return readKeyRing(await store.read([SIGNING_KEY, NEXT_KEY, PUBLIC_KEYS]));
}

function createKey() {
  return readPrivateKey(createSigningKey().privateKey);
}

/** The arguments, or what is wrong with them. */
function parseArguments(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        environment: { type: 'string', default: 'local' },
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [word = 'show', ...others] = positionals;
    const command = (['show', ...STEPS] as const).find((known) => known === word);
    if (command === undefined || others.length > 0) return `There is no command ${positionals.join(' ')}.`;
    return { command, ...values };
  } catch (error) {
    return usageFault(error);
  }
}
