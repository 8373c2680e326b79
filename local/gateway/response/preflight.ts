import type { CorsModel } from '../../../tools/template/model.ts';
import type { Answer } from './answer.ts';

/** The answer of the OPTIONS method that SAM's Cors adds to each resource. No function sees the request. */
export function preflight(cors: CorsModel, methods: readonly string[]): Answer {
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/json'],
      ['Access-Control-Allow-Origin', cors.allowOrigin],
      ['Access-Control-Allow-Methods', cors.allowMethods ?? [...methods].sort().join(',')],
      ...optional('Access-Control-Allow-Headers', cors.allowHeaders),
      ...optional('Access-Control-Max-Age', cors.maxAge),
      ...optional('Access-Control-Allow-Credentials', cors.allowCredentials ? 'true' : null),
    ],
    body: Buffer.from('{}\n'),
  };
}

function optional(name: string, value: string | null): (readonly [string, string])[] {
  return value === null ? [] : [[name, value]];
}
