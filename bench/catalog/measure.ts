import { type Machine, thisMachine } from '../measuring/machine.ts';
import { median } from '../measuring/statistics.ts';
import { CATALOG_CASES, type CatalogCase } from './cases.ts';
import { type ExecutedPlan, explainCommand } from './explain.ts';
import { commandOf, requestPage } from './function-client.ts';
import type { Catalog } from './open-catalog.ts';

/** One page, and what it took. */
export interface PageFigures {
  readonly what: string;
  /** As in the URL. */
  readonly query: string;
  readonly page: 'first' | 'middle' | 'last';
  /** Courses in the whole list, where it was walked to its end. */
  readonly listLength: number | null;
  readonly plan: ExecutedPlan;
  /** The request to the real function, from event to answer. */
  readonly requestMilliseconds: number;
}

export interface CatalogResult {
  readonly machine: Machine;
  readonly server: string;
  readonly courses: number;
  readonly pages: readonly PageFigures[];
}

/** Largest page that a client can ask for: walks a list in the fewest steps. */
const WALKING_LIMIT = '100';

const TIMED_REQUESTS = 11;

/** Asks the real function for each case, and the database how it carried out what the function sent. */
export async function measureCatalog(catalog: Catalog, report: (line: string) => void): Promise<CatalogResult> {
  const pages: PageFigures[] = [];
  for (const each of CATALOG_CASES) {
    report(`catalog: ${each.what}`);
    pages.push(...(await pagesOf(each, catalog)));
  }
  return { machine: thisMachine(process.version), server: catalog.server, courses: catalog.courses, pages };
}

async function pagesOf({ what, query, pages }: CatalogCase, catalog: Catalog): Promise<PageFigures[]> {
  const first = await figuresOf(catalog, query);
  const common = { what, query: new URLSearchParams(query).toString() };
  if (pages === 'first') return [{ ...common, page: 'first', listLength: null, ...first }];

  const { cursors, length: listLength } = await walk(query);
  const withCursor = (cursor: string | undefined) => ({ ...query, ...(cursor !== undefined && { cursor }) });
  const middle = await figuresOf(catalog, withCursor(cursors[Math.floor(cursors.length / 2)]));
  const last = await figuresOf(catalog, withCursor(cursors.at(-1)));
  return [
    { ...common, page: 'first', listLength, ...first },
    { ...common, page: 'middle', listLength, ...middle },
    { ...common, page: 'last', listLength, ...last },
  ];
}

async function figuresOf(catalog: Catalog, query: Readonly<Record<string, string>>) {
  const command = await commandOf(query);
  const times: number[] = [];
  for (let request = 0; request < TIMED_REQUESTS; request += 1) {
    const start = performance.now();
    await requestPage(query);
    times.push(performance.now() - start);
  }
  return { plan: await explainCommand(catalog.db, command), requestMilliseconds: median(times) };
}

/**
 * Follows a list to its end by its cursors.
 * @throws Error when a course comes twice.
 */
async function walk(query: Readonly<Record<string, string>>): Promise<{ cursors: readonly string[]; length: number }> {
  const cursors: string[] = [];
  const seen = new Set<string>();
  let listed = 0;
  let page = await requestPage({ ...query, limit: WALKING_LIMIT });
  for (;;) {
    for (const { id } of page.items) seen.add(id);
    listed += page.items.length;
    if (seen.size < listed) throw new Error(`A course is listed twice by ${JSON.stringify(query)}`);
    if (page.nextCursor === null) return { cursors, length: listed };
    cursors.push(page.nextCursor);
    page = await requestPage({ ...query, limit: WALKING_LIMIT, cursor: page.nextCursor });
  }
}
