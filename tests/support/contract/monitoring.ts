import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isMapping } from '../../../tools/template/fields.ts';
import type { Resource, Resources } from './resources.ts';

/** The function whose filters and alarms are the model of those of every other one. */
const MODEL = 'Courses';

/** The resources that watch a function, by what follows its name. */
export const WATCHERS = [
  'FailuresByCode',
  'LoggedFailures',
  'LoggedFailuresByVersion',
  'SettingsNotRead',
  'ReleaseFailures',
  'Failures',
] as const;

/** Resources that are about all functions together, each with what it must name of a function. */
const SHARED: Readonly<Record<string, (base: string) => readonly string[]>> = {
  ReleaseCheckFunction: (base) => [`\${${base}Function}`, `\${${base}Function.Arn}:*`],
  Throttles: (base) => [`{"Ref":"${base}Function"}`],
  RequestQuery: (base) => [`{"Ref":"${base}Log"}`],
  FailuresQuery: (base) => [`{"Ref":"${base}Log"}`],
  Dashboard: (base) => [`\${${base}Function}`, `\${${base}Failures.Arn}`, `\${${base}Log}`],
};

const template = path.resolve(import.meta.dirname, '../../../template.yaml');

/**
 * Finds what watches a function otherwise than the model is watched. Each problem is a sentence that says what to do.
 * The authorizer differs, because Lambda counts its refusals as errors.
 */
export function watcherProblems(base: string, resources: Resources): string[] {
  const wrong = WATCHERS.filter((watcher) => !isAsModel(base, watcher, resources));
  if (wrong.length === 0) return [];
  const yaml = yamlOfWatchers(base, wrong);
  return [
    `template.yaml: ${base}Function has no ${wrong.join(', ')} like ${MODEL}, so that nobody learns that it fails: add this under Resources\n${yaml}`,
  ];
}

/** Writes resources that watch a function, to paste into the template: those of the model, with other names. */
export function yamlOfWatchers(base: string, watchers: readonly string[] = WATCHERS): string {
  const text = readFileSync(template, 'utf8');
  return watchers.map((watcher) => renamed(yamlOfResource(`${MODEL}${watcher}`, text), base)).join('\n\n');
}

/** Finds functions that the resources about all functions leave out. Each problem is a sentence that says what to do. */
export function sharedMonitoringProblems(bases: readonly string[], resources: Resources): string[] {
  return bases.flatMap((base) =>
    Object.entries(SHARED).flatMap(([id, namesOf]) => {
      const text = JSON.stringify(resources[id] ?? null);
      const missing = namesOf(base).filter((name) => !text.includes(name));
      return missing.length === 0
        ? []
        : [`template.yaml: ${id} leaves out ${base}Function: name ${missing.join(' and ')} there, as it names others`];
    }),
  );
}

function isAsModel(base: string, watcher: string, resources: Resources): boolean {
  const [found, model] = [resources[`${base}${watcher}`], resources[`${MODEL}${watcher}`]];
  if (found === undefined || base === 'Authorizer' || model === undefined) return found !== undefined;
  return withoutDescription(found) === withoutDescription(JSON.parse(renamed(JSON.stringify(model), base)) as Resource);
}

function withoutDescription({ Type, Properties: { AlarmDescription: _, ...properties } }: Resource): string {
  return JSON.stringify({ Type, properties });
}

function renamed(text: string, base: string): string {
  const name = base.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
  return text
    .replaceAll(MODEL, base)
    .replace(/(version of|The) courses/g, `$1 ${name}`)
    .replace(', so readers miss courses and lessons', '');
}

/** The text of a resource, from its id to the blank line after it. */
function yamlOfResource(id: string, text: string): string {
  const start = text.indexOf(`  ${id}:\n`);
  if (start < 0) throw new Error(`template.yaml has no ${id}`);
  return text.slice(start, text.indexOf('\n\n', start));
}

/** The alarms of a template, by logical id. */
export function alarmsIn(resources: Resources): readonly (readonly [string, Resource['Properties']])[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
    Type === 'AWS::CloudWatch::Alarm' ? [[id, Properties] as const] : [],
  );
}

/** Whether a function is a hook that deployments of other functions wait for. */
export function isDeploymentHook(id: string, resources: Resources): boolean {
  return Object.values(resources).some(({ Properties }) => hookOf(Properties) === id);
}

/** The function that probes new versions of a function, by its logical id. */
export function hookOf({ DeploymentPreference: preference }: Resource['Properties']): unknown {
  const hooks = isMapping(preference) ? preference['Hooks'] : undefined;
  const hook = isMapping(hooks) ? hooks['PreTraffic'] : undefined;
  return isMapping(hook) ? hook['Ref'] : undefined;
}
