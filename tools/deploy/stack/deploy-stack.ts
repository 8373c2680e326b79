import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { archiveOf } from '../../build/archive.ts';
import { bundleFunction, functionNames } from '../../build/bundle.ts';
import { confirmAccount } from '../../environment/account.ts';
import type { DeploymentEnvironment } from '../../environment/environment.ts';
import { findStack, findStackTemplate, outputOf } from '../../environment/stack.ts';
import { secretParametersOf } from '../../keys/secret-parameters.ts';
import {
  archiveFile,
  DEPLOYABLE_TEMPLATE,
  deployableTemplate,
  type ReleaseMetadata,
  readReleaseMetadata,
} from '../../release/deployable-template.ts';
import { fingerprints } from '../../release/fingerprint.ts';
import { type Release, releasesOf } from '../../release/releases.ts';
import { readParameters } from '../../template/read-template.ts';
import { brokenRules } from '../../template/rules.ts';
import { describeReleases } from './release-lines.ts';
import { samDeploy } from './sam-deploy.ts';

/** What a deployment of the stack leaves to deployments of single functions, and what follows it. */
export interface AfterDeployment {
  /** Returns the functions whose alias is not where CloudFormation left it. It could not move their traffic. */
  readonly findDeployedAlone: (environment: DeploymentEnvironment, root: string) => Promise<readonly string[]>;
  /** Deploys these functions alone, with the configuration that the stack now has. Tells whether all are live. */
  readonly deployAlone: (environment: DeploymentEnvironment, names: readonly string[]) => Promise<boolean>;
  /** Deletes old versions of all functions of the stack. A failure is only a warning. */
  readonly pruneVersions: (environment: DeploymentEnvironment, print: (line: string) => void) => Promise<void>;
  /** Tells whether the deployed system works. */
  readonly smokeTest: (apiUrl: string, print: (line: string) => void) => Promise<boolean>;
}

export interface StackArguments {
  readonly parameterOverrides: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
}

interface StackOptions extends AfterDeployment {
  readonly root: string;
  readonly print: (line: string) => void;
  readonly report: (line: string) => void;
}

/** Deploys the stack of an environment with all functions, and returns the exit code of the command. */
export async function deployStack(
  environment: DeploymentEnvironment,
  { parameterOverrides, dryRun }: StackArguments,
  { root, print, report, findDeployedAlone, deployAlone, pruneVersions, smokeTest }: StackOptions,
): Promise<number> {
  const target = withOverrides(environment, parameterOverrides);
  const parameters = allParameters(root, target);
  assertDeployable(root, target);
  await confirmAccount(target, print);

  print('Building all functions');
  for (const name of await functionNames(root)) await buildArchive(root, name);

  const stackTemplate = await findStackTemplate(target);
  const releases = await releasesOf(root, parameters);
  const source = await readFile(path.join(root, 'template.yaml'), 'utf8');
  const templateFile = path.join(root, DEPLOYABLE_TEMPLATE);
  const deployed = stackTemplate === null ? null : readReleaseMetadata(stackTemplate);
  const alone = stackTemplate === null ? [] : await findDeployedAlone(target, root);
  const written = releases.map((release) => keepRelease(release, alone, deployed));
  await writeFile(templateFile, deployableTemplate(source, written, await fingerprints(root)));

  print(`Stack ${target.stackName}${stackTemplate === null ? ', which does not exist yet' : ''}:`);
  for (const line of describeReleases(releases, deployed)) print(line);
  if (alone.length > 0) print(`Deployed alone since: ${alone.join(', ')}. Their new versions follow after the stack.`);
  if (dryRun) {
    print(`Wrote ${DEPLOYABLE_TEMPLATE}. Nothing was deployed.`);
    return 0;
  }

  print('These functions expect the database of `npm run migrate`, which older functions can use too: run it first.');
  const exitCode = await samDeploy({ root, environment: target, templateFile, parameters });
  if (exitCode !== 0) {
    report(`sam deploy ended with exit code ${exitCode}. CloudFormation rolls back what it began.`);
    return 1;
  }
  if (!(await deployAlone(target, alone))) return 1;
  await pruneVersions(target, print);
  return (await confirmSmokeTest(target, { print, report, smokeTest })) ? 0 : 1;
}

async function buildArchive(root: string, name: string): Promise<void> {
  const { directory } = await bundleFunction(name, { root });
  const file = path.join(root, archiveFile(name));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, (await archiveOf(directory)).bytes);
}

/**
 * Keeps the release of a function that was deployed alone, so that CloudFormation leaves its version and alias: its
 * deployment would fail, because the alias is not at the version that CloudFormation knows
 * (docs/decisions/0037-one-function-is-deployed-by-codedeploy.md).
 */
function keepRelease(release: Release, alone: readonly string[], deployed: ReleaseMetadata | null): Release {
  const kept = alone.includes(release.functionName) ? deployed?.functions.get(release.functionName) : undefined;
  return kept === undefined ? release : { ...release, release: kept.release };
}

/** @throws Error if the overrides would deploy another environment */
function withOverrides(
  environment: DeploymentEnvironment,
  parameterOverrides: Readonly<Record<string, string>>,
): DeploymentEnvironment {
  const merged = { ...environment.parameterOverrides, ...parameterOverrides };
  if (merged['Environment'] === environment.name) return { ...environment, parameterOverrides: merged };
  throw new Error(`Environment=${merged['Environment']} would deploy another environment: use --environment.`);
}

/**
 * Returns the values of all parameters, defaults included. Without them, `sam deploy` keeps the values of the previous
 * deployment, and a changed default or a removed override would never reach the stack.
 */
function allParameters(root: string, { parameterOverrides }: DeploymentEnvironment): Readonly<Record<string, string>> {
  const parameters = readParameters(path.join(root, 'template.yaml'), parameterOverrides);
  return Object.fromEntries(parameters.map(({ name, value }) => [name, String(value)]));
}

function assertDeployable(root: string, environment: DeploymentEnvironment): void {
  const broken = brokenRules(path.join(root, 'template.yaml'), environment.parameterOverrides);
  if (broken.length > 0) {
    const section = `[${environment.configEnv}.deploy.parameters]`;
    throw new Error([`template.yaml refuses the parameters of ${section} in samconfig.toml:`, ...broken].join('\n  '));
  }
  // Throws if the stack would use the keys of another environment.
  secretParametersOf(root, environment);
}

async function confirmSmokeTest(
  environment: DeploymentEnvironment,
  { print, report, smokeTest }: Pick<StackOptions, 'print' | 'report' | 'smokeTest'>,
): Promise<boolean> {
  const stack = await findStack(environment);
  const apiUrl = stack === null ? null : outputOf(stack, 'ApiUrl');
  if (apiUrl === null) throw new Error(`The stack ${environment.stackName} has no output ApiUrl`);
  print(`Deployed: ${apiUrl}`);
  if (await smokeTest(apiUrl, print)) return true;
  report('The smoke test failed. The new versions stay live: roll back the functions that are at fault.');
  return false;
}
