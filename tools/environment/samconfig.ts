import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'smol-toml';
import { messageOf } from '../platform/errors.ts';

type Table = Readonly<Record<string, unknown>>;

/** One environment of samconfig.toml, as `sam --config-env <name>` reads it. */
export interface ConfigEnvironment {
  readonly configEnv: string;
  /** Parameters of `sam deploy`: its own section over `global`. */
  readonly deploy: Table;
  /** A section that `sam` ignores, because it has no such command: settings of our own commands. */
  readonly own: Table;
}

/** The name of our section: `[prod.lectern.parameters]`. */
export const OWN_SECTION = 'lectern';

/**
 * Reads samconfig.toml.
 * @throws Error if it is no TOML. The message names the line.
 */
export async function readSamconfig(root: string): Promise<readonly ConfigEnvironment[]> {
  const config = parseToml(await readFile(path.join(root, 'samconfig.toml'), 'utf8'));
  return Object.entries(config).flatMap(([configEnv, commands]) => {
    if (!isTable(commands) || !isTable(commands['deploy'])) return [];
    const parametersOf = (command: string) => tableIn(tableIn(commands, command), 'parameters');
    // In this order: "The values for a specific command override global ones" (AWS SAM CLI configuration file).
    const deploy = { ...parametersOf('global'), ...parametersOf('deploy') };
    return [{ configEnv, deploy, own: parametersOf(OWN_SECTION) }];
  });
}

function parseToml(text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`samconfig.toml: ${messageOf(error)}`);
  }
}

function tableIn(table: Table, name: string): Table {
  const value = table[name];
  return isTable(value) ? value : {};
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
