import type { Bandwidth } from './bandwidth.ts';

/** What a master playlist says about a rendition. */
export interface Variant {
  readonly uri: string;
  readonly bandwidth: Bandwidth;
  /** As in RFC 6381: `avc1.64001f`. */
  readonly codecs: readonly string[];
  readonly picture: { readonly width: number; readonly height: number; readonly framesPerSecond: number } | null;
}

/** Captions, which players list by label. */
export interface CaptionTrack {
  readonly uri: string;
  readonly language: string;
  readonly label: string;
}

/** Players start with the first variant: one that a good mobile network can carry (HLS Authoring Specification). */
const FIRST_BITS_PER_SECOND = 2_000_000;

/** Writes a master playlist (RFC 8216 section 4.3.4). */
export function masterPlaylist(variants: readonly Variant[], captions: readonly CaptionTrack[]): string {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...captions.map((track, index) => captionLine(track, captions.slice(0, index))),
    ...inOrder(variants).flatMap((variant) => [variantLine(variant, captions.length > 0), variant.uri]),
    '',
  ].join('\n');
}

function captionLine({ uri, language, label }: CaptionTrack, before: readonly CaptionTrack[]): string {
  // Names must be unique, and players choose by themselves among unique languages.
  const name = before.some((other) => other.label === label) ? `${label} (${language})` : label;
  const isFirstOfLanguage = before.every((other) => other.language !== language);
  return tag('EXT-X-MEDIA', {
    TYPE: 'SUBTITLES',
    'GROUP-ID': quoted('captions'),
    NAME: quoted(name),
    LANGUAGE: quoted(language),
    AUTOSELECT: isFirstOfLanguage ? 'YES' : 'NO',
    // Viewers turn captions on in the player or in the settings of their device.
    DEFAULT: 'NO',
    FORCED: 'NO',
    URI: quoted(uri),
  });
}

function variantLine({ bandwidth, codecs, picture }: Variant, hasCaptions: boolean): string {
  return tag('EXT-X-STREAM-INF', {
    BANDWIDTH: bandwidth.peak,
    'AVERAGE-BANDWIDTH': bandwidth.average,
    CODECS: quoted(codecs.join(',')),
    ...(picture && {
      RESOLUTION: `${picture.width}x${picture.height}`,
      'FRAME-RATE': picture.framesPerSecond.toFixed(3),
    }),
    ...(hasCaptions && { SUBTITLES: quoted('captions') }),
    // Without this, players would offer captions inside the video, which has none.
    ...(picture && { 'CLOSED-CAPTIONS': 'NONE' }),
  });
}

/** Best first, after the one to start with. */
function inOrder(variants: readonly Variant[]): readonly Variant[] {
  const fromBest = variants.toSorted((a, b) => b.bandwidth.peak - a.bandwidth.peak);
  const first = fromBest.find(({ bandwidth }) => bandwidth.peak <= FIRST_BITS_PER_SECOND) ?? fromBest.at(-1);
  return fromBest.toSorted((a, b) => Number(b === first) - Number(a === first));
}

function tag(name: string, attributes: Readonly<Record<string, string | number>>): string {
  return `#${name}:${Object.entries(attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')}`;
}

/**
 * A quoted string has no escapes, so it can contain neither a quotation mark nor a line break (RFC 8216 section 4.2).
 */
function quoted(text: string): string {
  return `"${text.replaceAll('"', "'").replaceAll(/[\r\n]+/g, ' ')}"`;
}
