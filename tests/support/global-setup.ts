import { type RunningMongo, startMongo } from '../../local/mongo/server.ts';

declare global {
  /** Kept here for the teardown: jest passes it nothing else. */
  var lecternTestMongo: RunningMongo | undefined;
}

/** Starts one MongoDB for the whole run; each test file has a database of its own in it. */
export default async function startTestMongo(): Promise<void> {
  globalThis.lecternTestMongo = await startMongo({ env: process.env });
  process.env['LECTERN_TEST_MONGODB_URI'] = globalThis.lecternTestMongo.uri;
}
