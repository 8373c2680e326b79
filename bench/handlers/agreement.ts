import { isDeepStrictEqual } from 'node:util';
import type { HandlerProcess } from './handler-process.ts';
import type { SeenAnswer } from './protocol.ts';
import type { BenchRequests, BenchRoute } from './requests.ts';

/** What one handler answers to all requests of the bench. */
export interface Answers {
  readonly right: Readonly<Record<BenchRoute, readonly SeenAnswer[]>>;
  readonly wrong: readonly SeenAnswer[];
}

export async function collectAnswers(handler: HandlerProcess, { routes, wrong }: BenchRequests): Promise<Answers> {
  return {
    right: { token: await handler.answer(routes.token), open: await handler.answer(routes.open) },
    wrong: await handler.answer(Object.values(wrong).map(({ event }) => event)),
  };
}

/**
 * Sees to it that a handler does the work: each answer is 200 and deeply equal to that of the bare handler, whose
 * answers hold the claims of the token and the coerced and defaulted input; each wrong request is refused with the
 * status it should be. Only the words of a refusal may differ.
 * @throws Error that names the first difference.
 */
export function assertSameWork(name: string, answers: Answers, expected: Answers, { wrong }: BenchRequests): void {
  for (const route of ['token', 'open'] as const) {
    answers.right[route].forEach((answer, index) => {
      if (answer.status !== 200 || !/^application\/json\b/.test(answer.contentType)) fail(name, route, answer);
      if (!isDeepStrictEqual(answer.body, expected.right[route][index]?.body)) fail(name, route, answer);
    });
  }
  Object.entries(wrong).forEach(([what, { status }], index) => {
    const answer = answers.wrong[index];
    if (answer?.status !== status) fail(name, what, answer);
  });
}

function fail(name: string, request: string, answer: SeenAnswer | undefined): never {
  throw new Error(`${name} does not do the same work (${request}): it answers ${JSON.stringify(answer)}`);
}
