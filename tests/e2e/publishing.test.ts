import { setTimeout as wait } from 'node:timers/promises';
import type { CourseSource } from '../../publishing/course/course-source.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { buildArticle, buildCourseSource } from '../support/builders/course-source.ts';
import { type HttpAnswer, registerLearner } from '../support/system/client.ts';
import { useOwnDatabase } from '../support/system/own-database.ts';
import { useSystemOn } from '../support/system/system.ts';

/** Stands still, so that nothing expires from the caches of the gateway. */
const now = new Date();
const { system, send, database } = useSystemOn(useOwnDatabase, { now: () => now });
const get = (route: string, accessToken?: string) => send('GET', route, { accessToken });

/** Publishes as the importer does: in the database, without the system. */
const publish = (course: CourseSource) => database.query((client) => publishCourse(client.db('lectern'), course));

/** Asks until the answer passes. Has no timeout of its own: jest's ends the wait. */
async function answerThat(
  passes: (answer: HttpAnswer) => boolean,
  ask: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  for (;;) {
    const answer = await ask();
    if (passes(answer)) return answer;
    await wait(20);
  }
}

describe('a course that is published while the system runs', () => {
  it('replaces the cached answer that it does not exist', async () => {
    const route = '/courses/new-course';
    expect(await get(route)).toMatchObject({ status: 404 });
    expect(await get(route)).toMatchObject({ status: 404, headers: { 'x-cache': 'hit' } });
    await publish(buildCourseSource({ id: 'new-course' }));
    await answerThat(
      ({ status }) => status === 200,
      () => get(route),
    );
  });

  it('replaces the cached text of its former revision, in the catalog too', async () => {
    await publish(buildCourseSource({ id: 'changing', title: 'Before' }));
    await answerThat(
      ({ body }) => body.title === 'Before',
      () => get('/courses/changing'),
    );
    expect(await get('/courses/changing')).toMatchObject({ headers: { 'x-cache': 'hit' } });
    await get('/courses?limit=100');

    await publish(buildCourseSource({ id: 'changing', title: 'After' }));
    await answerThat(
      ({ body }) => body.title === 'After',
      () => get('/courses/changing'),
    );
    const { body } = await get('/courses?limit=100');
    expect(body.items).toContainEqual(expect.objectContaining({ id: 'changing', title: 'After' }));
  });

  it('replaces the cached decision of the authorizer that nobody may read it', async () => {
    const { accessToken } = await registerLearner(system().apiUrl, 'ada@example.com');
    const route = '/courses/for-members/lessons/one-thing';
    expect(await get(route, accessToken)).toMatchObject({ status: 403 });
    await publish(
      buildCourseSource({ id: 'for-members', access: 'members', lessons: [buildArticle({ id: 'one-thing' })] }),
    );
    await answerThat(
      ({ status }) => status === 200,
      () => get(route, accessToken),
    );
  });

  it('is noticed after the database was restarted, too', async () => {
    await database.stop();
    await database.start();
    const route = '/courses/later-course';
    expect(await get(route)).toMatchObject({ status: 404 });
    await publish(buildCourseSource({ id: 'later-course' }));
    await answerThat(
      ({ status }) => status === 200,
      () => get(route),
    );
  });
});
