import { readableBy } from '../../../shared/http/cors.ts';
import type { Answer } from './answer.ts';

const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * Lets web apps on this machine read an answer that names no origin, as a function answers one that it does not know.
 * A deployed API has no such exception: there the parameter AllowedOrigins names every origin.
 */
export function readableOnLoopback(answer: Answer, origin: string | undefined): Answer {
  if (origin === undefined || !LOOPBACK_ORIGIN.test(origin) || hasHeader(answer, 'access-control-allow-origin')) {
    return answer;
  }
  const headers = Object.entries(readableBy(origin)).filter(([name]) => name !== 'Vary' || !hasHeader(answer, 'vary'));
  return { ...answer, headers: [...answer.headers, ...headers] };
}

function hasHeader({ headers }: Answer, name: string): boolean {
  return headers.some(([given]) => given.toLowerCase() === name);
}
