import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { functionNames } from '../../tools/build/bundle.ts';
import { deployableTemplate, readReleaseMetadata } from '../../tools/release/deployable-template.ts';
import { releasesIn, releasesOf } from '../../tools/release/releases.ts';
import { fieldsOf } from '../../tools/template/fields.ts';
import { readParameters, readTemplate } from '../../tools/template/read-template.ts';
import { parseTemplate } from '../../tools/template/yaml.ts';
import { describeWith } from '../support/jest/programs.ts';
import { type ExpandedFunctions, type Expansion, expandTemplates } from '../support/release/expanded-stack.ts';

const project = path.resolve(import.meta.dirname, '../..');
const templateFile = path.join(project, 'template.yaml');
const FINGERPRINTS = { template: 'a-template', contracts: { courses: 'a-contract' } };

type Parameters = Readonly<Record<string, string>>;

const source = readFileSync(templateFile, 'utf8');

/** A project with the template and a bundle for each function. */
let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'lectern-release-'));
  for (const name of await functionNames(project)) await writeBundle(name, `the code of ${name}`);
});
beforeEach(() => writeFile(path.join(root, 'template.yaml'), source));
afterAll(() => rm(root, { recursive: true }));

async function writeBundle(name: string, code: string): Promise<void> {
  const directory = path.join(root, '.build/functions', name);
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'index.mjs'), code);
}

/** What the deploy command would deploy, as JSON, which SAM reads faster than what {@link deployableTemplate} writes. */
async function deployable(template: unknown, parameters: Parameters): Promise<Expansion> {
  const fields = fieldsOf(structuredClone(template), 'the template');
  for (const { logicalId, release } of await releasesIn(fields, root, parameters)) {
    const resource = fields.fields('Resources').value(logicalId) as { readonly Properties: Record<string, unknown> };
    resource.Properties['AutoPublishCodeSha256'] = release;
  }
  const { Parameters, Conditions, Globals, Resources } = Object.fromEntries(
    fields.names.map((name) => [name, fields.value(name)]),
  );
  const text = JSON.stringify({ ...(template as object), Parameters, Conditions, Globals, Resources });
  return { template: text, withEvents: false, parameters };
}

async function releases(parameters: Parameters = {}): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(
    (await releasesOf(root, parameters)).map(({ functionName, release }) => [functionName, release]),
  );
}

/** The functions that differ. */
function differing(
  one: ExpandedFunctions,
  other: ExpandedFunctions,
  part: 'version' | 'settings',
): ReadonlySet<string> {
  const ids = Object.keys(one).filter((id) => JSON.stringify(one[id]?.[part]) !== JSON.stringify(other[id]?.[part]));
  return new Set(ids);
}

const idsOf = (functions: ExpandedFunctions): ReadonlySet<string> => new Set(Object.keys(functions));

/** Two values each that some parameter of text accepts. A new one that accepts none of these needs others here. */
const TEXTS = ['other', 'another'].flatMap((word) => [
  word,
  `/${word}`,
  `https://${word}.example.org`,
  `${word}@example.org`,
  `${word}.example.org`,
  `arn:aws:acm:us-east-1:123456789012:certificate/${word}`,
  `arn:aws:sns:eu-west-1:123456789012:${word}`,
  `arn:aws:kms:eu-west-1:123456789012:key/0000000${word.length}-0000-0000-0000-000000000000`,
  `arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/${word}/0-1`,
  `arn:aws:wafv2:us-east-1:123456789012:global/webacl/${word}/0-1`,
  `subnet-0123456789abcdef${word.length}`,
  `sg-0123456789abcdef${word.length}`,
]);

function isValid(name: string, value: string): boolean {
  try {
    readParameters(templateFile, { [name]: value });
    return true;
  } catch {
    return false;
  }
}

/** Another valid value for a parameter. */
function otherValue(name: string, present: string): string {
  const declared = fieldsOf(parseTemplate(source), 'the template').fields('Parameters').fields(name);
  const candidates = [...declared.list('AllowedValues').map(String), String(Number(present) + 1), ...TEXTS];
  const found = candidates.find((value) => value !== present && isValid(name, value));
  if (found === undefined) throw new Error(`tests/contract/release.test.ts: add a value for ${name} to TEXTS`);
  return found;
}

/** Where all functions have their settings. */
const GLOBALS = /(?<=Globals:\n {2}Function:\n)/;

const names = readParameters(templateFile, {}).map(({ name }) => name);

const defaults = () => readParameters(templateFile, {}).map(({ name, value }) => [name, String(value)] as const);

/** An environment that sets every parameter, so that every condition is seen both ways. */
const everything = (): Parameters =>
  Object.fromEntries(defaults().map(([name, value]) => [name, otherValue(name, value)]));

