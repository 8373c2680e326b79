import { isDeepStrictEqual } from 'node:util';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Document } from 'mongodb';
import { hashPassword } from '../../functions/auth/password/password-hash.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { COLLECTIONS, type OwnedCollection } from '../../shared/db/collections.ts';
import { eraseOwned } from '../../shared/db/ownership.ts';
import { transaction } from '../../shared/db/transaction.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant, buildSession, buildUser } from '../support/builders/account.ts';
import { buildCourseSource, buildRecording } from '../support/builders/course-source.ts';
import { buildProgress } from '../support/builders/progress.ts';
import { expectNoProblems } from '../support/contract/no-problems.ts';
import { type Attack, loadTargets, type Target } from '../support/contract/targets.ts';
import { mentionsOf } from '../support/database/contents.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { buildToken, goodClaims } from '../support/keys/access-tokens.ts';
import { useMediaKey } from '../support/keys/media-keys.ts';

useQuickPasswords();
useMediaKey();
const { database } = useAuth();

/** The learner who sends requests. */
const ADA = goodClaims().sub;
/** The id of another learner, which is in every text of her documents that an answer could show. */
const EVE = 'eve-only';
/** A number that is only in her documents. */
const EVES_NUMBER = 41.4142;

/** The course of the examples in contracts, in which both learners may be. */
const COURSE = 'listening-to-the-world';
const EVES_COURSE = `course-of-${EVE}`;

type Declarations = typeof COLLECTIONS;
type OwnedDocuments = {
  readonly [Key in keyof Declarations as Declarations[Key] extends OwnedCollection<infer _>
    ? Key
    : never]: Declarations[Key] extends OwnedCollection<infer T> ? readonly T[] : never;
};

const at = new Date();
const played = { at, by: EVE };
const lessons = {
  'birds-at-dawn': {
    position: { ...played, value: EVES_NUMBER },
    furthest: { by: EVE, value: EVES_NUMBER },
    completion: null,
    firstCompletion: null,
    playedMs: EVES_NUMBER * 1000,
  },
};
const progress = { userId: EVE, lessons, playedMsByDay: { '2026-11-30': EVES_NUMBER * 1000 } };

/** Documents of the other learner in every collection that has an owner. */
const EVES_DOCUMENTS: OwnedDocuments = {
  users: [buildUser({ _id: EVE, name: EVE })],
  // The id has the form that the contract asks for.
  sessions: [buildSession({ _id: `${EVE}-session-00000`, userId: EVE, deviceName: `Phone of ${EVE}` })],
  grants: [COURSE, EVES_COURSE].map((courseId) => buildGrant(courseId, { userId: EVE })),
  feeds: [COURSE, EVES_COURSE].map((courseId) => ({
    _id: `feed-of-${EVE}-of-${courseId}`,
    userId: EVE,
    courseId,
    seed: EVE,
    createdAt: at,
  })),
  progress: [COURSE, EVES_COURSE].map((courseId) => buildProgress({ ...progress, courseId })),
};

/** Routes for learners, of every function. */
let targets: readonly Target[];
let passwordHash: string;

beforeAll(async () => {
  targets = (await loadTargets()).filter(({ route: { auth } }) => auth === 'learner');
  passwordHash = await hashPassword(PASSWORD);
  const recordings = ['birds-at-dawn', 'echoes-and-rooms'].map((id) => buildRecording({ id }));
  // Open to everyone, so that the access of a course hides nothing that a query should not find.
  for (const id of [COURSE, EVES_COURSE, 'writing-that-teaches']) {
    await publishCourse(database.db(), buildCourseSource({ id, title: id, lessons: recordings }));
  }
});

/** Gives the sender of requests an account and a session, both new. */
async function signIn(): Promise<void> {
  const user = buildUser({ _id: ADA, passwordHash });
  await unscopedCollection(database.db(), COLLECTIONS.users).replaceOne({ _id: ADA }, user, { upsert: true });
  const session = buildSession({ userId: ADA });
  const { _id } = session;
  await unscopedCollection(database.db(), COLLECTIONS.sessions).replaceOne({ _id }, session, { upsert: true });
}

