import type { Element, ElementContent, Root } from 'hast';
import { elementsOf, replaceNodes, textIn } from './tree.ts';

/*
 * Videos and other things that an author embeds from elsewhere by an `iframe`. They become links with a poster, which
 * load nothing from there but the picture, or sandboxed frames, as the author chooses.
 */

/** How a course shows what is embedded. */
export const EMBEDS = ['link', 'frame'] as const;
export type Embeds = (typeof EMBEDS)[number];

/** Where something embedded is, made from what was recognized in its address and never from the address itself. */
interface Embed {
  readonly page: string;
  readonly frame: string;
  readonly poster?: string;
}

interface Provider {
  readonly name: string;
  /** Matches the address of a frame. */
  readonly address: RegExp;
  readonly embed: (id: string) => Embed;
}

const PROVIDERS: readonly Provider[] = [
  {
    name: 'YouTube',
    address: /^https:\/\/(?:www\.)?youtube(?:-nocookie)?\.com\/embed\/(?<id>[\w-]{3,20})(?:[?#]|$)/,
    embed: (id) => ({
      page: `https://www.youtube.com/watch?v=${id}`,
      frame: `https://www.youtube-nocookie.com/embed/${id}`,
      poster: `https://i.ytimg.com/vi/${id}/hqdefault.jpg`,
    }),
  },
  {
    name: 'Vimeo',
    address: /^https:\/\/player\.vimeo\.com\/video\/(?<id>\d{1,15})(?:[?#]|$)/,
    embed: (id) => ({ page: `https://vimeo.com/${id}`, frame: `https://player.vimeo.com/video/${id}?dnt=1` }),
  },
  {
    name: 'CodePen',
    address: /^https:\/\/codepen\.io\/(?<id>[\w-]{1,40}\/embed\/(?:preview\/)?\w{1,40})(?:[/?#]|$)/,
    embed: (id) => ({
      page: `https://codepen.io/${id.replace(/\/embed\/(?:preview\/)?/, '/pen/')}`,
      frame: `https://codepen.io/${id}`,
    }),
  },
  {
    name: 'CodeSandbox',
    address: /^https:\/\/codesandbox\.io\/embed\/(?<id>[\w-]{1,80})(?:[?#]|$)/,
    embed: (id) => ({ page: `https://codesandbox.io/s/${id}`, frame: `https://codesandbox.io/embed/${id}` }),
  },
  {
    name: 'StackBlitz',
    address: /^https:\/\/stackblitz\.com\/edit\/(?<id>[\w-]{1,80})(?:[?#]|$)/,
    embed: (id) => ({
      page: `https://stackblitz.com/edit/${id}`,
      frame: `https://stackblitz.com/edit/${id}?embed=1`,
    }),
  },
];

declare module 'hast' {
  interface ElementData {
    /** The frame that a link stands for. No HTML of an author can set this. */
    frame?: { readonly src: string; readonly title: string };
  }
}

/** Reports something that is published as a link, or not at all. */
type ReportEmbed = (element: Element, message: string) => void;

/** Replaces frames, video and audio elements by links. */
export function linkEmbeds(tree: Root, report: ReportEmbed): void {
  replaceNodes(tree, (node) => {
    if (node.type !== 'element') return undefined;
    if (node.tagName === 'iframe') return linkToFrame(node, report);
    if (node.tagName === 'video' || node.tagName === 'audio') return linkToMedia(node, report);
    return undefined;
  });
}

function linkToFrame(node: Element, report: ReportEmbed): Element {
  const src = addressIn(node.properties['src']);
  const given = String(node.properties['title'] ?? '').trim();
  for (const { name, address, embed } of PROVIDERS) {
    const id = address.exec(src ?? '')?.groups?.['id'];
    if (id === undefined) continue;
    const { page, frame, poster } = embed(id);
    const title = given === '' ? name : given;
    const content: ElementContent =
      poster === undefined
        ? { type: 'text', value: title }
        : { type: 'element', tagName: 'img', properties: { src: poster, alt: title }, children: [] };
    return { ...link(page, [content], node), data: { frame: { src: frame, title } } };
  }
  if (src === undefined) {
    report(
      node,
      'this <iframe> is not published, because its address does not start with https://: link to it instead',
    );
    return { ...node, tagName: 'span', properties: {}, children: [] };
  }
  const names = PROVIDERS.map(({ name }) => name).join(', ');
  report(node, `this <iframe> is published as a link, because its address is none of those of ${names}`);
  return link(src, [{ type: 'text', value: given === '' ? src : given }], node);
}

function linkToMedia(node: Element, report: ReportEmbed): Element | undefined {
  const sources = [node, ...elementsOf(node)].map(({ properties }) => addressIn(properties['src']));
  const src = sources.find((source) => source !== undefined);
  if (src === undefined) {
    report(
      node,
      `this <${node.tagName}> is not published: put the recording into a lesson of its own ("media"), or link to it`,
    );
    return { ...node, tagName: 'span', properties: {} };
  }
  report(
    node,
    `this <${node.tagName}> is published as a link: for a player, put the recording into a lesson ("media")`,
  );
  const text = String(node.properties['title'] ?? textIn(node)).trim();
  return link(src, [{ type: 'text', value: text === '' ? src : text }], node);
}

function link(href: string, children: ElementContent[], { position }: Element): Element {
  return { type: 'element', tagName: 'a', properties: { href }, children, position };
}

/** Returns an address that starts with https, if it is one. */
function addressIn(src: unknown): string | undefined {
  const address = typeof src === 'string' ? src.trim().replace(/^\/\//, 'https://') : '';
  return /^https:\/\/[^\s]+$/i.test(address) ? address : undefined;
}

/** Turns the links of known providers into frames, in HTML that is sanitized already. */
export function frameEmbeds(tree: Root): void {
  replaceNodes(tree, (node) => {
    const frame = node.type === 'element' ? node.data?.frame : undefined;
    if (frame === undefined) return undefined;
    return {
      type: 'element',
      tagName: 'iframe',
      properties: {
        ...frame,
        width: 560,
        height: 315,
        // Scripts run with the origin of the provider, which is never that of the app, and cannot move the page away.
        sandbox: ['allow-scripts', 'allow-same-origin', 'allow-popups', 'allow-presentation'],
        allow: 'fullscreen; picture-in-picture',
        referrerPolicy: 'strict-origin-when-cross-origin',
        loading: 'lazy',
      },
      children: [],
    };
  });
}
