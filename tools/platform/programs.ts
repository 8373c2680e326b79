import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** Finds a program on the PATH, or at an absolute path. Null if it does not exist. */
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
