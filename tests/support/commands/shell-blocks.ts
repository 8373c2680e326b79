import { readFileSync } from 'node:fs';

/** A fenced block of a document. */
export interface FencedBlock {
  /** The document and the line, to find it. */
  readonly place: string;
  /** What follows the fence, such as `sh account`. */
  readonly info: string;
  readonly text: string;
}

const FENCED = /^ *```([^\n]*)\n(.*?)^ *```$/gms;

/** Reads the fenced blocks of a document, in order. */
export function fencedBlocks(file: string, name: string): readonly FencedBlock[] {
  const document = readFileSync(file, 'utf8');
  return [...document.matchAll(FENCED)].map(({ index, 1: info = '', 2: text = '' }) => ({
    place: `${name}:${document.slice(0, index).split('\n').length}`,
    info: info.trim(),
    text,
  }));
}

/** The npm commands that a document names in its text, such as `keys` in `npm run keys -- show`. */
export function npmCommandsIn(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8').replace(FENCED, '');
  return [...text.matchAll(/`npm run ([\w:-]+)/g)].map(([, name = '']) => name);
}
