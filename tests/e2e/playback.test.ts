import { type Browser, chromium, type Page } from 'playwright-core';
import type { Grant } from '../../client/src/playback.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant } from '../support/builders/account.ts';
import { describeWith, toolPath } from '../support/jest/programs.ts';
import type { Opening, Playing } from '../support/player/player-page.ts';
import { usePlayerSite } from '../support/player/site.ts';
import { type Answer, slowDown, type Visitor, visit } from '../support/player/visitor.ts';
import { type HttpLearner, registerLearner } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

/*
 * A web app (tests/support/player) in a real browser, on its own origin, with the whole system. It plays from the local
 * CDN, which verifies every signature. The tests move the CDN's clock rather than wait for a grant to expire.
 */

const VIDEO = { courseId: 'seeing-with-numbers', lessonId: 'spread' };
const VIDEO_PREVIEW = { courseId: 'seeing-with-numbers', lessonId: 'mean-and-median' };
const AUDIO = { courseId: 'listening-to-the-world', lessonId: 'birds-at-dawn' };
const AUDIO_PREVIEW = { courseId: 'listening-to-the-world', lessonId: 'what-a-sound-is' };

/**
 * Fast enough to play 4 KB/s, and slow enough that most of an episode of 400 KB is still to come when a test seeks in it.
 * Chromium waits for data that are at most 160 KB ahead of what it is loading, rather than send another request.
 */
const SLOW_BYTES_PER_SECOND = 6_000;

/** The status that a script sees of CloudFront's refusals, which have no CORS headers. */
const UNREADABLE = 0;

/** A grant requested after this much playback expires in a later second than the one before. */
const MORE_THAN_A_SECOND = 1.5;

jest.setTimeout(120_000);

