import path from 'node:path';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { LambdaHandler } from '../../../shared/http/handler.ts';
import type { JSONSchema } from '../../../shared/http/json-schema.ts';
import type { Route } from '../../../shared/http/route.ts';
import { loadContracts } from '../../../tools/openapi/contracts.ts';
import { apiEvent, authorizerEvent } from '../functions/api-event.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** A route to attack through its real handler. Its input comes from the examples, so that only the attack is wrong. */
export interface Target {
  readonly key: string;
  readonly functionName: string;
  readonly route: Route;
  /** The first example of the body in the contract. Undefined if there is no body. */
  readonly body: unknown;
  attack(attack: Attack): Promise<Outcome>;
  /** Sends an attack and returns the answer as it is. */
  send(attack: Attack): Promise<APIGatewayProxyResult>;
}

/** Changes to a request that is valid except for the token that it lacks. */
export interface Attack {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Replaces path parameters of the examples. */
  readonly path?: Readonly<Record<string, string>>;
  /** Replaces the body of the example. A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface Outcome {
  readonly key: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly challenge: string | undefined;
  /** Pointers to the invalid input. */
  readonly pointers: readonly string[];
}

/** Loads every route of every function, new ones included. */
export async function loadTargets(): Promise<readonly Target[]> {
  const contracts = [...(await loadContracts(root))];
  const targets = contracts.map(async ([functionName, { routes }]) => {
    const { handler } = (await import(`../../../functions/${functionName}/handler.ts`)) as { handler: LambdaHandler };
    return Object.entries<Route>(routes).map(([key, route]) => targetOf(functionName, key, route, handler));
  });
  return (await Promise.all(targets)).flat();
}

/** Tells whether a route itself takes a token. For `gateway` routes the authorizer does. */
export function takesToken({ route: { auth } }: Target): boolean {
  return auth !== 'public' && auth !== 'gateway';
}

function targetOf(functionName: string, key: string, route: Route, handler: LambdaHandler): Target {
  const body = route.body === undefined ? undefined : exampleOf(route.body, `the body of ${key}`);
  const send: Target['send'] = (attack) => {
    const given = 'body' in attack ? attack.body : body;
    const examples = Object.entries(route.path ?? {}).map(([name, schema]) => [
      name,
      String(exampleOf(schema, `${name} of ${key}`)),
    ]);
    const event = apiEvent(key, {
      path: { ...Object.fromEntries(examples), ...attack.path },
      ...(attack.query && { query: attack.query }),
      ...(given !== undefined && { body: typeof given === 'string' ? given : JSON.stringify(given) }),
    });
    return handler(withHeaders(event, attack, given !== undefined));
  };
  return {
    key,
    functionName,
    route,
    body,
    send,
    async attack(attack) {
      const { statusCode, headers, body: answered } = await send(attack);
      const { status, code, errors = [] } = refusalIn(route, statusCode, answered);
      const challenge = headers?.['WWW-Authenticate'];
      return {
        key,
        status,
        code,
        challenge: challenge === undefined ? undefined : String(challenge),
        pointers: errors.map(({ pointer }) => pointer),
      };
    },
  };
}

interface Refusal {
  readonly status: number;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

/** The refusal in an answer: of the whole request, or of the attacked item if items are validated one by one. */
function refusalIn({ itemsOf }: Route, status: number, answered: string): Refusal {
  if (status >= 400) return { ...(JSON.parse(answered) as Refusal), status };
  if (itemsOf === undefined) return { status };
  const { results } = JSON.parse(answered) as { readonly results: readonly { readonly problem?: Refusal }[] };
  return results.find(({ problem }) => problem !== undefined)?.problem ?? { status };
}

/** Builds an attacked authorizer event for a lesson of this course. */
export function attackedAuthorizerEvent(
  courseId: string,
  attack: Omit<Attack, 'body' | 'path'>,
): APIGatewayRequestAuthorizerEvent {
  const event = authorizerEvent({ courseId, lessonId: 'say-one-thing' }, {});
  const queryStringParameters = { ...attack.query };
  return { ...withHeaders(event, attack, false), queryStringParameters };
}

/** As in API Gateway: all values of a header in one map, the last of them in the other. */
function withHeaders<
  Event extends Pick<APIGatewayProxyEvent, 'headers' | 'multiValueHeaders'> | APIGatewayRequestAuthorizerEvent,
>(event: Event, { headers = {} }: Attack, isJson: boolean): Event {
  const all = Object.entries({ ...(isJson && { 'Content-Type': 'application/json' }), ...headers }).map(
    ([name, values]) => [name, [values].flat()] as const,
  );
  return {
    ...event,
    headers: { ...event.headers, ...Object.fromEntries(all.map(([name, values]) => [name, values.at(-1)])) },
    multiValueHeaders: { ...event.multiValueHeaders, ...Object.fromEntries(all) },
  };
}

function exampleOf(schema: JSONSchema, what: string): unknown {
  const example = typeof schema === 'object' ? schema.examples?.[0] : undefined;
  if (example === undefined)
    throw new Error(`${what} has no example in its contract: add one, it is attacked with that`);
  return example;
}
