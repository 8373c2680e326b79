import { contract as mediaContract } from '../../functions/media-url/contract.ts';
import { handler as mediaUrl } from '../../functions/media-url/handler.ts';
import { contract as progressContract } from '../../functions/progress/contract.ts';
import { handler as progress } from '../../functions/progress/handler.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { buildCourseSource, buildRecording } from '../support/builders/course-source.ts';
import { buildEvent } from '../support/builders/progress.ts';
import { metricsIn } from '../support/cloudwatch/embedded-metrics.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { callerOf } from '../support/functions/call.ts';
import { useMediaKey } from '../support/keys/media-keys.ts';

const NAMESPACE = 'Lectern/test';
const EMAIL = 'ada@mail.example';

useQuickPasswords();
const { database, register, login, send } = useAuth();
useMediaKey();
const callMedia = callerOf(mediaUrl, mediaContract);
const callProgress = callerOf(progress, progressContract);

let written: string[];
let accessToken: string;
beforeAll(async () => {
  await publishCourse(
    database.db(),
    buildCourseSource({
      id: 'sound',
      access: 'members',
      lessons: [buildRecording({ id: 'one', durationSeconds: 100 })],
    }),
  );
  accessToken = (await register({ email: EMAIL, password: PASSWORD })).body.tokens.accessToken;
});
beforeEach(() => {
  process.env['BUSINESS_METRICS_NAMESPACE'] = NAMESPACE;
  // The library writes none in its development mode, which tests use for the log.
  process.env['POWERTOOLS_METRICS_DISABLED'] = 'false';
  written = [];
  jest.spyOn(console, 'log').mockImplementation((line: unknown) => void written.push(String(line)));
});
afterEach(() => {
  jest.restoreAllMocks();
});

const counts = () => Object.fromEntries(written.flatMap(metricsIn).map(({ name, value }) => [name, value]));
const bearer = () => ({ Authorization: `Bearer ${accessToken}` });
const grant = (lessonId = 'one') =>
  callMedia('GET /courses/{courseId}/lessons/{lessonId}/media-url', {
    path: { courseId: 'sound', lessonId },
    headers: bearer(),
  });
const sync = (...events: readonly object[]) =>
  callProgress('POST /progress/sync', {
    headers: { ...bearer(), 'Content-Type': 'application/json' },
    body: JSON.stringify({ sentAt: new Date().toISOString(), events }),
  });

describe('business metrics', () => {
  it('are lines in the embedded metric format, with the service as their only dimension', async () => {
    await login({ email: EMAIL, password: PASSWORD });
    expect(written).toHaveLength(1);
    expect(written.flatMap(metricsIn)).toEqual([
      { namespace: NAMESPACE, name: 'SignIns', value: 1, dimensions: { service: 'lectern' } },
    ]);
    const members = Object.keys(JSON.parse(written[0] ?? '') as object);
    expect(new Set(members)).toEqual(new Set(['SignIns', '_aws', 'service']));
  });

  it('count a refused sign-in apart from a sign-in', async () => {
    await login({ email: EMAIL, password: 'six geese a-laying' });
    expect(counts()).toEqual({ SignInsRefused: 1 });
  });

  it('count a mail that was sent', async () => {
    await send('POST /auth/password/forgot', { email: EMAIL });
    expect(counts()).toEqual({ MailsSent: 1 });
  });

  it('count each playback grant, and none that is refused', async () => {
    await grant();
    expect(counts()).toEqual({ PlaybackGrants: 1 });
    written = [];
    await grant('no-such-lesson');
    expect(written).toEqual([]);
  });

  it('count a lesson that is completed for the first time, once however often the event is sent', async () => {
    const event = buildEvent({ courseId: 'sound', lessonId: 'one', completed: true });
    await sync(event);
    expect(counts()).toEqual({ LessonsCompleted: 1 });
    written = [];
    await sync(event);
    await sync(buildEvent({ courseId: 'sound', lessonId: 'one', completed: true }));
    expect(written).toEqual([]);
  });

  it('are nothing at all where they are off', async () => {
    process.env['BUSINESS_METRICS_NAMESPACE'] = '';
    await login({ email: EMAIL, password: PASSWORD });
    await grant();
    expect(written).toEqual([]);
  });
});
