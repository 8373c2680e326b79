import type { Browser, Page } from 'playwright-core';

/** Somebody at the page of the player, in a browser that knows nothing yet. */
export interface Visitor {
  readonly page: Page;
  /** All that was answered to the page by other origins: the API, and the CDN. */
  readonly answers: readonly Answer[];
}

export interface Answer {
  readonly url: URL;
  readonly status: number;
  /** Of the request. */
  readonly range: string | undefined;
}

export async function visit(browser: Browser, origin: string): Promise<Visitor> {
  const context = await browser.newContext();
  // What takes longer than a busy machine needs never happens.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const answers: Answer[] = [];
  page.on('response', (response) => {
    const url = new URL(response.url());
    const { range } = response.request().headers();
    if (url.origin !== origin) answers.push({ url, status: response.status(), range });
  });
  await page.goto(origin);
  return { page, answers };
}

/** Has the network of the page no faster than this, so that a small file takes a while. */
export async function slowDown({ page }: Visitor, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 0, downloadThroughput: bytesPerSecond, uploadThroughput: -1 },
  });
}
