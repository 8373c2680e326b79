import XmlBuilder from 'fast-xml-builder';
import { withAssetUrls } from '../../shared/assets.ts';
import { appUrl } from '../../shared/config.ts';
import { prepareBy } from '../../shared/prepare.ts';
import type { Episode, FoundFeed } from './feed-repository.ts';
import { episodeUrl, feedUrl } from './feed-token.ts';
import { SAMPLE_FEED } from './sample-feed.ts';

/** Most episodes in a feed, newest first: with their notes, about 3 MB. */
const MAX_EPISODES = 500;

/**
 * Most bytes of all episodes, measured as JSON: a function answers at most 6 MB ("Lambda quotas"), and notes with much
 * markup grow several times in XML.
 */
const MAX_EPISODES_BYTES = 5_900_000;

/** Namespaces of the tags that RSS 2.0 does not have. */
const NAMESPACES = {
  '@xmlns:atom': 'http://www.w3.org/2005/Atom',
  '@xmlns:itunes': 'http://www.itunes.com/dtds/podcast-1.0.dtd',
  '@xmlns:podcast': 'https://podcastindex.org/namespace/1.0',
};

/** Characters that XML cannot represent (XML 1.0 section 2.2), lone surrogates included. */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const builder = new XmlBuilder({
  ...{ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true },
  // Otherwise the builder writes an attribute whose value is the text "true" without a value, as HTML allows and XML
  // does not.
  suppressBooleanAttributes: false,
});

/** The addresses in a feed. */
interface FeedPlace {
  readonly token: string;
  readonly apiUrl: string;
}

// Compiles the code that writes any feed.
prepareBy(() => rssFeed(SAMPLE_FEED, { token: 'a', apiUrl: 'a' }));

/**
 * Writes a feed as RSS 2.0 with the tags of Apple ("A Podcaster's Guide to RSS") and of Podcasting 2.0. The same course
 * always gives exactly the same text.
 */
export function rssFeed({ course, episodes }: FoundFeed, place: FeedPlace): string {
  const image = course.image === null ? null : withAssetUrls(course.image);
  const link = courseUrl(course.id);
  const xml = builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    rss: {
      '@version': '2.0',
      ...NAMESPACES,
      channel: {
        title: course.title,
        link,
        'atom:link': { '@href': feedUrl(place.apiUrl, place.token), '@rel': 'self', '@type': 'application/rss+xml' },
        description: course.summary,
        language: course.language,
        pubDate: rfc822(new Date(course.publishedAt)),
        lastBuildDate: rfc822(new Date(course.updatedAt)),
        generator: 'Lectern',
        ...(image !== null && {
          image: { url: image, title: course.title, link },
          'itunes:image': { '@href': image },
        }),
        'itunes:author': course.authors.join(', '),
        'itunes:type': 'serial',
        'itunes:explicit': 'false',
        'itunes:category': { '@text': 'Education', 'itunes:category': { '@text': 'Courses' } },
        // No directory may list it: it belongs to one learner.
        'itunes:block': 'Yes',
        'podcast:block': 'yes',
        'podcast:locked': 'yes',
        'podcast:medium': 'course',
      },
    },
  });
  const items = inOrder(course, episodes)
    .slice(-MAX_EPISODES)
    .map((episode) => builder.build({ item: itemOf(episode, course, place) }));
  // All text is escaped, so the channel ends only once.
  return xml.replace('</channel>', () => `${newestOf(items).join('')}</channel>`).replace(NOT_XML, '');
}

/** Returns the newest episodes that fit. */
function newestOf(items: readonly string[]): readonly string[] {
  let bytes = 0;
  let first = items.length;
  for (const item of items.toReversed()) {
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (bytes > MAX_EPISODES_BYTES) break;
    first -= 1;
  }
  return items.slice(first);
}

/** An episode and its place in the course: modules are seasons, and each season counts its episodes. */
interface PlacedEpisode extends Episode {
  readonly season: number;
  readonly seasonTitle: string;
  readonly number: number;
}

function inOrder({ modules }: FoundFeed['course'], episodes: readonly Episode[]): PlacedEpisode[] {
  const byId = new Map(episodes.map((episode) => [episode.id, episode]));
  return modules.flatMap(({ title, lessons }, season) =>
    lessons
      .flatMap(({ id }) => byId.get(id) ?? [])
      .map((episode, place) => ({
        ...episode,
        ...{ season: season + 1, seasonTitle: title, number: place + 1 },
      })),
  );
}

function itemOf(episode: PlacedEpisode, course: FoundFeed['course'], { token, apiUrl }: FeedPlace): object {
  const { id, title, durationSeconds, captions, firstPublishedAt, recording } = episode;
  const { file, notes, transcriptFile, chaptersFile } = recording;
  return {
    title,
    // Never changes: apps recognise by it what was played.
    guid: { '@isPermaLink': 'false', '#text': `urn:lectern:${course.id}/${id}` },
    pubDate: rfc822(firstPublishedAt),
    description: withLessonUrls(withAssetUrls(notes), course.id),
    enclosure: {
      '@url': episodeUrl(apiUrl, token, id, file),
      '@length': file.sizeBytes,
      '@type': file.contentType,
    },
    ...(durationSeconds !== null && { 'itunes:duration': Math.round(durationSeconds) }),
    'itunes:season': episode.season,
    'itunes:episode': episode.number,
    'itunes:episodeType': 'full',
    'itunes:explicit': 'false',
    'podcast:season': { '@name': episode.seasonTitle, '#text': episode.season },
    'podcast:transcript': [
      ...captions.map(({ language, url }) => ({
        '@url': withAssetUrls(url),
        '@type': 'text/vtt',
        '@language': language,
        '@rel': 'captions',
      })),
      ...(transcriptFile === null ? [] : [{ '@url': withAssetUrls(transcriptFile), '@type': 'text/plain' }]),
    ],
    ...(chaptersFile !== null && {
      'podcast:chapters': { '@url': withAssetUrls(chaptersFile), '@type': 'application/json+chapters' },
    }),
  };
}

/** Returns the address of a course in the web app. */
function courseUrl(courseId: string): string {
  return `${appUrl()}/courses/${courseId}`;
}

/** Makes links to other lessons, `lesson:<id>`, lead to the web app: podcast apps do not know lessons. */
function withLessonUrls(html: string, courseId: string): string {
  return html.replaceAll(/(?<=\shref=")lesson:(?=[a-z0-9-]+")/g, `${courseUrl(courseId)}/lessons/`);
}

/** Formats a date for RSS (RFC 822), such as `Mon, 02 Nov 2026 09:30:00 GMT`. */
function rfc822(date: Date): string {
  return date.toUTCString();
}
