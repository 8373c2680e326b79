import { describeMachine } from '../measuring/machine.ts';
import { rounded, whole } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { CatalogResult, PageFigures } from './measure.ts';

/** Index entries that a page may read for each course it gives, before it is pointed out. */
const KEYS_PER_COURSE = 20;

/** What each page of the catalog took. */
export function catalogReport({ machine, server, courses, pages }: CatalogResult): string {
  const table = markdownTable(
    ['request', 'page', 'plan', 'index', 'keys', 'documents', 'returned', 'database ms', 'request ms'],
    pages.map((figures) => {
      const { plan } = figures;
      return [
        figures.query === '' ? figures.what : `${figures.what}<br>\`${figures.query}\``,
        figures.listLength === null ? figures.page : `${figures.page} of ${whole(figures.listLength)}`,
        plan.stages.join(' ← '),
        plan.index ?? '',
        isCostly(figures) ? `**${whole(plan.keysExamined)}**` : whole(plan.keysExamined),
        whole(plan.docsExamined),
        whole(plan.returned),
        whole(plan.milliseconds),
        rounded(figures.requestMilliseconds),
      ];
    }),
    { text: 4 },
  );
  const costly = pages.filter(isCostly);
  const remark =
    costly.length === 0
      ? 'No page reads more than it needs.'
      : `In bold: pages that read more than ${KEYS_PER_COURSE} index entries for each course they return.`;
  const where = `${describeMachine(machine)}; ${server}, ${whole(courses)} courses.`;
  return [`${where} ${remark}`, table].join('\n\n');
}

/** One course more than the page is read, to know whether there is a next one. */
function isCostly({ plan }: PageFigures): boolean {
  return plan.keysExamined > KEYS_PER_COURSE * (plan.returned + 1);
}
