import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReportIn, START } from '../files/fault.ts';

/**
 * The importer looks at these in a course folder and ignores everything else, such as a script that draws the images.
 */
const CONTENTS = ['course.yaml', 'lessons', 'media'];

/**
 * Returns the regular files of a course by their path from its folder. Names in a course are looked up in this set,
 * never on the disk, so that no name can lead out of the folder.
 */
export async function listCourse(folder: string, reportIn: ReportIn): Promise<ReadonlySet<string>> {
  const files = new Set<string>();

  async function visit(path: string): Promise<void> {
    const entry = await lstat(join(folder, path));
    if (entry.isFile()) files.add(path);
    else if (entry.isDirectory()) {
      for (const name of await visibleNames(join(folder, path))) await visit(`${path}/${name}`);
    } else reportIn(path)(START, entry.isSymbolicLink() ? 'a symbolic link: put the file itself here' : 'not a file');
  }

  const present = await visibleNames(folder);
  for (const path of CONTENTS.filter((name) => present.includes(name))) await visit(path);
  return files;
}

/** Hidden files, such as .DS_Store, belong to the machine and not to the course. */
async function visibleNames(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => !name.startsWith('.')).sort();
}
