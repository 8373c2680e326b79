import { confirmAccount } from '../environment/account.ts';
import { findEnvironment } from '../environment/environment.ts';
import { findRunning } from '../platform/running.ts';
import { createSigningKey } from './access-token/create-signing-key.ts';
import {
  type KeyRing,
  NEXT_KEY,
  PUBLIC_KEYS,
  readKeyRing,
  readPrivateKey,
  SIGNING_KEY,
} from './access-token/key-ring.ts';
import { decide } from './access-token/key-rotation.ts';
import { describeKeys } from './access-token/key-status.ts';
import { type Arguments, parseArguments, USAGE } from './arguments.ts';
import { createRandomKey, RANDOM_KEYS } from './local-secrets.ts';
import {
  MEDIA_KEY_RING_SECRETS,
  MEDIA_SIGNING_KEY,
  type MediaKeyRing,
  readMediaKey,
  readMediaKeyRing,
} from './media/media-key-ring.ts';
import { decideMedia } from './media/media-key-rotation.ts';
import { describeMediaKeys } from './media/media-key-status.ts';
import { createMediaKey, type Slot } from './media/media-keys.ts';
import { parameterStore } from './parameter-store.ts';
import type { Decision, Step } from './rotation/decision.ts';
import { formatTime, secondsUntil } from './rotation/next-step.ts';
import type { Change, SecretStore } from './rotation/secret-store.ts';
import { secretFile } from './secret-file.ts';
import { secretParametersOf } from './secret-parameters.ts';

const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

/** Where the command runs, and its output. */
export interface KeysOptions {
  /** Folder of the project. */
  readonly root: string;
  /** The data folder of `npm start`. */
  readonly dataDir: string;
  readonly now?: () => Date;
  readonly print: (line: string) => void;
  readonly report: (line: string) => void;
}

/** Runs `npm run keys` with these arguments and returns its exit code. */
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
  const { command, environment } = given;
  const store =
    environment === 'local' ? secretFile(options.dataDir, now) : await deployedStore(options.root, environment, print);

  if (command !== 'show') {
    const outcome = await runStep(command, given, { store, now: now(), print, report });
    if (outcome === 'refused') return EXIT_REFUSED;
    if (environment === 'local' && outcome === 'changed') await announceRestart(options.dataDir, print);
  }
  await show(store, now(), print);
  return 0;
}

async function deployedStore(root: string, name: string, print: KeysOptions['print']): Promise<SecretStore> {
  const environment = await findEnvironment(root, name);
  const store = parameterStore(environment, secretParametersOf(root, environment));
  await confirmAccount(environment, print);
  return store;
}

interface StepContext extends Pick<KeysOptions, 'print' | 'report'> {
  readonly store: SecretStore;
  readonly now: Date;
}

type Outcome = 'changed' | 'unchanged' | 'refused';

async function runStep(step: Step, { isMedia, force }: Arguments, context: StepContext): Promise<Outcome> {
  const { store, now } = context;
  const rotateSigningKey = async () =>
    carryOut(decide(step, { ring: await readRing(store), now, createKey: newSigningKey }), force, context);
  const rotateMediaKey = async () =>
    carryOut(decideMedia(step, { ring: await readMediaRing(store), now, createKey: newMediaKey }), force, context);

  if (step !== 'create') return isMedia ? rotateMediaKey() : rotateSigningKey();
  const outcomes = [await rotateSigningKey(), await createRandomKeys(context), await rotateMediaKey()];
  return (['refused', 'changed'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'unchanged';
}

async function carryOut(decision: Decision, force: boolean, context: StepContext): Promise<Outcome> {
  const { store, now, print, report } = context;
  switch (decision.kind) {
    case 'refused':
      report(decision.message);
      return 'refused';
    case 'done':
      print(decision.message);
      return 'unchanged';
    case 'act':
      await store.apply(decision.changes);
      print(decision.message);
      return 'changed';
    case 'too-early': {
      const { until, message, ifForced } = decision;
      const wait = `Too early until ${formatTime(until)} (for ${secondsUntil(until, now)} s). ${message}`;
      report(force ? `Forced. ${wait}` : `${wait} Nothing was changed. To proceed anyway, use --force.`);
      return force ? carryOut(ifForced, force, context) : 'refused';
    }
  }
}

async function createRandomKeys({ store, print }: StepContext): Promise<Outcome> {
  const missing = await store.findMissing();
  const names = RANDOM_KEYS.filter((name) => missing.includes(name));
  if (names.length === 0) return 'unchanged';
  await store.apply(names.map((name): Change => ({ kind: 'add', name, value: createRandomKey() })));
  print(`Created ${names.map((name) => store.locate(name)).join(', ')}.`);
  return 'changed';
}

/** A running system keeps the secrets that it started with. */
async function announceRestart(dataDir: string, print: KeysOptions['print']): Promise<void> {
  const running = await findRunning(dataDir);
  if (running !== null)
    print(`npm start (${running.apiUrl}) still uses the keys it started with. Restart it to use the new ones.`);
}

async function show(store: SecretStore, now: Date, print: KeysOptions['print']): Promise<void> {
  print(store.title);
  for (const line of describeKeys(await readRing(store), now)) print(line);
  for (const line of describeMediaKeys(await readMediaRing(store), now)) print(line);
  const missing = await store.findMissing();
  for (const name of missing) {
    const isRandom = RANDOM_KEYS.some((random) => random === name);
    print(`Missing: ${store.locate(name)} (${isRandom ? '`create` creates it' : 'yours to set'})`);
  }
}

async function readRing(store: SecretStore): Promise<KeyRing> {
  return readKeyRing(await store.read([SIGNING_KEY, NEXT_KEY, PUBLIC_KEYS]));
}

async function readMediaRing(store: SecretStore): Promise<MediaKeyRing> {
  return readMediaKeyRing(await store.read(MEDIA_KEY_RING_SECRETS));
}

function newSigningKey() {
  return readPrivateKey(createSigningKey().privateKey);
}

function newMediaKey(slot: Slot) {
  return readMediaKey(createMediaKey(slot).signingKey, MEDIA_SIGNING_KEY);
}
