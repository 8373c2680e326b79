import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../tools/platform/errors.ts';
import { type ReportIn, START } from '../reporting/issue.ts';

/**
 * The importer looks at these in a course folder and ignores everything else, such as a script that draws the images.
 */
const CONTENTS = ['course.yaml', 'lessons', 'media'];

const LESSON_FILE = /^lessons\/(?<id>[a-z0-9]+(?:-[a-z0-9]+)*)\.md$/;

/**
 * Returns the regular files of a course by their path from its folder. Names in a course are looked up in this set,
 * never on the disk, so that no name can lead out of the folder. Empty, after reporting it, if there is no folder.
 */
export async function listCourse(folder: string, reportIn: ReportIn): Promise<ReadonlySet<string>> {
  const files = new Set<string>();

  async function visit(path: string): Promise<void> {
    const entry = await lstat(join(folder, path));
    if (entry.isFile()) files.add(path);
    else if (entry.isDirectory()) {
      for (const name of await visibleNames(join(folder, path))) await visit(`${path}/${name}`);
    } else {
      const isLink = entry.isSymbolicLink();
      reportIn(path)(
        START,
        isLink ? 'symbolic links are not supported: put the file itself here' : 'not a regular file',
      );
    }
  }

  if (!(await isFolder(folder))) {
    reportIn('course.yaml')(START, 'folder not found');
    return files;
  }
  const present = await visibleNames(folder);
  for (const path of CONTENTS.filter((name) => present.includes(name))) await visit(path);
  if (!files.has('course.yaml')) reportIn('course.yaml')(START, 'file not found: every course needs one');
  return files;
}

/** Returns the ids of the lessons that have a file, after reporting files whose name is not an id. */
export function lessonsIn(files: ReadonlySet<string>, reportIn: ReportIn): string[] {
  return [...files]
    .filter((path) => path.startsWith('lessons/'))
    .flatMap((path) => {
      const id = LESSON_FILE.exec(path)?.groups?.['id'];
      if (id !== undefined) return [id];
      reportIn(path)(
        START,
        'invalid lesson file name: use lessons/<id>.md, with lower-case letters, digits and hyphens',
      );
      return [];
    });
}

/** Hidden files, such as .DS_Store, belong to the machine and not to the course. */
async function visibleNames(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => !name.startsWith('.')).sort();
}

async function isFolder(path: string): Promise<boolean> {
  const entry = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  });
  return entry?.isDirectory() ?? false;
}
