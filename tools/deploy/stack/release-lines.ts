import type { ReleaseMetadata } from '../../release/deployable-template.ts';
import type { Release } from '../../release/releases.ts';

/** Describes which functions get a new version, for people. */
export function describeReleases(releases: readonly Release[], deployed: ReleaseMetadata | null): readonly string[] {
  const width = Math.max(...releases.map(({ functionName }) => functionName.length));
  return releases.map(({ functionName, release }) => {
    const old = deployed?.functions.get(functionName)?.release;
    const name = functionName.padEnd(width);
    if (old === release) return `  ${name}  ${short(release)}  unchanged`;
    return old === undefined
      ? `  ${name}  ${short(release)}  new version`
      : `  ${name}  ${short(old)} -> ${short(release)}  new version`;
  });
}

/** As many characters as SAM makes part of a version's logical id. */
function short(release: string): string {
  return release.slice(0, 10);
}
