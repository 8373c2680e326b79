import os from 'node:os';
import path from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import type { Message } from '../../local/mail/eml.ts';
import { startSes } from '../../local/mail/ses.ts';
import { startMongo } from '../../local/mongo/server.ts';
import { closeDatabase, mongoClient } from '../../shared/db/client.ts';
import { withDatabase } from '../../tools/platform/mongo-uri.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { PROJECT } from '../measuring/folders.ts';
import { type Machine, thisMachine } from '../measuring/machine.ts';
import { median } from '../measuring/statistics.ts';
import { collectFacts, type ScaleFacts } from './facts.ts';
import { leave, type Step, travel } from './journey.ts';
import { journeySettings } from './settings.ts';

/** What a request to a route takes, with the database on the same machine. */
export interface RouteTimes {
  readonly functionName: string;
  readonly key: string;
  readonly what: string;
  readonly milliseconds: number;
  /** Of the function's process. */
  readonly processorMilliseconds: number;
  /** Of the database's process. */
  readonly databaseMilliseconds: number;
}

export interface ScaleResult {
  readonly machine: Machine;
  readonly server: string;
  readonly facts: ScaleFacts;
  readonly times: readonly RouteTimes[];
  /** Most connections that a request of each function uses at once. */
  readonly connections: Readonly<Record<string, number>>;
  readonly memoryMegabytes: Readonly<Record<string, number>>;
}

/** Follows learners through every route in a database of its own: once to count, and then to take times. */
export async function measureScale(learners: number, report: (line: string) => void): Promise<ScaleResult> {
  const { MONGODB_URI: _, ...env } = process.env;
  const mongo = await startMongo({ env, report });
  const mails: Message[] = [];
  const ses = await startSes(async (message) => void mails.push(message));
  const uri = withDatabase(mongo.uri, 'bench');
  const client = new MongoClient(uri, { runtimeAdapters: { os } });
  const monitored = `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
  Object.assign(process.env, journeySettings(), ses.environment, { MONGODB_URI: monitored });
  try {
    report('scale: sizes and commands');
    const facts = await collectFacts(client.db(), mails);
    const { times, connections } = await takeTimes(client.db(), mails, learners, report);
    const { functions } = readTemplate(path.join(PROJECT, 'template.yaml'));
    return {
      machine: thisMachine(process.version),
      server: mongo.source,
      facts,
      times,
      connections,
      memoryMegabytes: Object.fromEntries(functions.map(({ name, memoryMegabytes }) => [name, memoryMegabytes])),
    };
  } finally {
    await closeDatabase();
    await client.close();
    await ses.close();
    await mongo.stop();
  }
}

interface Sample {
  readonly step: Step;
  readonly took: readonly [milliseconds: number, processor: number, database: number];
}

async function takeTimes(db: Db, mails: readonly Message[], learners: number, report: (line: string) => void) {
  const driver = await mongoClient();
  const samples: Sample[] = [];
  const connections: Record<string, number> = {};
  const databaseTime = async () => {
    const { extra_info: info } = await db.admin().command({ serverStatus: 1 });
    return (Number(info.user_time_us) + Number(info.system_time_us)) / 1000;
  };
  // What asking for the time takes itself.
  const idle: number[] = [];
  for (let ask = 0; ask < 50; ask += 1) idle.push(-(await databaseTime()) + (await databaseTime()));

  const watch = async <Result>(step: Step, work: () => Promise<Result>): Promise<Result> => {
    let open = 0;
    const started = () => {
      open += 1;
      connections[step.functionName] = Math.max(connections[step.functionName] ?? 0, open);
    };
    const ended = () => {
      open -= 1;
    };
    const databaseBefore = await databaseTime();
    driver.on('commandStarted', started).on('commandSucceeded', ended).on('commandFailed', ended);
    const processorBefore = process.cpuUsage();
    const before = performance.now();
    try {
      return await work();
    } finally {
      const milliseconds = performance.now() - before;
      const { user, system } = process.cpuUsage(processorBefore);
      driver.off('commandStarted', started).off('commandSucceeded', ended).off('commandFailed', ended);
      const database = Math.max(0, (await databaseTime()) - databaseBefore - median(idle));
      samples.push({ step, took: [milliseconds, (user + system) / 1000, database] });
    }
  };
  for (let learner = 0; learner <= learners; learner += 1) {
    report(`scale: learner ${learner} of ${learners}`);
    // The first one is the warm-up.
    if (learner === 1) samples.length = 0;
    await leave(`${learner}`, await travel(`${learner}`, mails, watch), mails, watch);
  }
  return { times: timesOf(samples), connections };
}

function timesOf(samples: readonly Sample[]): readonly RouteTimes[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const id = `${sample.step.key} ${sample.step.what}`;
    groups.set(id, [...(groups.get(id) ?? []), sample]);
  }
  return [...groups.values()].flatMap((group) => {
    const middle = (part: 0 | 1 | 2) => Math.round(median(group.map(({ took }) => took[part])) * 1000) / 1000;
    const times = { milliseconds: middle(0), processorMilliseconds: middle(1), databaseMilliseconds: middle(2) };
    return group.slice(0, 1).map(({ step }) => ({ ...step, ...times }));
  });
}
