import type { Browser, Page, Request } from 'playwright-core';

/** A visitor of the player page, in a fresh browser. */
export interface Visitor {
  readonly page: Page;
  /** All answers to the page from other origins: the API and the CDN. */
  readonly answers: readonly Answer[];
}

export interface Answer {
  readonly url: URL;
  /** 0 for an answer that the page cannot read, because it has no CORS headers. */
  readonly status: number;
  /** Of the request. */
  readonly method: string;
  readonly range: string | undefined;
}

export async function visit(browser: Browser, origin: string): Promise<Visitor> {
  const context = await browser.newContext();
  // Fails after longer than a busy machine needs.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const answers: Answer[] = [];
  const record = (request: Request, status: number) => {
    const url = new URL(request.url());
    const { range } = request.headers();
    if (url.origin !== origin) answers.push({ url, status, method: request.method(), range });
  };
  page.on('response', (response) => record(response.request(), response.status()));
  // A request that the page aborts fails as well, with another error.
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText === 'net::ERR_FAILED') record(request, 0);
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
