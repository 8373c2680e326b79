import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The words of a command, its name first, after the shell has expanded them. */
export type Command = readonly string[];

/** What the stand-in of a program prints, for commands that use its output. */
const OUTPUT = 'some-value';

const STAND_IN = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const { basename } = require('node:path');
const [, program, ...words] = process.argv;
appendFileSync(process.env.RECORDED_COMMANDS, JSON.stringify([basename(program), ...words]) + '\\n');
console.log(${JSON.stringify(OUTPUT)});
`;

/**
 * Runs a block in bash, where each of these programs is replaced by a stand-in, and returns the commands that it runs.
 * @throws Error with bash's message for a block with a syntax error, an unknown program or an unset variable.
 */
export async function recordCommands(
  block: string,
  programs: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<readonly Command[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-commands-'));
  try {
    const recorded = path.join(folder, 'recorded');
    await writeFile(recorded, '');
    for (const program of programs) await writeFile(path.join(folder, program), STAND_IN, { mode: 0o755 });
    const env = { ...variables, PATH: `${folder}:${process.env['PATH']}`, RECORDED_COMMANDS: recorded };
    await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', block], { env, cwd: folder });
    const lines = (await readFile(recorded, 'utf8')).trim().split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Command);
  } finally {
    await rm(folder, { recursive: true });
  }
}