/** All functions but the release check, which has a timeout of its own. */
const API_FUNCTIONS = readTemplate(templateFile)
  .functions.map(({ logicalId }) => logicalId)
  .filter((id) => id !== 'ReleaseCheckFunction');

/** Changes of the template, and the functions whose versions keep what they change. */
const EDITS: readonly (readonly [string, RegExp, string, 'all' | readonly string[]])[] = [
  ['the runtime', /Runtime: nodejs24\.x/, 'Runtime: nodejs22.x', 'all'],
  ['the timeout', /(?<=\n {4})Timeout: 10/, 'Timeout: 11', API_FUNCTIONS],
  ['the processor', /Architectures: \[.*\]/, 'Architectures: [x86_64]', 'all'],
  ['the memory of one function', /(?<=AuthFunction:[\s\S]*?)MemorySize: 1024/, 'MemorySize: 1280', ['AuthFunction']],
  ['a variable', /RESET_ANSWER_SECONDS: '2'/, "RESET_ANSWER_SECONDS: '3'", ['AuthFunction']],
  ['tracing', /Tracing: !Ref Tracing/, 'Tracing: Active', 'all'],
  ['temporary storage', GLOBALS, '    EphemeralStorage: { Size: 1024 }\n', 'all'],
  ['a layer', GLOBALS, '    Layers: ["arn:aws:lambda:eu-west-1:123456789012:layer:tools:2"]\n', 'all'],
  ['a description', /Description: Catalog, outlines/, 'Description: The catalog, outlines', []],
  ['a route', /Path: \/auth\/login/, 'Path: /auth/sign-in', []],
  ['a permission', /Action: ses:SendEmail/, 'Action: ses:SendRawEmail', []],
  ['tags', GLOBALS, '    Tags: { team: learning }\n', []],
  ['reserved concurrency', GLOBALS, '    ReservedConcurrentExecutions: 5\n', []],
  ['how traffic moves', /(?<=DeploymentPreference:\n {8}Type: ).*/, 'AllAtOnce', []],
];

describeWith(['python'], 'a deployment that changes one thing', () => {
  const bases = [Object.fromEntries(defaults()), everything()];
  const changes = bases.flatMap((base) =>
    names.map((name) => ({ base, name, parameters: { ...base, [name]: otherValue(name, base[name] ?? '') } })),
  );
  let before: readonly ExpandedFunctions[];
  let changed: readonly ExpandedFunctions[];
  let edited: readonly ExpandedFunctions[];
  let written: ExpandedFunctions;

  beforeAll(async () => {
    const template = parseTemplate(source);
    const cases: Expansion[] = [];
    for (const parameters of [...bases, ...changes.map((change) => change.parameters)])
      cases.push(await deployable(template, parameters));
    const yaml = deployableTemplate(source, await releasesIn(fieldsOf(template, 'it'), root, {}), FINGERPRINTS);
    cases.push({ template: yaml, withEvents: true, parameters: {} });
    for (const [, text, replacement] of EDITS) {
      expect(source).toMatch(text);
      cases.push(await deployable(parseTemplate(source.replace(text, replacement)), {}));
    }
    // All at once: to start Python takes longer than to expand a template.
    const expanded = await expandTemplates(cases);
    before = expanded.slice(0, bases.length);
    changed = expanded.slice(bases.length, bases.length + changes.length);
    written = expanded[bases.length + changes.length] ?? {};
    edited = expanded.slice(-EDITS.length);
  }, 240_000);

  it.each(names)('makes a new version of exactly the functions whose settings read %s', (name) => {
    const compared = changes.flatMap((change, index) => {
      const old = before[bases.indexOf(change.base)] ?? {};
      const current = changed[index] ?? {};
      expect(idsOf(current)).toEqual(idsOf(old));
      if (change.name !== name) return [];
      return [{ settings: differing(old, current, 'settings'), versions: differing(old, current, 'version') }];
    });
    expect(compared).toHaveLength(bases.length);
    for (const { settings, versions } of compared) expect(versions).toEqual(settings);
    const everywhere = [...idsOf(before[0] ?? {})];
    const known: Readonly<Record<string, readonly string[]>> = {
      LogLevel: everywhere,
      Architecture: everywhere,
      MailFrom: ['AuthFunction'],
      MediaCookieDomain: ['MediaUrlFunction'],
      MediaPriceClass: [],
      MediaPublicKeyB: [],
    };
    if (known[name] !== undefined) expect(compared[0]?.versions).toEqual(new Set(known[name]));
  });

  it.each(EDITS)('makes a new version of exactly the functions that keep %s', (what, _text, _replacement, expected) => {
    const [old = {}, current = {}] = [before[0], edited[EDITS.findIndex(([edit]) => edit === what)]];
    expect(differing(old, current, 'version')).toEqual(expected === 'all' ? idsOf(old) : new Set(expected));
    expect(differing(old, current, 'version')).toEqual(differing(old, current, 'settings'));
  });

  it('makes the same versions with the routes, of the written template', () => {
    expect(written).toEqual(before[0]);
  });
});

