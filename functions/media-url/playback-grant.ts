import { withAssetUrls } from '../../shared/assets.ts';
import { mediaBaseUrl, mediaCookieDomain } from '../../shared/config.ts';
import type { Recording, StoredMedia } from '../../shared/db/collections.ts';
import type { Static } from '../../shared/http/json-schema.ts';
import type { GrantLifetime } from '../../shared/media/lifetime.ts';
import type { MediaKey } from '../../shared/media/media-signing-key.ts';
import { mediaUrl, type SignedPolicy, signedFileUrl, signedFolder } from '../../shared/media/signature.ts';
import { count } from '../../shared/telemetry/business-metrics.ts';
import type { PlayableLesson } from './recording-repository.ts';
import type { playbackGrant } from './schemas.ts';

export type PlaybackGrant = Static<typeof playbackGrant>;

/** Creates the grant for a lesson. The caller has decided that it may be played. */
export function createPlaybackGrant(lesson: PlayableLesson, key: MediaKey, lifetime: GrantLifetime): PlaybackGrant {
  const { recording, durationSeconds, captions } = lesson;
  count('PlaybackGrants');
  return {
    ...waysToPlay(recording, key, lifetime.expiresAt),
    expiresAt: lifetime.expiresAt.toISOString(),
    refreshAfter: lifetime.refreshAfter.toISOString(),
    expiresIn: lifetime.lifeSeconds,
    durationSeconds,
    captions: captions.map((track) => ({ ...track, url: withAssetUrls(track.url) })),
    transcript: sideFile(recording.transcriptFile, 'text/plain'),
    chapters: sideFile(recording.chaptersFile, 'application/json+chapters'),
  };
}

function waysToPlay(
  { file, stream }: Recording,
  key: MediaKey,
  expiresAt: Date,
): Pick<PlaybackGrant, 'kind' | 'url' | 'contentType' | 'cookies' | 'query' | 'download'> {
  const download = file && downloadOf(file, key, expiresAt);
  if (stream !== null) return { ...streamOf(stream, key, expiresAt), ...(download && { download }) };
  if (download === null) throw new Error('A recording has neither a file nor a stream');
  return { kind: 'progressive', url: download.url, contentType: download.contentType, download };
}

function downloadOf({ key: storeKey, contentType, sizeBytes, sha256 }: StoredMedia, key: MediaKey, expiresAt: Date) {
  return { url: signedFileUrl(key, storeKey, expiresAt), contentType, sizeBytes, sha256 };
}

function streamOf({ key: playlist, contentType }: StoredMedia, key: MediaKey, expiresAt: Date) {
  const folder = playlist.slice(0, playlist.lastIndexOf('/') + 1);
  const policy = signedFolder(key, folder, expiresAt);
  return {
    kind: 'hls' as const,
    url: mediaUrl(playlist),
    contentType,
    cookies: cookiesOf(policy, folder),
    // All values are URL-safe, so nothing needs escaping.
    query: Object.entries(policy)
      .map(([name, value]) => `${name}=${value}`)
      .join('&'),
  };
}

/** Names the cookies as CloudFront does ("Set signed cookies using a custom policy"). */
function cookiesOf(policy: SignedPolicy, folder: string): NonNullable<PlaybackGrant['cookies']> {
  const secure = mediaBaseUrl().startsWith('https:');
  const { pathname: path } = new URL(mediaUrl(folder));
  return Object.entries(policy).map(([name, value]) => ({
    ...{ name: `CloudFront-${name}`, value, domain: mediaCookieDomain(), path, secure },
    // An app on a sibling domain counts as the same site. Browsers drop such cookies on other sites anyway.
    sameSite: 'Lax',
  }));
}

function sideFile(reference: string | null, contentType: string): PlaybackGrant['transcript'] {
  return reference === null ? null : { url: withAssetUrls(reference), contentType };
}
