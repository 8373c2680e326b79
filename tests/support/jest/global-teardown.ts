import './global-setup.ts';

/** Stops what the setup started. */
export default async function stopTestMongo(): Promise<void> {
  await globalThis.lecternTestMongo?.stop();
}
