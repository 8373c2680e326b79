import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FencedBlock } from './shell-blocks.ts';

/** A command as bash runs it. */
export interface RecordedCommand {
  /** The document and the line of its block. */
  readonly place: string;
  /** Its words, the program first, after the shell has expanded them. */
  readonly words: readonly string[];
}

/** What the stand-in of a program prints, for commands that use its output. */
const OUTPUT = 'some-value';

const STAND_IN = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const { basename } = require('node:path');
const [, program, ...words] = process.argv;
const command = { place: process.env.PLACE, words: [basename(program), ...words] };
appendFileSync(process.env.RECORDED_COMMANDS, JSON.stringify(command) + '\\n');
console.log(${JSON.stringify(OUTPUT)});
`;

/**
 * Runs blocks one after another in one bash, where each of these programs is replaced by a stand-in, and returns the
 * commands that they run.
 * @throws Error with bash's message for a block with a syntax error, an unknown program or an unset variable.
 */
export async function recordCommands(
  blocks: readonly FencedBlock[],
  programs: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<readonly RecordedCommand[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-commands-'));
  try {
    const recorded = path.join(folder, 'recorded');
    await writeFile(recorded, '');
    for (const program of programs) await writeFile(path.join(folder, program), STAND_IN, { mode: 0o755 });
    const env = { ...variables, PATH: `${folder}:${process.env['PATH']}`, RECORDED_COMMANDS: recorded };
    const script = [
      `trap 'echo "in or after $PLACE" >&2' ERR`,
      ...blocks.map(({ place, text }) => `export PLACE=${place}\n${text}`),
    ].join('\n');
    await promisify(execFile)('bash', ['--norc', '-Eeuo', 'pipefail', '-c', script], { env, cwd: folder });
    const lines = (await readFile(recorded, 'utf8')).trim().split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RecordedCommand);
  } finally {
    await rm(folder, { recursive: true });
  }
}
