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
import { describeKeys, secondsUntil, timeOf } from './access-token/key-status.ts';
import { type Arguments, parseArguments, USAGE } from './arguments.ts';
import { findDeployment } from './deployment.ts';
import { createRandomKey, RANDOM_KEYS } from './local-secrets.ts';
import {
  MEDIA_KEYS,
  MEDIA_SIGNING_KEY,
  type MediaKeyRing,
  readMediaKey,
  readMediaKeyRing,
} from './media/media-key-ring.ts';
import { decideMedia } from './media/media-key-rotation.ts';
import { describeMediaKeys } from './media/media-key-status.ts';
import { createMediaKey } from './media/media-keys.ts';
import { parameterStore } from './parameter-store.ts';
import type { Decision, Step } from './rotation/decision.ts';
import type { Change, SecretStore } from './rotation/secret-store.ts';
import { secretFile } from './secret-file.ts';

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
    environment === 'local'
      ? secretFile(options.dataDir, now)
      : parameterStore(await findDeployment(options.root, environment));

  if (command !== 'show') {
    const outcome = await take(command, given, { store, now: now(), print, report });
    if (outcome === 'refused') return EXIT_REFUSED;
    if (environment === 'local' && outcome === 'changed') await sayHowItTakesEffect(options.dataDir, print);
  }
  await show(store, now(), print);
  return 0;
}

interface Surroundings extends Pick<KeysOptions, 'print' | 'report'> {
  readonly store: SecretStore;
  readonly now: Date;
}

type Outcome = 'changed' | 'unchanged' | 'refused';

async function take(step: Step, { isOfMedia, force }: Arguments, surroundings: Surroundings): Promise<Outcome> {
  const { store, now } = surroundings;
  const tokens = async () =>
    carryOut(decide(step, { ring: await readRing(store), now, createKey }), force, surroundings);
  const media = async () =>
    carryOut(
      decideMedia(step, { ring: await readMediaRing(store), now, createKey: createKeyOfMedia }),
      force,
      surroundings,
    );

  if (step !== 'create') return isOfMedia ? media() : tokens();
  const outcomes = [await tokens(), await createRandomKeys(surroundings), await media()];
  return (['refused', 'changed'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'unchanged';
}

/** Carries out a decision. */
async function carryOut(decision: Decision, force: boolean, surroundings: Surroundings): Promise<Outcome> {
  const { store, now, print, report } = surroundings;
  switch (decision.kind) {
    case 'refused':
      report(decision.says);
      return 'refused';
    case 'done':
      print(decision.says);
      return 'unchanged';
    case 'act':
      await store.apply(decision.changes);
      print(decision.says);
      return 'changed';
    case 'too-early': {
      const { until, says, ifForced } = decision;
      const wait = `Too early until ${timeOf(until)} (for ${secondsUntil(until, now)} s). ${says}`;
      report(force ? `Forced. ${wait}` : `${wait} Nothing was changed; --force does it all the same.`);
      return force ? carryOut(ifForced, force, surroundings) : 'refused';
    }
  }
}

async function createRandomKeys({ store, print }: Surroundings): Promise<Outcome> {
  const missing = await store.findMissing();
  const names = RANDOM_KEYS.filter((name) => missing.includes(name));
  if (names.length === 0) return 'unchanged';
  await store.apply(names.map((name): Change => ({ kind: 'add', name, value: createRandomKey() })));
  print(`Made ${names.map((name) => store.locate(name)).join(', ')}.`);
  return 'changed';
}

/** A running system has its secrets in plain variables, from when it started. */
async function sayHowItTakesEffect(dataDir: string, print: KeysOptions['print']): Promise<void> {
  const running = await findRunning(dataDir);
  if (running !== null)
    print(`npm start runs (${running.apiUrl}) with the keys it found: it takes these when started again.`);
}

async function show(store: SecretStore, now: Date, print: KeysOptions['print']): Promise<void> {
  print(store.title);
  for (const line of describeKeys(await readRing(store), now)) print(line);
  for (const line of describeMediaKeys(await readMediaRing(store), now)) print(line);
  const missing = await store.findMissing();
  for (const name of missing) {
    const isRandom = RANDOM_KEYS.some((random) => random === name);
    print(`Missing: ${store.locate(name)} (${isRandom ? '`create` makes it' : 'yours to set'})`);
  }
}

async function readRing(store: SecretStore): Promise<KeyRing> {
  return readKeyRing(await store.read([SIGNING_KEY, NEXT_KEY, PUBLIC_KEYS]));
}

async function readMediaRing(store: SecretStore): Promise<MediaKeyRing> {
  return readMediaKeyRing(await store.read(MEDIA_KEYS));
}

function createKey() {
  return readPrivateKey(createSigningKey().privateKey);
}

function createKeyOfMedia(slot: Parameters<typeof createMediaKey>[0]) {
  return readMediaKey(createMediaKey(slot).signingKey, MEDIA_SIGNING_KEY);
}
