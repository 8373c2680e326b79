import { parseArgs } from 'node:util';
import { usageMessage } from '../platform/errors.ts';

export const USAGE = `Deploys an environment of samconfig.toml.

  npm run deploy -- --environment NAME [--dry-run] [--parameter-overrides KEY=VALUE …]

Builds all functions, prints which of them get a new version, and deploys the stack with \`sam deploy\`.

  --environment NAME         an environment of samconfig.toml
  --parameter-overrides …    values of template parameters, for this deployment alone
  --dry-run                  writes .build/template.yaml and prints; changes nothing in AWS
  --help                     shows this text
`;

export interface Arguments {
  readonly environment: string;
  readonly parameterOverrides: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
  readonly help: boolean;
}

/** Parses the arguments. Returns a message if they are wrong. */
export function parseArguments(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        environment: { type: 'string', default: '' },
        'parameter-overrides': { type: 'string', multiple: true, default: [] },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { environment, help, 'dry-run': dryRun, 'parameter-overrides': overrides } = values;
    // As for sam, one option takes several values.
    const pairs = positionals.filter((word) => overrides.length > 0 && word.includes('='));
    const others = positionals.filter((word) => !pairs.includes(word));
    if (others.length > 0) return `Unknown argument: ${others.join(' ')}.`;
    if (environment === '' && !help) return 'Name the environment: --environment NAME.';
    const parameterOverrides = givenOverrides([...overrides, ...pairs]);
    return typeof parameterOverrides === 'string'
      ? parameterOverrides
      : { environment, help, dryRun, parameterOverrides };
  } catch (error) {
    return usageMessage(error);
  }
}

/** Each pair is one argument of the shell, so that its value needs no quotes here. */
function givenOverrides(pairs: readonly string[]): Readonly<Record<string, string>> | string {
  const wrong = pairs.find((pair) => !/^[A-Za-z0-9]+=/.test(pair));
  if (wrong !== undefined) return `--parameter-overrides takes KEY=VALUE, not ${wrong}.`;
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}
