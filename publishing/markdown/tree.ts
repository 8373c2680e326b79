import type { Element, Nodes as HtmlNodes, Parents as HtmlParents } from 'hast';
import type { Nodes } from 'mdast';
import type { Place } from '../reporting/issue.ts';

/** A node of Markdown and everything in it, in the order of the text. */
export function* nodesOf(node: Nodes): Generator<Nodes> {
  yield node;
  if ('children' in node) for (const child of node.children) yield* nodesOf(child);
}

/** The elements of HTML, in the order of the text. */
export function* elementsOf(node: HtmlNodes): Generator<Element> {
  if (node.type === 'element') yield node;
  if ('children' in node) for (const child of node.children) yield* elementsOf(child);
}

/** Replaces nodes of HTML where `change` returns others, and looks into the rest. */
export function replaceNodes(parent: HtmlParents, change: (node: HtmlNodes) => Element | undefined): void {
  parent.children.forEach((child, index) => {
    const changed = change(child);
    if (changed !== undefined) parent.children[index] = changed;
    else if ('children' in child) replaceNodes(child, change);
  });
}

/** The text in HTML, as a reader reads it. */
export function textIn(node: HtmlNodes): string {
  if (node.type === 'text') return node.value;
  return 'children' in node ? node.children.map(textIn).join('') : '';
}

export function startOf(node: Nodes | HtmlNodes, otherwise: Place = { line: 1, column: 1 }): Place {
  const start = node.position?.start;
  return start === undefined ? otherwise : { line: start.line, column: start.column };
}
