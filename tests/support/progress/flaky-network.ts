import type { SeededRandom } from './seeded-random.ts';

/** Sends a request and returns its response, as `fetch` does. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** An unreliable network. */
export interface FlakyNetwork {
  readonly send: Send;
  /** Delivers everything that is still in transit, long after anybody waits for it. */
  settle(): Promise<void>;
}

/** How late a request may arrive and still come before its repetition: no client waits longer for an answer. */
const HELD_UP_MS = 30_000;

/**
 * A network on which requests get lost, replies are lost or break off, requests arrive twice, or so late that others
 * overtake them, and something other than the server may answer. The seed decides.
 */
export function flakyNetwork(server: Send, random: SeededRandom): FlakyNetwork {
  let late: { readonly sentAt: number; readonly arrive: () => Promise<Response> }[] = [];

  async function arrive(isDue: (sentAt: number) => boolean): Promise<void> {
    const due = random.shuffled(late.filter(({ sentAt }) => isDue(sentAt)));
    late = late.filter(({ sentAt }) => !isDue(sentAt));
    for (const request of due) await request.arrive();
  }

  async function send(url: string, init: RequestInit): Promise<Response> {
    // A device that stops waiting does not take back what it has sent.
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
