import type { PositionRequest } from './record-position.ts';
import { Refusal } from './refusal.ts';
import { jsonCompiler, textCompiler } from './schema-compilers.ts';
import { bodySchema, pathSchema, querySchema } from './schemas.ts';

/*
 * For the frameworks that leave validation to ajv: compiled once, when the module is loaded, which is how their
 * documentation has it.
 */

const isPath = textCompiler.compile<PositionRequest['path']>(pathSchema);
const isQuery = textCompiler.compile<PositionRequest['query']>(querySchema);
const isBody = jsonCompiler.compile<PositionRequest['body']>(bodySchema);

/**
 * A request whose parts are valid.
 * @throws Refusal `invalid-request`.
 */
export function checkedRequest(path: unknown, query: unknown, body: unknown): PositionRequest {
  if (!isPath(path) || !isQuery(query) || !isBody(body)) throw new Refusal('invalid-request');
  return { path, query, body };
}
