import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { CommandStartedEvent, Document } from 'mongodb';
import { handler } from '../../functions/courses/handler.ts';
import { mongoClient } from '../../shared/db/client.ts';

/** One page of the catalog, as a client gets it. */
export interface CatalogPage {
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
}

/** Asks the real function for a page of the catalog. */
export async function requestPage(query: Readonly<Record<string, string>>): Promise<CatalogPage> {
  const { statusCode, body } = await handler(listEvent(query));
  if (statusCode !== 200) throw new Error(`GET /courses answered ${statusCode}: ${body}`);
  return JSON.parse(body) as CatalogPage;
}

/** The one command that a request sends to the database, as the driver reports it. */
export async function commandOf(query: Readonly<Record<string, string>>): Promise<Document> {
  const client = await mongoClient();
  const commands: Document[] = [];
  const note = ({ command }: CommandStartedEvent) => {
    commands.push(command);
  };
  client.on('commandStarted', note);
  try {
    await requestPage(query);
  } finally {
    client.off('commandStarted', note);
  }
  const [command, ...others] = commands;
  if (command === undefined || others.length > 0) throw new Error(`A page took ${commands.length} database commands`);
  return command;
}

function listEvent(query: Readonly<Record<string, string>>): APIGatewayProxyEvent {
  return {
    resource: '/courses',
    path: '/courses',
    httpMethod: 'GET',
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: { ...query },
    multiValueQueryStringParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    pathParameters: null,
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'bench',
      identity: { sourceIp: '203.0.113.7' },
    } as APIGatewayProxyEvent['requestContext'],
  };
}
