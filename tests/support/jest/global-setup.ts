import { type RunningMongo, startMongo } from '../../../local/mongo/server.ts';

declare global {
  /** Stored here for the teardown, because jest passes it nothing else. */
  var lecternTestMongo: RunningMongo | undefined;
}

/** Starts one MongoDB for the whole run. Each test file has its own database in it. */
export default async function startTestMongo(): Promise<void> {
  globalThis.lecternTestMongo = await startMongo({ env: process.env });
  process.env['LECTERN_TEST_MONGODB_URI'] = globalThis.lecternTestMongo.uri;
}
