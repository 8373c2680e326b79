import type { Passed } from './checks.ts';
import type { ReadableLesson } from './course.ts';
import { fault, type HttpClient, textAt } from './http.ts';
import type { Remainder, Remainders } from './remainders.ts';

/** A private podcast feed that the test opened. */
export interface OpenFeed {
  /** A secret. */
  readonly url: string;
  readonly remainder: Remainder;
}

const LABEL = 'GET /feeds/{feedToken}';

/**
 * Opens and gets a feed. Call it only for a course without progress of the account: the account might have a feed of
 * another one, which would be revoked.
 */
export async function openFeed(
  http: HttpClient,
  cleanUp: HttpClient,
  accessToken: string,
  { courseId }: ReadableLesson,
  remainders: Remainders,
): Promise<Passed<OpenFeed>> {
  const path = `/courses/${courseId}/feed`;
  const remainder = remainders.add(`the podcast feed of ${courseId}`, async () => {
    await cleanUp.api('DELETE', path, { accessToken, expect: 204 });
  });
  const opened = await http.api('POST', path, { accessToken });
  const url = textAt(opened, 'url');
  if (!URL.canParse(url)) throw fault(opened, 'the answer has no address');
  const feed = await http.get(url, { label: LABEL });
  const text = feed.body.toString();
  if (!text.includes('<rss') || !text.trimEnd().endsWith('</rss>')) throw fault(feed, 'it is not a feed');
  return { value: { url, remainder }, note: `${text.split('<enclosure').length - 1} episodes` };
}

export async function revokeFeed(http: HttpClient, { url, remainder }: OpenFeed): Promise<Passed<null>> {
  await remainder.remove();
  await http.get(url, { label: `${LABEL} after it was revoked`, expect: 404 });
  remainder.forget();
  return { value: null, note: 'not found from then on' };
}
