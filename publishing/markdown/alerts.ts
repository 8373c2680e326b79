import type { Blockquote, Nodes, Root } from 'mdast';
import { ALERT_KINDS, type Labels } from './labels.ts';
import { nodesOf } from './tree.ts';

const MARKER = new RegExp(`^\\[!(?<kind>${ALERT_KINDS.join('|')})\\][ \\t]*(?:\\n|$)`, 'i');

/**
 * Makes alerts of block quotes that start with `[!NOTE]`, with the classes that GitHub uses. Where they are rendered as
 * Markdown, the quotes stay as they are.
 */
export function markAlerts(tree: Root, labels: Labels): void {
  for (const node of nodesOf(tree)) {
    if (node.type !== 'blockquote') continue;
    const kind = takeMarker(node);
    if (kind === undefined) continue;
    const title: Nodes = {
      type: 'paragraph',
      data: { hProperties: { className: ['markdown-alert-title'] } },
      children: [{ type: 'text', value: labels.alerts[kind] }],
    };
    node.data = { hName: 'div', hProperties: { className: ['markdown-alert', `markdown-alert-${kind}`] } };
    node.children.unshift(title);
  }
}

/** Removes the marker from a quote and returns its kind. Undefined if there is none, or nothing after it. */
function takeMarker({ children }: Blockquote) {
  const [paragraph] = children;
  const [text] = paragraph?.type === 'paragraph' ? paragraph.children : [];
  if (paragraph?.type !== 'paragraph' || text?.type !== 'text') return undefined;
  const { 0: marker = '', groups } = MARKER.exec(text.value) ?? {};
  const kind = ALERT_KINDS.find((name) => name === groups?.['kind']?.toLowerCase());
  const rest = text.value.slice(marker.length);
  // Text right behind the marker is no alert on GitHub, and `[!NOTE]` alone is a quote.
  if (kind === undefined || (rest === '' && marker.endsWith(']') && paragraph.children.length > 1)) return undefined;
  if (rest === '' && paragraph.children.length === 1 && children.length === 1) return undefined;
  if (rest === '' && paragraph.children.length === 1) children.shift();
  else text.value = rest;
  return kind;
}
