import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** Where a program is: on the PATH, or at the absolute path given. Null where this machine does not have it. */
export function findProgram(program: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const candidates = path.isAbsolute(program) ? [program] : folders.map((folder) => path.join(folder, program));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
