import type { Browser, Page } from 'playwright-core';

/** A visitor of the player page, in a fresh browser. */
export interface Visitor {
  readonly page: Page;
  /** All answers to the page from other origins: the API and the CDN. */
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
  // Fails after longer than a busy machine needs.
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

/** Limits the speed of the page's network, so that a small file takes a while. */
export async function slowDown({ page }: Visitor, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 0, downloadThroughput: bytesPerSecond, uploadThroughput: -1 },
  });
}