describeWith(['chromium'], 'a web player', () => {
  let cdnTime: Date | null = null;
  const site = usePlayerSite();
  const { system, database } = useSystem({
    allowedOrigins: () => [site.origin()],
    now: () => cdnTime ?? new Date(),
  });
  afterEach(() => {
    cdnTime = null;
  });

  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: toolPath('chromium'),
      args: ['--no-sandbox', '--mute-audio', '--autoplay-policy=no-user-gesture-required'],
    });
  });
  afterAll(() => browser.close());
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  const grants = () => unscopedCollection(database.db(), COLLECTIONS.grants);

  describe('with a video', () => {
    it('plays it to the end for a signed-in learner', async () => {
      const { page, answers } = await visitAs(await learnerWithAccess());
      await open(page, VIDEO);
      await playedTo(page, MORE_THAN_A_SECOND);
      const { duration } = await playing(page);
      await page.evaluate((seconds) => player.seek(seconds), duration - 2);
      await page.waitForFunction(() => player.playing().ended);
      expect((await playing(page)).currentTime).toBeCloseTo(duration, 1);
      expect(statusesOf(answers)).toEqual(new Set([200]));
    });

    it('plays each rendition', async () => {
      const { page } = await visitAs(await learnerWithAccess());
      await open(page, VIDEO);
      await playedTo(page, 0);
      const { renditions } = await playing(page);
      expect(renditions.length).toBeGreaterThanOrEqual(2);
      for (const [index, height] of renditions.entries()) {
        await page.evaluate((wanted) => player.chooseRendition(wanted), index);
        await page.waitForFunction((wanted) => player.playing().height === wanted, height);
      }
    });

    it('shows the captions at the right time', async () => {
      const { page } = await visitAs(await learnerWithAccess());
      await open(page, VIDEO);
      await page.evaluate(() => player.seek(13));
      await reads(page, 'On the blue line, they were\n2, 5, 10, 14 and 19.');
      expect((await playing(page)).currentTime).toBeLessThan(17.5);
    });

    it('plays it with the cookies of the grant instead of the query', async () => {
      const { page, answers } = await visitAs(await learnerWithAccess());
      await open(page, { ...VIDEO, proof: 'cookies' });
      await playedTo(page, MORE_THAN_A_SECOND);
      await outliveGrant(page);
      await playsBeyondWhatIsLoaded(page);
      expect(statusesOf(answers)).toEqual(new Set([200]));
      expect(new Set(answers.map(({ url }) => url.search))).toEqual(new Set(['']));
    });

    it('continues with a renewed grant after the first one has expired', async () => {
      const { page, answers } = await visitAs(await learnerWithAccess());
      await open(page, VIDEO);
      await playedTo(page, MORE_THAN_A_SECOND);
      const [first, second] = await outliveGrant(page);
      await playsBeyondWhatIsLoaded(page);
      expect(statusesOf(answers)).toEqual(new Set([200]));
      const before = segmentsWith(first, answers);
      const after = segmentsWith(second, answers);
      expect([before, after]).not.toContainEqual([]);
      expect(after.filter((segment) => before.includes(segment))).toEqual([]);
    });

    it('gets a new grant when the old one is refused, and continues at the same position', async () => {
      const { page, answers } = await visitAs(await learnerWithAccess());
      await open(page, VIDEO);
      await playedTo(page, MORE_THAN_A_SECOND);
      endGrant(await grantOf(page));
      await page.evaluate(() => player.seek(40));
      await playedTo(page, 41);
      const { jumps, failures } = await playing(page);
      expect(jumps).toEqual([40]);
      expect(new Set(failures)).toEqual(new Set([UNREADABLE]));
      expect(answers.filter(isOfGrant)).toHaveLength(2);
    });

    it('plays it without hls.js, and continues with the cookies of a new grant', async () => {
      const { page, answers } = await visitAs(await learnerWithAccess());
      await open(page, { ...VIDEO, proof: 'native' });
      await playedTo(page, MORE_THAN_A_SECOND);
      endGrant(await grantOf(page));
      await page.evaluate(() => player.seek(50));
      await playedTo(page, 51);
      expect(answers.filter(isOfGrant)).toHaveLength(2);
      expect(new Set(answers.map(({ url }) => url.search))).toEqual(new Set(['']));
      for (const position of (await playing(page)).jumps) expect(position).toBeCloseTo(50, 1);
    });

    it('stops when grant and access have ended, and continues at the same position when access returns', async () => {
      const learner = await learnerWithAccess();
      const { page, answers } = await visitAs(learner);
      await open(page, VIDEO);
      await playedTo(page, MORE_THAN_A_SECOND);
      const first = await grantOf(page);
      await grants().deleteMany({ userId: learner.id });
      endGrant(first);
      await page.evaluate(() => player.setRate(4));
      await page.getByText('Refused: 403').waitFor();
      await page.waitForFunction(() => !player.playing().canGoOn);
      const stopped = await playing(page);
      expect(new Set(stopped.failures)).toEqual(new Set([UNREADABLE]));

      await giveAccess(learner);
      await page.evaluate(() => {
        player.setRate(1);
        return player.tryAgain();
      });
      await playedTo(page, stopped.currentTime + 1);
      expect((await playing(page)).jumps).toEqual([]);
      const before = segmentsWith(first, answers);
      const after = segmentsWith(await grantOf(page), answers);
      expect(after.filter((segment) => before.includes(segment))).toEqual([]);
    });

    it('gets no playlist, segment or caption without a grant', async () => {
      const { page, answers } = await visitAs(await learnerWithAccess());
      await open(page, VIDEO);
      await reads(page, 'Two bus lines have the same\naverage wait, ten minutes.');
      const files = new Set(answers.filter(isOfMedia).map(({ url }) => `${url.origin}${url.pathname}`));
      for (const kind of ['master.m3u8', 'p/index.m3u8', '.ts', 'captions/1.m3u8', 'captions/1.vtt']) {
        const file = [...files].find((address) => address.endsWith(kind)) ?? kind;
        expect([file, (await fetch(file)).status]).toEqual([file, 403]);
      }

      await page.reload();
      await open(page, { ...VIDEO_PREVIEW, proof: 'none' });
      await page.waitForFunction(() => player.playing().failures.length > 0);
      expect(await playing(page)).toMatchObject({
        currentTime: 0,
        canGoOn: false,
        renditions: [],
      });
      expect(new Set((await playing(page)).failures)).toEqual(new Set([UNREADABLE]));
    });

    it('plays nothing for a learner without access, and says why', async () => {
      const { page, answers } = await visitAs(await newLearner());
      await open(page, VIDEO);
      await page.getByText('Refused: 403').waitFor();
      expect(statusesOf(answers.filter(isOfGrant))).toEqual(new Set([403]));
      expect(answers.filter(isOfMedia)).toEqual([]);
      expect(await playing(page)).toMatchObject({ currentTime: 0, canGoOn: false });
    });
  });

  describe('with an episode', () => {
    it('plays it to the end, and seeks with range requests', async () => {
      const visitor = await visitAs(await newLearner());
      const { page, answers } = visitor;
      await slowDown(visitor, SLOW_BYTES_PER_SECOND);
      await open(page, AUDIO);
      await playedTo(page, 0);
      const { duration } = await playing(page);
      await page.evaluate((seconds) => player.seek(seconds), duration - 1.5);
      await page.waitForFunction(() => player.playing().ended);
      const [first, ...others] = answers.filter(isOfMedia);
      expect(first).toMatchObject({ status: 206, range: 'bytes=0-' });
      expect(others.length).toBeGreaterThan(0);
      for (const answer of others)
        expect(answer).toMatchObject({ status: 206, range: expect.stringMatching(/=[1-9]/) });
    });

    it('shows the captions at the right time', async () => {
      const { page } = await visitAs(await newLearner());
      await open(page, AUDIO);
      await reads(page, 'In spring, the best concert of the\nyear starts about an hour before');
    });

    it('gets a new grant when the old one is refused, and continues at the same position', async () => {
      const visitor = await visitAs(await newLearner());
      const { page, answers } = visitor;
      await slowDown(visitor, SLOW_BYTES_PER_SECOND);
      await open(page, AUDIO);
      await playedTo(page, MORE_THAN_A_SECOND);
      endGrant(await grantOf(page));
      const { duration } = await playing(page);
      await page.evaluate((seconds) => player.seek(seconds), duration - 1.5);
      await page.waitForFunction(() => player.playing().ended);
      // The player's own request for the link may fail before the element's, which then ends without an answer.
      expect(statusesOf(answers.filter(isOfStore))).toContain(UNREADABLE);
      expect([206, UNREADABLE]).toEqual(expect.arrayContaining([...statusesOf(answers.filter(isOfMedia))]));
      expect(answers.filter(isOfGrant)).toHaveLength(2);
      for (const position of (await playing(page)).jumps) expect(position).toBeCloseTo(duration - 1.5, 3);
    });
  });

  it.each([
    ['a video', VIDEO],
    ['an episode', AUDIO],
  ])('continues %s by itself when the network returns', async (_, lesson) => {
    const visitor = await visitAs(await learnerWithAccess());
    const { page, answers } = visitor;
    await slowDown(visitor, lesson === AUDIO ? SLOW_BYTES_PER_SECOND : -1);
    await open(page, lesson);
    await playedTo(page, MORE_THAN_A_SECOND);
    await page.context().setOffline(true);
    await page.evaluate(() => player.seek(40));
    await page.waitForFunction(() => !player.playing().canGoOn);
    await page.context().setOffline(false);
    await playedTo(page, 41);
    expect((await playing(page)).jumps.every((position) => Math.abs(position - 40) < 0.1)).toBe(true);
    expect(answers.filter(isOfGrant).length).toBeLessThanOrEqual(2);
  });

  it('renews the grant after a sleep during which only the wall clock went on', async () => {
    const { page } = await visitAs(await learnerWithAccess());
    await open(page, VIDEO);
    await playedTo(page, MORE_THAN_A_SECOND);
    const first = await grantOf(page);
    await page.evaluate((seconds) => player.sleep(seconds), first.expiresIn);
    await page.waitForFunction((query) => player.grant().query !== query, first.query);
  });

  describe.each([
    ['a video', VIDEO],
    ['an episode', AUDIO],
  ])('with the progress in %s', (_, lesson) => {
    it.each([1, 2])('records what was played at speed %d, and not what was skipped', async (rate) => {
      const { page } = await visitAs(await learnerWithAccess());
      await open(page, lesson);
      await page.evaluate((speed) => player.setRate(speed), rate);
      await playedTo(page, 2);
      await page.evaluate(() => player.seek(50));
      await playedTo(page, 52);
      await page.evaluate(() => player.pause());
      await page.waitForFunction(() => player.playing().paused);
      const { currentTime } = await playing(page);
      await page.evaluate(() => player.seek(30));
      await page.waitForFunction(() => player.playing().canGoOn);
      await page.evaluate(() => player.leave());
      const facts = await page.evaluate(() => player.recorded());
      expect(facts.map(({ position }) => position)).toEqual([
        expect.any(Number),
        ...[50, expect.closeTo(currentTime, 2), 30],
      ]);
      const [beforeSeek = 0, , played] = facts.map(({ position }) => position);
      expect(beforeSeek).toBeGreaterThan(2 - 0.5 * rate);
      const times = facts.map(({ playedSeconds }) => playedSeconds);
      expect(times).toEqual([expect.closeTo(beforeSeek, 0), 0, expect.closeTo(Number(played) - 50, 2), 0]);
    });

    it('resumes where the learner stopped, and starts a finished lesson again', async () => {
      const learner = await learnerWithAccess();
      const visitor = await visitAs(learner);
      const { page } = visitor;
      await open(page, lesson);
      await playedTo(page, 0);
      await page.evaluate(() => player.seek(20));
      await playedTo(page, 21);
      // It records when the page goes away.
      await returnAs(page, learner);
      const stopped = (await page.evaluate(() => player.recorded())).at(-1)?.position ?? 0;
      expect(stopped).toBeGreaterThan(20.5);
      await open(page, lesson);
      await playedTo(page, stopped + 0.5);
      expect((await playing(page)).jumps).toEqual([expect.closeTo(stopped, 1)]);

      const { duration } = await playing(page);
      await page.evaluate((seconds) => player.seek(seconds), duration - 1);
      await page.waitForFunction(() => player.playing().ended);
      await page.evaluate((lessonId) => localStorage.setItem('completed', lessonId), lesson.lessonId);
      await returnAs(page, learner);
      await open(page, lesson);
      await playedTo(page, 0);
      expect((await playing(page)).currentTime).toBeLessThan(15);
    });
  });

  it.each([
    ['a video', VIDEO_PREVIEW, 'de'],
    ['an episode', AUDIO, 'en'],
  ])('keeps the speed and the captions of %s for the next time', async (_, lesson, language) => {
    const learner = await learnerWithAccess();
    const { page } = await visitAs(learner);
    await open(page, lesson);
    await playedTo(page, 0);
    await page.evaluate((wanted) => {
      player.setRate(1.5);
      player.showCaptions(wanted);
    }, language);
    await page.waitForFunction(
      (wanted) => localStorage.getItem('lectern/player/the-learner')?.includes(wanted),
      language,
    );
    await returnAs(page, learner);
    await open(page, lesson);
    await playedTo(page, 0);
    await page.waitForFunction(() => player.playing().captions.length > 0);
    expect(await playing(page)).toMatchObject({ rate: 1.5, captions: [language] });

    await page.evaluate(() => player.showCaptions(null));
    await page.waitForFunction(() => localStorage.getItem('lectern/player/the-learner')?.includes('false'));
    await returnAs(page, learner);
    await open(page, lesson);
    await playedTo(page, 2);
    expect(await playing(page)).toMatchObject({ rate: 1.5, captions: [] });
  });

  it.each([
    ['a video', VIDEO_PREVIEW],
    ['an episode', AUDIO_PREVIEW],
  ])('previews %s without an account', async (_, lesson) => {
    const { page } = await visit(browser, site.origin());
    await open(page, lesson);
    await playedTo(page, 1);
  });

  async function newLearner(): Promise<HttpLearner> {
    return registerLearner(system().apiUrl, `learner-${crypto.randomUUID()}@example.com`);
  }

  async function learnerWithAccess(): Promise<HttpLearner> {
    const learner = await newLearner();
    await giveAccess(learner);
    return learner;
  }

  async function giveAccess({ id }: HttpLearner): Promise<void> {
    await grants().insertOne(buildGrant(VIDEO.courseId, { userId: id }));
  }

  /** Opens the page, and signs in there. */
  async function visitAs(learner: HttpLearner): Promise<Visitor> {
    const visitor = await visit(browser, site.origin());
    await signInAs(visitor.page, learner);
    return visitor;
  }

  /** Leaves the page, and opens it again in the same browser. */
  async function returnAs(page: Page, learner: HttpLearner): Promise<void> {
    await page.reload();
    await signInAs(page, learner);
  }

  async function signInAs(page: Page, { email, password }: HttpLearner): Promise<void> {
    await page.evaluate((account) => player.signIn(...account), [system().apiUrl, email, password] as const);
  }

  async function open(page: Page, lesson: Omit<Opening, 'baseUrl'>): Promise<void> {
    await page.evaluate((opening) => player.open(opening), { baseUrl: system().apiUrl, ...lesson });
  }

  /** The CDN's time at which this grant has expired. */
  function endGrant({ expiresAt }: Grant): void {
    cdnTime = new Date(String(expiresAt));
  }

  /** Lets the client renew the grant when it is due, lets the old one expire, and returns both. */
  async function outliveGrant(page: Page): Promise<readonly [Grant, Grant]> {
    const first = await grantOf(page);
    await page.evaluate((seconds) => player.letTimePass(seconds), first.expiresIn * 0.75);
    await page.waitForFunction((query) => player.grant().query !== query, first.query);
    endGrant(first);
    return [first, await grantOf(page)];
  }
});

