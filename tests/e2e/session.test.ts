import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { describeWith, toolPath } from '../support/jest/programs.ts';
import type { Tab } from '../support/session/page.ts';
import { useSessionSite } from '../support/session/site.ts';
import { subjectOf } from '../support/session/subject.ts';
import { type HttpLearner, registerLearner } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

/* Tabs of a web app in a real browser, with the whole system. They share localStorage, locks and a channel. */

declare const tab: Tab;

jest.setTimeout(120_000);

describeWith(['chromium'], 'a session in several tabs', () => {
  const site = useSessionSite();
  const { system, send } = useSystem({ allowedOrigins: () => [site.origin()] });

  let browser: Browser;
  let context: BrowserContext;
  /** The bodies of all renewals. */
  let renewals: (string | null)[];
  let learner: HttpLearner;
  let count = 0;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: toolPath('chromium'), args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    renewals = [];
    context.on('request', (request) => {
      if (request.url().endsWith('/auth/refresh') && request.method() === 'POST') renewals.push(request.postData());
    });
    learner = await newLearner();
  });
  afterEach(() => context.close());

  function newLearner(): Promise<HttpLearner> {
    count += 1;
    return registerLearner(system().apiUrl, `tabs-${count}@example.com`);
  }

  async function openTab(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(site.origin());
    await page.evaluate((baseUrl) => tab.open(baseUrl), system().apiUrl);
    return page;
  }

  const signIn = (page: Page, { email, password }: HttpLearner) =>
    page.evaluate((credentials) => tab.session.signIn(credentials), { email, password });
  const token = (page: Page, renewed: boolean, refused?: string, userId?: string) =>
    page.evaluate((call) => tab.token(...call), [renewed, refused, userId] as [boolean, string?, string?]);
  const shows = (page: Page, userId: string | null) =>
    page.waitForFunction((expected) => (tab.session.user()?.id ?? null) === expected, userId);

  async function works(accessToken: string): Promise<void> {
    const me = await send('GET', '/auth/me', { accessToken });
    expect({ status: me.status, id: me.body.id }).toEqual({ status: 200, id: learner.id });
  }

  it('signs in and out in all of them, and survives a reload', async () => {
    const [first, second] = [await openTab(), await openTab()];
    await signIn(first, learner);
    await shows(second, learner.id);
    await second.reload();
    await second.evaluate((baseUrl) => tab.open(baseUrl), system().apiUrl);
    await works(await token(second, false));

    await second.evaluate(() => tab.session.signOut());
    await shows(first, null);
    expect(await first.evaluate(() => tab.signedOut)).toEqual(['other-tab']);
    expect(await second.evaluate(() => tab.signedOut)).toEqual(['signed-out']);
    expect(await token(first, false)).toBe('SignedOut other-tab');
  });

  it('is renewed once when all of them find the token refused', async () => {
    const tabs = [await openTab(), await openTab(), await openTab()];
    await signIn(tabs[0] as Page, learner);
    await Promise.all(tabs.map((page) => shows(page, learner.id)));
    const refused = await token(tabs[0] as Page, false);
    const renewed = await Promise.all(tabs.flatMap((page) => [token(page, true, refused), token(page, true, refused)]));
    expect(new Set(renewed).size).toBe(1);
    expect(renewals).toHaveLength(1);
    await works(renewed[0] ?? '');
  });

  it('survives that a tab is closed before the reply to its renewal', async () => {
    const [first, second] = [await openTab(), await openTab()];
    await signIn(first, learner);
    await shows(second, learner.id);
    const refused = await token(first, false);

    let reach = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    await first.route('**/auth/refresh', async (route) => {
      await route.fetch();
      reach();
    });
    const lost = first.evaluate((old) => void tab.token(true, old), refused);
    await Promise.all([reached, lost]);
    await first.close();

    await works(await token(second, true, refused));
    expect(renewals).toHaveLength(2);
    expect(renewals[1]).toBe(renewals[0]);
    await works(await token(second, true));
  });

  it('keeps its learner without a network, and goes on with it', async () => {
    const page = await openTab();
    await signIn(page, learner);
    await context.setOffline(true);
    expect(await token(page, true)).toBe('RequestFailed');
    expect(await page.evaluate(() => tab.session.user()?.id)).toBe(learner.id);
    await context.setOffline(false);
    await works(await token(page, true));
  });

  it('never gives a tab the token of the learner who signed in in another one', async () => {
    const [first, second] = [await openTab(), await openTab()];
    await signIn(first, learner);
    await shows(second, learner.id);
    const other = await newLearner();
    const refused = await token(first, false);
    await signIn(second, other);
    expect(await token(first, true, refused, learner.id)).toBe('SignedOut replaced');
    expect(await token(first, true, refused)).toBe('SignedOut replaced');
    await shows(first, other.id);
    expect(await first.evaluate(() => tab.signedOut)).toEqual(['replaced']);
    expect(subjectOf(await token(first, false))).toBe(other.id);
  });
});