describe('the release of a function', () => {
  it('changes with its own code, whatever the file is called, and with no other', async () => {
    const before = await releases();
    await writeBundle('courses', 'other code');
    const changed = await releases();
    const added = path.join(root, '.build/functions/courses/chunk.mjs');
    await writeFile(added, '');
    const withChunk = await releases();
    await rm(added);
    await writeBundle('courses', 'the code of courses');
    expect(await releases()).toEqual(before);
    expect(new Set([before, changed, withChunk].map(({ courses }) => courses)).size).toBe(3);
    const others = ({ courses: _, ...rest }: Readonly<Record<string, string>>) => rest;
    expect(others(changed)).toEqual(others(before));
  });

  it('does not change with comments, spaces, the order of keys or how a reference is written', async () => {
    const before = await releases();
    const rewritten = source
      .replaceAll(/^ *#.*\n/gm, '')
      .replace('!Ref LogLevel', '{ Ref: LogLevel }')
      .replace(/( {4}MemorySize: 512\n)((?:.*\n)*?)( {4}Timeout: 10\n)/, '$3$2$1');
    expect(rewritten.length).toBeLessThan(source.length);
    await writeFile(path.join(root, 'template.yaml'), rewritten);
    expect(await releases()).toEqual(before);
  });

  it('changes with the name that the template gives to a resource whose value it reads', async () => {
    const withQueue = (name: string) =>
      source
        .replace(
          '\nResources:\n',
          `\nResources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: ${name}\n`,
        )
        .replace("RESET_ANSWER_SECONDS: '2'", 'QUEUE_ARN: !GetAtt Queue.Arn');
    await writeFile(path.join(root, 'template.yaml'), withQueue("!Join ['-', [lectern, !Ref Environment]]"));
    const [dev, other] = [await releases({}), await releases({ Environment: 'other', ParameterPrefix: '/lectern' })];
    await writeFile(path.join(root, 'template.yaml'), withQueue('lectern'));
    const fixed = await releases({});
    expect(new Set([dev['auth'], other['auth'], fixed['auth']]).size).toBe(3);
    expect(fixed['courses']).toBe(dev['courses']);
  });

  it('cannot depend on a value that only CloudFormation reads', async () => {
    const reading = source.replace("RESET_ANSWER_SECONDS: '2'", 'KEY: !If [HasMediaKeyB, yes, no]');
    await writeFile(path.join(root, 'template.yaml'), reading);
    await expect(releases()).rejects.toThrow('AuthFunction: depends on the value of MediaPublicKeyB');
  });

  it('is a literal value for each function of the deployable template, which is otherwise the same', async () => {
    const written = deployableTemplate(source, await releasesOf(root, {}), FINGERPRINTS);
    const expected = await releases();
    const functions = readTemplate(templateFile).functions.map(({ logicalId, name }) => [logicalId, name] as const);
    const { Resources, Metadata, ...rest } = parseTemplate(written) as Record<string, Record<string, unknown>>;
    const {
      Resources: sourceResources,
      Metadata: sourceMetadata,
      ...sourceRest
    } = parseTemplate(source) as Record<string, Record<string, unknown>>;
    expect(rest).toEqual(sourceRest);
    expect(Metadata).toMatchObject(sourceMetadata ?? {});
    for (const [id, resource] of Object.entries(sourceResources ?? {})) {
      const name = functions.find(([logicalId]) => logicalId === id)?.[1];
      const { Properties } = resource as { readonly Properties: object };
      expect(Resources?.[id]).toEqual(
        name === undefined
          ? resource
          : {
              ...(resource as object),
              Properties: { ...Properties, CodeUri: `zips/${name}.zip`, AutoPublishCodeSha256: expected[name] },
            },
      );
    }
    expect(source).not.toContain('AutoPublishCodeSha256');
    expect(Metadata?.['Lectern']).toMatchObject({ Template: 'a-template', Functions: { auth: { Contract: '' } } });
    expect(readReleaseMetadata(written)).toEqual({
      template: 'a-template',
      functions: new Map(
        Object.entries(expected).map(([name, release]) => [
          name,
          { contract: name === 'courses' ? 'a-contract' : '', release },
        ]),
      ),
    });
    expect(readReleaseMetadata(source)).toBeNull();
  });
});
