import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { variablesOf } from '../../../local/function-variables.ts';
import { migrate } from '../../../shared/db/migrate.ts';
import { localSecrets } from '../../../tools/keys/local-secrets.ts';
import { functionNamed } from '../../../tools/template/model.ts';
import { readTemplate } from '../../../tools/template/read-template.ts';
import type { PublishedVersion } from '../aws/lambda-versions.ts';
import type { TestDatabase } from '../database/database.ts';

const model = readTemplate(path.resolve(import.meta.dirname, '../../../template.yaml'));

/** How long a broken function that never answers is waited for, in seconds. The real ones answer within 10 s. */
const SHORT_TIMEOUT_SECONDS = 0.2;

/** The names of all functions that API Gateway calls. */
export const SERVING_FUNCTIONS = model.functions.map(({ name }) => name).filter((name) => name !== 'release-check');

/** The logical id of a function's resource. */
export function logicalIdOf(name: string): string {
  return functionNamed(model, name).logicalId;
}

/** The name that a deployment gives a function. */
export function physicalNameOf(name: string): string {
  return `lectern-test-${logicalIdOf(name)}-1A2B3C`;
}

/** Publishes bundles as versions of functions, with a database and keys. Call it once, at the top of the file. */
export function usePublishedVersions(database: TestDatabase) {
  let folder: string;
  let secrets: Readonly<Record<string, string>>;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-versions-'));
    secrets = await localSecrets(folder);
    await migrate(database.db());
  });
  afterAll(() => rm(folder, { recursive: true }));

  return function publish(
    name: string,
    directory: string,
    { version = '7', isSlow = false, variables = {} }: PublishOptions = {},
  ): PublishedVersion {
    const fn = functionNamed(model, name);
    const settings = { secrets, mongodbUri: database.uri(), mediaUrl: null, apiUrl: null, mail: {} };
    return {
      fn: isSlow ? { ...fn, timeoutSeconds: SHORT_TIMEOUT_SECONDS } : fn,
      functionName: physicalNameOf(name),
      version,
      directory,
      variables: { ...variablesOf(fn, settings), ...variables },
    };
  };
}

interface PublishOptions {
  readonly version?: string;
  /** Whether the bundle never answers, so that its timeout need not be as long as it is. */
  readonly isSlow?: boolean;
  /** Replace those of the deployment. */
  readonly variables?: Readonly<Record<string, string>>;
}
