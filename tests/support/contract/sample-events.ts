import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { schemaCompiler } from '../../../shared/http/compile.ts';
import type { JSONSchema } from '../../../shared/http/json-schema.ts';
import type { Route } from '../../../shared/http/route.ts';

/** A file of `events/`, with the parts that follow from its route. */
export interface SampleEvent extends Pick<APIGatewayProxyEvent, 'path' | 'pathParameters' | 'body'> {
  /** From the root folder of the project: `events/courses/list.json`. */
  readonly file: string;
  readonly functionName: string;
  /** The route: `GET /courses`. */
  readonly key: string;
}

/** Reads the sample events of all functions. */
export function readSampleEvents(root: string): readonly SampleEvent[] {
  return readdirSync(path.join(root, 'events')).flatMap((functionName) =>
    readdirSync(path.join(root, 'events', functionName)).map((name) => {
      const file = `events/${functionName}/${name}`;
      const { httpMethod, resource, path: requested, pathParameters, body } = parseEvent(path.join(root, file));
      return { file, functionName, key: `${httpMethod} ${resource}`, path: requested, pathParameters, body };
    }),
  );
}

/** Finds where a sample event is no request to its route. Each problem is a sentence that says what to do. */
export function sampleEventProblems(event: SampleEvent, route: Route): string[] {
  const { file, functionName, key, body } = event;
  const [, resource = ''] = key.split(' ');
  const fitting = resource.replace(
    /\{(\w+)\}/g,
    (parameter, name: string) => event.pathParameters?.[name] ?? parameter,
  );
  const contract = `functions/${functionName}/contract.ts`;
  return [
    event.path === fitting ||
      `${file}: its path is ${event.path}, which does not fit its resource and pathParameters: they make ${fitting}`,
    (body === null) === (route.body === undefined) ||
      (body === null
        ? `${file}: ${key} has a body in ${contract}, and its sample event has none: add one`
        : `${contract}: ${key} has no body, so its function does not get the one in ${file}: add \`body\`, its schema, or set the body to null there`),
    ...(body === null || route.body === undefined ? [] : bodyProblems(file, key, body, route.body)),
  ].filter((problem) => typeof problem === 'string');
}

/** What is to be replaced before the event is sent, such as `<password>`. */
const PLACEHOLDER = /^<[\w ]+>$/;

function bodyProblems(file: string, key: string, body: string, schema: JSONSchema): string[] {
  const ajv = schemaCompiler('body', { verbose: true });
  ajv.validate(schema as object, parseJson(`The body of ${file}`, body));
  return (ajv.errors ?? [])
    .filter(({ data }) => !PLACEHOLDER.test(String(data)))
    .map(
      ({ instancePath, message = 'is not valid' }) =>
        `${file}: the body is not one of ${key}: ${`${instancePath} ${message}`.trim()}`,
    );
}

function parseEvent(file: string): APIGatewayProxyEvent {
  return parseJson(file, readFileSync(file, 'utf8')) as APIGatewayProxyEvent;
}

function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${what} is not JSON`, { cause });
  }
}
