import { canRead } from '../../shared/access/can-read.ts';
import { type Problem, problem } from '../../shared/http/problem.ts';
import type { Subscriber } from './feed-repository.ts';

/** Whether the learner whose feed it is may still read the course. */
export function mayListen({ access, account, grant }: Subscriber, now: Date): boolean {
  return canRead(access, account, grant, now);
}

/** The one answer to a feed or an episode that is not to be had, whatever the reason. */
export function noSuchFeed(): Problem {
  return problem('not-found', { detail: 'There is no such feed or episode.' });
}
