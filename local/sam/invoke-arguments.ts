import { parseArgs } from 'node:util';
import { usageMessage } from '../../tools/platform/errors.ts';
import type { SampleEvent } from './sample/sample-events.ts';

export interface InvokeArguments {
  readonly event: SampleEvent;
  /** Whether to run without Docker. */
  readonly direct: boolean;
}

const USAGE = `Runs a function once, with one of its sample events.

  npm run invoke -- <function> <event> [--direct]

  --direct  use the Node.js of this machine, not \`sam local invoke\` with a container of Lambda's image`;

/** Parses the arguments. Returns an error message with the sample events if they are wrong. */
export function readInvokeArguments(args: readonly string[], events: readonly SampleEvent[]): InvokeArguments | string {
  const given = parse(args);
  if (typeof given === 'string') return usageError(given, events);
  const [functionName = '', name = '', ...more] = given.names;
  if (name === '' || more.length > 0) return usageError('Name a function and one of its events.', events);

  const own = events.filter((event) => event.functionName === functionName);
  const event = own.find((candidate) => candidate.name === name);
  if (own.length === 0) return usageError(`The function ${functionName} has no sample events.`, events);
  if (event === undefined) return usageError(`There is no events/${functionName}/${name}.json.`, events);
  return { event, direct: given.direct };
}

function parse(args: readonly string[]): { readonly names: readonly string[]; readonly direct: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { direct: { type: 'boolean', default: false } },
    });
    return { names: positionals, direct: values.direct };
  } catch (error) {
    return usageMessage(error);
  }
}

function usageError(message: string, events: readonly SampleEvent[]): string {
  const functions = [...new Set(events.map(({ functionName }) => functionName))];
  const lines = functions.map((functionName) => {
    const names = events.filter((event) => event.functionName === functionName).map(({ name }) => name);
    return `  ${functionName}: ${names.join(', ')}`;
  });
  return [message, '', USAGE, '', 'Sample events:', ...lines].join('\n');
}
