import { readFileSync } from 'node:fs';
import path from 'node:path';
import { scaleDocument } from '../../bench/scale/document.ts';
import { collectFacts, type ScaleFacts } from '../../bench/scale/facts.ts';
import type { ScaleResult } from '../../bench/scale/measure.ts';
import { POOL_SIZE } from '../../bench/scale/model.ts';
import { QUERY_OWNERS } from '../../bench/scale/query-owners.ts';
import { queriesOf } from '../../bench/scale/query-shape.ts';
import { journeySettings, useQuickHashes } from '../../bench/scale/settings.ts';
import type { Message } from '../../local/mail/eml.ts';
import { type LocalSes, startSes } from '../../local/mail/ses.ts';
import { closeDatabase, mongoClient } from '../../shared/db/client.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { loadTargets } from '../support/contract/targets.ts';
import { useDatabase } from '../support/database/database.ts';
import { monitored } from '../support/database/queries.ts';

/* docs/scale.md, as far as it is the same on every machine: sizes of documents, commands and queries. */

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const again = 'run `npm run bench -- scale`';

const database = useDatabase();
const mails: Message[] = [];
let ses: LocalSes;
let facts: ScaleFacts;

beforeAll(async () => {
  useQuickHashes();
  ses = await startSes(async (message) => void mails.push(message));
  Object.assign(process.env, journeySettings(), ses.environment, { MONGODB_URI: monitored(database.uri()) });
  facts = await collectFacts(database.db(), mails);
}, 120_000);
afterAll(async () => {
  await closeDatabase();
  await ses.close();
});

const measured = JSON.parse(read('bench/results/scale.json')) as ScaleResult;

describe('docs/scale.md', () => {
  it(`has the current sizes, commands and queries (otherwise ${again})`, () => {
    expect(facts).toEqual(measured.facts);
  });

  it(`is what its results, prices and assumptions make it (otherwise ${again})`, () => {
    expect(read('docs/scale.md')).toBe(scaleDocument(measured));
  });

  it('counts the memory of each function and the pool as they are', async () => {
    const { functions } = readTemplate(path.join(root, 'template.yaml'));
    const memory = Object.fromEntries(functions.map(({ name, memoryMegabytes }) => [name, memoryMegabytes]));
    expect(measured.memoryMegabytes).toEqual(memory);
    expect((await mongoClient()).options.maxPoolSize).toBe(POOL_SIZE);
  });
});

describe('the journey that it measures', () => {
  it('uses every route of every function', async () => {
    const used = new Set(facts.routes.map(({ key }) => key));
    const routes = (await loadTargets()).map(({ key }) => key);
    expect([...routes, 'authorizer'].filter((key) => !used.has(key))).toEqual([]);
  });

  it('sends only queries that bench/scale/query-owners.ts has an entry for, and all of those', () => {
    const shapes = facts.queries.map(({ shape }) => shape);
    const entries = Object.keys(QUERY_OWNERS);
    expect({
      withoutEntry: shapes.filter((shape) => !entries.includes(shape)),
      notSent: entries.filter((entry) => !shapes.includes(entry)),
    }).toEqual({ withoutEntry: [], notSent: [] });
  });

  it('finds each query in an index', () => {
    const without = facts.queries.filter(({ index }) => index === 'none');
    expect(without.map(({ shape }) => shape)).toEqual([]);
  });

  it('is written in files that exist', () => {
    for (const file of new Set(Object.values(QUERY_OWNERS).flat())) expect(read(file)).not.toBe('');
  });
});

it('a command that hides its queries is not passed over', () => {
  expect(() => queriesOf({ mapReduce: 'users' })).toThrow('mapReduce');
});