function playing(page: Page): Promise<Playing> {
  return page.evaluate(() => player.playing());
}

function grantOf(page: Page): Promise<Grant> {
  return page.evaluate(() => player.grant());
}

/** Waits until playback has passed this time of the lesson, in seconds. */
async function playedTo(page: Page, seconds: number): Promise<void> {
  await page.waitForFunction((wanted) => player.playing().currentTime > wanted, seconds);
}

/** Plays fast to a time beyond all segments loaded so far. Segments last 6 s, and are loaded 4 s ahead. */
async function playsBeyondWhatIsLoaded(page: Page): Promise<void> {
  await page.evaluate(() => player.setRate(4));
  await playedTo(page, (await playing(page)).currentTime + 10);
}

/** Waits until the captions say this. */
async function reads(page: Page, text: string): Promise<void> {
  await page.waitForFunction((wanted) => player.playing().cues.includes(wanted), text);
}

function isOfGrant({ url }: Answer): boolean {
  return url.pathname.endsWith('/media-url');
}

function isOfMedia(answer: Answer): boolean {
  return answer.method === 'GET' && isOfStore(answer);
}

function isOfStore({ url }: Answer): boolean {
  return url.pathname.startsWith('/media/');
}

function statusesOf(answers: readonly Answer[]): ReadonlySet<number> {
  return new Set(answers.map(({ status }) => status));
}

/** The segments that were requested with the signature of this grant. */
function segmentsWith({ query }: Grant, answers: readonly Answer[]): readonly string[] {
  const served = answers.filter(({ url, status }) => status === 200 && url.search === `?${query}`);
  return served.map(({ url }) => url.pathname).filter((path) => path.endsWith('.ts'));
}
