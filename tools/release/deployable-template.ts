import path from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { fieldsOf, isMapping } from '../template/fields.ts';
import { parseTemplate } from '../template/yaml.ts';
import type { Fingerprints } from './fingerprint.ts';
import type { Release } from './releases.ts';

/** What a stack says about its functions in the metadata of its template. */
export interface ReleaseMetadata {
  /** The fingerprint of the template.yaml that it was deployed from. */
  readonly template: string;
  readonly functions: ReadonlyMap<string, { readonly contract: string; readonly release: string }>;
}

/** Where the deployable template is, relative to the project. */
export const DEPLOYABLE_TEMPLATE = '.build/template.yaml';

/** Where the code of a function is, as a deterministic zip. `sam` would write times into its own. */
export function archiveFile(functionName: string): string {
  return `.build/zips/${functionName}.zip`;
}

const METADATA = ['Metadata', 'Lectern'] as const;

/**
 * Returns template.yaml with the release of each function, as `AutoPublishCodeSha256`. SAM makes a version for each of
 * its values: the first ten characters are part of the version's logical id
 * (docs/decisions/0033-every-changed-setting-is-a-release.md). Paths are relative to the new file.
 */
export function deployableTemplate(
  source: string,
  releases: readonly Release[],
  { template, contracts }: Fingerprints,
): string {
  const document = parseDocument(source, { uniqueKeys: true });
  for (const { functionName, logicalId, release } of releases) {
    const properties = ['Resources', logicalId, 'Properties'];
    const codeUri = path.posix.relative(path.posix.dirname(DEPLOYABLE_TEMPLATE), archiveFile(functionName));
    document.setIn([...properties, 'CodeUri'], codeUri);
    document.setIn([...properties, 'AutoPublishCodeSha256'], release);
  }
  const functions = releases.map(({ functionName, release }) => [
    functionName,
    { Contract: contracts[functionName] ?? '', Release: release },
  ]);
  // A new mapping each time: `setIn` makes plain objects that later calls cannot enter.
  if (!isMap(document.get('Metadata'))) document.set('Metadata', document.createNode({}));
  document.setIn(METADATA, document.createNode({ Template: template, Functions: Object.fromEntries(functions) }));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Reads what {@link deployableTemplate} wrote, from the template of a stack. Null if another command deployed it. */
export function readReleaseMetadata(template: string): ReleaseMetadata | null {
  const fields = fieldsOf(parseTemplate(template), 'the template of the stack');
  const metadata = fields.fields('Metadata');
  if (!isMapping(metadata.value('Lectern'))) return null;
  const own = metadata.fields('Lectern');
  const functions = own.fields('Functions');
  return {
    template: own.string('Template'),
    functions: new Map(
      functions.names.map((name) => {
        const fn = functions.fields(name);
        return [name, { contract: fn.string('Contract'), release: fn.string('Release') }];
      }),
    ),
  };
}
