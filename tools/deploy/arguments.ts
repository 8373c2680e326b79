import { parseArgs } from 'node:util';
import { usageMessage } from '../platform/errors.ts';

export const USAGE = `Deploys an environment of samconfig.toml.

  npm run deploy -- --environment NAME [--dry-run] [--parameter-overrides KEY=VALUE …]
  npm run deploy -- FUNCTION --environment NAME
  npm run deploy -- FUNCTION --rollback [--to VERSION] [--at-once] --environment NAME

Without a function, builds all functions, prints which of them get a new version, and deploys the stack with
\`sam deploy\`. With one, deploys the code of that function alone, or returns to the version that was live before.

  --environment NAME         an environment of samconfig.toml
  --parameter-overrides …    values of template parameters, for this deployment alone
  --dry-run                  writes .build/template.yaml and prints; changes nothing in AWS
  --rollback                 returns to the version before; stops a deployment that is running
  --to VERSION               returns to this version
  --at-once                  moves all traffic in one step
  --help                     shows this text
`;

/** To which version of a function to return. */
export interface RollbackArguments {
  /** Null for the one before. */
  readonly to: string | null;
  readonly atOnce: boolean;
}

export interface Arguments {
  readonly environment: string;
  /** Null for the whole stack. */
  readonly functionName: string | null;
  /** Null to deploy. */
  readonly rollback: RollbackArguments | null;
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
        rollback: { type: 'boolean', default: false },
        to: { type: 'string' },
        'at-once': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { environment, help, 'dry-run': dryRun, 'parameter-overrides': overrides } = values;
    // As for sam, one option takes several values.
    const pairs = positionals.filter((word) => overrides.length > 0 && word.includes('='));
    const [functionName = null, ...others] = positionals.filter((word) => !pairs.includes(word));
    if (others.length > 0) return `Unknown argument: ${others.join(' ')}. Name one function, or none for the stack.`;
    if (functionName !== null && (dryRun || overrides.length > 0)) return 'A function alone takes no such option.';
    if (functionName === null && values.rollback) return 'Name the function to roll back.';
    if (!values.rollback && (values.to !== undefined || values['at-once']))
      return '--to and --at-once need --rollback.';
    if (values.to !== undefined && !/^[1-9]\d*$/.test(values.to)) return '--to takes the number of a version.';
    const rollback = values.rollback ? { to: values.to ?? null, atOnce: values['at-once'] } : null;
    if (environment === '' && !help) return 'Name the environment: --environment NAME.';
    const parameterOverrides = givenOverrides([...overrides, ...pairs]);
    return typeof parameterOverrides === 'string'
      ? parameterOverrides
      : { environment, functionName, rollback, help, dryRun, parameterOverrides };
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
