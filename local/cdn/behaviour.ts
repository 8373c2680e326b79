/** How the distribution handles one path pattern, as in a cache behaviour of template.yaml. */
export interface Behaviour {
  /** Whether it has a trusted key group, so that every request needs a signed URL or signed cookies. */
  readonly needsSignature: boolean;
  readonly cacheControl: string;
}

/** Images, captions, transcripts and chapters. Their names come from their content, so a file never changes. */
const COURSES: Behaviour = { needsSignature: false, cacheControl: 'public, max-age=31536000, immutable' };

/** Recordings. A player may seek back without asking again, but caches drop them soon after the grant. */
const EVERYTHING_ELSE: Behaviour = { needsSignature: true, cacheControl: 'private, max-age=900' };

/** Returns the behaviour for a path as sent. Patterns are case-sensitive, and an unusual spelling needs a signature. */
export function behaviourFor(path: string): Behaviour {
  return path.startsWith('/courses/') ? COURSES : EVERYTHING_ELSE;
}
