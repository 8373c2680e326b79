import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { APIGatewayProxyEvent } from 'aws-lambda';

/** A file of events/: a request as API Gateway passes it to a function. */
export interface SampleEvent {
  readonly functionName: string;
  /** Name of the file, without `.json`. */
  readonly name: string;
  readonly file: string;
}

/** Lists all sample events, by function and then by name. */
export async function listEvents(root: string): Promise<SampleEvent[]> {
  const folder = path.join(root, 'events');
  const files = await readdir(folder, { recursive: true });
  return files.sort().flatMap((file) => {
    const [functionName, base, ...deeper] = file.split(path.sep);
    return functionName === undefined || base === undefined || deeper.length > 0 || !base.endsWith('.json')
      ? []
      : [{ functionName, name: path.basename(base, '.json'), file: path.join(folder, file) }];
  });
}

/** Reads the event from its file, with placeholders. */
export function readEventText({ file }: SampleEvent): Promise<string> {
  return readFile(file, 'utf8');
}

export function parseEvent(text: string): APIGatewayProxyEvent {
  return JSON.parse(text) as APIGatewayProxyEvent;
}
