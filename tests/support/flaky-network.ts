import type { SeededRandom } from './seeded-random.ts';

/** Sends a request and answers its response, as `fetch` does. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** A network on which little is certain. */
export interface FlakyNetwork {
  readonly send: Send;
  /** Lets whatever is still on its way arrive, long after anybody waits for it. */
  settle(): Promise<void>;
}

/** How long a request may be held up and still come before its repetition: no client waits longer for an answer. */
const HELD_UP_MS = 30_000;

/**
 * A network on which a request may get lost, its reply may or may break off, it may arrive twice, or so late that others
 * overtake it, and something other than the server may answer. All by chance, so by the seed.
 */
export function flakyNetwork(server: Send, random: SeededRandom): FlakyNetwork {
  let late: { readonly sentAt: number; readonly arrive: () => Promise<Response> }[] = [];

  async function arrive(isDue: (sentAt: number) => boolean): Promise<void> {
    const due = random.shuffled(late.filter(({ sentAt }) => isDue(sentAt)));
    late = late.filter(({ sentAt }) => !isDue(sentAt));
    for (const request of due) await request.arrive();
  }

  async function send(url: string, init: RequestInit): Promise<Response> {
    // A device that no longer waits does not take back what it has sent.
    const { signal: _, ...sent } = init;
    switch (random.below(12)) {
      case 0:
        throw new TypeError('The request was lost');
      case 1:
        late.push({ sentAt: Date.now(), arrive: () => server(url, sent) });
        throw new TypeError('The request is late');
      case 2:
        await server(url, sent);
        throw new TypeError('The reply was lost');
      case 3: {
        const response = await server(url, sent);
        const text = await response.text();
        return new Response(text.slice(0, random.below(text.length)), { status: response.status });
      }
      case 4:
        await server(url, sent);
        return server(url, sent);
      case 5: {
        const response = await server(url, sent);
        await arrive((sentAt) => Date.now() - sentAt < HELD_UP_MS);
        return response;
      }
      case 6:
        await arrive((sentAt) => Date.now() - sentAt < HELD_UP_MS);
        return server(url, sent);
      case 7:
        return new Response('<title>Welcome to our network</title>', {
          status: random.pick([200, 400, 403, 413, 502]),
        });
      default:
        return server(url, sent);
    }
  }

  return { send, settle: () => arrive(() => true) };
}