const eraseAda = () => transaction((db, session) => eraseOwned(db, session, ADA));

const withToken = (attack: Attack = {}): Attack => ({
  ...attack,
  headers: { Authorization: `Bearer ${buildToken({ claims: { sub: ADA } })}` },
});

describe('the documents of another learner', () => {
  const owned = Object.entries(COLLECTIONS).filter(([, { owner }]) => owner !== null);
  const inserted: Readonly<Record<string, readonly Document[] | undefined>> = EVES_DOCUMENTS;
  const ids = Object.values(inserted).flatMap((documents = []) => documents.map(({ _id }) => String(_id)));

  const stored = () => Promise.all(owned.map(([, { name, owner }]) => findOwned(name, owner ?? '')));
  const findOwned = (name: string, owner: string) =>
    database
      .db()
      .collection(name)
      .find({ [owner]: EVE })
      .sort({ _id: 1 })
      .toArray();

  beforeAll(async () => {
    for (const [key, { name }] of owned) {
      const documents = inserted[key] ?? [];
      if (documents.length === 0) {
        throw new Error(`${name} has no document: add one to EVES_DOCUMENTS, with EVE in each text`);
      }
      await database
        .db()
        .collection(name)
        .insertMany([...documents]);
    }
  });

  afterAll(() => Promise.all([transaction((db, session) => eraseOwned(db, session, EVE)), eraseAda()]));

  /** A request with the examples, and one with each id of her documents in place of each path parameter. */
  function requestsTo({ route }: Target): Attack[] {
    const names = Object.keys(route.path ?? {});
    return [{}, ...names.flatMap((name) => ids.map((id) => ({ path: { [name]: id } })))];
  }

  /** What the sender of a request did not say. */
  function told({ path = {} }: Attack, { headers, multiValueHeaders, body }: APIGatewayProxyResult): string {
    const answer = JSON.stringify([headers, multiValueHeaders, body]);
    return Object.values(path).reduce((rest, sent) => rest.replaceAll(sent, ''), answer);
  }

  it('are neither shown nor changed by any route, whatever ids the request names', async () => {
    const problems: string[] = [];
    let before = await stored();
    for (const target of targets) {
      for (const attack of requestsTo(target)) {
        await signIn();
        const answer = await target.send(withToken(attack));
        const request = `${target.key} with ${JSON.stringify(attack.path ?? 'the examples')}`;
        if (answer.statusCode >= 500) problems.push(`${request} answers ${answer.statusCode}`);
        if ([EVE, String(EVES_NUMBER)].some((text) => told(attack, answer).includes(text))) {
          problems.push(
            `${request} shows documents of another learner: put the caller’s id in the filter of its query`,
          );
        }
      }
      const after = await stored();
      if (!isDeepStrictEqual(after, before)) {
        problems.push(
          `${target.key} changes documents of another learner: put the caller’s id in the filter of its write`,
        );
      }
      before = after;
    }
    expectNoProblems(problems);
  });
});

describe('an account that is erased', () => {
  it('leaves nothing behind, whichever routes run at the same moment', async () => {
    const writing = targets.filter(({ key }) => !key.startsWith('GET '));
    const problems = new Set<string>();
    for (const { key, send } of writing) {
      for (let round = 0; round < 5; round += 1) {
        await signIn();
        await Promise.all([eraseAda(), ...Array.from({ length: 3 }, () => send(withToken()))]);
        for (const { collection } of await mentionsOf(database.db(), ADA)) {
          problems.add(
            `${key} leaves a document in ${collection}: call confirmAfterFirstWrite after the first write of a document of the caller`,
          );
        }
        await eraseAda();
      }
    }
    expectNoProblems([...problems]);
  });
});
