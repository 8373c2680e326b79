import type { SeededRandom } from './seeded-random.ts';

/** Sends a request and answers its response, as `fetch` does. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/**
 * A network on which a request may get lost, its reply may, it may arrive twice, or so late that others overtake it. All
 * by chance, so by the seed.
 */
export function flakyNetwork(send: Send, random: SeededRandom): Send {
  const late: (() => Promise<unknown>)[] = [];
  return async (url, init) => {
    const fate = random.below(10);
    if (fate === 0) throw new TypeError('The request was lost');
    if (fate === 1) {
      late.push(() => send(url, init));
      throw new TypeError('The request is late');
    }
    const response = await send(url, init);
    if (fate === 2) throw new TypeError('The reply was lost');
    if (fate === 3) return send(url, init);
    // What was held up arrives after this one.
    if (fate === 4) for (const arrive of late.splice(0)) await arrive();
    return response;
  };
}
