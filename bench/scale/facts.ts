import type { CommandStartedEvent, Db, Document } from 'mongodb';
import type { Message } from '../../local/mail/eml.ts';
import { mongoClient } from '../../shared/db/client.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { publishCourses } from './course.ts';
import { leave, type Step, travel } from './journey.ts';
import { indexOf, isTargeted, type Query, queriesOf, shapeOf } from './query-shape.ts';
import { SHARD_KEYS } from './shard-keys.ts';

/** The size of a collection's documents, as the journey left them. */
export interface CollectionSize {
  readonly collection: string;
  readonly documents: number;
  /** Of one document, on average, in bytes of BSON. */
  readonly bytes: number;
  readonly largestBytes: number;
}

export interface RouteCommands extends Step {
  /** `find sessions`, with its number if it is sent more than once. Sorted, since some are sent at the same time. */
  readonly commands: readonly string[];
  readonly count: number;
}

/** A form of query, of which index it uses and whether it stays on one shard. */
export interface QueryFacts {
  readonly shape: string;
  readonly index: string;
  /** Whether the database asks only the shards that have the documents. True for collections on one shard. */
  readonly targeted: boolean;
  /** Routes that send it. */
  readonly routes: readonly string[];
}

/** What is the same on every machine. */
export interface ScaleFacts {
  readonly sizes: readonly CollectionSize[];
  readonly routes: readonly RouteCommands[];
  readonly queries: readonly QueryFacts[];
}

/**
 * Follows one learner through every route, and notes what is stored and what is sent to the database.
 * @throws Error if a query has no index.
 */
export async function collectFacts(db: Db, mails: readonly Message[]): Promise<ScaleFacts> {
  await migrate(db);
  await publishCourses(db);
  const client = await mongoClient();
  const sent: { readonly step: Step; readonly commands: readonly Document[] }[] = [];
  const watch = async <Result>(step: Step, work: () => Promise<Result>): Promise<Result> => {
    const commands: Document[] = [];
    const note = ({ command }: CommandStartedEvent) => void commands.push(command);
    client.on('commandStarted', note);
    try {
      return await work();
    } finally {
      client.off('commandStarted', note);
      sent.push({ step, commands });
    }
  };
  const learner = await travel('a', mails, watch);
  const sizes = await sizesIn(db);
  await leave('a', learner, mails, watch);
  return { sizes, routes: routesOf(sent), queries: await queryFacts(db, sent) };
}

async function sizesIn(db: Db): Promise<readonly CollectionSize[]> {
  const sizes = Object.values(COLLECTIONS).map(async ({ name }) => {
    const [size] = await db
      .collection(name)
      .aggregate<Omit<CollectionSize, 'collection'>>([
        {
          $group: {
            _id: null,
            documents: { $sum: 1 },
            bytes: { $avg: { $bsonSize: '$$ROOT' } },
            largestBytes: { $max: { $bsonSize: '$$ROOT' } },
          },
        },
      ])
      .toArray();
    if (size === undefined) throw new Error(`The journey leaves nothing in ${name}`);
    const { documents, bytes, largestBytes } = size;
    return { collection: name, documents, bytes: Math.round(bytes), largestBytes };
  });
  return Promise.all(sizes);
}

type Sent = readonly { readonly step: Step; readonly commands: readonly Document[] }[];

function routesOf(sent: Sent): readonly RouteCommands[] {
  const routes = new Map<string, RouteCommands>();
  for (const { step, commands } of sent) {
    const names = commands.map((command) => {
      const [name = '', collection] = Object.entries(command)[0] ?? [];
      return typeof collection === 'string' ? `${name} ${collection}` : name;
    });
    const counted = [...new Set(names)].sort().map((name) => {
      const times = names.filter((other) => other === name).length;
      return times === 1 ? name : `${times} × ${name}`;
    });
    const id = `${step.key} ${step.what}`;
    // Some steps come again with each lesson; the first one is like the others.
    if (!routes.has(id)) routes.set(id, { ...step, commands: counted, count: commands.length });
  }
  return [...routes.values()];
}

async function queryFacts(db: Db, sent: Sent): Promise<readonly QueryFacts[]> {
  const found = new Map<string, { readonly query: Query; readonly routes: Set<string> }>();
  for (const { step, commands } of sent) {
    for (const query of commands.flatMap(queriesOf)) {
      const shape = shapeOf(query);
      const { routes } = found.get(shape) ?? { routes: new Set() };
      found.set(shape, { query, routes: routes.add(step.key) });
    }
  }
  for (const { query } of found.values()) await assertIndexed(db, query);
  return [...found]
    .map(([shape, { query, routes }]) => ({
      shape,
      index: query.isInsert ? '' : indexOf(query),
      targeted: isOnOneShard(query),
      routes: [...routes].sort(),
    }))
    .sort((one, other) => (one.shape < other.shape ? -1 : 1));
}

/** @throws Error if the database would read a whole collection for a query. */
async function assertIndexed(db: Db, query: Query): Promise<void> {
  if (query.isInsert) return;
  // Its variables mean nothing outside of the pipeline that it is from.
  const { $expr: _, ...filter } = query.filter;
  const explained = await db.collection(query.collection).find(filter).explain('queryPlanner');
  if (JSON.stringify(explained['queryPlanner'].winningPlan).includes('COLLSCAN')) {
    throw new Error(`No index serves ${shapeOf(query)}`);
  }
}

function isOnOneShard(query: Query): boolean {
  const key = SHARD_KEYS[query.collection];
  if (key === undefined) throw new Error(`bench/scale/shard-keys.ts does not say what to shard ${query.collection} by`);
  return key === null || isTargeted(query, key.fields);
}
