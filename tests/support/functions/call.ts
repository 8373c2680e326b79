import type { APIGatewayProxyResult } from 'aws-lambda';
import { schemaCompiler } from '../../../shared/http/compile.ts';
import type { Contract } from '../../../shared/http/contract.ts';
import type { LambdaHandler } from '../../../shared/http/handler.ts';
import type { Route } from '../../../shared/http/route.ts';
import { type ApiEventOptions, apiEvent } from './api-event.ts';

/** An answer, with its JSON body parsed. */
export interface Answer {
  readonly status: number;
  readonly headers: NonNullable<APIGatewayProxyResult['headers']>;
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its expectations what a body is.
  readonly body: any;
}

/** Calls the routes of a function through its real handler. Each success must match the contract. */
export function callerOf(handler: LambdaHandler, contract: Contract) {
  const ajv = schemaCompiler('body');

  return async (key: string, options?: ApiEventOptions): Promise<Answer> => {
    const { statusCode, headers = {}, body } = await handler(apiEvent(key, options));
    const isJson = String(headers['Content-Type']).includes('json');
    const parsed: unknown = body === '' ? undefined : isJson ? JSON.parse(body) : body;
    const route = (contract.routes as Readonly<Record<string, Route>>)[key];
    const schema = route?.responses[statusCode];
    const isPromised = schema !== undefined && schema !== null && !key.startsWith('HEAD ');
    if (isPromised && !ajv.validate(schema as object, parsed)) {
      throw new Error(`${key} answered what its contract does not: ${ajv.errorsText()}`);
    }
    return { status: statusCode, headers, body: parsed };
  };
}
