import { CheckFailed, type Passed } from './checks.ts';
import type { ReadableLesson } from './course.ts';
import { type Answer, fault, type HttpClient, textAt, valueAt } from './http.ts';

/** Permission to play a recording. */
export interface Grant {
  readonly isStream: boolean;
  /** Without the proof that opens it. */
  readonly url: string;
  /** The query string that opens it, and all files of a stream. */
  readonly query: string;
  readonly contentType: string;
}

const FIRST_BYTES = 1024;
const PLAYLIST_START = '#EXTM3U';
/** The playlist of the renditions, and that of one of them. */
const MAX_PLAYLISTS = 2;

export const NO_RECORDING = 'no course with a recording that the account may read';

export async function requestGrant(
  http: HttpClient,
  accessToken: string,
  { courseId, lessonId }: ReadableLesson,
): Promise<Passed<Grant>> {
  const answer = await http.api('GET', `/courses/${courseId}/lessons/${lessonId}/media-url`, { accessToken });
  const isStream = textAt(answer, 'kind') === 'hls';
  const [url = '', ownQuery = ''] = textAt(answer, 'url').split('?');
  const query = isStream ? textAt(answer, 'query') : ownQuery;
  const seconds = Number(valueAt(answer, 'expiresIn'));
  if (!URL.canParse(url) || query === '') throw fault(answer, 'the grant has no signed address');
  if (!(seconds > 0)) throw fault(answer, 'the grant has expired already');
  const contentType = textAt(answer, 'contentType');
  return { value: { isStream, url, query, contentType }, note: `${contentType} for ${seconds} s` };
}

/** Gets the first bytes, of a stream through its playlists to a segment. */
export async function playFirstBytes(http: HttpClient, grant: Grant): Promise<Passed<null>> {
  let url = grant.url;
  if (grant.isStream) {
    for (let level = 0; level < MAX_PLAYLISTS; level += 1) {
      const playlist = await http.get(`${url}?${grant.query}`, { label: 'GET a playlist' });
      url = firstEntry(playlist, url);
    }
  }
  const answer = await http.get(`${url}?${grant.query}`, {
    label: 'GET the recording',
    headers: { Range: `bytes=0-${FIRST_BYTES - 1}` },
    expect: 206,
    maxBytes: FIRST_BYTES,
  });
  const range = answer.headers.get('content-range') ?? '';
  if (!range.startsWith('bytes 0-') || answer.body.length === 0) throw fault(answer, 'these are not the first bytes');
  const contentType = answer.headers.get('content-type') ?? 'no content type';
  if (!grant.isStream && contentType !== grant.contentType) {
    throw fault(answer, `${contentType} instead of ${grant.contentType}`);
  }
  return { value: null, note: `${answer.body.length} of ${range.split('/')[1]} bytes` };
}

function firstEntry(playlist: Answer, url: string): string {
  const lines = playlist.body.toString().split(/\r?\n/);
  const entry = lines.find((line) => line !== '' && !line.startsWith('#'));
  if (lines[0] !== PLAYLIST_START || entry === undefined) throw fault(playlist, 'it is not a playlist');
  return new URL(entry, url).href;
}

export async function refuseWithoutGrant(http: HttpClient, { url }: Grant): Promise<Passed<null>> {
  try {
    await http.get(url, { label: 'GET the recording without a grant', expect: 403, maxBytes: FIRST_BYTES });
  } catch (error) {
    if (error instanceof CheckFailed && error.status !== null && error.status < 300) {
      throw new CheckFailed('the recording is open to everyone', error);
    }
    throw error;
  }
  return { value: null, note: 'refused' };
}
