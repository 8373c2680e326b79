import { parseArgs } from 'node:util';
import type { AccountsEffort } from './accounts/effort.ts';
import { measureAccounts } from './accounts/measure.ts';
import { measureCatalog } from './catalog/measure.ts';
import { type Catalog, openCatalog } from './catalog/open-catalog.ts';
import { type ColdEffort, measureCold } from './cold/measure.ts';
import { measureCosts } from './cost/measure.ts';
import { loadResult, PARTS, type Part, REPORTS, type Results, saveResult, writeDocuments } from './documents.ts';
import { type Effort, measureHandlers } from './handlers/measure.ts';
import { PEER_NAMES } from './handlers/peers.ts';
import { type MediaEffort, measureMedia } from './media/measure.ts';
import { measureOutages } from './outages/measure.ts';
import { measureProgress, type ProgressEffort } from './progress/measure.ts';
import { measureScale } from './scale/measure.ts';

// `npm run bench [-- handlers|cold|accounts|progress|media|outages|catalog|cost|scale …] [--only <peer>] [--quick]`:
// measures the parts named, or all of them, prints what came out, and writes docs/performance.md, docs/cost.md and
// docs/scale.md.

const USAGE = `npm run bench [-- ${PARTS.join('|')}] [--only ${PEER_NAMES.join('|')}] [--quick] [--courses <number>] [--before <folder>]`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    courses: { type: 'string', default: '100000' },
    // Bundles of another version, such as those that `npm run build` made of it, to compare cold starts with.
    before: { type: 'string' },
  },
});

const parts = PARTS.filter((part) => positionals.length === 0 || positionals.includes(part));
const only = PEER_NAMES.find((name) => name === values.only);
const courses = Number(values.courses);
const unknown = positionals.filter((name) => !PARTS.some((part) => part === name));
if (unknown.length > 0 || (values.only !== undefined && only === undefined) || !(courses >= 1000)) {
  console.error(USAGE);
  process.exit(2);
}

/** What is measured with less care, on fewer peers or fewer courses, is not what the documents say it is. */
const isComplete = !values.quick && only === undefined && values.courses === '100000';
const effort: Effort = values.quick
  ? { starts: 1, rounds: 3, milliseconds: 100 }
  : { starts: 5, rounds: 12, milliseconds: 50 };
const accountsEffort: AccountsEffort = values.quick
  ? { rounds: 5, milliseconds: 50, logins: 6, resets: 3, authorizations: 100 }
  : { rounds: 24, milliseconds: 50, logins: 40, resets: 10, authorizations: 500 };

const progressEffort: ProgressEffort = values.quick
  ? { documents: [1000, 20_000], rounds: 5 }
  : { documents: [1000, 1_000_000], rounds: 60 };

const mediaEffort: MediaEffort = values.quick ? { rounds: 5, milliseconds: 50 } : { rounds: 40, milliseconds: 100 };

const coldEffort: ColdEffort = values.quick ? { imports: 3, containers: 2 } : { imports: 15, containers: 7 };

const report = (line: string) => console.error(line);

await main();

async function main(): Promise<void> {
  const before = performance.now();
  for (const part of parts) {
    if (part === 'handlers') await finish('handlers', await measureHandlers(peers(), effort, report));
    if (part === 'cold') await finish('cold', await measureCold(coldEffort, values.before, report));
    if (part === 'progress') await finish('progress', await measureProgress(progressEffort, report));
    if (part === 'media') await finish('media', await measureMedia(mediaEffort, report));
    if (part === 'outages') await finish('outages', await measureOutages(values.quick ? [1] : [1, 10, 60], report));
    if (part === 'scale') await finish('scale', await measureScale(values.quick ? 2 : 20, report));
    if (part === 'accounts') await finish('accounts', await measureAccounts(accountsEffort, report));
  }
  if (parts.includes('catalog') || parts.includes('cost')) {
    const catalog = await openCatalog(courses, report);
    try {
      await measureWith(catalog);
    } finally {
      await catalog.close();
    }
  }
  if (isComplete) await writeDocuments();
  report(`bench: ${Math.round((performance.now() - before) / 1000)} s`);
}

async function measureWith(catalog: Catalog): Promise<void> {
  if (parts.includes('catalog')) await finish('catalog', await measureCatalog(catalog, report));
  if (parts.includes('cost')) await finish('cost', await measureCosts(catalog, values.quick ? 1 : 3, report));
}

/** All, or the one named beside the bare handler, which it is compared with. */
function peers() {
  return only === undefined ? PEER_NAMES : PEER_NAMES.filter((name) => name === 'bare' || name === only);
}

async function finish<P extends Part>(part: P, result: Results[P]): Promise<void> {
  console.log(`\n${REPORTS[part](result, await loadResult('cold'))}\n`);
  if (isComplete) await saveResult(part, result);
}
