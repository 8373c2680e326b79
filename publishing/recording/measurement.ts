import type { Static } from '../../shared/http/json-schema.ts';

const track = {
  type: 'object',
  properties: {
    kind: { type: 'string', enum: ['audio', 'video'] },
    /** The name in mediabunny, or in the file if mediabunny does not know the codec. */
    codec: { type: 'string' },
    /** Size of the displayed picture, in pixels. 0 for sound. */
    width: { type: 'integer', minimum: 0 },
    height: { type: 'integer', minimum: 0 },
  },
  required: ['kind', 'codec', 'width', 'height'],
  additionalProperties: false,
} as const;

/** What a recording contains, after reading it from end to end. A schema, because measurements are stored in files. */
export const measurement = {
  type: 'object',
  properties: {
    durationSeconds: { type: 'number', exclusiveMinimum: 0 },
    tracks: { type: 'array', items: track, minItems: 1 },
  },
  required: ['durationSeconds', 'tracks'],
  additionalProperties: false,
} as const;

export type Measurement = Static<typeof measurement>;
export type Track = Static<typeof track>;

/**
 * The codecs that both browsers and phones play: Chrome, Firefox, Safari and the players of iOS and Android (MDN, "Web
 * video codec guide").
 */
const PLAYABLE: ReadonlySet<string> = new Set(['avc', 'hevc', 'av1', 'vp9', 'aac', 'mp3', 'opus']);

/** Explains why a recording does not suit a lesson of this kind. Undefined if it does. */
export function playbackIssue(kind: Track['kind'], { tracks }: Pick<Measurement, 'tracks'>): string | undefined {
  const pictures = tracks.filter((track) => track.kind === 'video');
  if (kind === 'audio' && pictures.length > 0) return 'has a video track, but the lesson is audio';
  if (!tracks.some((track) => track.kind === kind)) return `has no ${kind} track`;
  if (pictures.some(({ width, height }) => width === 0 || height === 0)) return 'has a video track without a size';

  const unsupported = tracks.find(({ codec }) => !PLAYABLE.has(codec));
  return unsupported === undefined
    ? undefined
    : `uses the ${unsupported.kind} codec "${unsupported.codec}", which some browsers and phones cannot play: use H.264, HEVC, AV1 or VP9 with AAC, MP3 or Opus`;
}
