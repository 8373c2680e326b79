import {
  type AccessToken,
  exchange,
  type Fetch,
  isObject,
  type Problem,
  problemOf,
  RequestFailed,
} from '../platform/http.ts';

/** The server refuses: the learner may no longer read the course, or it was withdrawn. Retrying does not help. */
export class DownloadRefused extends Error {
  override readonly name = 'DownloadRefused';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** Sends a request to the API: GET, or POST if there is a body. */
export type Ask = (route: string, body?: unknown) => Promise<Readonly<Record<string, unknown>>>;

export function askAs(baseUrl: string, accessToken: AccessToken, send: Fetch): Ask {
  return async (route, body) => {
    const sendWith = (token: string) =>
      exchange(send, baseUrl + route, {
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        cache: 'no-store',
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      });
    const token = await accessToken(false);
    let answer = await sendWith(token);
    if (answer.status === 401 && problemOf(answer)) answer = await sendWith(await accessToken(true, token));
    if (answer.status === 200 && isObject(answer.body)) return answer.body;
    checkRefusal(problemOf(answer));
    throw new RequestFailed(`The answer was ${answer.status}`, answer.retryAfterMs);
  };
}

/** @throws DownloadRefused */
export function checkRefusal(problem: Problem | null | undefined): void {
  if (problem && [401, 403, 404].includes(problem.status)) throw new DownloadRefused(problem);
}

/** Enough for a piece at 30 kbit/s. */
const PIECE_TIMEOUT_MS = 300_000;

export interface FileRange {
  readonly bytes: Uint8Array;
  /** Of the whole file. */
  readonly sizeBytes: number;
  readonly contentType: string;
}

/**
 * Fetches the bytes of a file from `from` to before `to`.
 * @throws RequestFailed if anything but these bytes comes
 */
export function fetchRange(send: Fetch, url: string, from: number, to: number): Promise<FileRange> {
  const range = { headers: { Range: `bytes=${from}-${to - 1}` } };
  return exchange(send, url, range, PIECE_TIMEOUT_MS, undefined, async (response) => {
    const [, start, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '') ?? [];
    // Anything else may be a page of any size.
    if (response.status !== 206 || Number(start) !== from) throw new Error(`The answer was ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length !== to - from) throw new Error('The answer was cut short');
    return { bytes, sizeBytes: Number(size), contentType: response.headers.get('Content-Type') ?? '' };
  });
}
