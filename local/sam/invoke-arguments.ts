import { parseArgs } from 'node:util';
import { usageMessage } from '../../tools/platform/errors.ts';
import type { SampleEvent } from './sample/sample-events.ts';

export interface InvokeArguments {
  readonly event: SampleEvent;
  /** Without Docker. */
  readonly direct: boolean;
}

const USAGE = `Runs a function once, with one of its sample events.

  npm run invoke -- <function> <event> [--direct]

  --direct  on the Node.js of this machine; without it by \`sam local invoke\`, in a container of Lambda's own image`;

/** The parsed arguments, or a message that says what is wrong and what exists. */
export function readInvokeArguments(args: readonly string[], events: readonly SampleEvent[]): InvokeArguments | string {
  const given = parse(args);
  if (typeof given === 'string') return explained(given, events);
  const [functionName = '', name = '', ...more] = given.names;
  if (name === '' || more.length > 0) return explained('Name a function and one of its events.', events);

  const own = events.filter((event) => event.functionName === functionName);
  const event = own.find((candidate) => candidate.name === name);
  if (own.length === 0) return explained(`The function ${functionName} has no sample events.`, events);
  if (event === undefined) return explained(`There is no events/${functionName}/${name}.json.`, events);
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

function explained(fault: string, events: readonly SampleEvent[]): string {
  const functions = [...new Set(events.map(({ functionName }) => functionName))];
  const lines = functions.map((functionName) => {
    const names = events.filter((event) => event.functionName === functionName).map(({ name }) => name);
    return `  ${functionName}: ${names.join(', ')}`;
  });
  return [fault, '', USAGE, '', 'There are:', ...lines].join('\n');
}
