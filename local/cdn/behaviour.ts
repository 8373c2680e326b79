/** What the distribution does with the requests of one path pattern, as a cache behaviour of template.yaml says it. */
export interface Behaviour {
  /** Whether it has a trusted key group, so that each request needs a signed URL or signed cookies. */
  readonly needsSignature: boolean;
  readonly cacheControl: string;
}

/** Images, captions, transcripts and chapters: the names are made of the content, so what has a name never changes. */
const COURSES: Behaviour = { needsSignature: false, cacheControl: 'public, max-age=31536000, immutable' };

/** Recordings. A player may seek back without asking again, but nobody keeps them for long after their grant. */
const EVERYTHING_ELSE: Behaviour = { needsSignature: true, cacheControl: 'private, max-age=900' };

/** The behaviour for a path as it was sent. Patterns are case-sensitive, and whatever is spelt oddly needs a signature. */
export function behaviourFor(path: string): Behaviour {
  return path.startsWith('/courses/') ? COURSES : EVERYTHING_ELSE;
}
