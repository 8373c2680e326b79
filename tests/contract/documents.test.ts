import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const INDEX = 'docs/README.md';
const TASKS = 'docs/operations.md';
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...pagesIn('docs')];
const TASK_DOCUMENTS = pagesIn('docs/operations');

function pagesIn(folder: string): readonly string[] {
  const pages = readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.md'));
  return pages.map((name) => `${folder}/${name}`);
}

/** The folders with code, and the names of all files in them. */
const FOLDERS = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name))
  .map(({ name }) => name);
const FILE_NAMES = new Set(
  [root, ...FOLDERS.map((folder) => path.join(root, folder))]
    .flatMap((folder) => readdirSync(folder, { recursive: folder !== root, encoding: 'utf8' }))
    .map((file) => path.basename(file)),
);

/** Files that commands and readers make, and that a course has. */
const ELSEWHERE = /^((\.build|\.cache|\.data|\.aws-sam|media)\/|env\.json$)/;
const CODE_FILE = /\.(c?[jt]s|mjs|json|md|py|sh|toml|ya?ml)$/;

function textOf(document: string): string {
  return readFileSync(path.join(root, document), 'utf8').replace(/^```.*?^```/gms, '');
}

/** Paths below the root folder, such as `shared/http/`, and names of files, such as `contract.ts`. */
function pathsIn(document: string): readonly string[] {
  const quoted = [...textOf(document).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  return quoted.filter(
    (text) =>
      /^[\w.][\w./-]*$/.test(text) &&
      !ELSEWHERE.test(text) &&
      (CODE_FILE.test(text) || (text.includes('/') && FOLDERS.includes(text.split('/')[0] ?? ''))),
  );
}

/** Links to files and headings of the project, as a path below the root folder and an anchor. */
function linksIn(document: string): readonly { readonly file: string; readonly anchor: string }[] {
  return [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#');
      return { file: file === '' ? document : path.join(path.dirname(document), file), anchor };
    });
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): readonly string[] {
  const headings = [...textOf(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  return headings.map((heading) => heading.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'));
}

describe.each([...DOCUMENTS, ...TASK_DOCUMENTS])('%s', (document) => {
  it('names only files and folders that exist', () => {
    const missing = pathsIn(document).filter((name) =>
      name.includes('/') ? !existsSync(path.join(root, name)) : !FILE_NAMES.has(name),
    );
    expect(missing).toEqual([]);
  });

  it('names only settings and functions that their file contains', () => {
    const missing = [...textOf(document).matchAll(/`(\w+)` in `([\w./-]+)`/g)].filter(([, name = '', file = '']) => {
      const isFile = existsSync(path.join(root, file)) && CODE_FILE.test(file);
      return isFile && !new RegExp(`\\b${name}\\b`).test(readFileSync(path.join(root, file), 'utf8'));
    });
    expect(missing.map(([text]) => text)).toEqual([]);
  });

  it('links only to files and headings that exist', () => {
    const broken = linksIn(document).filter(
      ({ file, anchor }) => !existsSync(path.join(root, file)) || (anchor !== '' && !anchorsOf(file).includes(anchor)),
    );
    expect(broken).toEqual([]);
  });
});

it('docs/README.md lists every document', () => {
  const listed = new Set(linksIn(INDEX).map(({ file }) => file));
  expect(DOCUMENTS.filter((document) => !['README.md', INDEX].includes(document) && !listed.has(document))).toEqual([]);
});

it('docs/operations.md lists every document of its folder', () => {
  const listed = new Set(linksIn(TASKS).map(({ file }) => file));
  expect(TASK_DOCUMENTS.filter((document) => !listed.has(document))).toEqual([]);
});

it('CONTRIBUTING.md lists every room of tests/support', () => {
  const rooms = readdirSync(path.join(root, 'tests/support')).map((room) => `tests/support/${room}`);
  expect(pathsIn('CONTRIBUTING.md')).toEqual(expect.arrayContaining(rooms));
});
