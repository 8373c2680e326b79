/** A Markdown table; the first column is text and the others are numbers, unless `text` says more. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { text = 1 }: { readonly text?: number } = {},
): string {
  const rule = header.map((_, index) => (index < text ? '---' : '---:'));
  return [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
