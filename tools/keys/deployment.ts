import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readParameters } from '../template/read-template.ts';

/** Where a stage keeps its secrets. */
export interface Deployment {
  readonly environment: string;
  /** Null for the AWS configuration of this machine. */
  readonly region: string | null;
  /** Names of its SSM parameters, by the name of the secret. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A section of samconfig.toml for `sam deploy`. Values contain no brackets. */
const DEPLOY_SECTION = /^\[([\w-]+)\.deploy\.parameters\]([^[]*)/gm;
const OVERRIDES = /^parameter_overrides\s*=\s*"([^"]*)"/m;

/**
 * Reads a stage as template.yaml and samconfig.toml would deploy it, so that this command and the deployed functions
 * and CDN use the same parameters.
 * @throws Error if samconfig.toml has no such stage, or if the stage would use a parameter of the template's default
 * stage.
 */
export async function findDeployment(root: string, environment: string): Promise<Deployment> {
  const samconfig = await readFile(path.join(root, 'samconfig.toml'), 'utf8');
  const stages = [...samconfig.matchAll(DEPLOY_SECTION)].map(([, section = '', body = '']) => ({
    section,
    overrides: parseOverrides(OVERRIDES.exec(body)?.[1] ?? ''),
  }));
  const stage = stages.find(({ overrides }) => overrides['Environment'] === environment);
  if (stage === undefined) {
    const known = stages.flatMap(({ overrides }) => overrides['Environment'] ?? []);
    throw new Error(`samconfig.toml has no environment ${environment}; it has ${known.join(', ')}`);
  }

  const templateFile = path.join(root, 'template.yaml');
  const parameters = parametersOf(templateFile, stage.overrides);
  if (stage.section !== 'default') assertOwnParameters(environment, parameters, parametersOf(templateFile, {}));
  return { environment, region: regionOf(samconfig, stage.section), parameters };
}

function parseOverrides(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(/\s+/).filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/**
 * Returns the template parameters that name an SSM parameter: for functions (`CursorKeyParameter`, which holds
 * CURSOR_KEY) or for CloudFormation itself (`MediaPublicKeyA` of an SSM type, which holds MEDIA_PUBLIC_KEY_A).
 */
function parametersOf(templateFile: string, overrides: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, type, value } of readParameters(templateFile, overrides)) {
    const secret = /^(\w+)Parameter$/.exec(name)?.[1] ?? (type.startsWith('AWS::SSM::') ? name : null);
    if (secret !== null) found.set(screamingSnakeCase(secret), String(value));
  }
  return found;
}

function screamingSnakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, '_$&').toUpperCase();
}

function assertOwnParameters(
  environment: string,
  parameters: ReadonlyMap<string, string>,
  defaults: ReadonlyMap<string, string>,
): void {
  const shared = [...parameters].filter(([name, parameter]) => defaults.get(name) === parameter);
  if (shared.length === 0) return;
  throw new Error(
    [
      `With this samconfig.toml, ${environment} would use secrets of the default stage of template.yaml:`,
      ...shared.map(([, parameter]) => `  ${parameter}`),
      `Set its own in parameter_overrides of ${environment} first.`,
    ].join('\n'),
  );
}

/** Reads the region as `sam deploy` does: from the stage's own sections of samconfig.toml. */
function regionOf(samconfig: string, section: string): string | null {
  const sections = samconfig
    .split(/^(?=\[)/m)
    .filter((text) => /^\[([\w-]+)\.(global|deploy)\./.exec(text)?.[1] === section);
  return /^region\s*=\s*"([\w-]+)"/m.exec(sections.join('\n'))?.[1] ?? null;
}
